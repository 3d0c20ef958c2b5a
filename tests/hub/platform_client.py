"""A browser without a screen for the platform's tests: signs in, starts a notebook server, types in its terminal."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import requests
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

START_SECONDS = 150


def read_as_utf8(answer: requests.Response, **_: Any) -> None:
    answer.encoding = "utf-8"


class Visitor:
    """One person's browser. ``hub`` is the hub's public address with a slash."""

    def __init__(self, hub: str, username: str, password: str) -> None:
        self.hub, self.username, self._password = hub, username, password
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.hooks["response"].append(read_as_utf8)  # the hub names its encoding in the page, not the header

    def close(self) -> None:
        self.session.close()

    def sign_in(self, password: str | None = None) -> requests.Response:
        self.session.get(f"{self.hub}hub/login")
        form = {"username": self.username, "password": password or self._password, "_xsrf": self.xsrf("/hub/")}
        return self.session.post(f"{self.hub}hub/login", data=form, allow_redirects=False)

    def xsrf(self, path: str) -> str:
        return next(
            str(cookie.value) for cookie in self.session.cookies if (cookie.name, cookie.path) == ("_xsrf", path)
        )

    def api(self, method: str, path: str) -> requests.Response:
        headers = {"X-XSRFToken": self.xsrf("/hub/"), "Referer": f"{self.hub}hub/home"}
        return self.session.request(method, f"{self.hub}hub/api/{path}", headers=headers)

    def start_server(self) -> None:
        answer = self.api("POST", f"users/{self.username}/server")
        assert answer.status_code in (201, 202), answer.text
        deadline = time.monotonic() + START_SECONDS
        while not self.server_is_ready():
            assert time.monotonic() < deadline, "the notebook server did not start"
            time.sleep(0.5)
        answer = self.session.get(f"{self.hub}user/{self.username}/lab")
        assert answer.status_code == 200

    def server_is_ready(self) -> bool:
        servers: dict[str, Any] = self.api("GET", f"users/{self.username}").json()["servers"]
        return bool(servers.get("", {}).get("ready"))

    def in_terminal(self, command: str) -> str:
        """Run a shell command in a terminal of the notebook server and return what it prints."""
        path = f"/user/{self.username}/"
        headers = {"X-XSRFToken": self.xsrf(path)}
        made = self.session.post(f"{self.hub}user/{self.username}/api/terminals", headers=headers)
        assert made.status_code == 200, made.text
        cookies = "; ".join(f"{c.name}={c.value}" for c in self.session.cookies if c.path in ("/", path))
        address = f"{self.hub.replace('http', 'ws')}user/{self.username}/terminals/websocket/{made.json()['name']}"
        request = HTTPRequest(address, headers={"Cookie": cookies, "Origin": self.hub.rstrip("/")})
        return asyncio.run(type_command(request, command))


async def type_command(request: HTTPRequest, command: str) -> str:
    """The output between two marks that the command line itself does not contain."""
    socket = await websocket_connect(request)
    line = f"echo BE''GIN; {command}; echo E''ND\n"
    await socket.write_message(json.dumps(["stdin", line]))
    output = ""
    while "END" not in output.replace("E''ND", ""):
        message = json.loads(await asyncio.wait_for(socket.read_message(), 150))
        output += message[1] if message[0] == "stdout" else ""
    socket.close()
    while await socket.read_message() is not None:
        pass
    return output.split("BEGIN")[-1].split("END")[0].replace("\r", "").strip()
