"""The folders of one grading: where the student's cells work, and the instructor's copy that tests read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from graders.contract import LEARNER_FILE
from graders.files import FileSet, canonical_json
from graders.scratch import Scratch

#: User ids that no account has.
FIRST_USER, USERS = 1_000_000, 100_000


@dataclass(frozen=True)
class GradingFolders:
    """``work`` and ``home``: writable for the student's process, which is ``user`` where the grader is root.
    ``trusted``: never visible to it."""

    work: Path
    home: Path
    trusted: Path
    user: int | None


@contextmanager
def make_folders(work_files: FileSet, helper_files: FileSet, seed: int) -> Iterator[GradingFolders]:
    """Write both folders and remove them afterwards, whatever student code did to them."""
    scratch = Scratch("axcampus-grade-")
    base = scratch.path
    folders = GradingFolders(base / "work", base / "home", base / "trusted", students_user())
    try:
        base.chmod(0o711)  # a student's own uid must get through, but not look around
        for folder, files in ((folders.work, work_files), (folders.trusted, helper_files)):
            write_files(folder, FileSet({**files.files, LEARNER_FILE: canonical_json({"seed": seed})}))
        folders.home.mkdir()
        folders.trusted.chmod(0o700)
        if folders.user is not None:
            _give_to(folders.user, folders.work, folders.home)
        yield folders
    finally:
        scratch.remove()


def students_user() -> int | None:
    """User id of student code where this process is root: nobody else has it, and no other worker's students."""
    return FIRST_USER + os.getpid() % USERS if os.geteuid() == 0 else None


def _give_to(user: int, *folders: Path) -> None:
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user, user, follow_symlinks=False)


def write_files(folder: Path, files: FileSet) -> None:
    """Write a file set below a new ``folder``."""
    folder.mkdir()
    for path, data in files.files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
