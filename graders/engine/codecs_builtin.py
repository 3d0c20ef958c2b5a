"""Codecs of Python's own types: numbers, text, containers, dates, and classes that both sides have."""

from __future__ import annotations

import builtins
import collections
import datetime
import decimal
import fractions
import keyword
import re
import types
import uuid
import zoneinfo
from array import array
from typing import Any

from graders.engine.values import DECODERS, ENCODERS, Node, Packer, Unpacker
from graders.engine.wire import GarbledError

_LONG = 512  # from here on homogeneous lists travel as one blob
_INT64 = 2**63

#: Classes that are the same on both sides and carry no state: they cross as themselves.
SHARED_CLASSES: dict[str, type] = {
    f"builtins.{name}": kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and kind.__name__ == name and not name.startswith("_") and kind is not type(...)
}
SHARED_CLASSES |= {
    f"{kind.__module__}.{kind.__name__}": kind
    for kind in (
        datetime.datetime,
        datetime.date,
        datetime.time,
        datetime.timedelta,
        decimal.Decimal,
        fractions.Fraction,
        collections.OrderedDict,
        collections.Counter,
        collections.defaultdict,
        collections.deque,
        type(None),
    )
}
SHARED_CLASSES |= {f"types.{name}": kind for name, kind in vars(types).items() if isinstance(kind, type)}
_SHARED_NAMES = {kind: name for name, kind in SHARED_CLASSES.items()}


def shared_class_name(value: object) -> str | None:
    """Name of a class that crosses as itself, or None."""
    try:
        return _SHARED_NAMES.get(value) if isinstance(value, type) else None
    except TypeError:  # a metaclass may make a class unhashable
        return None


def register_shared_class(kind: type) -> None:
    """Let ``kind``, a stateless class of a library, cross as itself."""
    name = f"{kind.__module__}.{kind.__qualname__}"
    SHARED_CLASSES[name] = kind
    _SHARED_NAMES[kind] = name


# ---- lists and other mutable containers


def _list_body(value: list[Any], packer: Packer) -> list[Node]:
    kinds = set(map(type, value)) if len(value) >= _LONG else set()
    if kinds == {float}:
        return ["d", packer.blob(array("d", value).tobytes())]
    if kinds == {int} and min(value) >= -_INT64 and max(value) < _INT64:
        return ["q", packer.blob(array("q", value).tobytes())]
    return ["", [packer.pack(item) for item in value]]


def _pack_list(value: list[Any], packer: Packer) -> Node:
    return packer.pack_tracked("l", value, lambda: _list_body(value, packer))


def _unpack_list(node: list[Any], unpacker: Unpacker) -> list[Any]:
    _, oid, code, body = node
    target: list[Any] = unpacker.place(oid, list, list)
    target[:] = unpacker.values(body) if code == "" else _numbers(code, unpacker.blob(body))
    return target


def _numbers(code: Any, data: memoryview) -> list[Any]:
    if code not in ("d", "q") or len(data) % 8:
        raise GarbledError("not a list of numbers")
    items = array(code)
    items.frombytes(data)
    return items.tolist()


def _pack_dict(value: dict[Any, Any], packer: Packer) -> Node:
    return packer.pack_tracked("d", value, lambda: [_pairs(value, packer)])


def _pairs(value: dict[Any, Any], packer: Packer) -> Node:
    return [[packer.pack(k), packer.pack(v)] for k, v in list(value.items())]


def _fill_pairs(target: Any, pairs: Any, unpacker: Unpacker) -> Any:
    items = [(unpacker.value(k), unpacker.value(v)) for k, v in pairs]
    target.clear()
    for key, item in items:
        target[key] = item
    return target


def _unpack_dict(node: list[Any], unpacker: Unpacker) -> Any:
    _, oid, pairs = node
    return _fill_pairs(unpacker.place(oid, dict, dict), pairs, unpacker)


def _pack_ordered(value: Any, packer: Packer) -> Node:
    return packer.pack_tracked("od", value, lambda: [_pairs(value, packer)])


def _unpack_ordered(node: list[Any], unpacker: Unpacker) -> Any:
    _, oid, pairs = node
    return _fill_pairs(unpacker.place(oid, collections.OrderedDict, collections.OrderedDict), pairs, unpacker)


def _pack_counter(value: Any, packer: Packer) -> Node:
    return packer.pack_tracked("ctr", value, lambda: [_pairs(value, packer)])


def _unpack_counter(node: list[Any], unpacker: Unpacker) -> Any:
    _, oid, pairs = node
    return _fill_pairs(unpacker.place(oid, collections.Counter, collections.Counter), pairs, unpacker)


