"""Handles: the student's functions and objects as the trusted test process sees them.

A handle passes each use on as a request. It is never equal to a value, and operators that would show the test's
value to the student's object, or take the object's word for a comparison, need the reference profile's leave.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from typing import Any, Protocol

#: Operators with one operand: what they give could as well have been sent as a value, so they need no leave.
UNARY = ("neg", "pos", "abs", "invert")
#: Operators that show a value of the test to the student's object.
BINARY = [
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "matmul",
    "lshift",
    "rshift",
    "and",
    "or",
    "xor",
    "divmod",
]
COMPARISONS = ("lt", "le", "gt", "ge")


class Bridge(Protocol):
    """What a handle needs from its session."""

    def ask(self, do: str, label: str, args: list[Any], kwargs: dict[str, Any] | None = None, **fields: Any) -> Any:
        """Send one request and return its value."""

    def allows(self, label: str, operator: str) -> bool:
        """Whether the reference profile has this operator here."""


class State:
    """What a handle knows about its object. ``facts`` are the student side's claims."""

    __slots__ = ("bridge", "facts", "label", "oid")

    def __init__(self, bridge: Bridge, oid: int, facts: dict[str, Any], label: str) -> None:
        self.bridge, self.oid, self.facts, self.label = bridge, oid, facts, label

    @property
    def kind(self) -> str:
        """Claimed kind: function, class, instance, module, masked …"""
        return str(self.facts.get("kind", "instance"))


class NotAllowedError(TypeError):
    """The student's object was used in a way that the reference solution does not need."""


#: Kinds whose Python type is the same on both sides, so that ``inspect`` and ``callable`` see what they expect.
_FACES = {
    "function": types.FunctionType,
    "method": types.MethodType,
    "builtin": types.BuiltinFunctionType,
    "generator": types.GeneratorType,
    "module": types.ModuleType,
    "class": type,
}

_LOCAL = frozenset({"_axc_state", "__class__", "__array_ufunc__", "__array_function__", "__array_priority__"})
_LOCAL_METHODS = frozenset(
    {
        "__iter__",
        "__next__",
        "__len__",
        "__call__",
        "__array__",
        "__mro_entries__",
        "__reduce_ex__",
        "__reduce__",
        "__getstate__",
    }
)
_NO_PROTOCOL = ("__array_interface__", "__array_struct__", "__dataframe__", "__wrapped__", "_pytestfixturefunction")


class Handle:
    """An object of the student's side."""

    __slots__ = ("__weakref__", "_axc_state")

    def __init__(self, state: State) -> None:
        object.__setattr__(self, "_axc_state", state)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return _FACES.get(state_of(self).kind, type(self))

    def __getattribute__(self, name: str) -> Any:
        if name in _LOCAL or name in _LOCAL_METHODS:
            return object.__getattribute__(self, name)
        if name in _NO_PROTOCOL:
            raise AttributeError(name)
        if name == "__signature__":
            return _signature(self)
        state = state_of(self)
        return state.bridge.ask("attr", f"{state.label}.{name}", [self], name=name)

    def __setattr__(self, name: str, value: Any) -> None:
        state = state_of(self)
        state.bridge.ask("setattr", state.label, [self, value], name=name)

    def __delattr__(self, name: str) -> None:
        state = state_of(self)
        state.bridge.ask("delattr", state.label, [self], name=name)

    def __eq__(self, other: object) -> Any:
        return self is other or (_may_compare(self, other, "eq") and _ask(self, "eq", other))

    def __ne__(self, other: object) -> Any:
        if self is other:
            return False
        return _ask(self, "ne", other) if _may_compare(self, other, "ne") else True

    def __hash__(self) -> int:
        return hash(("handle", state_of(self).oid))

    def __bool__(self) -> bool:
        return bool(_ask(self, "bool"))

    def __len__(self) -> int:
        return int(_ask(self, "len"))

    def __iter__(self) -> Any:
        return _ask(self, "iter")

    def __next__(self) -> Any:
        return _ask(self, "next")

    def __getitem__(self, key: Any) -> Any:
        return _ask(self, "getitem", key)

    def __setitem__(self, key: Any, value: Any) -> None:
        _need(self, "setitem")
        _ask(self, "setitem", key, value)

    def __delitem__(self, key: Any) -> None:
        _ask(self, "delitem", key)

    def __contains__(self, key: Any) -> bool:
        _need(self, "contains")
        return bool(_ask(self, "contains", key))

    def __str__(self) -> str:
        return str(_ask(self, "str"))

    def __repr__(self) -> str:
        return str(_ask(self, "repr"))

    def __format__(self, spec: str) -> str:
        return str(_ask(self, "format", spec))

    def __int__(self) -> int:
        return int(_ask(self, "int"))

    def __index__(self) -> int:
        return int(_ask(self, "index"))

    def __float__(self) -> float:
        return float(_ask(self, "float"))

    def __complex__(self) -> complex:
        return complex(_ask(self, "complex"))

    def __round__(self, digits: int | None = None) -> Any:
        return _ask(self, "round") if digits is None else _ask(self, "round", digits)

    def __reversed__(self) -> Any:
        return _ask(self, "reversed")

    def __dir__(self) -> Any:
        return _ask(self, "dir")

    def __enter__(self) -> Any:
        return _ask(self, "enter")

    def __exit__(self, *_: object) -> None:
        _ask(self, "exit")

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return _ask(self, "array") if dtype is None else _ask(self, "array", dtype)

    def __mro_entries__(self, _bases: Any) -> Any:
        raise NotAllowedError("a test cannot subclass a class of the student's code")

    def __reduce_ex__(self, _protocol: Any) -> Any:
        raise NotAllowedError("an object of the student's code cannot be copied or pickled by a test")


