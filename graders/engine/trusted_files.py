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

_NAME = re.compile(r"[\w\- ./()+,]{1,150}\.[A-Za-z0-9]{1,8}")
_IMPORTABLE = frozenset((".py", ".pyc", ".pyo", ".pyd", ".so", ".pth", ".pyw", ".egg", ".zip", ".whl"))
_FILES_MAX = 50
_LIST = ".axcampus-copies"  # names of the copies, in the folder itself
_BYTES_MAX = 64 * 2**20


class PickleRefusedError(TypeError):
    """A test unpickles although a student's file lies in its folder."""


class StudentFiles:
    """Copies of one notebook."""

    def __init__(self, session: Session, folder: str) -> None:
        self._session = session
        self._folder = Path(folder)
        self._copied: set[str] = set()
        self._remove_leftovers()

    def _remove_leftovers(self) -> None:
        """Copies of an earlier process in this folder are not the instructor's files."""
        left = self._folder / _LIST
        if left.exists():
            for name in left.read_text(encoding="utf-8").splitlines():
                (self._folder / name).unlink(missing_ok=True)
            left.unlink()

    def fetch(self, nodes: list[ast.AST]) -> None:
        """Copy the files that this test names; a copy whose original is gone is removed."""
        names = sorted(set(self._candidates(nodes)))[:_FILES_MAX]
        if not names:
            return
        answers = self._session.ask("files", "files", [names])
        contents = answers if type(answers) is list and len(answers) == len(names) else [None] * len(names)
        for name, data in zip(names, contents, strict=True):
            self._settle(name, data)

    def _candidates(self, nodes: list[ast.AST]) -> Iterator[str]:
        for node in nodes:
            value = node.value if isinstance(node, ast.Constant) else None
            if isinstance(value, str) and is_data_path(value) and self._is_wanted(value):
                yield value

    def _is_wanted(self, name: str) -> bool:
        return name in self._copied or not (self._folder / name).exists()

    def _settle(self, name: str, data: Any) -> None:
        target = self._folder / name
        if type(data) is not bytes or len(data) > _BYTES_MAX:
            if name in self._copied:
                target.unlink(missing_ok=True)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        if name not in self._copied:
            self._copied.add(name)
            with open(self._folder / _LIST, "a", encoding="utf-8") as copies:
                copies.write(f"{name}\n")
        _refuse_pickles.on = True


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
