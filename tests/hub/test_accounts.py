from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from hub.accounts import AccountError, Accounts, make_password

PASSWORD = "Mill-Spindle-42"


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    made = Accounts(tmp_path / "accounts.sqlite3")
    made.create("minji.kim", PASSWORD)
    return made


def test_the_right_password_is_accepted_and_a_wrong_one_is_not(accounts: Accounts) -> None:
    assert accounts.verify("minji.kim", PASSWORD)
    assert not accounts.verify("minji.kim", PASSWORD + "x")
    assert not accounts.verify("nobody", PASSWORD)


def test_only_an_argon2_hash_is_stored(accounts: Accounts, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "accounts.sqlite3") as connection:
        (stored,) = connection.execute("SELECT password_hash FROM account").fetchone()
    connection.close()
    assert stored.startswith("$argon2id$")
    assert PASSWORD.encode() not in (tmp_path / "accounts.sqlite3").read_bytes()


def test_the_file_is_for_the_hub_alone(accounts: Accounts, tmp_path: Path) -> None:
    assert (tmp_path / "accounts.sqlite3").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["", "a", "Kim", "1kim", "../etc", "a b", "kim/", "kim.", "a" * 33, "김민지", "kim\n"])
def test_names_that_could_not_name_a_folder_are_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(AccountError):
        accounts.create(name, PASSWORD)


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "minji.kim123", "x1y2" * 60])
def test_weak_passwords_are_refused(accounts: Accounts, password: str) -> None:
    with pytest.raises(AccountError):
        accounts.set_password("minji.kim", password)
    assert accounts.verify("minji.kim", PASSWORD)


def test_a_name_is_given_once(accounts: Accounts) -> None:
    with pytest.raises(AccountError, match="taken"):
        accounts.create("minji.kim", PASSWORD)


def test_a_new_password_replaces_the_old(accounts: Accounts) -> None:
    accounts.set_password("minji.kim", "Another-one-77")
    assert accounts.verify("minji.kim", "Another-one-77")
    assert not accounts.verify("minji.kim", PASSWORD)


def test_changing_an_unknown_account_says_so(accounts: Accounts) -> None:
    with pytest.raises(AccountError, match="no account"):
        accounts.set_password("nobody", PASSWORD)


def test_a_shut_account_lets_nobody_in_until_it_is_opened(accounts: Accounts) -> None:
    accounts.set_disabled("minji.kim", True)
    assert not accounts.verify("minji.kim", PASSWORD)
    accounts.set_disabled("minji.kim", False)
    assert accounts.verify("minji.kim", PASSWORD)


def test_made_passwords_are_strong_and_all_different() -> None:
    passwords = {make_password() for _ in range(100)}
    assert len(passwords) == 100
    assert all(len(password) == 19 and not set("lo01") & set(password) for password in passwords)


def test_a_person_keeps_the_same_number_for_ever(tmp_path: Path) -> None:
    first = Accounts(tmp_path / "a.sqlite3")
    numbers = [first.system_number(name) for name in ("kim", "lee", "kim")]
    again = Accounts(tmp_path / "a.sqlite3")
    assert numbers == [1, 2, 1]
    assert again.system_number("lee") == 2
