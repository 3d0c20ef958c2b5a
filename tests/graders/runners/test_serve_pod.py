"""The processes of a grading pod: their limit, their number, and that nothing is killed where others may run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from graders.runners.serve_pod import NotAloneError, PodProcesses, end_all_others, is_alone

PARENT = f"tini\0-g\0--\0{sys.executable}\0-m\0graders.runners.serve".encode()


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """A /proc with the first process of a pod, this one, and one of three threads."""
    for number, threads in ((1, 1), (os.getpid(), 2), (999_999, 3)):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "cmdline").write_bytes(PARENT)
        fields = ["S", *["0"] * 16, str(threads), "0"]
        (tmp_path / str(number) / "stat").write_text(f"{number} (a name) with ) in it) {' '.join(fields)}")
    return tmp_path


@pytest.fixture
def below_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getppid", lambda: 1)
    monkeypatch.setattr(os, "geteuid", lambda: 1001)


def test_threads_are_counted_with_processes(proc: Path) -> None:
    assert PodProcesses(100, proc).count() == 6


def test_a_process_that_ends_while_it_is_counted_counts_nothing(proc: Path) -> None:
    (proc / "999999" / "stat").unlink()
    assert PodProcesses(100, proc).count() == 3


@pytest.mark.parametrize(("most", "too_many"), [(12, False), (11, True)])
def test_more_than_half_of_the_limit_is_too_many(proc: Path, most: int, too_many: bool) -> None:
    assert PodProcesses(most, proc).are_too_many() is too_many


LIMITED = """
import os, resource, sys
from graders.runners.serve_pod import PodProcesses
if os.geteuid() == 0:
    os.setresuid(61234, 61234, 61234)  # root has no limit of processes
PodProcesses(3).limit()
made = 0
try:
    for _ in range(10):
        if os.fork() == 0:
            sys.stdin.read()
            os._exit(0)
        made += 1
except BlockingIOError:
    pass
print(made, resource.getrlimit(resource.RLIMIT_NPROC))
"""


def test_the_kernel_keeps_the_limit() -> None:
    if os.geteuid() != 0:
        pytest.skip("an ordinary user's other processes are counted too")
    done = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, input="", check=True)
    made, limits = done.stdout.strip().split(" ", 1)
    assert int(made) <= 3
    assert limits == "(3, 3)"


def test_everything_else_is_killed_in_one_step(proc: Path, below_the_first: None) -> None:
    calls = []

    def kill(whom: int, how: int) -> None:
        calls.append((whom, how))
        for name in ("cmdline", "stat"):
            (proc / "999999" / name).unlink()
        (proc / "999999").rmdir()

    end_all_others(proc, kill)
    assert calls == [(-1, signal.SIGKILL)]


def never(_whom: int, _how: int) -> None:
    raise AssertionError("something was killed")


def test_nothing_is_killed_where_the_first_process_is_another_program(proc: Path, below_the_first: None) -> None:
    (proc / "1" / "cmdline").write_bytes(b"/sbin/init")
    with pytest.raises(NotAloneError):
        end_all_others(proc, never)


def test_nothing_is_killed_by_root_or_by_a_process_further_down(proc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "getppid", lambda: 1)
    assert not is_alone(proc)
    monkeypatch.setattr(os, "geteuid", lambda: 1001)
    monkeypatch.setattr(os, "getppid", lambda: 2)
    with pytest.raises(NotAloneError):
        end_all_others(proc, never)


def test_this_machine_is_no_pod() -> None:
    with pytest.raises(NotAloneError):
        end_all_others(kill=never)
