"""Find the assignments of a cloned course: notebooks that hold nbgrader's test cells and the author's own answers."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from graders.files import FileSet
from graders.intake_paths import IntakeLimits

#: Where an author's answer begins, in nbgrader's default form.
_ANSWER = "### BEGIN SOLUTION"
_LIMITS = IntakeLimits()
#: A released or handed-in copy of a source is no assignment of its own.
_COPIES = frozenset({"release", "submitted", "autograded", "feedback", "student", "students", ".ipynb_checkpoints"})


@dataclass(frozen=True)
class Found:
    """One assignment of a clone: its files, and where it was found."""

    name: str
    folder: str
    source: FileSet


@dataclass(frozen=True)
class Clone:
    """A git repository on this disk, with or without a work tree; it is only read, at its newest commit."""

    path: Path

    @property
    def name(self) -> str:
        """Name of the folder, for the table."""
        path = self.path.resolve()
        return (path.parent if path.name in (".git", "repo") else path).name

    @property
    def commit(self) -> str:
        """The commit that is read."""
        return self._git("rev-parse", "HEAD").decode().strip()

    def assignments(self) -> Iterator[Found]:
        """Folders below ``source/`` are assignments; elsewhere each notebook is one, with the files beside it."""
        sizes = self._sizes()
        notebooks = [path for path in sizes if path.endswith(".ipynb") and not _is_copy(path)]
        sources = [path for path in notebooks if _is_source(self._notebook(path))]
        for group in _grouped(sources):
            folder = PurePosixPath(group[0]).parent
            files = {path: size for path, size in sizes.items() if PurePosixPath(path).is_relative_to(folder)}
            beside = [path for path, size in files.items() if path not in notebooks and size <= _LIMITS.notebook_bytes]
            wanted = [*group, *_within_bounds(beside, sizes)]
            content = {str(PurePosixPath(path).relative_to(folder)): self._read(path) for path in wanted}
            yield Found(_plain_name(group), str(folder), FileSet(content))

    def _notebook(self, path: str) -> Any:
        try:
            return json.loads(self._read(path))
        except ValueError:
            return None

    def _read(self, path: str) -> bytes:
        return self._git("cat-file", "blob", f"HEAD:{path}")

    def _sizes(self) -> dict[str, int]:
        lines = self._git("ls-tree", "-r", "-z", "--long", "HEAD").decode("utf-8", "replace").split("\0")
        parts = [line.partition("\t") for line in lines if line.startswith("100")]  # ordinary files only
        sizes = ((path, facts.split()[3]) for facts, _, path in parts)
        return {path: int(size) for path, size in sizes if size.isdigit()}  # a blob may be missing from a partial copy

    def _git(self, *words: str) -> bytes:
        inner = self.path / ".git"
        directory = inner if inner.exists() else self.path
        command = ["git", f"--git-dir={directory}", *words]
        return subprocess.run(command, capture_output=True, check=True).stdout


def _is_copy(path: str) -> bool:
    return any(part.lower() in _COPIES for part in PurePosixPath(path).parts)


def _is_source(notebook: Any) -> bool:
    """Whether the engine can say something about it: Python, with test cells and at least one answer."""
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4:
        return False
    kernel = notebook.get("metadata", {}).get("kernelspec", {})
    cells = [cell for cell in notebook.get("cells", ()) if cell.get("cell_type") == "code"]
    is_python = "python" in (kernel.get("language") or kernel.get("name") or "python").lower()
    has_answer = any(_ANSWER in "".join(cell.get("source", "")) for cell in cells)
    return is_python and has_answer and any(map(_is_test, cells))


def _is_test(cell: Any) -> bool:
    rules = cell.get("metadata", {}).get("nbgrader", {})
    return bool(rules.get("grade")) and not rules.get("solution")


def _grouped(paths: list[str]) -> list[list[str]]:
    groups: dict[str, list[str]] = {}
    for path in sorted(paths):
        folder = PurePosixPath(path).parent
        key = str(folder) if folder.parent.name == "source" else path
        groups.setdefault(key, []).append(path)
    return list(groups.values())


def _plain_name(group: list[str]) -> str:
    path = PurePosixPath(group[0])
    name = path.parent.name if path.parent.parent.name == "source" else path.stem
    return "".join(letter if letter.isalnum() else "_" for letter in name)


def _within_bounds(paths: list[str], sizes: dict[str, int]) -> list[str]:
    """Helper files up to the limits of one submission, smallest first; what is left out the reference will miss."""
    kept, used = [], 0
    for path in sorted(paths, key=lambda each: sizes[each])[: _LIMITS.files // 2]:
        used += sizes[path]
        if used > _LIMITS.submission_bytes // 2:
            break
        kept.append(path)
    return kept
