"""Files that a test writes for the student's code to read: found before each request, sent if they are meant for it.

A file crosses only if something that student code knows names it: an argument of a call, or the instructor's own
given cells and reference. Whatever else a test writes (its notes, its expected answers) stays on the trusted side.
"""

from __future__ import annotations

import ast
import os
import posixpath
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import Any

from graders.engine.file_marks import FileMark, is_same, mark_of

#: Names of the copies of students' files, in the folder itself.
COPIES_LIST = ".axcampus-copies"

_ENTRIES_MAX = 5000
_FILES_MAX = 200
_BYTES_MAX = 64 * 2**20
_TEXTS_MAX = 5000
_LENGTH_MAX = 300

#: Calls and attributes by which Python writes files; a notebook whose tests use none of them is never looked through.
_WRITERS = frozenset((
    "open", "write", "write_text", "write_bytes", "dump", "save", "savez", "savez_compressed", "savetxt", "tofile",
    "to_csv", "to_json", "to_excel", "to_html", "to_pickle", "to_parquet", "to_feather", "to_hdf", "to_sql", "to_xml",
    "to_string", "to_markdown", "savefig", "imsave", "imwrite", "connect", "File", "Workbook", "ExcelWriter", "mkdir",
    "makedirs", "mkdtemp", "mkstemp", "TemporaryDirectory", "NamedTemporaryFile", "touch", "remove", "unlink",
    "rmdir", "rmtree", "rename", "replace", "move", "copy", "copy2", "copyfile", "copytree", "symlink_to", "link",
    "unpack_archive", "extract", "extractall", "urlretrieve", "truncate", "run_cell_magic", "ZipFile", "TarFile",
    "FileHandler", "to_netcdf", "to_orc", "to_stata", "to_file", "memmap", "open_memmap",
))  # fmt: skip
_WRITERS_BEGIN = ("save", "write", "dump")

#: What is at a path: a file as it was last looked at, None for a folder.
Entries = dict[str, FileMark | None]


class UnsentFileError(TypeError):
    """A test wrote more for the student's code than crosses."""


def may_write(nodes: Iterable[ast.AST]) -> bool:
    """Whether source could write or remove files, judged generously."""
    names = (getattr(node, "attr", None) or getattr(node, "id", None) for node in nodes)
    return any(name in _WRITERS or name.startswith(_WRITERS_BEGIN) for name in names if isinstance(name, str))


class WrittenFiles:
    """Watches the trusted folder of one notebook."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)
        _remove_copies(self._folder)
        self._settled: Entries = {}  # what the student's folder has, as far as this side knows
        self._settled = self._scan()
        self._instructors = frozenset(self._settled)
        self._copies: Entries = {}
        self._texts: set[str] = set()

    def is_instructors(self, path: str) -> bool:
        """Whether a file was here before any test ran."""
        return path in self._instructors

    def is_tests_own(self, path: str) -> bool:
        """Whether a test wrote what is at ``path`` now; an untouched copy of a student's file is not a test's own."""
        mark = mark_of(self._folder / path, self._copies.get(path))
        return mark is not None and not is_same(self._copies.get(path), mark)

    def is_shared(self, path: str) -> bool:
        """Whether the student's side was sent what is at ``path``."""
        return path in self._settled

    def shared(self) -> list[str]:
        """What tests made and the student's side got too: files, and folders with a slash at the end."""
        own = [(path, mark) for path, mark in self._settled.items() if path not in self._instructors]
        return [path if mark else f"{path}/" for path, mark in own]

    def note_copy(self, path: str) -> None:
        """A copy of the student's file was written or removed here: nothing that a test did."""
        for part in (path, *(str(parent) for parent in PurePath(path).parents if str(parent) != ".")):
            self._settled.pop(part, None)
            self._copies.pop(part, None)
            if (self._folder / part).exists():
                self._settled[part] = self._copies[part] = mark_of(self._folder / part)

    def learn_texts(self, values: Iterable[Any]) -> None:
        """Remember the texts in values that the student's side gets to see."""
        for text in _texts(values, 4):
            if len(self._texts) < _TEXTS_MAX and len(text) <= _LENGTH_MAX:
                self._texts.add(self._relative(text))

    def collect(self) -> dict[str, bytes | bool | None]:
        """What changed since the last time: path -> content, True for a folder, None where it was removed."""
        now = self._scan()
        found: dict[str, bytes | bool | None] = {}
        for path in [path for path in self._settled if path not in now]:
            del self._settled[path]
            found[path] = None
        for path, mark in now.items():
            if self._is_settled(path, mark) or not self._is_named(path):
                continue
            found[path] = True if mark is None else self._read(path)
            self._settled[path] = mark
        if len(found) > _FILES_MAX or sum(len(data) for data in found.values() if type(data) is bytes) > _BYTES_MAX:
            raise UnsentFileError("a test wrote more files for the student's code than cross: write fewer ones")
        return found

    def _is_settled(self, path: str, mark: FileMark | None) -> bool:
        return path in self._settled and is_same(self._settled[path], mark)

    def _read(self, path: str) -> bytes:
        descriptor = os.open(self._folder / path, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            return file.read(_BYTES_MAX + 1)

    def _is_named(self, path: str) -> bool:
        return any(_names(text, path) for text in self._texts)

    def _relative(self, text: str) -> str:
        return posixpath.normpath(text.removeprefix(f"{self._folder}/"))

    def _scan(self) -> Entries:
        """Files and folders here; links, and what is neither, are not followed and not seen."""
        found: Entries = {}
        waiting = [""]
        while waiting and len(found) < _ENTRIES_MAX:
            folder = waiting.pop()
            for entry in _listed(self._folder / folder):
                path = posixpath.join(folder, entry.name)
                if entry.is_symlink() or entry.name in ("__pycache__", COPIES_LIST):
                    continue
                if entry.is_dir():
                    waiting.append(path)
                    found[path] = None
                elif entry.is_file():
                    found[path] = mark_of(Path(entry.path), self._settled.get(path))
        return found


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _remove_copies(folder: Path) -> None:
    """Copies of an earlier process in this folder are not the instructor's files."""
    left = folder / COPIES_LIST
    if left.exists():
        for name in left.read_text(encoding="utf-8").splitlines():
            (folder / name).unlink(missing_ok=True)
        left.unlink()


def _names(text: str, path: str) -> bool:
    """Whether ``text`` names the file or folder ``path``: itself, a folder above or below it, a pattern, its stem."""
    if text in (".", path, posixpath.splitext(path)[0]):
        return True
    return path.startswith(f"{text}/") or text.startswith(f"{path}/") or fnmatchcase(path, text)


def _texts(values: Iterable[Any], depth: int) -> Iterator[str]:
    for value in values:
        if isinstance(value, str | PurePath):
            yield str(value)
        elif depth and isinstance(value, list | tuple | set | frozenset) and len(value) <= _TEXTS_MAX:
            yield from _texts(value, depth - 1)
        elif depth and isinstance(value, dict) and len(value) <= _TEXTS_MAX:
            yield from _texts([*value, *value.values()], depth - 1)


def texts_of(nodes: Iterable[ast.AST]) -> list[str]:
    """All texts written in source."""
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
