from __future__ import annotations

import os
from pathlib import Path

from hub.settings import Settings, ensure_folders
from hub.state import PartState, SupervisorState, load_state, only_supervisor, save_state, state_path
from hub.status import collect_status


def running(tmp_path: Path, pid: int | None) -> Settings:
    settings = Settings(home=tmp_path)
    ensure_folders(settings)
    save_state(settings, SupervisorState(pid=1, started_at=0, parts={"worker": PartState(pid=pid, restarts=0)}))
    return settings


def test_nothing_was_ever_started(tmp_path: Path) -> None:
    status = collect_status(Settings(home=tmp_path / "nothing"))
    assert (status.is_up, status.uptime_seconds) == (False, None)
    assert not (tmp_path / "nothing").exists()


def test_a_state_that_a_dead_supervisor_left_is_not_up(tmp_path: Path) -> None:
    assert not collect_status(running(tmp_path, os.getpid())).is_up


def test_all_parts_alive_is_up(tmp_path: Path) -> None:
    settings = running(tmp_path, os.getpid())
    with only_supervisor(settings):
        assert collect_status(settings).is_up


def test_one_dead_part_is_down(tmp_path: Path) -> None:
    settings = running(tmp_path, None)
    with only_supervisor(settings):
        status = collect_status(settings)
    assert not status.is_up
    assert status.as_json()["parts"]["worker"]["is_up"] is False


def test_a_broken_state_file_reads_as_none(tmp_path: Path) -> None:
    settings = running(tmp_path, None)
    state_path(settings).write_text("{")
    assert load_state(settings) is None
