"""Exceptions that come from the student's side: allow-listed ``Exception`` classes by name, never ``BaseException``."""

from __future__ import annotations

import builtins
import sys
from typing import Any

#: Libraries whose own exception classes may be raised in a test, if the trusted process has them imported.
LIBRARIES = frozenset(
    [
        "numpy",
        "pandas",
        "scipy",
        "sklearn",
        "json",
        "decimal",
        "zipfile",
        "csv",
        "sqlite3",
        "urllib",
        "socket",
        "subprocess",
        "struct",
        "statistics",
        "asyncio",
        "concurrent",
        "queue",
        "copy",
        "pickle",
        "configparser",
        "zoneinfo",
        "matplotlib",
        "networkx",
        "sympy",
        "torch",
    ]
)

_BUILTIN = {
    f"builtins.{name}": kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, ExceptionGroup)
}
_TEXT_MAX = 2000


def find_exception_class(names: Any) -> type[Exception]:
    """The first class of a claimed MRO that a test may see; ``RuntimeError`` if there is none."""
    for name in names if type(names) is list else ():
        kind = _find(name) if type(name) is str else None
        if kind is not None:
            return kind
    return RuntimeError


def _find(name: str) -> type[Exception] | None:
    if name in _BUILTIN:
        return _BUILTIN[name] if name != "builtins.Exception" else Exception
    module, _, qualname = name.rpartition(".")
    if module.split(".")[0] not in LIBRARIES or module not in sys.modules:
        return None
    kind = vars(sys.modules[module]).get(qualname)
    return kind if isinstance(kind, type) and issubclass(kind, Exception) else None


class StandIns:
    """Exception classes that the student defined, as classes of the trusted side with an allow-listed base."""

    def __init__(self) -> None:
        self._classes: dict[int, type[Exception]] = {}
        self._oids: dict[type, int] = {}

    def class_for(self, oid: int, names: list[Any]) -> type[Exception]:
        """The stand-in for the student's class ``oid``, made once."""
        if oid not in self._classes:
            base = find_exception_class(names[1:])
            full = names[0] if names and type(names[0]) is str else "StudentError"
            name = full.rpartition(".")[2][:100] or "StudentError"
            made = type(name, (base,), {"__module__": "__main__", "__init__": _init, "__str__": _text_of})
            self._classes[oid], self._oids[made] = made, oid
        return self._classes[oid]

    def oid_of(self, value: Any) -> int | None:
        """The student side's id of a stand-in class, else None."""
        return self._oids.get(value) if isinstance(value, type) and type(value) is type else None

    def make(self, facts: dict[str, Any]) -> Exception:
        """The exception that a test sees for what student code raised."""
        names, oid = facts.get("classes"), facts.get("class")
        kind = find_exception_class(names)
        if type(oid) is int and oid < 0 and type(names) is list:
            kind = self.class_for(oid, names)
        text = facts.get("text")
        return _instance(kind, _plain_args(facts.get("args")), text[:_TEXT_MAX] if type(text) is str else "")


def _init(self: Exception, *args: Any) -> None:
    Exception.__init__(self, *args)


def _text_of(self: Exception) -> str:
    return str(self.args[0]) if len(self.args) == 1 else str(self.args or "")


def _plain_args(args: Any) -> list[Any]:
    if type(args) is not list or any(type(arg) not in (str, int, float, bool, type(None)) for arg in args):
        return []
    return [arg[:_TEXT_MAX] if type(arg) is str else arg for arg in args[:5]]


def _instance(kind: type[Exception], args: list[Any], text: str) -> Exception:
    try:
        return kind(*args)
    except Exception:  # noqa: BLE001  # a library's exception may want other arguments
        made = kind.__new__(kind)
        made.args = (text,)
        return made
