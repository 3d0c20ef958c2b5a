"""Opens every page that the portal has as somebody who may, and takes times and statements."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from benchmarks.portal.samples import Samples
from hub.portal.access import rule_of
from hub.portal.database import Database
from hub.portal.models import Role
from hub.portal.sessions import Lifetime, begin_session, find_login

#: Whose page it is where several roles may open it: the one who sees most.
_WIDEST = (Role.COORDINATOR, Role.INSTRUCTOR, Role.STUDENT)
_BASE = "http://localhost:8000"


@dataclass(frozen=True)
class PageFigure:
    """One page: milliseconds on the server, statements of one request, size of the answer."""

    endpoint: str
    address: str
    role: str
    median_ms: float
    p95_ms: float
    statements: int
    kilobytes: float

    def as_json(self) -> dict[str, Any]:
        """As a program reads it."""
        return asdict(self)


@dataclass(frozen=True)
class Left:
    """A page that was not measured, and why."""

    endpoint: str
    why: str


@dataclass(frozen=True)
class Walk:
    """The portal, its database, and who walks through it."""

    app: Flask
    database: Database
    samples: Samples

    def pages(self) -> Iterator[tuple[str, str, Role] | Left]:
        """Every page that can be opened: endpoint, address and role; the others with the reason."""
        for rule in sorted(self.app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
            if "GET" not in (rule.methods or ()) or rule.endpoint.startswith("api"):
                continue
            yield self._page(rule)

    def _page(self, rule: Rule) -> tuple[str, str, Role] | Left:
        declared = rule_of(self.app, rule.endpoint)
        if declared is None or declared.is_public or declared.is_token:
            return Left(rule.endpoint, "public")
        role = next((each for each in _WIDEST if not declared.roles or each in declared.roles), None)
        if role is None:
            return Left(rule.endpoint, "no role of the benchmark")
        missing = rule.arguments - set(self.samples.values)
        if missing:
            return Left(rule.endpoint, f"no sample of {', '.join(sorted(missing))}")
        parts = {name: self.samples.values[name] for name in rule.arguments}
        return rule.endpoint, self.app.url_map.bind("localhost").build(rule.endpoint, parts), role

    def client(self, role: Role) -> FlaskClient:
        """Return a browser with a session of that role."""
        client = self.app.test_client()
        with self.database.writing() as session:
            login = find_login(session, self.samples.logins[role])
            assert login is not None
            token = begin_session(session, login, datetime.now(UTC), Lifetime())
        client.set_cookie("axcampus_session", token, domain="localhost")
        return client


def measure(walk: Walk, rounds: int) -> tuple[list[PageFigure], list[Left]]:
    """Open every page ``rounds`` times, one request after the other."""
    clients = {role: walk.client(role) for role in _WIDEST}
    figures: list[PageFigure] = []
    left: list[Left] = []
    for page in walk.pages():
        found = page if isinstance(page, Left) else _measure_page(page, clients[page[2]], rounds)
        if isinstance(found, Left):
            left.append(found)
        else:
            figures.append(found)
    return figures, left


def _measure_page(page: tuple[str, str, Role], client: FlaskClient, rounds: int) -> PageFigure | Left:
    endpoint, address, role = page
    first = client.get(address, base_url=_BASE, buffered=True)
    if first.status_code != 200:
        return Left(endpoint, f"answers {first.status_code}")
    times = sorted(_timed(client, address) for _ in range(rounds))
    with _counted() as counted:
        answer = client.get(address, base_url=_BASE, buffered=True)
    return PageFigure(
        endpoint=endpoint,
        address=address,
        role=role.value,
        median_ms=round(1000 * times[len(times) // 2], 1),
        p95_ms=round(1000 * times[min(len(times) - 1, round(0.95 * len(times)))], 1),
        statements=len(counted),
        kilobytes=round(len(answer.data) / 1024, 1),
    )


def _timed(client: FlaskClient, address: str) -> float:
    begin = time.perf_counter()
    client.get(address, base_url=_BASE, buffered=True)
    return time.perf_counter() - begin


@contextmanager
def _counted() -> Iterator[list[str]]:
    """Collect the statements that are executed meanwhile."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        found.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
