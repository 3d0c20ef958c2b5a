"""JSON from strangers: bounded, without duplicate keys, numbers that are none, or half characters."""

from __future__ import annotations

import json
import math
from typing import Any

JsonValue = Any


class StrictJsonError(ValueError):
    """The text is refused; ``code`` is the intake's reason and ``detail`` what was found."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code
        self.detail = detail


def parse_strict_json(data: bytes, *, max_depth: int, max_nodes: int) -> JsonValue:
    """Parse JSON as strictly as its standard asks, with bounds on depth and number of values."""
    text = _decoded(data)
    # Counted before anything is built: five megabytes of "[],[]," would become some hundred megabytes of lists.
    if text.count("[") + text.count("{") > max_nodes:
        raise StrictJsonError("too_deep")
    try:
        value = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite, parse_int=_integer
        )
    except RecursionError:
        raise StrictJsonError("too_deep") from None
    except json.JSONDecodeError as error:
        raise StrictJsonError("not_json", f"line {error.lineno}") from None
    _check_tree(value, max_depth)
    return value


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise StrictJsonError("not_utf8") from None


def _unique(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        raise StrictJsonError("duplicate_key", next(repr(name)[:40] for name in names if names.count(name) > 1))
    return made


def _refuse_constant(name: str) -> float:
    raise StrictJsonError("not_finite", name)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise StrictJsonError("not_finite", text[:20])
    return number


def _integer(text: str) -> int:
    if len(text) > 400:  # Python refuses to print integers of thousands of digits; no notebook has one
        raise StrictJsonError("not_finite", text[:20])
    return int(text)


def _check_tree(root: JsonValue, max_depth: int) -> None:
    """Walk without recursion: depth is bounded and every string is made of whole characters."""
    stack = [(root, 1)]
    while stack:
        value, depth = stack.pop()
        if isinstance(value, str):
            _check_characters(value)
            continue
        if not isinstance(value, list | dict):
            continue
        if depth > max_depth:
            raise StrictJsonError("too_deep")
        children = value if isinstance(value, list) else [*value, *value.values()]
        stack.extend((child, depth + 1) for child in children)


def _check_characters(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise StrictJsonError("surrogate") from None
