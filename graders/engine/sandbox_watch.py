"""What the kernel does not limit for a whole sandbox, watched from outside: memory of all processes together,
their number, and the files that they write."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from graders.engine import facilities
from graders.engine.sandbox import Cage

_PR_SET_CHILD_SUBREAPER = 36
_FILES_EVERY_SECONDS = 1.0
MAX_FILES = 20_000
#: Beyond the system's 4096 no path can be looked at: files could hide there from the count.
_LONGEST_PATH = 3000
_LEFTOVER_ROUNDS = 200
#: A size above every limit, for a folder nested so deep that it can't be measured.
_TOO_DEEP = 2**62


class KeeperWatch:
    """Looks at one sandbox a few times a second. What the warm process brought along is not counted."""

    def __init__(self, cage: Cage) -> None:
        self._cage = cage
        self._baseline = _own_bytes(os.getpid())[0]
        self._next_files = time.monotonic() + _FILES_EVERY_SECONDS

    def excess(self, inside: int) -> str | None:
        """Why the sandbox must end now: ``memory``, ``processes`` or ``disk``; None if all is well."""
        family = [inside, *descendants(inside)]
        if len(family) > self._cage.processes:
            return "processes"
        sizes = [_own_bytes(process) for process in family]
        private = sum(max(0, own - self._baseline) for own, _ in sizes)
        if private + max(shared for _, shared in sizes) > self._cage.memory_bytes:
            return "memory"
        return self._excess_of_files()

    def _excess_of_files(self) -> str | None:
        if time.monotonic() < self._next_files:
            return None
        self._next_files = time.monotonic() + _FILES_EVERY_SECONDS
        count = size = 0
        for bytes_of_file in (*_sizes_below(self._cage.folder), *_sizes_below(self._cage.home)):
            count, size = count + 1, size + bytes_of_file
        return "disk" if size > self._cage.disk_bytes or count > MAX_FILES else None


def become_reaper() -> None:
    """Orphans inside become children of this process: none can slip away by a double fork."""
    if facilities.is_linux():
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def kill_leftovers() -> None:
    """Kill whatever is still there after the end of the first process inside, until nothing is."""
    for _ in range(_LEFTOVER_ROUNDS):
        for process in descendants(os.getpid()):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not descendants(os.getpid()):
            return
        time.sleep(0.01)


def descendants(process: int) -> list[int]:
    """All processes below ``process``, as far as the system tells."""
    found: list[int] = []
    waiting = [process]
    while waiting:
        children = list(_children(waiting.pop()))
        found += children
        waiting += children
    return found


def _children(process: int) -> Iterator[int]:
    with suppress(OSError):
        for task in os.listdir(f"{facilities.PROC}/{process}/task"):
            yield from map(int, Path(f"{facilities.PROC}/{process}/task/{task}/children").read_text().split())


def _own_bytes(process: int) -> tuple[int, int]:
    """Private and shared-memory bytes of a process; zero where it has ended."""
    found = {"RssAnon": 0, "RssShmem": 0}
    with suppress(OSError):
        for line in Path(f"{facilities.PROC}/{process}/status").read_text().splitlines():
            name, _, value = line.partition(":")
            if name in found:
                found[name] = int(value.split()[0]) * 1024
    return found["RssAnon"], found["RssShmem"]


def _sizes_below(folder: Path) -> Iterator[int]:
    """Sizes on disk of the files below ``folder``; stops when there are too many."""
    waiting, count = [folder], 0
    while waiting and count <= MAX_FILES:
        if len(os.fsencode(waiting[-1])) > _LONGEST_PATH:
            yield _TOO_DEEP
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                count += 1
                yield entry.stat(follow_symlinks=False).st_blocks * 512
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(Path(entry.path))
