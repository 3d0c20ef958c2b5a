"""``inspect`` for handles: the source of a student's function is text that the student's side sends."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from graders.engine.handles import Bridge, is_handle, state_of

_SOURCE = inspect.getsource
_LINES = inspect.getsourcelines
_DOC = inspect.getdoc


def install_inspect() -> None:
    """Teach this process's ``inspect`` about handles; for everything else it stays what it is."""
    inspect.getsource = _for_handles(_source, _SOURCE)
    inspect.getsourcelines = _for_handles(_source_lines, _LINES)
    inspect.getdoc = _for_handles(_doc, _DOC)


def _for_handles(ask: Callable[[Any], Any], original: Callable[..., Any]) -> Callable[..., Any]:
    def answer(value: Any) -> Any:
        return ask(value) if is_handle(value) else original(value)

    answer.__name__ = original.__name__
    return answer


def _bridge(value: Any) -> Bridge:
    return state_of(value).bridge


def _source(value: Any) -> str:
    text = _bridge(value).ask("src", "source", [value])
    if type(text) is not str:
        raise OSError("could not get source code")
    return text


def _source_lines(value: Any) -> tuple[list[str], int]:
    return _source(value).splitlines(keepends=True), 1


def _doc(value: Any) -> str | None:
    text = value.__doc__
    return inspect.cleandoc(text) if type(text) is str else None
