"""The student's end of what both sides share beside values: files of the working folder and ``os.environ``.

It runs with no more rights than the student's code: whatever it is asked to write lands inside the sandbox.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from graders.engine.file_marks import FileMark, is_same, mark_of

_FILE_MAX = 64 * 2**20
_REPORTED_MAX = 50


class SharedFiles:
    """``folder`` is where the notebook began."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)
        self._seen: dict[str, FileMark | None] = {}

    def write(self, path: str, data: bytes | bool | None) -> None:
        """Do what a test did in its own folder: write a file, make a folder (True), remove either (None)."""
        target = self._folder / path
        if data is None:
            _remove(target)
        elif isinstance(data, bytes):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        else:
            target.mkdir(parents=True, exist_ok=True)
        self._seen[path] = mark_of(target)

    def read(self, name: str) -> bytes | None:
        """Content of a file, None where there is none; from now on it is reported only when it has changed."""
        target = self._folder / name
        self._seen[name] = mark_of(target)
        if not target.is_file() or target.stat().st_size > _FILE_MAX:
            return None
        return target.read_bytes()

    def changes(self, watched: list[str]) -> dict[str, bytes | None]:
        """Watched files that changed since they were last read or written here."""
        names = dict.fromkeys(name for entry in watched for name in self._below(entry))
        changed = [name for name in names if self._is_changed(name)]
        return {name: self.read(name) for name in changed[:_REPORTED_MAX]}

    def _is_changed(self, name: str) -> bool:
        before = self._seen.get(name)
        return not is_same(before, mark_of(self._folder / name, before))

    def _below(self, entry: str) -> Iterator[str]:
        if not entry.endswith("/"):
            yield entry
            return
        yield from (name for name in self._seen if name.startswith(entry))
        for path in sorted((self._folder / entry).rglob("*"))[: 4 * _REPORTED_MAX]:
            if path.is_file():
                yield str(path.relative_to(self._folder))


class SharedEnviron:
    """Lays what tests changed in ``os.environ`` over the student's own, and takes it away again."""

    def __init__(self) -> None:
        self._own: dict[str, str | None] = {}  # what the student had where a test changed something
        self._cleared: dict[str, str] | None = None
        self._seen: dict[str, str | None] = {}

    def apply(self, state: dict[str, Any]) -> None:
        """Apply ``{"set": {name: value or None}, "cleared": bool}``, which replaces what was applied before."""
        wanted: dict[str, str | None] = state["set"]
        for name in [name for name in self._own if name not in wanted]:
            _set(name, self._own.pop(name))
        self._clear(is_cleared=bool(state["cleared"]), keep=wanted)
        for name, value in wanted.items():
            self._own.setdefault(name, os.environ.get(name))
            _set(name, value)

    def _clear(self, *, is_cleared: bool, keep: dict[str, str | None]) -> None:
        if is_cleared and self._cleared is None:
            self._cleared = {name: value for name, value in os.environ.items() if name not in keep}
            for name in self._cleared:
                del os.environ[name]
        elif not is_cleared and self._cleared is not None:
            os.environ.update({name: value for name, value in self._cleared.items() if name not in self._own})
            self._cleared = None

    def changes(self, names: list[str], *, all_of_them: bool = False) -> dict[str, str | None]:
        """Values of ``names`` that are others than at the last report."""
        now = {name: os.environ.get(name) for name in names}
        found = {name: value for name, value in now.items() if all_of_them or self._seen.get(name) != value}
        self._seen |= now
        return found


def _set(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def _remove(target: Path) -> None:
    with suppress(OSError):
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        else:
            target.unlink()
