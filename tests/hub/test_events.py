from __future__ import annotations

import copy
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hub.events import EventPost, HubEvent, ServerEvent


class Portal(ThreadingHTTPServer):
    """Receives events as the portal would and answers with ``status``."""

    status = 204

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.received: list[dict[str, str]] = []
        self.tokens: set[str | None] = set()


class Receiver(BaseHTTPRequestHandler):
    server: Portal

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.tokens.add(self.headers["Authorization"])
        if self.server.status < 300:
            self.server.received.append(body)
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def portal() -> Iterator[Portal]:
    server = Portal()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def post_to(portal: Portal, spool: Path) -> EventPost:
    return EventPost(spool, f"http://127.0.0.1:{portal.server_port}/events", "the-token")


def event(kind: ServerEvent) -> HubEvent:
    return HubEvent(kind, "minji.kim", "session-1")


def test_events_arrive_in_order_with_the_token(portal: Portal, tmp_path: Path) -> None:
    post = post_to(portal, tmp_path)
    for kind in (ServerEvent.STARTED, ServerEvent.READY, ServerEvent.STOPPED):
        post.send(event(kind))
    post.close()
    assert [item["event"] for item in portal.received] == ["started", "ready", "stopped"]
    assert portal.tokens == {"Bearer the-token"}
    assert not list(tmp_path.iterdir())


def test_an_unreachable_portal_loses_nothing(portal: Portal, tmp_path: Path) -> None:
    unreachable = EventPost(tmp_path, "http://127.0.0.1:9/events", "the-token")
    unreachable.send(event(ServerEvent.STARTED))
    unreachable.close()
    post = post_to(portal, tmp_path)
    post.send(event(ServerEvent.STOPPED))
    post.close()
    assert [item["event"] for item in portal.received] == ["started", "stopped"]


@pytest.mark.parametrize("status", [500, 503, 401])
def test_an_event_is_kept_while_the_portal_can_not_take_it(portal: Portal, tmp_path: Path, status: int) -> None:
    portal.status = status
    post = post_to(portal, tmp_path)
    post.send(event(ServerEvent.STARTED))
    post.close()
    assert len(list(tmp_path.iterdir())) == 1


def test_an_event_that_the_portal_refuses_does_not_block_the_next(portal: Portal, tmp_path: Path) -> None:
    portal.status = 422
    post = post_to(portal, tmp_path)
    post.send(event(ServerEvent.STARTED))
    post.close()
    assert not list(tmp_path.iterdir())


def test_the_same_event_has_the_same_id_when_sent_again() -> None:
    first = event(ServerEvent.STARTED)
    assert first.event_id != event(ServerEvent.STARTED).event_id
    assert first.at.endswith("+00:00")


def test_traitlets_share_the_post_instead_of_copying_it(tmp_path: Path) -> None:
    post = EventPost(tmp_path, "http://127.0.0.1:9/", "t")
    assert copy.deepcopy({"events": post})["events"] is post
    post.close()
