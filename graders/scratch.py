"""Scratch folders that don't outlive their owner: a killed grader's are removed by the next one that starts.

The owner holds a lock on its folder, which the kernel drops when the last process that holds it ends. A folder whose
lock can be taken has no living owner.
"""

from __future__ import annotations

import fcntl
import logging
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from graders.scratch_abandoned import abandoned_folders
from graders.scratch_removal import remove_folder

log = logging.getLogger(__name__)

#: Every scratch folder's name begins with one of these and ends in the mark of a locked one.
PREFIXES = ("axcampus-slot-", "axcampus-grade-")
LOCKED = ".locked"


class Scratch:
    """One locked folder. ``descriptor`` holds the lock: whoever inherits it keeps the folder alive too."""

    def __init__(self, prefix: str) -> None:
        if prefix not in PREFIXES:
            raise ValueError(f"{prefix} is not swept: add it to PREFIXES")
        self.path, self.descriptor = _make_locked(prefix)

    def remove(self) -> None:
        """Remove the folder, whatever is in it, and let go of the lock, once; OSError leaves both as they are."""
        if self.descriptor >= 0:
            remove_folder(self.path)
            self.let_go()

    def let_go(self) -> None:
        """Drop the lock without removing anything: the next sweep will."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def sweep_scratch(parent: Path | None = None) -> list[Path]:
    """Remove the folders of killed graders below ``parent`` (the system's temporary folder) and name them.

    Only folders of this user, never a link, never one whose owner lives. What can't be removed stays for the next.
    Folders without a lock, of older versions, go where no living process could own them.
    """
    swept = []
    parent = parent or Path(tempfile.gettempdir())
    for path in _candidates(parent):
        with suppress(OSError):
            if _sweep_one(path):
                swept.append(path)
    for path in abandoned_folders(parent):
        with suppress(OSError):
            remove_folder(path)
            swept.append(path)
    if swept:
        log.warning("removed %d folders that killed graders had left", len(swept))
    return swept


def _make_locked(prefix: str) -> tuple[Path, int]:
    """A sweep may come between making and locking: then the folder is gone, and another is made."""
    while True:
        path = Path(tempfile.mkdtemp(LOCKED, prefix))
        descriptor = -1
        with suppress(FileNotFoundError):
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.path.samestat(os.fstat(descriptor), path.lstat()):
                return path, descriptor
        if descriptor >= 0:
            os.close(descriptor)


def _candidates(parent: Path) -> Iterator[Path]:
    with os.scandir(parent) as found:
        entries = [entry for entry in found if entry.name.startswith(PREFIXES) and entry.name.endswith(LOCKED)]
    return (Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False))


def _sweep_one(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        facts = os.fstat(descriptor)
        if facts.st_uid != os.geteuid() or not stat.S_ISDIR(facts.st_mode):
            return False
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # OSError: its owner lives
        remove_folder(path)
    finally:
        os.close(descriptor)
    return True
