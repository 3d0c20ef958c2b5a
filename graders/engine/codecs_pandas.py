"""Codecs of pandas objects: columns as NumPy bytes, text columns as Arrow buffers, never pickle.

Only top-level Series and DataFrames carry object ids: pandas breaks when an array behind an Index is updated in
place, so nothing inside a pandas object has an identity of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from graders.engine.codecs_arrow import pack_arrow, pack_sparse, unpack_arrow, unpack_sparse
from graders.engine.codecs_builtin import register_shared_class
from graders.engine.codecs_numpy import make_array, pack_dtype, unpack_dtype
from graders.engine.values import DECODERS, ENCODERS, NoCodecError, Node, Packer, Unpacker
from graders.engine.wire import GarbledError

_MASKED: dict[str, Any] = {
    str(dtype): dtype
    for dtype in (
        *(pd.Int8Dtype(), pd.Int16Dtype(), pd.Int32Dtype(), pd.Int64Dtype()),
        *(pd.UInt8Dtype(), pd.UInt16Dtype(), pd.UInt32Dtype(), pd.UInt64Dtype()),
        *(pd.Float32Dtype(), pd.Float64Dtype(), pd.BooleanDtype()),
    )
}
_MASKED_NAMES = {type(dtype): name for name, dtype in _MASKED.items()}
_INDEXES = (pd.Index, pd.DatetimeIndex, pd.TimedeltaIndex, pd.CategoricalIndex, pd.PeriodIndex, pd.IntervalIndex)
_CLOSED = ("left", "right", "both", "neither")

for _kind in (pd.DataFrame, pd.Series, pd.RangeIndex, pd.MultiIndex, pd.Timestamp, pd.Timedelta, *_INDEXES):
    register_shared_class(_kind)


# ---- one column


def pack_column(values: Any, packer: Packer) -> Node:
    """Encode the array behind a Series or an Index; ``NoCodecError`` for kinds that we do not carry."""
    for kind, pack in _COLUMN_PACKERS:
        if type(values) is kind:
            return pack(values, packer)
    if type(values.dtype) in _MASKED_NAMES:
        name = _MASKED_NAMES[type(values.dtype)]
        return ["ms", name, _pack_plain(values._data, packer), _pack_plain(values._mask, packer)]
    if isinstance(values.dtype, pd.StringDtype):
        return _pack_text(values, packer)
    raise NoCodecError(str(values.dtype))


def _pack_plain(values: np.ndarray[Any, Any], packer: Packer) -> Node:
    if values.dtype.hasobject:
        before, packer.plain_only = packer.plain_only, True
        try:
            return ["no", [packer.pack(item) for item in values.tolist()]]
        finally:
            packer.plain_only = before
    flat = np.ascontiguousarray(values)
    data = flat.view(np.uint8).data if flat.size and flat.itemsize else b""
    return ["na", pack_dtype(flat.dtype), len(flat), packer.blob(data)]


def _pack_dates(values: Any, packer: Packer) -> Node:
    if getattr(values, "tz", None) is None:
        return _pack_plain(values.to_numpy(), packer)
    return ["dz", values.unit, packer.pack(values.tz), _pack_plain(values.asi8, packer)]


def _pack_category(values: Any, packer: Packer) -> Node:
    return ["ct", _pack_plain(values.codes, packer), pack_index(values.categories, packer), bool(values.ordered)]


def _pack_text(values: Any, packer: Packer) -> Node:
    missing = "nan" if values.dtype.na_value is not pd.NA else "NA"
    array = pa.array(values, type=pa.large_string())
    chunks = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    flat = pa.concat_arrays([chunks, pa.array([], pa.large_string())])  # from offset 0
    validity, offsets, data = (b"" if part is None else memoryview(part) for part in flat.buffers())
    return ["st", values.dtype.storage, missing, len(flat), *(packer.blob(b) for b in (validity, offsets, data))]


_COLUMN_PACKERS: tuple[tuple[type, Any], ...] = (
    (np.ndarray, _pack_plain),
    (pd.arrays.NumpyExtensionArray, lambda v, p: _pack_plain(v.to_numpy(), p)),
    (pd.arrays.DatetimeArray, _pack_dates),
    (pd.arrays.TimedeltaArray, _pack_dates),
    (pd.Categorical, _pack_category),
    (pd.arrays.ArrowExtensionArray, pack_arrow),
    (pd.arrays.SparseArray, pack_sparse),
    (pd.arrays.PeriodArray, lambda v, p: ["pe", v.freqstr, _pack_plain(v.asi8, p)]),
    (
        pd.arrays.IntervalArray,
        lambda v, p: ["iv", pack_index(v.left, p), pack_index(v.right, p), v.closed],
    ),
)


def unpack_column(node: Any, unpacker: Unpacker) -> Any:
    """Decode a column."""
    if type(node) is not list or not node or node[0] not in _COLUMN_UNPACKERS:
        raise GarbledError("not a column")
    return _COLUMN_UNPACKERS[node[0]](node, unpacker)


def _unpack_plain(node: list[Any], unpacker: Unpacker) -> np.ndarray[Any, Any]:
    _, kind, length, index = node
    return make_array(unpack_dtype(kind), (unpacker.integer(length),), "C", unpacker.blob(index))


def _unpack_items(node: list[Any], unpacker: Unpacker) -> np.ndarray[Any, Any]:
    items = unpacker.plain(node[1])
    made = np.empty(len(items), object)
    for position, item in enumerate(items):
        made[position] = item
    return made


def _unpack_zoned(node: list[Any], unpacker: Unpacker) -> Any:
    unit, zone = node[1], unpacker.value(node[2])
    if unit not in ("s", "ms", "us", "ns"):
        raise GarbledError("not a unit of time")
    instants = _int64(node[3], unpacker).view(f"M8[{unit}]")
    return pd.DatetimeIndex(instants).tz_localize("UTC").tz_convert(zone).array


def _int64(node: Any, unpacker: Unpacker) -> np.ndarray[Any, Any]:
    values = unpack_column(node, unpacker)
    if type(values) is not np.ndarray or values.dtype != np.int64:
        raise GarbledError("not int64")
    return values


def _unpack_masked(node: list[Any], unpacker: Unpacker) -> Any:
    dtype = _MASKED[unpacker.text(node[1])]
    values, mask = unpack_column(node[2], unpacker), unpack_column(node[3], unpacker)
    if values.dtype != dtype.numpy_dtype or mask.dtype != np.bool_ or len(values) != len(mask):
        raise GarbledError("not a masked column")
    return dtype.construct_array_type()(values.copy(), mask.copy())


def _unpack_category(node: list[Any], unpacker: Unpacker) -> Any:
    return pd.Categorical.from_codes(
        unpack_column(node[1], unpacker), categories=unpack_index(node[2], unpacker), ordered=node[3] is True
    )


def _unpack_text(node: list[Any], unpacker: Unpacker) -> Any:
    _, storage, missing, length, validity, offsets, data = node
    if storage not in ("pyarrow", "python") or missing not in ("nan", "NA"):
        raise GarbledError("not a text column")
    length = unpacker.integer(length)
    parts = [unpacker.blob(index) for index in (validity, offsets, data)]
    if len(parts[1]) < 8 * (length + 1) or (len(parts[0]) and len(parts[0]) * 8 < length):
        raise GarbledError("a text column is too short")  # before Arrow reads through the buffers
    buffers = [None if not len(part) and not i else pa.py_buffer(part) for i, part in enumerate(parts)]
    array = pa.Array.from_buffers(pa.large_string(), length, buffers)
    array.validate(full=True)
    dtype: Any = pd.StringDtype(storage, na_value=np.nan if missing == "nan" else pd.NA)
    return dtype.__from_arrow__(array)


def _unpack_period(node: list[Any], unpacker: Unpacker) -> Any:
    return pd.arrays.PeriodArray(_int64(node[2], unpacker).copy(), dtype=pd.PeriodDtype(_short(node[1])))


def _unpack_interval(node: list[Any], unpacker: Unpacker) -> Any:
    left, right = unpack_index(node[1], unpacker), unpack_index(node[2], unpacker)
    if node[3] not in _CLOSED:
        raise GarbledError("not an interval")
    return pd.arrays.IntervalArray.from_arrays(left, right, closed=node[3])


_COLUMN_UNPACKERS = {
    "na": _unpack_plain,
    "no": _unpack_items,
    "dz": _unpack_zoned,
    "ms": _unpack_masked,
    "ct": _unpack_category,
    "st": _unpack_text,
    "pe": _unpack_period,
    "iv": _unpack_interval,
    "ar": unpack_arrow,
    "sp": unpack_sparse,
}


def _short(text: Any) -> str:
    if type(text) is not str or len(text) > 40:
        raise GarbledError("not a short text")
    return text


# ---- indexes


def pack_index(index: Any, packer: Packer) -> Node:
    """Encode an Index of an exact pandas class."""
    if type(index) is pd.RangeIndex:
        return ["ir", index.start, index.stop, index.step, packer.pack(index.name)]
    if type(index) is pd.MultiIndex:
        levels = [pack_index(level, packer) for level in index.levels]
        codes = [_pack_plain(np.asarray(code), packer) for code in index.codes]
        return ["im", levels, codes, [packer.pack(name) for name in index.names]]
    if type(index) not in _INDEXES:
        raise NoCodecError(type(index).__name__)
    values = index.array if type(index) is not pd.Index or not isinstance(index.dtype, np.dtype) else index.to_numpy()
    freq = index.freqstr if type(index) in (pd.DatetimeIndex, pd.TimedeltaIndex) else None
    return ["ix", pack_column(values, packer), packer.pack(index.name), freq]


def unpack_index(node: Any, unpacker: Unpacker) -> Any:
    """Decode an Index."""
    if node[0] == "ir":
        start, stop, step = map(unpacker.integer, node[1:4])
        return pd.RangeIndex(start, stop, step, name=unpacker.value(node[4]))
    if node[0] == "im":
        levels = [unpack_index(level, unpacker) for level in node[1]]
        codes = [unpack_column(code, unpacker) for code in node[2]]
        return pd.MultiIndex(levels, codes, names=unpacker.plain(node[3]), verify_integrity=True)
    _, column, name, freq = node
    values = unpack_column(column, unpacker)
    dtype = object if isinstance(values, np.ndarray) and values.dtype == object else None
    index = pd.Index(values, name=unpacker.value(name), dtype=dtype)
    if freq is not None:
        index.freq = _short(freq)
    return index


# ---- Series and DataFrame


def _pack_series(value: pd.Series[Any], packer: Packer) -> Node:
    body = [pack_column(_values(value), packer), pack_index(value.index, packer), packer.pack(value.name)]
    return packer.pack_tracked("sr", value, lambda: body)


def _values(series: Any) -> Any:
    return series.to_numpy() if isinstance(series.dtype, np.dtype) else series.array


def _pack_frame(value: pd.DataFrame, packer: Packer) -> Node:
    columns = [pack_column(_values(value.iloc[:, i]), packer) for i in range(value.shape[1])]
    body = [columns, pack_index(value.index, packer), pack_index(value.columns, packer)]
    return packer.pack_tracked("df", value, lambda: body)


def _unpack_series(node: list[Any], unpacker: Unpacker) -> Any:
    _, oid, column, index, name = node
    values = unpack_column(column, unpacker)
    dtype = object if isinstance(values, np.ndarray) and values.dtype == object else None
    made = pd.Series(values, index=unpack_index(index, unpacker), name=unpacker.value(name), dtype=dtype)
    return _settle(oid, made, unpacker)


def _unpack_frame(node: list[Any], unpacker: Unpacker) -> Any:
    _, oid, nodes, rows, names = node
    index, columns = unpack_index(rows, unpacker), unpack_index(names, unpacker)
    arrays = [_boxed(unpack_column(column, unpacker), index) for column in nodes]
    made = pd.DataFrame(dict(enumerate(arrays)), index=index, copy=False)
    if not arrays:
        made = pd.DataFrame(index=index, columns=columns)
    made.columns = columns
    return _settle(oid, made, unpacker)


def _boxed(values: Any, index: Any) -> Any:
    """Keep object columns objects: pandas would infer text."""
    if isinstance(values, np.ndarray) and values.dtype == object:
        return pd.Series(values, index=index, dtype=object)
    return values


def _settle(oid: Any, made: Any, unpacker: Unpacker) -> Any:
    known = unpacker.known(oid, type(made))
    if known is not None:
        known._update_inplace(made)
        made = known
    unpacker.replace(unpacker.integer(oid), made)
    return made


# ---- scalars


def _pack_timestamp(value: pd.Timestamp, packer: Packer) -> Node:
    return ["ts", int(value._value), value.unit, packer.pack(value.tzinfo)]  # type: ignore[attr-defined]


def _unpack_timestamp(node: list[Any], unpacker: Unpacker) -> Any:
    _, count, unit, zone = node
    naive = np.datetime64(unpacker.integer(count), _unit(unit))
    tz = unpacker.value(zone)
    stamp = pd.Timestamp(naive)
    return stamp if tz is None else stamp.tz_localize("UTC").tz_convert(tz)


def _unit(unit: Any) -> Any:
    if unit not in ("s", "ms", "us", "ns"):
        raise GarbledError("not a unit of time")
    return unit


ENCODERS.update(
    {
        pd.DataFrame: _pack_frame,
        pd.Series: _pack_series,
        pd.Timestamp: _pack_timestamp,
        pd.Timedelta: lambda v, _: ["tdl", int(v._value), v.unit],
        type(pd.NaT): lambda _v, _p: ["nat"],
        type(pd.NA): lambda _v, _p: ["pdna"],
        pd.Interval: lambda v, p: ["ivl", p.pack(v.left), p.pack(v.right), v.closed],
        pd.Period: lambda v, _: ["per", int(v.ordinal), v.freqstr],
    }
)
ENCODERS.update(dict.fromkeys((pd.RangeIndex, pd.MultiIndex, *_INDEXES), lambda v, p: ["index", pack_index(v, p)]))
DECODERS.update(
    {
        "df": _unpack_frame,
        "sr": _unpack_series,
        "index": lambda n, u: unpack_index(n[1], u),
        "ts": _unpack_timestamp,
        "tdl": lambda n, u: pd.Timedelta(np.timedelta64(u.integer(n[1]), _unit(n[2]))),
        "nat": lambda _n, _u: pd.NaT,
        "pdna": lambda _n, _u: pd.NA,
        "ivl": lambda n, u: pd.Interval(u.value(n[1]), u.value(n[2]), closed=n[3]),
        "per": lambda n, u: pd.Period(ordinal=u.integer(n[1]), freq=_short(n[2])),
    }
)
