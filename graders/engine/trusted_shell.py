"""What a test cell finds beside Python: ``get_ipython`` for magics and commands, ``display``, questions about types."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import sys
import time
from collections.abc import Callable
from typing import Any

import matplotlib.axes
import matplotlib.figure

from graders.engine.handles import CallableHandle, is_handle
from graders.engine.rewrite import ISINSTANCE, ISSUBCLASS, MODULE, TYPE, is_remote_module
from graders.engine.trusted_session import Session

#: Line magics that may run in the student's shell; the text of a test never goes there.
_STUDENT_LINE_MAGICS = frozenset(
    [
        "config",
        "load_ext",
        "reload_ext",
        "autoreload",
        "precision",
        "cd",
        "pwd",
        "ls",
        "cat",
        "mkdir",
        "env",
    ]
)
_STUDENT_CELL_MAGICS = frozenset(["writefile", "bash", "sh", "html", "javascript", "latex", "markdown", "svg", "file"])


#: Imported here so that tests can name their classes without pyplot, which is the student side's.
FIGURE_CLASSES = (matplotlib.figure.Figure, matplotlib.axes.Axes)


class CannotCrossError(TypeError):
    """A test needs something that the bridge cannot carry; the text says what to write instead."""


class ShellStandIn:
    """``get_ipython()`` of a test: commands and display magics run on the student's side, Python stays here."""

    def __init__(self, session: Session, run_python: Callable[[str], None]) -> None:
        self._session = session
        self._run_python = run_python
        self.user_ns: Any = {}  # the notebook's names; set by whoever makes them

    def run_line_magic(self, name: str, line: str, *_: Any, **__: Any) -> Any:
        """Run ``%name line``."""
        if name in ("time", "timeit"):
            return self._run_python(line)
        if name == "matplotlib":
            return None  # the student side's figures need no screen
        if name not in _STUDENT_LINE_MAGICS:
            raise CannotCrossError(f"%{name} does not work in a test cell")
        return self._shell("run_line_magic", name, line)

    def run_cell_magic(self, name: str, line: str, cell: str) -> Any:
        """Run ``%%name line`` over ``cell``."""
        if name in ("time", "timeit", "prun"):
            return self._run_python(cell)
        if name == "capture":
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                return self._run_python(cell)
        if name not in _STUDENT_CELL_MAGICS:
            raise CannotCrossError(f"%%{name} does not work in a test cell")
        return self._shell("run_cell_magic", name, line, cell)

    def system(self, command: str) -> Any:
        """Run ``!command`` in the student's sandbox."""
        return self._shell("system", command)

    def getoutput(self, command: str, *_: Any, **__: Any) -> Any:
        """Run ``x = !command`` in the student's sandbox."""
        return self._session.ask("op", "shell", [self._shell("getoutput", command)], op="list")

    def _shell(self, name: str, *args: Any) -> Any:
        return self._session.ask("shell", "shell", list(args), name=name)


class TypeQuestions:
    """``type``, ``isinstance`` and ``issubclass`` for handles; for everything else Python's own."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def type_of(self, value: Any) -> Any:
        """``type(value)``; for a handle the student side's class, as a handle unless both sides have it."""
        return self._session.ask("type", "type()", [value]) if is_handle(value) else type(value)

    def is_instance(self, value: Any, kinds: Any) -> bool:
        """``isinstance(value, kinds)``; an object of the student's side is asked about its real class only."""
        return any(self._is_one(value, kind) for kind in _flat(kinds))

    def _is_one(self, value: Any, kind: Any) -> bool:
        if not is_handle(value) and not is_handle(kind):
            return isinstance(value, kind)
        if not is_handle(value):
            return False  # plain data is no instance of a student's class
        return self._session.ask("isinst", "isinstance()", [value, kind]) is True

    def is_subclass(self, value: Any, kinds: Any) -> bool:
        """``issubclass(value, kinds)``."""
        return any(self._is_sub(value, kind) for kind in _flat(kinds))

    def _is_sub(self, value: Any, kind: Any) -> bool:
        if not is_handle(value) and not is_handle(kind):
            return issubclass(value, kind)
        return self._session.ask("issub", "issubclass()", [value, kind]) is True


def _flat(kinds: Any) -> list[Any]:
    if type(kinds) is tuple:
        return [kind for inner in kinds for kind in _flat(inner)]
    return list(getattr(kinds, "__args__", ())) or [kinds] if not is_handle(kinds) else [kinds]


class Modules:
    """Imports of a test: the trusted side's libraries; pyplot and what the student wrote stay on the student's side."""

    def __init__(self, session: Session, *, local_modules_in_student: bool, local: frozenset[str]) -> None:
        self._session = session
        self._local_in_student = local_modules_in_student
        self._local = local

    def find(self, name: str, attribute: str | None) -> Any:
        """The module ``name`` (attribute None), its top package ("") or one attribute; ``!``: the student's."""
        if name.startswith("!") or self.is_remote(name) or self.is_remote(f"{name}.{attribute}"):
            return self._remote(name.lstrip("!"), attribute)
        module = importlib.import_module(name)
        if attribute is None:
            return module
        return sys.modules[name.partition(".")[0]] if attribute == "" else _attribute(module, attribute)

    def is_remote(self, name: str) -> bool:
        """Whether a module lives on the student's side."""
        top = name.partition(".")[0]
        if is_remote_module(name) or (self._local_in_student and top in self._local):
            return True
        return top not in sys.modules and importlib.util.find_spec(top) is None

    def _remote(self, name: str, attribute: str | None) -> Any:
        if attribute:
            try:
                return self._session.ask("import", name, [], name=f"{name}.{attribute}")
            except ImportError:
                module = self._session.ask("import", name, [], name=name)
                return getattr(module, attribute)
        top = name if attribute is None else name.partition(".")[0]
        return self._session.ask("import", top, [], name=top)


def _attribute(module: Any, name: str) -> Any:
    try:
        return getattr(module, name)
    except AttributeError:
        pass
    try:
        return importlib.import_module(f"{module.__name__}.{name}")
    except ModuleNotFoundError:
        raise ImportError(f"cannot import name {name!r} from {module.__name__!r}") from None


def display(*_values: Any, **_: Any) -> None:
    """``display`` of a test shows nothing: what a test shows is for staff only."""


def make_builtin_names(session: Session, modules: Modules, run_python: Callable[[str], None]) -> dict[str, Any]:
    """Names that every test cell has without binding them."""
    questions = TypeQuestions(session)
    shell = ShellStandIn(session, run_python)
    return {
        "__name__": "__main__",
        "__doc__": None,
        "__axc_clock__": time.monotonic,
        TYPE: questions.type_of,
        ISINSTANCE: questions.is_instance,
        ISSUBCLASS: questions.is_subclass,
        MODULE: modules.find,
        "get_ipython": lambda: shell,
        "display": display,
    }


__all__ = ["CallableHandle", "CannotCrossError", "Modules", "ShellStandIn", "TypeQuestions", "make_builtin_names"]
