"""The hub's page of invitations: what it asks the portal, which accounts it makes and which it takes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hub.accounts import AccountError, Accounts
from hub.invited import InvitationError, InvitedHandler, PortalInvitations
from tests.conftest import free_ports
from tests.hub.loopback_server import Answers, served

GOOD = "long enough 7"
REFUSED = {"error": {"code": "x", "ko": "안 됩니다", "en": "No"}}


@dataclass
class Portal:
    """A real HTTP server in the portal's place; ``answers`` one after the other, the last one again and again."""

    port: int
    answers: list[tuple[int, dict[str, Any]]]
    asked: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)


@pytest.fixture
def portal() -> Iterator[Portal]:
    class Handler(Answers):
        def do_POST(self) -> None:
            made.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            made.tokens.append(self.headers["Authorization"])
            status, body = made.answers.pop(0) if len(made.answers) > 1 else made.answers[0]
            self.answer(status, json.dumps(body).encode())

    with served(Handler) as server:
        made = Portal(server.server_address[1], [(200, {"is_open": True, "name": "김*수"})])
        yield made


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts(tmp_path / "accounts.sqlite3")


def make(port: int, accounts: Accounts, username: str = "minsu.kim", password: str = GOOD, again: str = GOOD) -> None:
    async def in_thread(function: Any, *arguments: Any) -> Any:
        return await asyncio.to_thread(function, *arguments)

    handler = SimpleNamespace(
        _portal=PortalInvitations(f"http://127.0.0.1:{port}/api/v1", "secret"),
        authenticator=SimpleNamespace(accounts=accounts, in_thread=in_thread),
    )
    asyncio.run(InvitedHandler._make(handler, "the-link", username, password, again))


def test_a_good_link_makes_an_account_and_tells_the_portal(portal, accounts) -> None:
    make(portal.port, accounts)
    assert accounts.verify("minsu.kim", GOOD)
    assert portal.asked == [
        {"token": "the-link", "username": "minsu.kim", "accept": False},
        {"token": "the-link", "username": "minsu.kim", "accept": True},
    ]
    assert set(portal.tokens) == {"Bearer secret"}


def test_an_account_that_the_portal_does_not_take_goes_again(portal, accounts) -> None:
    portal.answers.append((409, REFUSED))
    with pytest.raises(InvitationError, match="안 됩니다 / No"):
        make(portal.port, accounts)
    assert accounts.list_all() == []


@pytest.mark.parametrize("answer", [(200, {"is_open": False, "name": ""}), (422, REFUSED), (500, {}), (200, [])])
def test_a_link_that_is_worth_nothing_makes_no_account(portal, accounts, answer) -> None:
    portal.answers[0] = answer
    with pytest.raises((InvitationError, TypeError)):
        make(portal.port, accounts)
    assert accounts.list_all() == []


def test_a_name_that_somebody_has_keeps_its_password(portal, accounts) -> None:
    accounts.create("minsu.kim", "another long one")
    with pytest.raises(AccountError):
        make(portal.port, accounts)
    assert accounts.verify("minsu.kim", "another long one")
    assert not any(asked["accept"] for asked in portal.asked)


@pytest.mark.parametrize(
    ("password", "again"), [(GOOD, "other long one"), ("short", "short"), ("minsu.kim1", "minsu.kim1")]
)
def test_a_password_that_is_not_good_asks_nobody(portal, accounts, password: str, again: str) -> None:
    with pytest.raises((AccountError, InvitationError)):
        make(portal.port, accounts, password=password, again=again)
    assert portal.asked == []


def test_a_portal_that_is_away_is_said_so(accounts) -> None:
    port = free_ports(1)
    with pytest.raises(InvitationError, match="portal can't be asked"):
        make(port, accounts)
    assert accounts.list_all() == []


def test_the_hubs_token_shows_in_no_text(accounts) -> None:
    assert "secret" not in repr(PortalInvitations("http://x", "secret"))
