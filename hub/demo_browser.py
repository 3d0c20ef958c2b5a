"""A person's browser without a screen: signs in through the hub's log-in form and reads the portal's pages."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

TIMEOUT_SECONDS = 60
_STAGE = re.compile(r'data-stage="([a-z]+)">\s*([\d,]+)')


class DemoError(Exception):
    """A step of the demonstration did not work; the text says which."""


class _Form(HTMLParser):
    """The first form with a password field: where it goes and what is filled in already."""

    def __init__(self) -> None:
        super().__init__()
        self._action = ""
        self._fields: dict[str, str] = {}
        self.found: tuple[str, dict[str, str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the inputs of the form that we are in."""
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._action, self._fields = values.get("action", ""), {}
        if tag == "input" and "name" in values:
            self._fields[values["name"]] = values.get("value", "")
            if values.get("type") == "password":
                self.found = (self._action, self._fields)


class DemoBrowser:
    """One person's cookies at hub and portal."""

    def __init__(self, portal_url: str) -> None:
        self._portal = portal_url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Accept-Language"] = "ko"

    def sign_in(self, username: str, password: str) -> None:
        """Walk the whole way: portal, hub's form, OAuth with PKCE, back to the portal; raises DemoError."""
        page = self._session.get(f"{self._portal}/auth/login", timeout=TIMEOUT_SECONDS)
        parser = _Form()
        parser.feed(page.text)
        if parser.found is None:
            raise DemoError(f"no log-in form at {page.url} (HTTP {page.status_code})")
        action, fields = parser.found
        filled = fields | {"username": username, "password": password}
        arrived = self._session.post(urljoin(page.url, action), data=filled, timeout=TIMEOUT_SECONDS)
        if arrived.status_code != 200 or not arrived.url.startswith(self._portal + "/"):
            raise DemoError(f"{username} could not sign in: HTTP {arrived.status_code} at {arrived.url}")

    def page(self, path: str) -> str:
        """Return a page of the portal; raises DemoError unless it is shown."""
        answer = self._session.get(self._portal + path, timeout=TIMEOUT_SECONDS)
        if answer.status_code != 200 or not answer.url.startswith(self._portal + "/"):
            raise DemoError(f"{path}: HTTP {answer.status_code} at {answer.url}")
        return answer.text

    def funnel(self) -> dict[str, int]:
        """Read the coordinator's figures off the page: stage -> distinct people."""
        found = {stage: int(count.replace(",", "")) for stage, count in _STAGE.findall(self.page("/programme"))}
        if not found:
            raise DemoError("the coordinator's page shows no funnel")
        return found
