"""The processes of a grading pod: how many there may be, how many there are, and the end of all but our own.

In a pod without privileges student code shares its user with the grader, so the kernel can't count each submission's
processes apart. What it can: hold all of them together under one limit, and end all of them at once.
"""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

#: How a pod's first process names what it started (``tini -g -- python -m graders.runners.serve ...``).
_OUR_MODULE = b"graders.runners.serve"
_END_SECONDS, _LOOK_SECONDS = 20.0, 0.05


class NotAloneError(RuntimeError):
    """Other programs than this grader may run here: nothing is killed that is not ours."""


@dataclass(frozen=True)
class PodProcesses:
    """Processes and threads that the pod may have; beyond half of ``most`` something multiplies without end.

    The kernel counts by user over the whole node, so grading pods run as a user that nobody else has.
    """

    most: int
    proc: Path = Path("/proc")

    def limit(self) -> None:
        """Put the limit on this process and all that it will start; one that is lower already stays."""
        _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
        ceiling = self.most if hard == resource.RLIM_INFINITY else min(self.most, hard)
        resource.setrlimit(resource.RLIMIT_NPROC, (ceiling, ceiling))

    def are_too_many(self) -> bool:
        """Whether this is no longer what honest gradings need."""
        return self.count() > self.most // 2

    def count(self) -> int:
        """Count all processes and threads that can be seen from here."""
        return sum(map(_threads_of, self.proc.glob("[0-9]*")))


def end_all_others(proc: Path = Path("/proc"), kill: Callable[[int, int], None] = os.kill) -> None:
    """Kill every process of the pod but its first one and this one, in one step that no fork slips through.

    NotAloneError unless this is an ordinary user's process right below the first process of a pod of ours: elsewhere
    the same call would end everything that its user runs on the machine.
    """
    if not is_alone(proc):
        raise NotAloneError("this process can't tell that it has the pod for itself")
    kill(-1, signal.SIGKILL)  # the kernel holds its list of processes meanwhile: nobody is born unseen
    deadline = time.monotonic() + _END_SECONDS
    while len(_others(proc)) > 0 and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)


def is_alone(proc: Path = Path("/proc")) -> bool:
    """Whether the first process here was started for this grader alone."""
    with suppress(OSError):
        is_ours = _OUR_MODULE in (proc / "1/cmdline").read_bytes()
        return is_ours and os.getppid() == 1 and os.geteuid() != 0
    return False


def _others(proc: Path) -> list[Path]:
    return [path for path in proc.glob("[0-9]*") if int(path.name) not in (1, os.getpid())]


def _threads_of(process: Path) -> int:
    with suppress(OSError, ValueError, IndexError):
        return int((process / "stat").read_text().rpartition(")")[2].split()[17])
    return 0
