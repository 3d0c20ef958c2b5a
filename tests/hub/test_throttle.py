from __future__ import annotations

import time
from pathlib import Path

import pytest

from hub import throttle
from hub.accounts import Accounts
from hub.throttle import SignIn, checked_sign_in, is_throttled

PASSWORD = "Mill-Spindle-42"
HERE = SignIn("minji.kim", "10.0.0.1")
ELSEWHERE = SignIn("minji.kim", "10.0.0.2")


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    made = Accounts(tmp_path / "accounts.sqlite3")
    made.create("minji.kim", PASSWORD)
    return made


def fail(accounts: Accounts, sign_in: SignIn, times: int) -> None:
    for _ in range(times):
        accounts.record_failure(tuple(sign_in.limits), time.time() - throttle.WINDOW_SECONDS)


def test_five_wrong_passwords_shut_the_name_for_that_address(accounts: Accounts) -> None:
    for _ in range(5):
        assert not is_throttled(accounts, HERE)
        assert not checked_sign_in(accounts, HERE, "wrong")
    assert is_throttled(accounts, HERE)


def test_nobody_can_lock_a_classmate_out_from_elsewhere_by_a_few_tries(accounts: Accounts) -> None:
    fail(accounts, HERE, 20)
    assert is_throttled(accounts, HERE)
    assert not is_throttled(accounts, ELSEWHERE)


def test_many_failures_from_everywhere_shut_the_name(accounts: Accounts) -> None:
    for number in range(30):
        fail(accounts, SignIn("minji.kim", f"10.0.1.{number}"), 1)
    assert is_throttled(accounts, ELSEWHERE)


def test_one_address_that_tries_many_names_is_shut(accounts: Accounts) -> None:
    for number in range(150):
        fail(accounts, SignIn(f"student{number}", "10.0.0.9"), 1)
    assert is_throttled(accounts, SignIn("minji.kim", "10.0.0.9"))


def test_a_success_forgets_the_failures(accounts: Accounts) -> None:
    fail(accounts, HERE, 4)
    assert checked_sign_in(accounts, HERE, PASSWORD)
    fail(accounts, HERE, 4)
    assert not is_throttled(accounts, HERE)


def test_the_name_opens_again_after_the_window(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    fail(accounts, HERE, 5)
    assert is_throttled(accounts, HERE)
    monkeypatch.setattr(throttle, "WINDOW_SECONDS", -1)
    assert not is_throttled(accounts, HERE)


def test_a_restarted_hub_still_knows_the_failures(accounts: Accounts, tmp_path: Path) -> None:
    fail(accounts, HERE, 5)
    assert is_throttled(Accounts(tmp_path / "accounts.sqlite3"), HERE)
