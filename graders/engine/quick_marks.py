"""A mark of a value by which the same process sees later whether it was changed in place, far cheaper than packing it.

A mark is compared with an earlier mark of the same object only. None: this kind of value has no mark, look closely.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from operator import is_
from typing import Any

import numpy as np
import pandas as pd

Mark = Any
_SCALARS = frozenset({type(None), bool, int, float, complex, str, bytes})
_DEPTH_MAX = 20
_NUMBERS = frozenset("biufc")  # what gives its memory as it is


class _UnmarkableError(Exception):
    """Somewhere inside is a value whose change could not be seen."""


class _Held:
    """Equal only to a mark of the very same objects, which it keeps alive so that no address is used again."""

    __slots__ = ("_objects",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, *objects: Any) -> None:
        self._objects = objects

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Held) or len(self._objects) != len(other._objects):
            return False
        return all(map(is_, self._objects, other._objects))


def mark_of(value: Any) -> Mark | None:
    """Return the mark of ``value``, or None."""
    try:
        return _mark(value, 0)
    except _UnmarkableError:
        return None


def _mark(value: Any, depth: int) -> Mark:
    kind = type(value)
    if kind in _SCALARS:
        return _Held(value)
    marker = _MARKERS.get(kind)
    if marker is None or depth > _DEPTH_MAX:
        raise _UnmarkableError
    return marker(value, depth + 1)


def _items(values: Iterable[Any], depth: int) -> Mark:
    """Which objects they are, and what is inside those that can change."""
    held = tuple(values)
    return (_Held(*held), [_mark(value, depth) for value in held if type(value) not in _SCALARS])


def _mapping(values: dict[Any, Any], depth: int) -> Mark:
    return (_items(values, depth), _items(values.values(), depth))


def _array(value: np.ndarray[Any, Any], _depth: int) -> Mark:
    if value.dtype.hasobject:
        raise _UnmarkableError
    return (value.dtype, value.shape, value.strides, value.flags.writeable, _checksum(value))


def _checksum(value: np.ndarray[Any, Any]) -> int:
    if value.flags.c_contiguous and value.dtype.kind in _NUMBERS:
        return zlib.crc32(value.data)
    data = np.ascontiguousarray(value.T if value.flags.f_contiguous else value).reshape(-1)
    return zlib.crc32(data.view(np.uint8).data) if data.nbytes else 0


def _series(value: pd.Series, depth: int) -> Mark:
    return (_labels(value.index), _mark(value.name, depth), _column(value, depth))


def _frame(value: pd.DataFrame, depth: int) -> Mark:
    kinds = set(value.dtypes)
    if len(kinds) == 1 and isinstance(min(kinds, default=None), np.dtype):
        columns = [_array(value.to_numpy(copy=False), depth)]  # one view of everything
    else:
        columns = [_column(value.iloc[:, place], depth) for place in range(value.shape[1])]
    return (_labels(value.index), _labels(value.columns), *columns)


def _labels(index: pd.Index) -> Mark:
    """Labels never change, their names do."""
    return (_Held(index), tuple(index.names))


def _column(value: pd.Series, depth: int) -> Mark:
    if not isinstance(value.dtype, np.dtype):
        raise _UnmarkableError
    return _array(value.to_numpy(copy=False), depth)


_MARKERS: dict[type, Callable[[Any, int], Mark]] = {
    list: _items,
    tuple: _items,
    dict: _mapping,
    np.ndarray: _array,
    pd.Series: _series,
    pd.DataFrame: _frame,
}
