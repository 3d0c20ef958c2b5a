from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hub import child as child_module
from hub.child import (
    BACK_OFF_SECONDS,
    BUSY_SHARE,
    BUSY_SILENCE_SECONDS,
    MAX_LOG_BYTES,
    SILENCE_SECONDS,
    STABLE_SECONDS,
    Child,
    processor_seconds,
    rotate,
)
from hub.parts import Part


def make_child(folder: Path, code: str, health_url: str | None = None) -> Child:
    return Child(Part("part", (sys.executable, "-c", code), folder, health_url), folder / "part.log")


def wait_for_end(child: Child, now: float) -> None:
    deadline = time.monotonic() + 20
    while child.pid is not None and time.monotonic() < deadline:
        child.look(now)
        time.sleep(0.02)
    assert child.pid is None


def test_each_early_end_makes_the_next_try_wait_longer(tmp_path: Path) -> None:
    child, now, waits = make_child(tmp_path, "raise SystemExit(3)"), 1000.0, []
    for _ in range(3):
        assert child.must_start(now)
        child.start(now)
        wait_for_end(child, now)
        waits.append(next(wait for wait in BACK_OFF_SECONDS if child.must_start(now + wait)))
        now += waits[-1]
    assert waits == list(BACK_OFF_SECONDS[:3])
    assert child.restarts == 3


def test_an_end_after_a_stable_time_counts_as_the_first(tmp_path: Path) -> None:
    child = make_child(tmp_path, "raise SystemExit(3)")
    for now in (0.0, 10.0):
        child.start(now)
        wait_for_end(child, now)
    child.start(20.0)
    wait_for_end(child, 20.0 + STABLE_SECONDS + 1)
    assert child.must_start(20.0 + STABLE_SECONDS + 1 + BACK_OFF_SECONDS[0])


def test_a_part_that_never_answers_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "FIRST_ANSWER_SECONDS", 0.0)
    child = make_child(tmp_path, "import time; time.sleep(60)", "http://127.0.0.1:9/")
    child.start(time.monotonic())
    wait_for_end(child, time.monotonic() + 5)
    assert child.restarts == 1


@pytest.mark.parametrize(
    ("code", "is_ended"), [("while True: pass", False), ("import time\nwhile True: time.sleep(60)", True)]
)
def test_a_silent_part_that_computes_is_busy_and_one_that_does_not_is_stuck(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, is_ended: bool
) -> None:
    answering = True
    monkeypatch.setattr(child_module, "answers", lambda _url: answering)
    child = make_child(tmp_path, f"print('here', flush=True)\n{code}", "http://127.0.0.1:9/")
    child.start(0.0)
    wait_until((tmp_path / "part.log").read_text)
    child.look(0.0)
    answering = False
    computed = processor_seconds(child.pid)
    wait_until(lambda: is_ended or processor_seconds(child.pid) > computed + 2 * BUSY_SHARE * SILENCE_SECONDS)
    child._next_probe = 0.0
    child.look(SILENCE_SECONDS + 1)
    if is_ended:
        wait_for_end(child, SILENCE_SECONDS + 1)
        return
    assert child.pid is not None
    child._next_probe = 0.0
    child.look(BUSY_SILENCE_SECONDS + 1)
    wait_for_end(child, BUSY_SILENCE_SECONDS + 1)


def wait_until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_output_goes_to_the_log(tmp_path: Path) -> None:
    child = make_child(tmp_path, "print('hello')")
    child.start(0.0)
    wait_for_end(child, 0.0)
    assert (tmp_path / "part.log").read_text() == "hello\n"


def test_a_large_log_is_put_aside(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    with log.open("wb") as file:
        file.truncate(MAX_LOG_BYTES + 1)
    rotate(log)
    assert not log.exists()
    assert (tmp_path / "part.log.1").exists()
