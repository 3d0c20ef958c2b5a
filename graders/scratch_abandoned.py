"""Scratch folders without a lock: of older versions, of killed benchmarks. Nothing says whether their owner lives, so
they are abandoned only if no process that could own one is as old as they are."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

#: What ``tempfile`` makes of our prefixes; nobody's own folder is called like that.
NAMES = re.compile(r"axcampus-(slot|grade|autotest|bench|public|differential)-[a-z0-9_]{8}")
_IDLE_SECONDS = 3600.0


def abandoned_folders(parent: Path, processes: Path = Path("/proc")) -> list[Path]:
    """Folders of this user below ``parent`` with no owner left; none where processes can't be looked at."""
    found = [path for path in parent.glob("axcampus-*") if NAMES.fullmatch(path.name) and _is_own_folder(path)]
    if not found:
        return []  # the usual case costs nothing
    since = min([_oldest_python(processes), time.time() - _IDLE_SECONDS])
    return [path for path in found if path.lstat().st_mtime < since]


def _is_own_folder(path: Path) -> bool:
    with suppress(OSError):
        return path.lstat().st_uid == os.geteuid() and path.is_dir() and not path.is_symlink()
    return False


def _oldest_python(processes: Path) -> float:
    """When the oldest process of this user that may run Python started, in seconds since 1970; 0 if nobody can say."""
    with suppress(OSError, ValueError, StopIteration):
        lines = (processes / "stat").read_text().splitlines()
        booted = int(next(line.split()[1] for line in lines if line.startswith("btime ")))
        return booted + min(_starts(processes)) / os.sysconf("SC_CLK_TCK") - 1  # both are cut to whole seconds
    return 0.0


def _starts(processes: Path) -> Iterator[int]:
    """Start times, in ticks since the machine's own start."""
    for folder in processes.glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):  # it ended meanwhile
            if folder.stat().st_uid == os.geteuid() and b"python" in (folder / "cmdline").read_bytes():
                yield int((folder / "stat").read_text().rpartition(")")[2].split()[19])
