"""Folders of a disk as file sets: course folders and submissions given on a command line."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from graders.files import FileSet
from graders.intake_paths import IntakeLimits
from graders.intake_refusals import Refusal, Refused, make_refusal, megabytes
from graders.leftovers import is_leftover


def read_folder(folder: Path) -> FileSet:
    """Read an author's folder: every ordinary file below it, links followed within it."""
    root = folder.resolve()
    found = [path for path in sorted(root.rglob("*")) if path.is_file()]
    inside = [path for path in found if path.resolve().is_relative_to(root)]
    return FileSet({path.relative_to(root).as_posix(): path.read_bytes() for path in inside})


def read_submission(path: Path, limits: IntakeLimits | None = None) -> FileSet | Refusal:
    """Read a student's folder or single notebook: no link, device or pipe is opened, no more read than allowed."""
    limits = limits or IntakeLimits()
    if not path.exists():
        return make_refusal("no_such_path", str(path))
    if path.is_file():
        found = {path.name: path}
    else:
        found = {entry.relative_to(path).as_posix(): entry for entry in _entries(path)}
    try:
        return _read_all({name: entry for name, entry in found.items() if not is_leftover(name)}, limits)
    except Refused as refused:
        return refused.refusal


def _entries(folder: Path) -> Iterator[Path]:
    """All that lies below a folder but folders; links are yielded, not followed."""
    for root, folders, names in os.walk(folder, followlinks=False):
        base = Path(root)
        yield from (base / name for name in sorted(names))
        yield from (base / name for name in sorted(folders) if (base / name).is_symlink())


def _read_all(found: dict[str, Path], limits: IntakeLimits) -> FileSet:
    if len(found) > limits.files:
        raise Refused(make_refusal("too_many_files", found=len(found), limit=limits.files))
    files: dict[str, bytes] = {}
    room = limits.submission_bytes
    for name, path in found.items():
        files[name] = _read_file(name, path, room)
        room -= len(files[name])
        if room < 0:
            found_size, limit = f"> {megabytes(limits.submission_bytes)}", megabytes(limits.submission_bytes)
            raise Refused(make_refusal("submission_too_large", found=found_size, limit=limit))
    return FileSet(files)


def _read_file(name: str, path: Path, room: int) -> bytes:
    """Open without following a link or waiting for a pipe; one byte past the room shows that it is too much."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Refused(make_refusal("special_file", name)) from error
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Refused(make_refusal("special_file", name))
        return file.read(room + 1)
