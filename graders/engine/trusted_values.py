"""How the trusted side packs what has no codec (stubs, library names) and reads handles. Reads nothing by import."""

from __future__ import annotations

import inspect
import io
import sys
import types
from collections.abc import Callable
from typing import Any

from graders.engine.codecs_builtin import pack_namedtuple, shared_class_name
from graders.engine.codecs_random import pack_generator
from graders.engine.exceptions import StandIns
from graders.engine.handles import Bridge, Handle, is_handle, make_handle, state_of
from graders.engine.values import Node, Objects, Packer, Unpacker
from graders.engine.wire import GarbledError

_KIND_LENGTH = 200


class TrustedValues:
    """Packs and unpacks on the trusted side."""

    def __init__(self, bridge: Bridge, saw_kind: Callable[[str, str], None]) -> None:
        self.objects = Objects(sign=1)
        self.stand_ins = StandIns()
        self.sent_now: set[int] = set()
        self.lent: set[int] = set()  # our objects that the student's side may call back
        self.label = ""
        self._bridge = bridge
        self._saw_kind = saw_kind

    def packer(self) -> Packer:
        """A packer of one value."""
        return Packer(self.objects, self._pack_foreign)

    def unpacker(self, blobs: list[memoryview]) -> Unpacker:
        """An unpacker of one untrusted value."""
        return Unpacker(self.objects, blobs, self._unpack_foreign, self.may_update)

    def may_update(self, oid: int) -> bool:
        """The object-id rule: only objects that came from the student's side or were sent in this call."""
        return oid < 0 or oid in self.sent_now

    # ---- out

    def _pack_foreign(self, value: Any, packer: Packer) -> Node:
        if is_handle(value):
            return ["h", state_of(value).oid]
        oid = self.stand_ins.oid_of(value)
        if oid is not None:
            return ["h", oid]
        name = shared_class_name(value)
        if name is not None:
            return ["ty", name]
        generator = pack_generator(value, packer)
        if generator is not None:
            self.lent.add(generator[1])
            return generator
        return _pack_tuple(value, packer) or _pack_library(value) or _pack_recipe(value, packer) or self._stub(value)

    def _stub(self, value: Any) -> Node:
        oid = self.objects.oid_of(value)
        self.lent.add(oid)
        is_object = not isinstance(value, types.FunctionType | types.MethodType | types.BuiltinFunctionType | type)
        name = getattr(value, "__name__", None)
        return ["cb", oid, name if isinstance(name, str) else type(value).__name__, is_object]

    # ---- in

    def _unpack_foreign(self, node: list[Any], _unpacker: Unpacker) -> Any:
        if node[0] == "h" and len(node) == 3:
            return self._handle(node[1], node[2])
        if node[0] == "cb" and len(node) == 2 and node[1] in self.lent:
            return self.objects.by_oid[node[1]]
        raise GarbledError("an unknown value")

    def _handle(self, oid: Any, facts: Any) -> Any:
        if Unpacker.integer(oid) >= 0 or type(facts) is not dict:
            raise GarbledError("not a handle")
        kind = Unpacker.text(facts.get("kind"))[:_KIND_LENGTH]
        self._saw_kind(self.label, kind)
        known = self.objects.by_oid.get(oid)
        if known is not None and (is_handle(known) or self.stand_ins.oid_of(known) == oid):
            return known
        made: Any = self._make(oid, facts)
        self.objects.remember(oid, made)
        return made

    def _make(self, oid: int, facts: dict[str, Any]) -> Handle | type:
        if type(facts.get("bases")) is list:
            return self.stand_ins.class_for(oid, facts["bases"])
        return make_handle(self._bridge, oid, facts, self.label)


def _pack_tuple(value: Any, packer: Packer) -> Node | None:
    return pack_namedtuple(value, packer) if issubclass(type(value), tuple) else None


def _pack_library(value: Any) -> Node | None:
    """``["lib", module, name]`` of a module, or of a function or class that a module has under its own name."""
    if type(value) is types.ModuleType:
        return ["lib", value.__name__, ""] if value.__name__ in sys.modules else None
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", getattr(value, "__name__", None))
    if not isinstance(module, str) or not isinstance(name, str) or module == "__main__":
        return None
    return ["lib", module, name] if _walk(sys.modules.get(module), name) is value else None


def _walk(owner: Any, qualname: str) -> Any:
    for part in qualname.split("."):
        owner = inspect.getattr_static(owner, part, None) if owner is not None else None
    return owner


def _pack_recipe(value: Any, packer: Packer) -> Node | None:
    """An unfitted estimator travels as its class and parameters."""
    kind = type(value)
    if not kind.__module__.startswith("sklearn.") or not hasattr(value, "get_params"):
        return None
    if any(name.endswith("_") and not name.startswith("_") for name in vars(value)):
        return None
    return ["recipe", kind.__module__, kind.__qualname__, packer.pack(value.get_params(deep=False))]


def may_be_asked(value: Any) -> bool:
    """Attributes may be asked for only on objects that the test defined, mocks and text streams."""
    module = type(value).__module__
    return module in ("__main__", "unittest.mock") or type(value) in (io.StringIO, io.BytesIO, types.SimpleNamespace)