class CallableHandle(Handle):
    """A handle of something callable."""

    __slots__ = ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the student's function with values, and get a value."""
        state = state_of(self)
        _need(self, "call")
        return state.bridge.ask("call", f"{state.label}()", [self, *args], kwargs)


def state_of(handle: Handle) -> State:
    """The state of a handle, past all its forwarding."""
    state: State = object.__getattribute__(handle, "_axc_state")
    return state


def is_handle(value: object) -> bool:
    """Whether ``value`` is a handle; its claimed class plays no part."""
    return issubclass(type(value), Handle)


def make_handle(bridge: Bridge, oid: int, facts: dict[str, Any], label: str) -> Handle:
    """Make the handle of an object that the student's side described."""
    kind = CallableHandle if facts.get("call") is True else Handle
    return kind(State(bridge, oid, facts, label))


def _ask(handle: Handle, op: str, *args: Any) -> Any:
    state = state_of(handle)
    return state.bridge.ask("op", f"{state.label}[{op}]", [handle, *args], op=op)


def _need(handle: Handle, operator: str) -> None:
    state = state_of(handle)
    if not state.bridge.allows(state.label, operator):
        raise NotAllowedError(
            f"{operator}: an object of class {state.facts.get('type')} came where other data is expected"
        )


def _may_compare(handle: Handle, other: object, operator: str) -> bool:
    state = state_of(handle)
    kind = "object" if is_handle(other) else "value"
    return state.bridge.allows(state.label, f"{operator}:{kind}")


def _binary(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    op = f"{name}_" if name in ("and", "or") else name

    def forward(self: Handle, other: Any) -> Any:
        _need(self, name)
        return _ask(self, op, other)

    def reflected(self: Handle, other: Any) -> Any:
        _need(self, f"r{name}")
        state = state_of(self)
        return state.bridge.ask("op", f"{state.label}[r{name}]", [other, self], op=op)

    return forward, reflected


def _comparison(name: str) -> Callable[..., Any]:
    def compare(self: Handle, other: Any) -> Any:
        if not _may_compare(self, other, name):
            raise NotAllowedError(f"{name}: an object of the student's code is not comparable here")
        return _ask(self, name, other)

    return compare


def _unary(name: str) -> Callable[..., Any]:
    def apply(self: Handle) -> Any:
        return _ask(self, name)

    return apply


def _signature(handle: Handle) -> inspect.Signature:
    state = state_of(handle)
    rows = state.bridge.ask("signature", f"{state.label}[signature]", [handle])
    empty = inspect.Parameter.empty
    kinds = list(inspect._ParameterKind)
    return inspect.Signature(
        [inspect.Parameter(str(n), kinds[k], default=d if has else empty) for n, k, has, d in rows],
        __validate_parameters__=False,
    )


for _name in BINARY:
    _forward, _reflected = _binary(_name)
    setattr(Handle, f"__{_name}__", _forward)
    setattr(Handle, f"__r{_name}__", _reflected)
for _name in COMPARISONS:
    setattr(Handle, f"__{_name}__", _comparison(_name))
for _name in UNARY:
    setattr(Handle, f"__{_name}__", _unary(_name))
