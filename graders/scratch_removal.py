"""Remove a folder in which student code has worked, whatever it made of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from uuid import uuid4


def remove_folder(folder: Path) -> None:
    """Remove a folder whatever student code made of it: rights taken away, links to anywhere, any depth of nesting.

    Inner folders are moved to the top before they are looked into: no path grows longer than the system takes, nothing
    recurses, and no link is ever followed, not even to ask what is at its end.
    """
    names = (folder / f"{uuid4().hex}-{number}" for number in count())
    waiting = [folder]
    while waiting:
        inner = waiting.pop()
        inner.chmod(0o700)
        waiting += list(_emptied(inner, names))
        if inner != folder:
            inner.rmdir()
    folder.rmdir()


def _emptied(folder: Path, names: Iterator[Path]) -> Iterator[Path]:
    """Remove the files of ``folder`` and move its folders to ``names``, which are yielded."""
    with os.scandir(folder) as found:
        entries = list(found)
    for entry in entries:
        if not entry.is_dir(follow_symlinks=False):
            os.unlink(entry.path)
            continue
        os.chmod(entry.path, 0o700)  # an ordinary user can't move a folder that is closed to itself
        moved = next(names)
        os.rename(entry.path, moved)
        yield moved
