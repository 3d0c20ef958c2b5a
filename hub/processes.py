"""Finds and ends the processes of an installation, however far they went: notebook servers leave session and group."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterable

import psutil

from hub.parts import PART_VARIABLE
from hub.settings import INSTANCE_VARIABLE

_PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Become the parent of every descendant that loses its own (Linux).

    A student's program can leave its session and wipe its environment; it can't stop being our descendant.
    """
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def marks_of(process: psutil.Process) -> tuple[str | None, str | None]:
    """Return a process's installation and part, as far as its environment may be read."""
    try:
        environment = process.environ()
    except (psutil.Error, OSError):
        return None, None
    return environment.get(INSTANCE_VARIABLE), environment.get(PART_VARIABLE)


def marked_processes(instance: str, *, parts: Iterable[str] | None = None) -> list[psutil.Process]:
    """Return the processes of an installation but this one; with ``parts`` only theirs, so no notebook servers."""
    wanted = None if parts is None else set(parts)
    found = []
    for process in psutil.process_iter():
        owner, part = marks_of(process)
        if process.pid != os.getpid() and owner == instance and (wanted is None or part in wanted):
            found.append(process)
    return found


def all_descendants() -> list[psutil.Process]:
    """Return every process below this one."""
    return psutil.Process().children(recursive=True)


def stop_processes(processes: Iterable[psutil.Process], patience_seconds: float) -> int:
    """End processes: first asked, after ``patience_seconds`` forced. Returns how many had to be forced."""
    living = list({process.pid: process for process in processes}.values())
    for process in living:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs(living, timeout=patience_seconds)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=3)
    return len(stubborn)


def collect_orphans(own: set[int]) -> None:
    """Take the exit status of adopted children that have ended; ``own`` are those somebody else waits for."""
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess, ChildProcessError):
            if child.pid not in own and child.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(child.pid, os.WNOHANG)
