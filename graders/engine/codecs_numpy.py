"""Codecs of NumPy arrays, scalars, dtypes and polynomials: raw bytes and checked dtypes, never pickle."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from graders.engine.codecs_builtin import register_shared_class
from graders.engine.values import DECODERS, ENCODERS, NoCodecError, Node, Packer, Unpacker
from graders.engine.wire import GarbledError

_KINDS = frozenset("biufcSUMmV")
_MAX_DIMENSIONS = 32
_SCALARS = tuple(
    {np.dtype(code).type for code in "?bhilqBHILQefdgFDG"} | {np.str_, np.bytes_, np.datetime64, np.timedelta64}
)
_POLYNOMIALS = {
    kind.__name__: kind
    for kind in (
        np.polynomial.Polynomial,
        np.polynomial.Chebyshev,
        np.polynomial.Legendre,
        np.polynomial.Laguerre,
        np.polynomial.Hermite,
        np.polynomial.HermiteE,
    )
}

for _kind in _SCALARS:
    register_shared_class(_kind)
register_shared_class(np.ndarray)


def _has_object(dtype: np.dtype[Any]) -> bool:
    return dtype.hasobject or dtype.kind not in _KINDS


def pack_dtype(dtype: np.dtype[Any]) -> Node:
    """Describe a dtype: its ``str``, or the ``descr`` of a structured one."""
    if dtype.names is None and dtype.subdtype is None:
        return dtype.str
    fields = [[name, pack_dtype(dtype.fields[name][0]), dtype.fields[name][1]] for name in dtype.names or ()]  # type: ignore[index]
    if dtype.subdtype is not None or not fields:
        raise NoCodecError("a dtype with a shape")
    return [fields, dtype.itemsize]


def unpack_dtype(node: Any, depth: int = 0) -> np.dtype[Any]:
    """Make a checked dtype: no objects, known kinds, fields inside the item."""
    if type(node) is str and 2 <= len(node) <= 40 and node[1] in _KINDS:
        return np.dtype(node)
    if type(node) is not list or len(node) != 2 or depth > 3:
        raise GarbledError("not a dtype")
    fields, size = node
    return np.dtype(
        {
            "names": [Unpacker.text(name) for name, _, _ in fields],
            "formats": [unpack_dtype(kind, depth + 1) for _, kind, _ in fields],
            "offsets": [Unpacker.integer(offset) for _, _, offset in fields],
            "itemsize": Unpacker.integer(size),
        }
    )


def _pack_array(value: np.ndarray[Any, Any], packer: Packer) -> Node:
    if value.dtype.hasobject:
        return packer.pack_tracked("ndo", value, lambda: _object_body(value, packer))
    if value.dtype.kind not in _KINDS:
        raise NoCodecError(value.dtype.str)
    kind = pack_dtype(value.dtype)  # before an id is given: it may refuse
    return packer.pack_tracked("nd", value, lambda: [kind, list(value.shape), *_bytes(value, packer)])


def _bytes(value: np.ndarray[Any, Any], packer: Packer) -> list[Node]:
    fortran = value.flags.f_contiguous and not value.flags.c_contiguous
    flat = np.ascontiguousarray(value.T if fortran else value)
    data = flat.reshape(-1).view(np.uint8).data if flat.size and flat.itemsize else b""
    return ["F" if fortran else "C", packer.blob(data), bool(value.flags.writeable)]


def _object_body(value: np.ndarray[Any, Any], packer: Packer) -> list[Node]:
    if value.dtype.kind != "O":
        raise NoCodecError("objects inside a structure")
    before, packer.plain_only = packer.plain_only, True
    try:
        return [list(value.shape), [packer.pack(item) for item in value.reshape(-1).tolist()]]
    finally:
        packer.plain_only = before


def _unpack_array(node: list[Any], unpacker: Unpacker) -> np.ndarray[Any, Any]:
    _, oid, kind, shape, order, index, writeable = node
    made = make_array(unpack_dtype(kind), _shape(shape), order, unpacker.blob(index))
    return _settle(oid, made, bool(writeable), unpacker)


def make_array(dtype: np.dtype[Any], shape: tuple[int, ...], order: Any, data: memoryview) -> np.ndarray[Any, Any]:
    """Lay an array over received bytes; their number must be exactly what dtype and shape need."""
    if len(data) != dtype.itemsize * math.prod(shape) or order not in ("C", "F"):
        raise GarbledError("bytes and shape of an array disagree")
    if not data:
        return np.empty(shape, dtype)
    flat: np.ndarray[Any, Any] = np.frombuffer(data, dtype)
    return flat.reshape(shape[::-1]).T if order == "F" else flat.reshape(shape)


def _shape(shape: Any) -> tuple[int, ...]:
    if type(shape) is not list or len(shape) > _MAX_DIMENSIONS:
        raise GarbledError("not a shape")
    if any(type(n) is not int or not 0 <= n < 2**40 for n in shape):
        raise GarbledError("not a shape")
    return tuple(shape)


def _settle(oid: Any, made: np.ndarray[Any, Any], writeable: bool, unpacker: Unpacker) -> np.ndarray[Any, Any]:
    known = unpacker.known(oid, np.ndarray)
    if known is not None and known.shape == made.shape and known.dtype == made.dtype and known.flags.writeable:
        known[...] = made
        unpacker.replace(oid, known)
        return known  # type: ignore[no-any-return]
    made.flags.writeable = writeable and (made.flags.writeable or made.base is None)
    unpacker.replace(unpacker.integer(oid), made)
    return made


def _unpack_objects(node: list[Any], unpacker: Unpacker) -> np.ndarray[Any, Any]:
    _, oid, shape, nodes = node
    items = unpacker.plain(nodes)
    shape = _shape(shape)
    if len(items) != math.prod(shape):
        raise GarbledError("items and shape of an array disagree")
    made = np.empty(len(items), object)
    for position, item in enumerate(items):
        made[position] = item
    return _settle(oid, made.reshape(shape), True, unpacker)


def _pack_scalar(value: np.generic, _packer: Packer) -> Node:
    return ["ns", value.dtype.str, value.tobytes().hex()]


def _unpack_scalar(node: list[Any], unpacker: Unpacker) -> Any:
    dtype = unpack_dtype(node[1])
    data = bytes.fromhex(unpacker.text(node[2]))
    if len(data) != dtype.itemsize or dtype.names is not None:
        raise GarbledError("not a scalar")
    return np.frombuffer(data, dtype)[0] if data else dtype.type()


def _pack_dtype_value(value: np.dtype[Any], _packer: Packer) -> Node:
    if value == np.dtype(object):
        return ["dtype", "O"]
    if _has_object(value):
        raise NoCodecError("a dtype with objects")
    return ["dtype", pack_dtype(value)]


def _unpack_dtype_value(node: list[Any], _unpacker: Unpacker) -> np.dtype[Any]:
    return np.dtype(object) if node[1] == "O" else unpack_dtype(node[1])


def _pack_poly1d(value: np.poly1d, packer: Packer) -> Node:
    return ["poly1d", packer.pack(np.asarray(value.coeffs)), value.variable]


def _unpack_poly1d(node: list[Any], unpacker: Unpacker) -> np.poly1d:
    return np.poly1d(_vector(unpacker.value(node[1])), variable=unpacker.text(node[2]))


def _vector(value: Any) -> Any:
    if type(value) is not np.ndarray or value.ndim != 1 or value.dtype.kind not in "biufc":
        raise GarbledError("not coefficients")
    return value


def _pack_polynomial(value: Any, packer: Packer) -> Node:
    return [
        "poly",
        type(value).__name__,
        *(packer.pack(np.asarray(x)) for x in (value.coef, value.domain, value.window)),
    ]


def _unpack_polynomial(node: list[Any], unpacker: Unpacker) -> Any:
    kind = _POLYNOMIALS[unpacker.text(node[1])]
    coef, domain, window = (_vector(unpacker.value(part)) for part in node[2:5])
    return kind(coef, domain, window)


ENCODERS.update({np.ndarray: _pack_array, np.poly1d: _pack_poly1d})
ENCODERS.update(dict.fromkeys(_SCALARS, _pack_scalar))
ENCODERS.update(dict.fromkeys({type(np.dtype(code)) for code in "?bhilqBHILQefdgFDGSUMmVO"}, _pack_dtype_value))
ENCODERS.update(dict.fromkeys(_POLYNOMIALS.values(), _pack_polynomial))
DECODERS.update(
    {
        "nd": _unpack_array,
        "ndo": _unpack_objects,
        "ns": _unpack_scalar,
        "dtype": _unpack_dtype_value,
        "poly1d": _unpack_poly1d,
        "poly": _unpack_polynomial,
    }
)
