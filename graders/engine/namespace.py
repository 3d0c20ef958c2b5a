"""The globals of test cells: a dict that asks the student's process for the names that tests may take from it.

CPython's look-up of globals honours ``__missing__`` in a dict subclass; names that came from the student's side
are kept only until student code runs again.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from typing import Any

from graders.engine.handles import is_handle
from graders.engine.namespace_plan import Plan

_IMMUTABLE = (type(None), bool, int, float, complex, str, bytes)
_MISSING = object()


class Namespace(dict[str, Any]):
    """``run_given(name)`` runs the instructor's own statement; ``ask(do, name)`` asks the student's side."""

    def __init__(
        self, run_given: Callable[[str], bool], ask: Callable[..., Any], builtin_names: dict[str, Any]
    ) -> None:
        super().__init__(builtin_names)
        self.fixed = set(builtin_names)
        self.plan = Plan()
        self.own: set[str] = set()  # bound by test cells
        self.given: set[str] = set()  # bound by the instructor's imports and functions
        self.deleted: list[str] = []
        self.gone: set[str] = set()
        self.beside: set[str] = set()  # bound by test cells beside the student's code: no evidence here
        self._cache: dict[str, Any] = {}
        self._run_given = run_given
        self._ask = ask

    # ---- the order of names

    def __missing__(self, name: str) -> Any:
        if name in self.gone or type(name) is not str:
            raise KeyError(name)
        if name in self._cache:
            return self._cache[name]
        source = self.plan.source_of(name)
        if source == "test" and name in self.beside:
            raise KeyError(name)
        if source in ("given", "library") and self._run_given(name):
            return dict.__getitem__(self, name)
        if source is None and hasattr(builtins, name):
            raise KeyError(name)  # Python then looks among the trusted side's builtins
        return self._from_student(name)

    def _from_student(self, name: str) -> Any:
        try:
            value = self._ask("get", name)
        except NameError:
            raise KeyError(name) from None
        self._cache[name] = value
        return value

    def code_ran(self, stale: list[str]) -> None:
        """Forget what student code may have changed: data always, immutable values and handles if it says so."""
        names = set(stale)
        self._cache = {
            name: value
            for name, value in self._cache.items()
            if name not in names and (isinstance(value, _IMMUTABLE) or is_handle(value))
        }

    def start_cell(self, plan: Plan) -> None:
        """Drop names that a test bound and that the instructor's source binds again before this cell."""
        self.plan = plan
        self._cache.clear()
        self.gone.clear()
        for name in [n for n in self.own if plan.source_of(n) not in (None, "test")]:
            dict.pop(self, name, None)
            self.own.discard(name)
        for name in [n for n in self.given if plan.source_of(n) not in ("given", "library")]:
            dict.pop(self, name, None)
            self.given.discard(name)

    def bind_given(self, name: str, value: Any) -> None:
        """Bind one of the instructor's own imports or functions."""
        dict.__setitem__(self, name, value)
        self.given.add(name)

    def adopt(self) -> None:
        """Notice names that ``global`` statements bound past ``__setitem__``."""
        for name in dict.keys(self) - self.own - self.given - self.fixed:
            self.own.add(name)
            self.gone.discard(name)

    # ---- what test code does with its globals

    def __setitem__(self, name: str, value: Any) -> None:
        dict.__setitem__(self, name, value)
        if name not in self.fixed:
            self.own.add(name)
            self.given.discard(name)
            self.gone.discard(name)
            self._cache.pop(name, None)

    def __delitem__(self, name: str) -> None:
        if not dict.__contains__(self, name) and name not in self:
            raise KeyError(name)
        dict.pop(self, name, None)
        self._cache.pop(name, None)
        self.own.discard(name)
        self.given.discard(name)
        self.gone.add(name)
        self.deleted.append(name)

    def __contains__(self, name: object) -> bool:
        if dict.__contains__(self, name):
            return True
        try:
            self.__missing__(name)  # type: ignore[arg-type]
        except KeyError:
            return False
        return True

    def get(self, name: str, default: Any = None) -> Any:
        """As ``dict.get``, of all names."""
        try:
            return self[name]
        except KeyError:
            return default

    def pop(self, name: str, default: Any = _MISSING) -> Any:
        """As ``dict.pop``, of all names."""
        if name not in self:
            if default is _MISSING:
                raise KeyError(name)
            return default
        value = self[name]
        del self[name]
        return value

    def setdefault(self, name: str, default: Any = None) -> Any:
        """As ``dict.setdefault``, of all names."""
        if name not in self:
            self[name] = default
        return self[name]

    def update(self, *args: Any, **kwargs: Any) -> None:
        """As ``dict.update``, noticed name by name."""
        for name, value in dict(*args, **kwargs).items():
            self[name] = value

    def keys(self) -> Any:
        """All names: the student's and the test's own."""
        student = {name for name in self._ask("names", "") if type(name) is str} - self.gone
        return dict.fromkeys([*student, *(n for n in dict.keys(self) if not n.startswith("__axc_"))]).keys()

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def items(self) -> Any:
        """Pairs of all names."""
        return [(name, self[name]) for name in self.keys()]

    def values(self) -> Any:
        """Values of all names."""
        return [self[name] for name in self.keys()]
