"""The hub asks the portal for groups, keeps what the site made, and leaves all as it is while nobody answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from hub.groups import PortalGroups
from tests.conftest import free_ports
from tests.hub.loopback_server import Answers, served


@dataclass
class Portal:
    """A real HTTP server in the portal's place."""

    port: int
    body: bytes = b""
    asked: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture
def portal() -> Iterator[Portal]:
    class Handler(Answers):
        def do_GET(self) -> None:
            made.asked.append((self.path, self.headers["Authorization"]))
            self.answer(200, made.body)

    with served(Handler) as server:
        made = Portal(server.server_address[1])
        yield made


class User:
    """As much of a hub user as groups need."""

    name = "kim@uni"

    def __init__(self, *groups: str) -> None:
        self.sync_groups(groups)

    def sync_groups(self, names) -> None:
        self.groups = [SimpleNamespace(name=name) for name in sorted(names)]

    @property
    def names(self) -> list[str]:
        return [group.name for group in self.groups]


def refreshed(port: int, *groups: str) -> list[str]:
    user = User(*groups)
    asyncio.run(PortalGroups(f"http://127.0.0.1:{port}/api/v1", "secret").refresh(user))
    return user.names


def test_a_person_is_put_into_what_the_portal_names_and_taken_out_of_the_rest(portal: Portal) -> None:
    portal.body = json.dumps({"groups": ["course:ai:student", "role:student"]}).encode()
    assert refreshed(portal.port, "course:old:student") == ["course:ai:student", "role:student"]
    assert portal.asked == [("/api/v1/internal/hub-groups/kim%40uni", "Bearer secret")]


def test_groups_that_the_site_made_stay(portal: Portal) -> None:
    portal.body = b'{"groups": ["role:student"]}'
    assert refreshed(portal.port, "gpu-pilot", "role:instructor") == ["gpu-pilot", "role:student"]


def test_the_portal_names_groups_of_its_own_kind_only(portal: Portal) -> None:
    portal.body = b'{"groups": ["admins", 7, "role:student"]}'
    assert refreshed(portal.port) == ["role:student"]


@pytest.mark.parametrize("body", [b"no json", b"[]", b"{}", b'{"groups": null}'])
def test_an_answer_that_is_none_changes_nothing(portal: Portal, body: bytes) -> None:
    portal.body = body
    assert refreshed(portal.port, "role:instructor") == ["role:instructor"]


def test_a_portal_that_is_away_changes_nothing() -> None:
    assert refreshed(free_ports(1), "role:instructor") == ["role:instructor"]


def test_the_token_is_not_shown() -> None:
    assert "secret" not in repr(PortalGroups("http://x", "secret"))
