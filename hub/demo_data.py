"""Makes the demonstration's accounts at the hub; their people and roles are made in the portal by ``hub.prepare``."""

from __future__ import annotations

from dataclasses import dataclass

from hub.accounts import Accounts, make_password
from hub.demo_people import PEOPLE, DemoPerson


@dataclass(frozen=True, repr=False)
class NewAccount:
    """An account that was just made. The password is shown once and kept nowhere."""

    person: DemoPerson
    password: str


def ensure_accounts(accounts: Accounts) -> list[NewAccount]:
    """Make the demonstration accounts in an installation that has none; return them with their passwords."""
    if accounts.list_all():
        return []
    made = [NewAccount(person, make_password()) for person in PEOPLE]
    for account in made:
        accounts.create(account.person.username, account.password)
    return made
