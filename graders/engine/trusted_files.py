"""Files that student code wrote, copied as data into the trusted process's own folder when a test names them.

The instructor's files always win, nothing that Python could import is copied, and once a student's file is there
the process refuses to unpickle classes: reading a pickle runs what it says.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from graders.engine.trusted_session import Session
from graders.engine.trusted_written import COPIES_LIST, WrittenFiles

_NAME = re.compile(r"[\w\- ./()+,]{1,150}\.[A-Za-z0-9]{1,8}")
_IMPORTABLE = frozenset((".py", ".pyc", ".pyo", ".pyd", ".so", ".pth", ".pyw", ".egg", ".zip", ".whl"))
_FILES_MAX = 50
_BYTES_MAX = 64 * 2**20


class PickleRefusedError(TypeError):
    """A test unpickles although a student's file lies in its folder."""


class StudentFiles:
    """Copies of one notebook. ``written`` knows which files are the instructor's and which a test wrote."""

    def __init__(self, session: Session, folder: str, written: WrittenFiles) -> None:
        self._session = session
        self._folder = Path(folder)
        self._written = written
        self._names: list[str] = []
        self._copied: set[str] = set()
        self._bytes = 0

    def fetch(self, nodes: list[ast.AST]) -> None:
        """Copy the files that this test names, and let the student's side report the ones that change under it."""
        self._names = sorted(set(self._candidates(nodes)))[:_FILES_MAX]
        if not self._names:
            return
        answers = self._session.ask("files", "files", [self._names])
        contents = answers if type(answers) is list and len(answers) == len(self._names) else [None] * len(self._names)
        for name, data in zip(self._names, contents, strict=True):
            if self._may_take(name):
                self._settle(name, data)

    def watched(self) -> list[str]:
        """Paths to report after each call: files by name; folders that the test made, with a slash at the end."""
        return list(dict.fromkeys([*self._names, *self._written.shared()]))[:_FILES_MAX]

    def take(self, seen: dict[str, Any]) -> None:
        """Settle files that student code changed under this test: path -> bytes, or None if it is gone."""
        watched = self.watched()
        folders = tuple(path for path in watched if path.endswith("/"))
        for name, data in list(seen.items())[:_FILES_MAX]:
            is_asked = name in watched or (name.startswith(folders) and is_data_path(name))
            if is_asked and self._is_wanted(name) and self._may_take(name, is_change=True):
                self._settle(name, data)

    def _candidates(self, nodes: list[ast.AST]) -> Iterator[str]:
        for node in nodes:
            value = node.value if isinstance(node, ast.Constant) else None
            if isinstance(value, str) and is_data_path(value) and self._is_wanted(value):
                yield value

    def _is_wanted(self, name: str) -> bool:
        return not self._written.is_instructors(name)

    def _may_take(self, name: str, *, is_change: bool = False) -> bool:
        """What a test itself wrote is the student's to change only if it was shared and the reference changes it."""
        if not self._written.is_tests_own(name):
            return True
        if not is_change or not self._written.is_shared(name):
            return False
        if self._session.guard.mutated(f"file {name}"):
            return True
        self._session.flag(
            "file_changed",
            f"테스트가 만든 파일을 바꾸었습니다(예시 답안은 바꾸지 않습니다): {name[:60]}",
            f"It changes a file that the test wrote, which the reference does not: {name[:60]}",
        )
        return False

    def _settle(self, name: str, data: Any) -> None:
        target = self._folder / name
        if type(data) is not bytes or len(data) > _BYTES_MAX:
            if name in self._copied and target.is_file():
                target.unlink()
                self._written.note_copy(name)
            return
        self._bytes += len(data)
        if self._bytes > 4 * _BYTES_MAX:
            return  # a file that changes at each call must not fill the disk's cache of a slot
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        self._written.note_copy(name)
        self._list(name)
        _refuse_pickles.on = True

    def _list(self, name: str) -> None:
        if name not in self._copied:
            self._copied.add(name)
            with open(self._folder / COPIES_LIST, "a", encoding="utf-8") as copies:
                copies.write(f"{name}\n")


def is_data_path(text: str) -> bool:
    """Whether a text of a test may be the relative path of a data file."""
    if not _NAME.fullmatch(text) or text.startswith("/"):
        return False
    path = PurePosixPath(text)
    return ".." not in path.parts and not any(suffix.lower() in _IMPORTABLE for suffix in path.suffixes)


class _RefusePickles:
    """Audit hook; audit hooks cannot be removed, so it is installed in forked processes only."""

    on = False

    def __call__(self, event: str, _args: Iterable[Any]) -> None:
        if self.on and event == "pickle.find_class":
            raise PickleRefusedError("a test does not unpickle files of students: let the student's code load them")


_refuse_pickles = _RefusePickles()


def install_pickle_guard() -> None:
    """Let this process refuse pickled classes from the moment a student's file lies in its folder."""
    sys.addaudithook(_refuse_pickles)
