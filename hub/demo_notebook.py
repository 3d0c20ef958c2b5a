"""A student's own notebook server over real HTTP: commands in its terminal, files through its contents API."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from dataclasses import dataclass

import requests
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClosedError, websocket_connect

from hub.demo_browser import DemoError

TIMEOUT_SECONDS = 60
COMMAND_SECONDS = 180.0
#: Colours and cursor moves of a terminal.
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")


@dataclass(frozen=True)
class CommandResult:
    """What a command printed in the terminal, and how it ended."""

    output: str
    status: int


class DemoNotebook:
    """The server below ``url`` (``http://…/user/<name>/``) with a token of its owner."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"token {token}"
        self._token = token

    def run(self, command: str) -> CommandResult:
        """Type a command into a new terminal and wait until it ends."""
        name = self._call("POST", "api/terminals").json()["name"]
        try:
            return asyncio.run(asyncio.wait_for(self._type(name, command), COMMAND_SECONDS))
        except (TimeoutError, WebSocketClosedError, OSError) as error:
            raise DemoError(f"terminal: {command}: {type(error).__name__}") from error
        finally:
            self._session.delete(f"{self._url}api/terminals/{name}", timeout=TIMEOUT_SECONDS)

    def panel_receipts(self) -> set[str]:
        """Return the receipts that the campus panel of JupyterLab shows."""
        courses = self._call("GET", "axcampus/me").json()["courses"]
        return {course["last_receipt"]["receipt_id"] for course in courses if course["last_receipt"]}

    def read_notebook(self, path: str) -> bytes:
        """Return a notebook as JupyterLab gets it."""
        return json.dumps(self._call("GET", f"api/contents/{path}?content=1").json()["content"]).encode()

    def write_notebook(self, path: str, data: bytes) -> None:
        """Save a notebook as JupyterLab does."""
        body = {"type": "notebook", "format": "json", "content": json.loads(data)}
        self._call("PUT", f"api/contents/{path}", body)

    def _call(self, method: str, path: str, body: object = None) -> requests.Response:
        answer = self._session.request(method, self._url + path, json=body, timeout=TIMEOUT_SECONDS)
        if not answer.ok:
            raise DemoError(f"notebook server: {method} {path}: HTTP {answer.status_code}")
        return answer

    async def _type(self, name: str, command: str) -> CommandResult:
        """The end is marked by a word that the echo of the typed line does not hold in one piece."""
        mark = secrets.token_hex(8)
        address = f"{self._url.replace('http', 'ws', 1)}terminals/websocket/{name}"
        request = HTTPRequest(address, headers={"Authorization": f"token {self._token}"})
        socket = await websocket_connect(request)
        try:
            await socket.write_message(json.dumps(["set_size", 50, 400, 0, 0]))
            await socket.write_message(json.dumps(["stdin", f"{command}; echo {mark[:8]}''{mark[8:]} $?\r"]))
            result = await _read_until(socket, re.compile(rf"{mark} (\d+)"))
            socket.close()
            await _wait_until_closed(socket)
            return result
        finally:
            socket.close()


async def _read_until(socket: object, end: re.Pattern[str]) -> CommandResult:
    output = ""
    while True:
        message = await socket.read_message()  # type: ignore[attr-defined]  # tornado has no types
        if message is None:
            raise WebSocketClosedError
        kind, *rest = json.loads(message)
        if kind == "stdout":
            output = _CONTROL.sub("", output + rest[0])
        if found := end.search(output):
            return CommandResult(output[: found.start()], int(found.group(1)))


async def _wait_until_closed(socket: object) -> None:
    """Read on until the other side has closed too: an event loop that ends before leaves the connection open."""
    while await socket.read_message() is not None:  # type: ignore[attr-defined]  # tornado has no types
        pass
