"""``eval``, ``exec`` and ``compile`` of a test: they run the instructor's text, never what the student's side sent.

A text is the instructor's if a given or test cell or a file of theirs holds it, or if nothing that could be text has
come from the student's side yet. All else cannot cross: such a test runs beside the student's code or not at all.
"""

from __future__ import annotations

import ast
import builtins
import os
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from graders.engine.trusted_model import TrustedNotebook
from graders.engine.trusted_shell import CannotCrossError

_EVAL, _EXEC, _COMPILE = builtins.eval, builtins.exec, builtins.compile
#: Cells of the notebook are compiled under such names.
_CELL_FILES = ("<test ", "<given ")
#: Libraries that evaluate the text they are given; the others evaluate their own.
_EVALUATING = ("sympy.parsing", "sympy.core.sympify")
_FILE_BYTES = 2**20


class InstructorsText:
    """What may be run in one notebook's trusted process."""

    def __init__(self, notebook: TrustedNotebook) -> None:
        self._folder = notebook.folder
        self._sources = [cell.source for cell in notebook.cells if cell.role != "solution"]
        self._is_read = False

    def holds(self, text: str) -> bool:
        """Whether the instructor wrote this text; the reference's own is what a student sends."""
        wanted = text.strip()
        return any(wanted in source for source in self._all_sources())

    def _all_sources(self) -> list[str]:
        if not self._is_read:
            self._is_read = True
            self._sources += _texts_below(Path(self._folder))
        return self._sources

    def is_asked_by_a_test(self, frame: types.FrameType) -> bool:
        """Whether a cell, a helper file or an evaluating library asks; other libraries run what they made."""
        name, file = str(frame.f_globals.get("__name__", "")), frame.f_code.co_filename
        return file.startswith((*_CELL_FILES, f"{self._folder}{os.sep}")) or name.startswith(_EVALUATING)


@contextmanager
def guarded(instructors: InstructorsText, has_heard_text: Callable[[], bool]) -> Iterator[None]:
    """While a test runs let the three refuse what may be the student's text; ``has_heard_text``: whether any came."""

    def check(source: Any, frame: types.FrameType) -> None:
        if isinstance(source, types.CodeType) or not instructors.is_asked_by_a_test(frame) or not has_heard_text():
            return
        text = (
            bytes(source).decode("utf-8", "replace") if isinstance(source, bytes | bytearray | memoryview) else source
        )
        if isinstance(text, ast.AST) or not instructors.holds(str(text)):
            raise CannotCrossError("a test does not run text that may come from the student's side")

    def evaluate(source: Any, globals: Any = None, locals: Any = None, /) -> Any:  # noqa: A002 - Python's own names
        frame = sys._getframe(1)
        check(source, frame)
        return _EVAL(source, *_scopes(frame, globals, locals))

    def execute(source: Any, globals: Any = None, locals: Any = None, /, **closure: Any) -> None:  # noqa: A002
        frame = sys._getframe(1)
        check(source, frame)
        _EXEC(source, *_scopes(frame, globals, locals), **closure)

    def compile_text(source: Any, *args: Any, **kwargs: Any) -> Any:
        check(source, sys._getframe(1))
        return _COMPILE(source, *args, **kwargs)

    builtins.eval, builtins.exec, builtins.compile = evaluate, execute, compile_text
    try:
        yield
    finally:
        builtins.eval, builtins.exec, builtins.compile = _EVAL, _EXEC, _COMPILE


def _scopes(frame: types.FrameType, globals_: Any, locals_: Any) -> tuple[Any, Any]:
    """The scopes that Python would take from the caller."""
    if globals_ is None:
        return frame.f_globals, frame.f_locals if locals_ is None else locals_
    return globals_, globals_ if locals_ is None else locals_


def _texts_below(folder: Path) -> list[str]:
    """Text of the instructor's helper files; a copy of a student's file is named in no listing of theirs."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= _FILE_BYTES:
            found.append(path.read_text(encoding="utf-8", errors="replace"))
    return found
