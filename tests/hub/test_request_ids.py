"""The hub's line for a request carries the id that the request brought, or a new one; never what somebody slips in."""

import asyncio
import logging
import re

import pytest
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from hub.configure import hub_traits
from hub.keys import ensure_keys
from hub.settings import Settings


@pytest.fixture
def log_line(tmp_path, caplog):
    """Ask a server that logs as the hub is configured to, and give back its line."""
    settings = Settings(home=tmp_path)
    configured = hub_traits(settings, ensure_keys(tmp_path / "secrets"))["tornado_settings"]

    async def ask(headers: dict[str, str]) -> None:
        server = HTTPServer(Application([("/hub/x", RequestHandler)], log_function=configured["log_function"]))
        socket, port = bind_unused_port()
        server.add_socket(socket)
        await AsyncHTTPClient().fetch(f"http://127.0.0.1:{port}/hub/x", headers=headers, raise_error=False)
        server.stop()
        await server.close_all_connections()

    def made(headers: dict[str, str]) -> str:
        caplog.clear()
        with caplog.at_level(logging.INFO, "tornado.access"):
            asyncio.run(ask(headers))
        (line,) = [record.getMessage() for record in caplog.records if record.name == "tornado.access"]
        return line

    return made


def test_the_id_of_the_request_is_in_the_line(log_line) -> None:
    assert log_line({"X-Request-ID": "abcdef0123456789"}).endswith(" request_id=abcdef0123456789")


@pytest.mark.parametrize("headers", [{}, {"X-Request-ID": "x"}, {"X-Request-ID": "evil line %s, with blanks"}])
def test_a_request_without_a_usable_id_gets_a_new_one(log_line, headers) -> None:
    assert re.search(r" request_id=[0-9a-f]{16}$", log_line(headers))
