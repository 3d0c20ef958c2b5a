"""The real portal app over a migrated database, and a small HTTP server that answers as the hub does for tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from graders.exchange.wire import wire_files
from hub.keys import ensure_keys
from hub.portal.app import create_app
from hub.portal.web import DATABASE
from hub.settings import Settings
from tests.hub.loopback_server import Answers, served


@dataclass
class HubStub:
    """Says whose a token is: ``token-<user>`` is the user's unless revoked."""

    server: ThreadingHTTPServer
    asked: list[str] = field(default_factory=list)
    request_ids: list[str] = field(default_factory=list)
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)

    def answer(self, token: str) -> tuple[int, Any]:
        self.asked.append(token)
        if token in self.answers:
            return self.answers[token]
        if token.startswith("token-"):
            return 200, {"kind": "user", "name": token.removeprefix("token-")}
        return 403, {"message": "no"}


@pytest.fixture
def hub() -> Iterator[HubStub]:
    class Handler(Answers):
        def do_GET(self) -> None:
            token = self.headers.get("Authorization", "").removeprefix("token ")
            stub.request_ids.append(self.headers.get("X-Request-ID", ""))
            status, body = stub.answer(token) if self.path == "/hub/api/user" else (200, {"version": "6"})
            self.answer(status, json.dumps(body).encode())

    with served(Handler) as server:
        stub = HubStub(server)
        yield stub


def make_app(hub: HubStub, database_url: str, home: Path) -> Flask:
    port = hub.server.server_address[1] - 2  # the hub listens two above the portal
    settings = Settings(home=home, port=port, database_url=database_url, log_level="WARNING")
    ensure_keys(settings.secrets)
    return create_app(settings)


@dataclass
class Api:
    """The API as a notebook server calls it."""

    app: Flask
    hub: HubStub
    home: Path

    def call(self, method: str, path: str, user: str | None = "kim", **options: Any) -> TestResponse:
        headers = dict(options.pop("headers", {}))
        if user is not None:
            headers.setdefault("Authorization", f"Bearer token-{user}")
        return self.app.test_client().open(
            f"/api/v1{path}", method=method, headers=headers, base_url="http://localhost", **options
        )

    def get(self, path: str, user: str | None = "kim", **options: Any) -> TestResponse:
        return self.call("GET", path, user, **options)

    def submit(
        self, files: dict[str, bytes], user: str | None = "kim", key: str = "key-00000001", **body: Any
    ) -> TestResponse:
        return self.call(
            "POST",
            "/courses/ai/assignments/a01/attempts",
            user,
            json={"files": wire_files(files), **body},
            headers={"Idempotency-Key": key},
        )

    def service_token(self) -> str:
        return (self.home / "secrets" / "portal_service_token").read_text().strip()


@pytest.fixture
def api(campus, hub: HubStub, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """The API over the campus, with the campus's clock."""
    monkeypatch.setattr("hub.portal.web.utc_now", lambda: campus.now)
    app = make_app(hub, database_url, tmp_path / "home")
    campus.person("kim")
    yield Api(app, hub, tmp_path / "home")
    app.extensions[DATABASE].dispose()


@pytest.fixture
def sqlite_api(sqlite_campus, hub: HubStub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """The API on SQLite only."""
    monkeypatch.setattr("hub.portal.web.utc_now", lambda: sqlite_campus.now)
    app = make_app(hub, f"sqlite:///{tmp_path / 'only.db'}", tmp_path / "home")
    sqlite_campus.person("kim")
    yield Api(app, hub, tmp_path / "home")
    app.extensions[DATABASE].dispose()
