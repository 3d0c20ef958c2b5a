"""What the demonstration asks of the hub's REST API: users, tokens in their names, servers started and stopped."""

from __future__ import annotations

import time
from typing import Any

import requests

from hub.demo_browser import DemoError

TIMEOUT_SECONDS = 60
TOKEN_SECONDS = 3600
POLL_SECONDS = 0.5


class DemoHub:
    """The hub as the service ``demo``."""

    def __init__(self, api_url: str, token: str) -> None:
        self._api = api_url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"token {token}"

    def ensure_user(self, username: str) -> None:
        """Make the hub's user if a sign-in has not made it."""
        self._call("POST", f"/users/{username}", accepted=(201, 409))

    def make_token(self, username: str) -> str:
        """Return a token of this person, as a notebook server has one; it lives for an hour."""
        body = {"note": "axcampus demo", "expires_in": TOKEN_SECONDS}
        return str(self._call("POST", f"/users/{username}/tokens", body, accepted=(200, 201)).json()["token"])

    def start_server(self, username: str, seconds: float) -> None:
        """Start a notebook server and wait until it is ready; raises DemoError when it is not in time."""
        self._call("POST", f"/users/{username}/server", accepted=(201, 202))
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            servers = self._call("GET", f"/users/{username}").json().get("servers", {})
            server = servers.get("")
            if server is None:
                raise DemoError(f"the notebook server of {username} did not start: see its log")
            if server.get("ready"):
                return
            time.sleep(POLL_SECONDS)
        raise DemoError(f"the notebook server of {username} was not ready after {seconds:.0f} s")

    def stop_server(self, username: str) -> None:
        """Ask for the end of a server; one that does not run is fine."""
        self._call("DELETE", f"/users/{username}/server", accepted=(202, 204, 400, 404))

    def _call(
        self, method: str, path: str, body: dict[str, Any] | None = None, accepted: tuple[int, ...] = (200,)
    ) -> requests.Response:
        answer = self._session.request(method, self._api + path, json=body, timeout=TIMEOUT_SECONDS)
        if answer.status_code not in accepted:
            raise DemoError(f"hub: {method} {path}: HTTP {answer.status_code} {answer.text[:300]}")
        return answer
