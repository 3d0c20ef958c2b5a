"""Columns of pandas that are typed by Arrow (``int64[pyarrow]``), and sparse ones: checked buffers, never Arrow's IPC.

Arrow's own reader of streams is not made for hostile bytes. Here every buffer's size is checked against length and
type before Arrow looks at it, and text is validated afterwards.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from graders.engine.codecs_numpy import make_array, pack_dtype, unpack_dtype
from graders.engine.values import NoCodecError, Node, Packer, Unpacker
from graders.engine.wire import GarbledError

_UNITS = ("s", "ms", "us", "ns")
_FIXED: dict[str, pa.DataType] = {
    str(kind): kind
    for kind in (
        *(pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()),
        *(pa.float32(), pa.float64(), pa.bool_(), pa.date32(), pa.date64(), pa.time32("s"), pa.time32("ms")),
        *(pa.time64("us"), pa.time64("ns"), *map(pa.timestamp, _UNITS), *map(pa.duration, _UNITS)),
    )
}
#: Bytes of one offset of the types of variable length.
_VARIABLE = {"string": (pa.string(), 4), "large_string": (pa.large_string(), 8), "binary": (pa.binary(), 4)}
_MAX_ROWS = 2**31


def pack_arrow(values: Any, packer: Packer) -> Node:
    """Encode the column behind an ``ArrowDtype``: type, length, and its two or three buffers from offset 0."""
    chunks = values.__arrow_array__()
    flat = chunks.combine_chunks() if isinstance(chunks, pa.ChunkedArray) else chunks
    if isinstance(flat, pa.ChunkedArray):  # some versions leave one chunk in its chunks
        flat = flat.chunk(0) if flat.num_chunks else pa.array([], flat.type)
    name, zone = str(flat.type), getattr(flat.type, "tz", None)
    if zone is not None:
        raise NoCodecError(name)
    if name not in _FIXED and name not in _VARIABLE:
        raise NoCodecError(name)
    flat = pa.concat_arrays([flat, pa.array([], flat.type)])
    return ["ar", name, len(flat), [None if part is None else packer.blob(memoryview(part)) for part in flat.buffers()]]


def unpack_arrow(node: list[Any], unpacker: Unpacker) -> Any:
    """Decode such a column."""
    _, name, length, indexes = node
    if not 0 <= unpacker.integer(length) < _MAX_ROWS:
        raise GarbledError("not a number of rows")
    parts = [None if index is None else unpacker.blob(index) for index in indexes]
    kind = _FIXED.get(name) or _VARIABLE[unpacker.text(name)][0]
    _check_sizes(unpacker.text(name), length, parts)
    buffers = [None if part is None else pa.py_buffer(part) for part in parts]
    array = pa.Array.from_buffers(kind, length, buffers)
    array.validate(full=True)
    return pd.arrays.ArrowExtensionArray(array)


def _check_sizes(name: str, length: int, parts: list[memoryview | None]) -> None:
    if len(parts) != (2 if name in _FIXED else 3):
        raise GarbledError("not the buffers of this type")
    validity, *others = parts
    if validity is not None and 8 * len(validity) < length:
        raise GarbledError("a column is too short")
    if length and (others[0] is None or len(others[0]) < _needed_bytes(name, length)):
        raise GarbledError("a column is too short")
    if others[0] is None or (name in _VARIABLE and others[1] is None):
        raise GarbledError("a column without contents")


def _needed_bytes(name: str, length: int) -> int:
    """Size of the first buffer after validity: values, or the offsets of values of variable length."""
    if name in _FIXED:
        return -(-length * int(_FIXED[name].bit_width) // 8)
    return _VARIABLE[name][1] * (length + 1)


def pack_sparse(values: Any, packer: Packer) -> Node:
    """Encode a sparse column: length, what fills the gaps, and the places and values of the rest."""
    dense = np.ascontiguousarray(values.sp_values)
    places = np.ascontiguousarray(values.sp_index.indices, "<i4")
    if dense.dtype.hasobject:
        raise NoCodecError("a sparse column of objects")
    contents = [packer.blob(part.view(np.uint8).data if part.size else b"") for part in (dense, places)]
    return ["sp", pack_dtype(dense.dtype), len(values), len(dense), packer.pack(values.fill_value), *contents]


def unpack_sparse(node: list[Any], unpacker: Unpacker) -> Any:
    """Decode such a column."""
    _, kind, length, count, fill, dense, places = node
    if not 0 <= unpacker.integer(count) <= unpacker.integer(length) < _MAX_ROWS:
        raise GarbledError("not a number of rows")
    values = make_array(unpack_dtype(kind), (count,), "C", unpacker.blob(dense))
    where = make_array(np.dtype("<i4"), (count,), "C", unpacker.blob(places))
    if np.any(np.diff(where) <= 0) or (count and not 0 <= where[0] <= where[-1] < length):
        raise GarbledError("not places in order")
    (filler,) = unpacker.plain([fill])
    array: Any = pd.arrays.SparseArray  # pandas' public ways to put one together differ between its versions
    index = type(array(np.zeros(0)).sp_index)(length, where.copy())
    return array._simple_new(values.copy(), index, pd.SparseDtype(values.dtype, filler))
