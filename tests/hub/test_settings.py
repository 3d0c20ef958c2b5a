from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from hub.settings import Settings, ensure_folders, settings_environment


def test_portal_and_notebooks_have_different_hosts(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, port=9000)
    assert settings.portal_url == "http://localhost:9000"
    assert settings.hub_url == "http://127.0.0.1:9001/"


def test_one_host_for_both_is_refused() -> None:
    with pytest.raises(ValidationError, match="must differ"):
        Settings(portal_host="127.0.0.1")


@pytest.mark.parametrize("port", [80, 65533])
def test_ports_that_do_not_leave_room_for_four_are_refused(port: int) -> None:
    with pytest.raises(ValidationError):
        Settings(port=port)


def test_variables_carry_settings_to_another_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path, port=9100, demo=False, log_level="DEBUG")
    for name, value in settings_environment(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings


def test_a_relative_home_is_made_absolute_once() -> None:
    assert Settings(home=Path("somewhere")).home == Path.cwd() / "somewhere"


def test_database_is_sqlite_below_home_unless_told(tmp_path: Path) -> None:
    assert Settings(home=tmp_path).database == f"sqlite:///{tmp_path}/axcampus.db"
    assert Settings(home=tmp_path, database_url="postgresql://x/y").database == "postgresql://x/y"


def test_folders_with_secrets_are_closed_to_others(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "var")
    ensure_folders(settings)
    modes = {
        path.name: path.stat().st_mode & 0o777
        for path in (settings.home, settings.homes, settings.secrets, settings.hub_folder, settings.logs)
    }
    assert modes == {"var": 0o711, "homes": 0o711, "secrets": 0o700, "hub": 0o700, "log": 0o700}


def test_the_mode_of_a_folder_that_was_there_is_left_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    ensure_folders(Settings(home=tmp_path))
    assert tmp_path.stat().st_mode & 0o7777 == 0o1777


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_home_is_an_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError):
        ensure_folders(Settings(home=tmp_path / "var"))
