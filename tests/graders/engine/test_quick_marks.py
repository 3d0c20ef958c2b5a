"""A mark changes with everything that packing the value would notice, and only with that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from graders.engine.quick_marks import mark_of


def _set(value: Any, key: Any, new: Any) -> None:
    value[key] = new


def _reverse_in_place(value: np.ndarray[Any, Any]) -> None:
    value[:] = value[::-1].copy()


def _frame() -> pd.DataFrame:
    return pd.DataFrame({"a": [1, 2, 3], "b": [0.5, 1.5, 2.5]})


CHANGES: dict[str, tuple[Callable[[], Any], Callable[[Any], None]]] = {
    "an item of a list": (lambda: [1, 2, 3], lambda v: _set(v, 1, 7)),
    "a number's type": (lambda: [1, 2], lambda v: _set(v, 0, True)),
    "one more item": (lambda: [1.0], lambda v: v.append(1.0)),
    "an item within an item": (lambda: {"k": [[1]]}, lambda v: v["k"][0].append(2)),
    "a key": (lambda: {"k": 1}, lambda v: v.update(m=v.pop("k"))),
    "the order of keys": (lambda: {"k": 1, "m": 1}, lambda v: v.update(k=v.pop("k"))),
    "an equal list in another's place": (lambda: [[1]], lambda v: _set(v, 0, [1])),
    "an element": (lambda: np.arange(4.0), lambda v: _set(v, 2, 9.0)),
    "the order of elements": (lambda: np.arange(4), _reverse_in_place),
    "an element of a view": (lambda: np.arange(12).reshape(3, 4)[:, ::2], lambda v: _set(v, (1, 1), 0)),
    "an element in Fortran's order": (lambda: np.asfortranarray(np.ones((3, 2))), lambda v: _set(v, (2, 1), 0)),
    "the shape": (lambda: np.arange(4), lambda v: v.resize((2, 2), refcheck=False)),
    "that nobody may write": (lambda: np.arange(4), lambda v: v.setflags(write=False)),
    "a cell of a frame": (_frame, lambda v: v.isetitem(0, [1, 2, 4])),
    "a cell of a frame of one kind": (lambda: pd.DataFrame({"a": [1.0], "b": [2.0]}), lambda v: _set(v, "b", 3.0)),
    "a large whole number": (lambda: pd.DataFrame({"a": [2**53], "b": [0.5]}), lambda v: _set(v, "a", 2**53 + 1)),
    "a column": (_frame, lambda v: _set(v, "c", 1)),
    "the name of a column": (_frame, lambda v: setattr(v, "columns", ["z", "b"])),
    "a row": (_frame, lambda v: _set(v.loc, 3, [4, 3.5])),
    "the name of the index": (_frame, lambda v: setattr(v.index, "name", "n")),
    "a value of a series": (lambda: pd.Series([1, 2]), lambda v: _set(v, 0, 5)),
    "the name of a series": (lambda: pd.Series([1, 2]), lambda v: setattr(v, "name", "n")),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_in_place_changes_the_mark_and_nothing_else_does(what: str) -> None:
    make, change = CHANGES[what]
    value = make()
    before = mark_of(value)
    assert before is not None
    assert mark_of(value) == before
    change(value)
    assert mark_of(value) != before


@pytest.mark.parametrize(
    "value",
    [object(), [object()], {1, 2}, np.array([{}], dtype=object), pd.Series(["a"]), pd.Series(["a"], dtype=object)],
    ids=["an object", "a list of one", "a set", "an array of objects", "texts", "a series of objects"],
)
def test_what_cannot_be_seen_through_has_no_mark(value: Any) -> None:
    assert mark_of(value) is None


def test_a_list_that_holds_itself_has_no_mark() -> None:
    value: list[Any] = []
    value.append(value)
    assert mark_of(value) is None


def test_numbers_that_are_none_are_still_themselves() -> None:
    value = [float("nan"), np.nan]
    assert mark_of(value) == mark_of(value)
