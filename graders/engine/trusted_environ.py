"""Variables of ``os.environ`` that a test sets or removes, and those of the student's that a test names.

What this process had when the notebook began (the hidden seed among it) is never told, and never changed from the
student's side.
"""

from __future__ import annotations

import ast
import os
import re
from typing import Any

from graders.contract import HIDDEN_SEED_VARIABLE
from graders.engine.profile import Guard

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}")
_READERS = frozenset(("environ", "getenv", "environb"))
_NAMES_MAX = 50
_LENGTH_MAX = 32_768


class Environ:
    """The two-way view of one notebook's variables."""

    def __init__(self) -> None:
        self._baseline = {name: value for name, value in os.environ.items() if name != HIDDEN_SEED_VARIABLE}
        self._from_student: dict[str, str] = {}
        self._sent: dict[str, Any] = _state({}, is_cleared=False)
        self._last_seen: dict[Any, Any] = {}
        self.names: list[str] = []

    def start_cell(self, nodes: list[ast.AST]) -> None:
        """Learn which variables this cell may ask for."""
        words = {getattr(node, "attr", None) or getattr(node, "id", None) for node in nodes}
        constants = {node.value for node in nodes if isinstance(node, ast.Constant)} if words & _READERS else set()
        wanted = {text for text in constants if isinstance(text, str) and _NAME.fullmatch(text)}
        self.names = sorted(wanted - set(self._baseline) - {HIDDEN_SEED_VARIABLE})[:_NAMES_MAX]

    def take(self, seen: dict[str, Any], guard: Guard) -> None:
        """Set what the student's side reports of the names that this cell asks for.

        What a test itself set is the student's to change only where the reference does that too.
        """
        for name in self.names:
            value = seen.get(name, self)
            if value is self or not self._may_take(name, value, guard):
                continue
            if type(value) is str and len(value) <= _LENGTH_MAX and "\0" not in value:
                self._from_student[name] = os.environ[name] = value
            elif value is None and self._from_student.pop(name, None) is not None:
                os.environ.pop(name, None)

    def _may_take(self, name: str, value: Any, guard: Guard) -> bool:
        now = os.environ.get(name)
        if now is None or now == self._from_student.get(name):
            return True
        return value != now and guard.mutated(f"variable {name}")

    def change(self) -> dict[str, Any] | None:
        """All that tests changed, if that is something else than at the last request."""
        raw = _raw_environment()
        if raw == self._last_seen:
            return None
        self._last_seen = dict(raw)
        state = self._changed()
        if state == self._sent:
            return None
        self._sent = state
        return state

    def _changed(self) -> dict[str, Any]:
        now = dict(os.environ)
        known = self._baseline | self._from_student
        changed: dict[str, str | None] = {name: value for name, value in now.items() if known.get(name) != value}
        changed.pop(HIDDEN_SEED_VARIABLE, None)
        gone = [name for name in known if name not in now]
        if gone and not any(name in now for name in self._baseline):
            return _state(changed, is_cleared=True)
        return _state(changed | dict.fromkeys(gone), is_cleared=False)


def _raw_environment() -> dict[Any, Any]:
    """The dict behind ``os.environ``: to compare it takes microseconds, to decode every variable hundreds of them."""
    return getattr(os.environ, "_data", None) or dict(os.environ)


def _state(changed: dict[str, str | None], *, is_cleared: bool) -> dict[str, Any]:
    return {"set": changed, "cleared": is_cleared}
