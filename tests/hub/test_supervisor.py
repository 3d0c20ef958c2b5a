from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from hub.processes import marked_processes, stop_processes
from hub.settings import Settings, settings_environment
from hub.state import SupervisorState, load_state

SCRIPT = Path(__file__).with_name("supervised.py")


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    made = Settings(home=tmp_path / "var")
    yield made
    stop_processes(marked_processes(made.instance), 1)


def until(look: Callable[[], Any], seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (found := look()) is not None:
            return found
        time.sleep(0.05)
    raise AssertionError("nothing came")


@contextmanager
def supervising(settings: Settings, scenario: str = "plain") -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, **settings_environment(settings)}
    argv = [sys.executable, str(SCRIPT), scenario]
    with subprocess.Popen(
        argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


def both_up(settings: Settings) -> SupervisorState | None:
    state = load_state(settings)
    return state if state and all(part.pid for part in state.parts.values()) else None


def test_a_killed_part_is_brought_back(settings: Settings) -> None:
    with supervising(settings):
        before = until(lambda: both_up(settings)).parts["one"].pid
        os.kill(before or 0, signal.SIGKILL)
        after = until(lambda: (s := both_up(settings)) and (s if s.parts["one"].pid != before else None))
    assert after.parts["one"].restarts == 1
    assert after.parts["two"].restarts == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_every_process(settings: Settings, number: signal.Signals) -> None:
    with supervising(settings) as process:
        until(lambda: both_up(settings))
        process.send_signal(number)
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert output.endswith("ended\n")
    assert marked_processes(settings.instance) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="orphans are adopted on Linux")
def test_a_process_that_left_session_group_and_environment_is_ended_too(settings: Settings) -> None:
    with supervising(settings, "detach") as process:
        lost = until(
            lambda: next(
                (p for p in psutil.Process(process.pid).children() if p.name() == "sleep" and "4321" in p.cmdline()),
                None,
            )
        )
        process.terminate()
        process.wait(30)
    assert not lost.is_running()


def test_what_a_killed_supervisor_left_is_ended_by_the_next(settings: Settings) -> None:
    with supervising(settings) as first:
        old = until(lambda: both_up(settings)).parts["one"].pid or 0
        first.kill()
        first.wait(10)
        assert psutil.pid_exists(old)
        with supervising(settings):
            until(lambda: (s := both_up(settings)) and (s if s.parts["one"].pid != old else None))
            assert not psutil.pid_exists(old) or psutil.Process(old).status() == psutil.STATUS_ZOMBIE


def test_a_second_supervisor_of_the_same_home_is_refused(settings: Settings) -> None:
    with supervising(settings):
        until(lambda: both_up(settings))
        with supervising(settings) as second:
            output, _ = second.communicate(timeout=30)
    assert second.returncode != 0
    assert "already running" in output


def test_parts_that_use_the_database_wait_for_it(settings: Settings) -> None:
    with supervising(settings, "closed"):
        state = until(lambda: (s := load_state(settings)) and (s if s.parts["one"].pid else None))
        time.sleep(1)
        later = load_state(settings)
    assert state.parts["two"].pid is None
    assert later is not None
    assert later.parts["two"].pid is None


def test_a_database_that_can_not_be_prepared_ends_everything(settings: Settings) -> None:
    with supervising(settings, "failed") as process:
        output, _ = process.communicate(timeout=30)
    assert "no way" in output
    assert marked_processes(settings.instance) == []
