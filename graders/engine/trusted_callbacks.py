"""What student code may do with an object of the test that was lent to it, beside calling it."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

from graders.engine.handles import is_handle
from graders.engine.trusted_values import may_be_asked


def _attribute(target: Any, name: Any) -> Any:
    if type(name) is not str or name.startswith("_") or not may_be_asked(target):
        raise AttributeError("this attribute of the test cannot be reached")
    return getattr(target, name)


def _set_attribute(target: Any, name: Any, value: Any) -> None:
    if type(name) is not str or name.startswith("_") or not may_be_asked(target):
        raise AttributeError("this attribute of the test cannot be set")
    setattr(target, name, value)


def _shown_by(write: Callable[[Any], str]) -> Callable[[Any], str]:
    """``str`` or ``repr``, but for what would show a bound argument or a method's object."""

    def text(target: Any) -> str:
        is_bound = isinstance(target, functools.partial | types.MethodType | types.BuiltinFunctionType)
        return object.__repr__(target) if is_bound else write(target)

    return text


#: What student code may do with an object of the test, beside calling it.
CALLBACKS: dict[str, Any] = {
    "attr": _attribute,
    "setattr": _set_attribute,
    "list": list,
    "next": next,
    "len": len,
    "bool": bool,
    "str": _shown_by(str),
    "repr": _shown_by(repr),
    "getitem": lambda target, key: target[key],
    "contains": lambda target, key: key in target,
    "eq": lambda target, other: bool(target == other) and not is_handle(other),
    "enter": lambda target: target.__enter__(),
    "exit": lambda target: target.__exit__(None, None, None),
}