def _pack_defaultdict(value: Any, packer: Packer) -> Node:
    return packer.pack_tracked("dd", value, lambda: [packer.pack(value.default_factory), _pairs(value, packer)])


def _unpack_defaultdict(node: list[Any], unpacker: Unpacker) -> Any:
    _, oid, factory_node, pairs = node
    factory = unpacker.value(factory_node)
    if factory is not None and not callable(factory):
        raise GarbledError("not a factory")
    target = unpacker.place(oid, collections.defaultdict, collections.defaultdict)
    target.default_factory = factory
    return _fill_pairs(target, pairs, unpacker)


def _pack_set(value: set[Any], packer: Packer) -> Node:
    return packer.pack_tracked("s", value, lambda: [_sorted_nodes(value, packer)])


def _sorted_nodes(value: Any, packer: Packer) -> Node:
    """Nodes of a set's items in an order that both processes share, whatever their hash seeds are."""
    return sorted((packer.pack(item) for item in value), key=repr)


def _unpack_set(node: list[Any], unpacker: Unpacker) -> set[Any]:
    _, oid, nodes = node
    items = unpacker.values(nodes)
    target: set[Any] = unpacker.place(oid, set, set)
    target.clear()
    target.update(items)
    return target


def _pack_bytearray(value: bytearray, packer: Packer) -> Node:
    return packer.pack_tracked("ba", value, lambda: [packer.blob(bytes(value))])


def _unpack_bytearray(node: list[Any], unpacker: Unpacker) -> bytearray:
    _, oid, index = node
    target: bytearray = unpacker.place(oid, bytearray, bytearray)
    target[:] = unpacker.blob(index)
    return target


def _pack_deque(value: Any, packer: Packer) -> Node:
    return packer.pack_tracked("dq", value, lambda: [value.maxlen, [packer.pack(item) for item in value]])


def _unpack_deque(node: list[Any], unpacker: Unpacker) -> Any:
    _, oid, maxlen, nodes = node
    target = unpacker.place(oid, collections.deque, lambda: collections.deque(maxlen=maxlen))
    items = unpacker.values(nodes)
    target.clear()
    target.extend(items)
    return target


# ---- immutable values


def _unpack_namedtuple(node: list[Any], unpacker: Unpacker) -> Any:
    _, name, module, fields, nodes = node
    kind = namedtuple_class(unpacker.text(name), unpacker.text(module), tuple(map(unpacker.text, fields)))
    return kind(*unpacker.values(nodes))


_NAMEDTUPLES: dict[tuple[str, str, tuple[str, ...]], type] = {}


def namedtuple_class(name: str, module: str, fields: tuple[str, ...]) -> Any:
    """Make (once) the plain namedtuple class of that name; identifiers only, for ``namedtuple`` compiles them."""
    key = (name, module, fields)
    if key not in _NAMEDTUPLES:
        words = (name, *fields)
        if len(fields) > 200 or any(not w.isidentifier() or keyword.iskeyword(w) or len(w) > 100 for w in words):
            raise GarbledError("not a namedtuple")
        _NAMEDTUPLES[key] = collections.namedtuple(name, fields, module=module[:100])
    return _NAMEDTUPLES[key]


def pack_namedtuple(value: Any, packer: Packer) -> Node | None:
    """Node of an instance of a plain namedtuple class, or None for every other object."""
    kind = type(value)
    fields = kind.__dict__.get("_fields")
    if kind.__bases__ != (tuple,) or type(fields) is not tuple or not _is_plain_namedtuple(kind):
        return None
    return ["nt", kind.__name__, kind.__module__, list(fields), [packer.pack(item) for item in tuple.__iter__(value)]]


_NAMEDTUPLE_NAMES = frozenset(vars(collections.namedtuple("_Sample", ()))) | {"__orig_bases__", "__annotations__"}


def _is_plain_namedtuple(kind: type) -> bool:
    return set(vars(kind)) - set(kind._fields) <= _NAMEDTUPLE_NAMES  # type: ignore[attr-defined]


def _pack_datetime(value: datetime.datetime, packer: Packer) -> Node:
    parts = [value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond]
    return ["dt", parts, packer.pack(value.tzinfo), value.fold]


def _unpack_datetime(node: list[Any], unpacker: Unpacker) -> datetime.datetime:
    _, parts, zone, fold = node
    year, month, day, *clock = parts
    hour, minute, second, micro = clock
    made = datetime.datetime(year, month, day, hour, minute, second, micro, tzinfo=unpacker.value(zone))
    return made.replace(fold=fold)


