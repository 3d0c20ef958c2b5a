"""Resource limits that the kernel counts for each process."""

from __future__ import annotations

import math
import resource
from typing import TYPE_CHECKING

from graders.engine import facilities

if TYPE_CHECKING:
    from graders.engine.sandbox import Cage

OPEN_FILES = 256


def restrict_self(cage: Cage, *, counts_own_processes: bool) -> tuple[str, ...]:
    """Set the limits of ``cage``, hard, on this process and all that it starts.

    ``counts_own_processes``: the kernel counts the user's processes in this sandbox alone; where it would count all
    of the person's programs, the keeper watches their number instead.
    """
    cpu = math.ceil(cage.cpu_seconds) + 1
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: cpu,
        resource.RLIMIT_FSIZE: cage.disk_bytes,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_DATA: _data_bytes() + cage.memory_bytes,
    }
    if counts_own_processes:
        wanted[resource.RLIMIT_NPROC] = cage.processes
    for kind, value in wanted.items():
        lower(kind, value)
    return ("rlimits",)


def lower(kind: int, value: int) -> None:
    """Set one limit, hard; one that is lower already stays."""
    _, hard = resource.getrlimit(kind)
    ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (ceiling, ceiling))


def _data_bytes() -> int:
    """Private memory that the warm process brought along: the student's allowance starts above it."""
    try:
        pages = int((facilities.PROC / "self/statm").read_text().split()[5])
    except OSError:
        return 0
    return pages * resource.getpagesize()
