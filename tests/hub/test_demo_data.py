from __future__ import annotations

from collections import Counter
from pathlib import Path

from courses.catalog import load_catalog
from hub.accounts import Accounts
from hub.demo_data import ensure_accounts
from hub.demo_people import PEOPLE


def test_the_first_start_makes_accounts_that_work(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / "a.sqlite3")
    made = ensure_accounts(accounts)
    assert len({account.password for account in made}) == len(PEOPLE)
    assert accounts.verify(made[0].person.username, made[0].password)
    assert made[0].password not in repr(made)


def test_a_second_start_makes_none(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / "a.sqlite3")
    ensure_accounts(accounts)
    assert ensure_accounts(accounts) == []


def test_an_installation_with_people_gets_no_demonstration(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / "a.sqlite3")
    accounts.create("real.person", "Mill-Spindle-42")
    assert ensure_accounts(accounts) == []


def test_every_role_and_every_partner_takes_part() -> None:
    roles = Counter(person.role for person in PEOPLE)
    assert roles["student"] >= 6
    assert len({person.university for person in PEOPLE if person.role == "instructor"}) == 2
    assert roles["coordinator"] == roles["administrator"] == 1
    partners = {university.code for university in load_catalog().universities}
    assert {person.university for person in PEOPLE if person.university} == partners
