"""The door of a server on the hub's real database: open until its end, closed with all that somebody came in with."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub import orm, scopes

from hub.helping.doors import HelpLog, LetsHelpersIn
from hub.pods.reaper import utc_now

CLIENT = "jupyterhub-user-minji"
NOW = utc_now()


class Server(LetsHelpersIn):
    """A spawner as far as its door goes."""

    def __init__(self, db: Any, spawner: Any, log: HelpLog) -> None:
        self.db, self.orm_spawner, self.user, self.help_log = db, spawner, spawner.user, log
        self.oauth_client_id, self.log = CLIENT, logging.getLogger("test")
        self.visits, self.saved = {}, 0

    def remember(self) -> None:
        self.saved += 1


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Any]:
    made = orm.new_session_factory(f"sqlite:///{tmp_path}/hub.sqlite")()
    yield made
    engine = made.get_bind()
    made.close()
    engine.dispose()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "help.jsonl"


@pytest.fixture
def server(db: Any, log: Path) -> Server:
    people = [orm.User(name=name) for name in ("minji", "prof", "other")]
    db.add_all([*people, orm.OAuthClient(identifier=CLIENT)])
    db.commit()
    spawner = orm.Spawner(name="", user=people[0])
    db.add(spawner)
    db.commit()
    return Server(db, spawner, HelpLog(log))


def user(server: Server, name: str) -> Any:
    return orm.User.find(server.db, name)


def come_in(server: Server, name: str) -> None:
    """What the hub writes down when somebody opens the server's address."""
    server.db.add(orm.APIToken(user=user(server, name), client_id=CLIENT, hashed=f"x{name}", prefix=name))
    server.db.commit()


def events(log: Path) -> list[tuple[str, str, str]]:
    lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    return [(line["event"], line["student"], line["helper"]) for line in lines]


def may_enter(server: Server, name: str) -> bool:
    return "access:servers!server=minji/" in scopes.get_scopes_for(user(server, name))


def test_who_is_let_in_may_enter_and_nobody_else(server: Server, log: Path) -> None:
    server.let_in(user(server, "prof"), 15, NOW)
    assert (may_enter(server, "prof"), may_enter(server, "other")) == (True, False)
    assert [(door.helper, door.until) for door in server.doors()] == [("prof", NOW + timedelta(minutes=15))]
    assert events(log) == [("allowed", "minji", "prof")]


def test_the_door_closes_by_itself_and_takes_the_tokens_along(server: Server, log: Path) -> None:
    server.let_in(user(server, "prof"), 15, NOW)
    come_in(server, "prof")
    server.look_at_door(NOW + timedelta(minutes=14))
    assert may_enter(server, "prof")
    server.look_at_door(NOW + timedelta(minutes=15))
    assert not may_enter(server, "prof")
    assert server.db.query(orm.APIToken).count() == 0
    assert [event for event, _, _ in events(log)] == ["allowed", "entered", "ended"]


def test_a_visit_is_noted_once_and_kept_in_the_server_s_state(server: Server, log: Path) -> None:
    server.let_in(user(server, "prof"), 15, NOW)
    come_in(server, "prof")
    for _ in range(3):
        server.look_at_door(NOW)
    assert [visit["helper"] for visit in server.visits.values()] == ["prof"]
    assert (server.saved, [event for event, _, _ in events(log)]) == (1, ["allowed", "entered"])


def test_somebody_who_comes_without_having_been_let_in_is_noted_too(server: Server, log: Path) -> None:
    come_in(server, "other")
    server.look_at_door(NOW)
    assert events(log) == [("entered", "minji", "other")]


def test_the_student_s_own_visits_are_nobody_s_business(server: Server, log: Path) -> None:
    come_in(server, "minji")
    server.look_at_door(NOW)
    assert (server.visits, events(log)) == ({}, [])


def test_a_share_without_an_end_is_closed(server: Server) -> None:
    orm.Share.grant(server.db, server.orm_spawner, user(server, "other"))
    server.look_at_door(NOW)
    assert not may_enter(server, "other")


def test_letting_in_again_moves_the_end(server: Server) -> None:
    for minutes in (15, 60):
        server.let_in(user(server, "prof"), minutes, NOW)
    assert [door.until for door in server.doors()] == [NOW + timedelta(minutes=60)]


def test_closing_to_one_leaves_the_other(server: Server) -> None:
    for name in ("prof", "other"):
        server.let_in(user(server, name), 15, NOW)
    server.end_help("prof", NOW)
    assert (may_enter(server, "prof"), may_enter(server, "other")) == (False, True)
    server.end_all_help(NOW)
    assert not may_enter(server, "other")


def test_the_log_is_for_the_hub_s_own_eyes(server: Server, log: Path) -> None:
    server.let_in(user(server, "prof"), 15, NOW)
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_door_belongs_to_one_server(server: Server) -> None:
    second = SimpleNamespace(name="other")
    spawner = orm.Spawner(name="", user=user(server, second.name))
    server.db.add(spawner)
    server.db.commit()
    orm.Share.grant(server.db, spawner, user(server, "prof"))
    assert server.doors() == []
    assert not may_enter(server, "prof")