def _pack_time(value: datetime.time, packer: Packer) -> Node:
    parts = [value.hour, value.minute, value.second, value.microsecond]
    return ["tm", parts, packer.pack(value.tzinfo), value.fold]


def _unpack_time(node: list[Any], unpacker: Unpacker) -> datetime.time:
    _, parts, zone, fold = node
    hour, minute, second, micro = parts
    return datetime.time(hour, minute, second, micro, tzinfo=unpacker.value(zone), fold=fold)


_ZONE = re.compile(r"[A-Za-z0-9_+\-]{1,40}(/[A-Za-z0-9_+\-]{1,40}){0,2}")


def _unpack_zone(node: list[Any], unpacker: Unpacker) -> zoneinfo.ZoneInfo:
    key = unpacker.text(node[1])
    if not _ZONE.fullmatch(key):
        raise GarbledError("not a time zone")
    return zoneinfo.ZoneInfo(key)


def _unpack_class(node: list[Any], unpacker: Unpacker) -> type:
    return SHARED_CLASSES[unpacker.text(node[1])]


def _unpack_big(node: list[Any], unpacker: Unpacker) -> int:
    return int(unpacker.text(node[1]), 16)  # base 16 is linear in time, unlike base 10


def _unpack_counted(node: list[Any], unpacker: Unpacker) -> tuple[Any, ...]:
    return tuple(unpacker.values(node[1]))


ENCODERS.update(
    {
        list: _pack_list,
        dict: _pack_dict,
        set: _pack_set,
        bytearray: _pack_bytearray,
        collections.deque: _pack_deque,
        collections.OrderedDict: _pack_ordered,
        collections.Counter: _pack_counter,
        collections.defaultdict: _pack_defaultdict,
        tuple: lambda v, p: ["t", [p.pack(item) for item in v]],
        frozenset: lambda v, p: ["fs", _sorted_nodes(v, p)],
        bytes: lambda v, p: ["b", p.blob(v)],
        complex: lambda v, _: ["c", v.real, v.imag],
        range: lambda v, p: ["range", *map(p.pack, (v.start, v.stop, v.step))],
        slice: lambda v, p: ["slice", *map(p.pack, (v.start, v.stop, v.step))],
        type(...): lambda _v, _p: ["..."],
        type(NotImplemented): lambda _v, _p: ["notimplemented"],
        datetime.datetime: _pack_datetime,
        datetime.date: lambda v, _: ["date", v.year, v.month, v.day],
        datetime.time: _pack_time,
        datetime.timedelta: lambda v, _: ["td", v.days, v.seconds, v.microseconds],
        datetime.timezone: lambda v, p: ["tz", p.pack(v.utcoffset(None)), v.tzname(None)],
        zoneinfo.ZoneInfo: lambda v, p: ["zone", v.key] if v.key else p._pack_foreign(v),
        decimal.Decimal: lambda v, _: ["dec", str(v)],
        fractions.Fraction: lambda v, p: ["frac", p.pack(v.numerator), p.pack(v.denominator)],
        uuid.UUID: lambda v, _: ["uuid", v.hex],
    }
)
DECODERS.update(
    {
        "l": _unpack_list,
        "d": _unpack_dict,
        "s": _unpack_set,
        "ba": _unpack_bytearray,
        "dq": _unpack_deque,
        "od": _unpack_ordered,
        "ctr": _unpack_counter,
        "dd": _unpack_defaultdict,
        "nt": _unpack_namedtuple,
        "t": _unpack_counted,
        "fs": lambda n, u: frozenset(u.values(n[1])),
        "b": lambda n, u: bytes(u.blob(n[1])),
        "u": lambda n, u: str(u.blob(n[1]), "utf-8", "surrogatepass"),
        "i": _unpack_big,
        "c": lambda n, _: complex(n[1], n[2]),
        "range": lambda n, u: range(*u.values(n[1:4])),
        "slice": lambda n, u: slice(*u.values(n[1:4])),
        "...": lambda _n, _u: ...,
        "notimplemented": lambda _n, _u: NotImplemented,
        "dt": _unpack_datetime,
        "date": lambda n, _: datetime.date(*n[1:4]),
        "tm": _unpack_time,
        "td": lambda n, _: datetime.timedelta(days=n[1], seconds=n[2], microseconds=n[3]),
        "tz": lambda n, u: datetime.timezone(u.value(n[1]), u.text(n[2])),
        "zone": _unpack_zone,
        "dec": lambda n, u: decimal.Decimal(u.text(n[1])),
        "frac": lambda n, u: fractions.Fraction(u.value(n[1]), u.value(n[2])),
        "uuid": lambda n, u: uuid.UUID(hex=u.text(n[1])),
        "ty": _unpack_class,
    }
)
