from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.accounts import Accounts
from hub.cli import COMMANDS, is_installed, main


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AXCAMPUS_HOME", str(tmp_path))
    return tmp_path


def axcampus(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, list(arguments), input=typed)


def test_help_names_every_installed_command() -> None:
    text = axcampus("--help").output
    assert all(name in text for name in COMMANDS if is_installed(name))


@pytest.mark.parametrize("name", [name for name in COMMANDS if is_installed(name)])
def test_every_command_explains_itself(name: str) -> None:
    result = axcampus(name, "--help")
    assert result.exit_code == 0
    assert len(result.output) > 100


def test_an_unknown_command_is_an_error() -> None:
    assert axcampus("fly").exit_code == 2


def test_status_of_nothing_says_how_to_start_and_fails(home: Path) -> None:
    result = axcampus("status")
    assert result.exit_code == 1
    assert "axcampus run" in result.output


def test_status_speaks_json(home: Path) -> None:
    result = axcampus("status", "--json")
    assert result.exit_code == 1
    assert json.loads(result.output) == {"up": False, "uptime_seconds": None, "parts": {}}


def test_a_new_account_works_with_the_password_that_was_shown(home: Path) -> None:
    made = json.loads(axcampus("user", "add", "minji.kim", "--json").output)
    accounts = Accounts(home / "hub" / "accounts.sqlite3")
    assert accounts.verify(made["username"], made["password"])


def test_a_taken_name_is_refused_without_a_traceback(home: Path) -> None:
    axcampus("user", "add", "minji.kim")
    result = axcampus("user", "add", "minji.kim")
    assert result.exit_code == 1
    assert "taken" in result.output


def test_reset_opens_a_shut_account_with_a_new_password(home: Path) -> None:
    axcampus("user", "add", "minji.kim")
    axcampus("user", "disable", "minji.kim")
    made = json.loads(axcampus("user", "reset", "minji.kim", "--json").output)
    assert Accounts(home / "hub" / "accounts.sqlite3").verify("minji.kim", made["password"])


def test_a_typed_password_is_not_echoed(home: Path) -> None:
    axcampus("user", "add", "minji.kim")
    result = axcampus("user", "password", "minji.kim", typed="Mill-Spindle-42\nMill-Spindle-42\n")
    assert result.exit_code == 0
    assert "Mill-Spindle-42" not in result.output
    assert Accounts(home / "hub" / "accounts.sqlite3").verify("minji.kim", "Mill-Spindle-42")


def test_the_list_shows_names_and_no_hash(home: Path) -> None:
    axcampus("user", "add", "minji.kim")
    result = axcampus("user", "list", "--json")
    assert [row["username"] for row in json.loads(result.output)] == ["minji.kim"]
    assert "argon2" not in result.output
