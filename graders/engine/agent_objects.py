"""How the student's side packs what has no codec (handles with facts) and stands in for objects of the test (stubs)."""

from __future__ import annotations

import importlib
import inspect
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from graders.engine.codecs_builtin import pack_namedtuple, shared_class_name
from graders.engine.codecs_random import unpack_generator
from graders.engine.values import Node, Objects, Packer, Unpacker
from graders.engine.wire import GarbledError

CallBack = Callable[[int, str, list[Any], dict[str, Any]], Any]
_MRO_MAX = 40


class Stub:
    """An object of the test, seen from the student's code: it can be called, and asked for what the test allows."""

    __slots__ = ("__dict__", "_axc_back", "_axc_oid")

    def __init__(self, oid: int, back: CallBack, name: str) -> None:
        object.__setattr__(self, "_axc_oid", oid)
        object.__setattr__(self, "_axc_back", back)
        object.__setattr__(self, "__name__", name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the test's function: the trusted side runs it."""
        return self._axc_back(self._axc_oid, "call", list(args), kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self._axc_back(self._axc_oid, "attr", [name], {})

    def __setattr__(self, name: str, value: Any) -> None:
        self._axc_back(self._axc_oid, "setattr", [name, value], {})


class ObjectStub(Stub):
    """A stub of an object that is more than a function: containers, iterators, context managers."""

    def _ask(self, op: str, *args: Any) -> Any:
        return self._axc_back(self._axc_oid, op, list(args), {})

    def __iter__(self) -> Iterator[Any]:
        return iter(self._ask("list"))

    def __next__(self) -> Any:
        return self._ask("next")

    def __len__(self) -> int:
        return int(self._ask("len"))

    def __getitem__(self, key: Any) -> Any:
        return self._ask("getitem", key)

    def __contains__(self, key: Any) -> bool:
        return bool(self._ask("contains", key))

    def __bool__(self) -> bool:
        return bool(self._ask("bool"))

    def __str__(self) -> str:
        return str(self._ask("str"))

    def __repr__(self) -> str:
        return str(self._ask("repr"))

    def __eq__(self, other: object) -> bool:
        return self is other or bool(self._ask("eq", other))

    def __hash__(self) -> int:
        return hash(self._axc_oid)

    def __enter__(self) -> Any:
        return self._ask("enter")

    def __exit__(self, *_: object) -> None:
        self._ask("exit")


class AgentObjects:
    """Packs and unpacks on the student's side."""

    def __init__(self, back: CallBack) -> None:
        self.objects = Objects(sign=-1)
        self._back = back
        self._stubs: dict[int, Stub] = {}

    def packer(self) -> Packer:
        """A packer of one value."""
        return Packer(self.objects, self._pack_foreign)

    def unpacker(self, blobs: list[memoryview]) -> Unpacker:
        """An unpacker of one value; the trusted side may change every object it knows."""
        return Unpacker(self.objects, blobs, self._unpack_foreign, lambda _oid: True)

    def _pack_foreign(self, value: Any, packer: Packer) -> Node:
        if isinstance(value, Stub):
            return ["cb", value._axc_oid]
        name = shared_class_name(value)
        if name is not None:
            return ["ty", name]
        if issubclass(type(value), tuple):
            node = pack_namedtuple(value, packer)
            if node is not None:
                return node
        oid = self.objects.oid_of(value)
        if oid > 0:  # the test's own object comes home
            return ["cb", oid]
        return ["h", oid, facts_of(value)]

    def _unpack_foreign(self, node: list[Any], unpacker: Unpacker) -> Any:
        if node[0] == "h":
            return self.objects.by_oid[node[1]]
        if node[0] == "lib":
            return find_library_object(node[1], node[2])
        if node[0] == "recipe":
            return find_library_object(node[1], node[2])(**unpacker.value(node[3]))
        if node[0] == "rng":
            return unpack_generator(node, unpacker)
        if node[0] == "cb":
            return self._stub(*node[1:])
        raise GarbledError("an unknown value")

    def _stub(self, oid: int, name: str, is_object: bool) -> Stub:
        stub = self._stubs.get(oid)
        if stub is None:
            stub = (ObjectStub if is_object else Stub)(oid, self._back, name)
            self._stubs[oid] = stub
        return stub


def find_library_object(module: str, qualname: str) -> Any:
    """Import ``module`` and walk to ``qualname`` (empty: the module itself)."""
    found: Any = importlib.import_module(module)
    for part in qualname.split(".") if qualname else ():
        found = getattr(found, part)
    return found


def facts_of(value: Any) -> dict[str, Any]:
    """What the trusted side is told about an object without a codec. Claims, not evidence."""
    kind = type(value)
    facts: dict[str, Any] = {"kind": _kind_of(value), "type": class_name(kind), "call": callable(value)}
    if isinstance(value, type) and issubclass(value, BaseException):
        facts["bases"] = [class_name(base) for base in value.__mro__[:_MRO_MAX]]
    lib = _library_name(value)
    if lib is not None:
        facts["lib"] = lib
    return facts


_KINDS: tuple[tuple[Any, str], ...] = (
    (types.FunctionType, "function"),
    (types.MethodType, "method"),
    ((types.BuiltinFunctionType, types.MethodWrapperType), "builtin"),
    (types.GeneratorType, "generator"),
    (types.CoroutineType, "coroutine"),
    (types.ModuleType, "module"),
    (type, "class"),
    (np.ma.MaskedArray, "masked"),
    (np.ndarray, "array"),
    (BaseException, "exception"),
)


def _kind_of(value: Any) -> str:
    kind = type(value)
    return next((name for base, name in _KINDS if issubclass(kind, base)), "instance")


def class_name(kind: type) -> str:
    """``module.qualname`` of a class."""
    return f"{kind.__module__}.{kind.__qualname__}"[:200]


def _library_name(value: Any) -> list[str] | None:
    """``[module, qualname]`` if ``value`` is what an installed module has under that name."""
    if isinstance(value, types.ModuleType):
        return [value.__name__, ""]
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str) or module == "__main__":
        return None
    found = getattr(sys.modules.get(module), name, None) if "." not in name else None
    return [module, name] if found is value else None


def signature_of(value: Any) -> list[list[Any]]:
    """Parameters of a callable as data: name, kind, has a default, default."""
    parameters = inspect.signature(value).parameters.values()
    empty = inspect.Parameter.empty
    return [
        [p.name, int(p.kind), p.default is not empty, None if p.default is empty else p.default] for p in parameters
    ]
