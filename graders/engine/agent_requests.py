"""What the trusted side may ask of the student's process: one small function for each kind of request."""

from __future__ import annotations

import importlib
import inspect
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from graders.engine.agent_fork import run_in_fork
from graders.engine.agent_objects import signature_of
from graders.engine.wire import Header

#: Gets the agent (its ``shell`` and the names ``known`` to the other side), the request, and decoded arguments.
Handler = Callable[[Any, Header, list[Any], dict[str, Any]], Any]


def _get(agent: Any, request: Header, _args: list[Any], _kwargs: dict[str, Any]) -> Any:
    name = request["name"]
    if name not in agent.shell.user_ns:
        raise NameError(f"name {name!r} is not defined")
    agent.known[name] = agent.shell.user_ns[name]
    return agent.shell.user_ns[name]


def _call(_agent: Any, _request: Header, args: list[Any], kwargs: dict[str, Any]) -> Any:
    return args[0](*args[1:], **kwargs)


def _attr(_agent: Any, request: Header, args: list[Any], _kwargs: dict[str, Any]) -> Any:
    return getattr(args[0], request["name"])


def _setattr(_agent: Any, request: Header, args: list[Any], _kwargs: dict[str, Any]) -> None:
    setattr(args[0], request["name"], args[1])


def _delattr(_agent: Any, request: Header, args: list[Any], _kwargs: dict[str, Any]) -> None:
    delattr(args[0], request["name"])


def _op(_agent: Any, request: Header, args: list[Any], _kwargs: dict[str, Any]) -> Any:
    return OPERATIONS[request["op"]](*args)


def _isinst(_agent: Any, _request: Header, args: list[Any], _kwargs: dict[str, Any]) -> bool:
    return issubclass(type(args[0]), args[1])  # type(), not __class__: an object's own claim is no evidence


def _shell(agent: Any, request: Header, args: list[Any], _kwargs: dict[str, Any]) -> Any:
    return getattr(agent.shell, request["name"])(*args)


def _import(_agent: Any, request: Header, _args: list[Any], _kwargs: dict[str, Any]) -> Any:
    return importlib.import_module(request["name"])


def _files(agent: Any, _request: Header, args: list[Any], _kwargs: dict[str, Any]) -> list[bytes | None]:
    return [agent.environment.files.read(name) for name in args[0]]


def _environ(agent: Any, _request: Header, args: list[Any], _kwargs: dict[str, Any]) -> dict[str, str | None]:
    found: dict[str, str | None] = agent.environment.environ.changes(args[0], all_of_them=True)
    return found


def _names(agent: Any, _request: Header, _args: list[Any], _kwargs: dict[str, Any]) -> list[str]:
    hidden = getattr(agent.shell, "user_ns_hidden", {})
    return [name for name in agent.shell.user_ns if isinstance(name, str) and name not in hidden]


HANDLERS: dict[str, Handler] = {
    "get": _get,
    "call": _call,
    "attr": _attr,
    "setattr": _setattr,
    "delattr": _delattr,
    "op": _op,
    "isinst": _isinst,
    "issub": lambda _a, _r, args, _k: issubclass(*args),
    "type": lambda _a, _r, args, _k: type(args[0]),
    "src": lambda _a, _r, args, _k: inspect.getsource(args[0]),
    "signature": lambda _a, _r, args, _k: signature_of(args[0]),
    "import": _import,
    "shell": _shell,
    "names": _names,
    "files": _files,
    "environ": _environ,
    "fork": lambda agent, request, _args, _k: run_in_fork(agent.shell, request["source"]),
    "end": lambda _a, _r, _args, _k: None,
}


def _enter(value: Any) -> Any:
    return value.__enter__()


def _exit(value: Any) -> None:
    value.__exit__(None, None, None)


#: Operators by name; the trusted side sends the name, never code.
OPERATIONS: dict[str, Callable[..., Any]] = {
    name: getattr(operator, name)
    for name in [
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
        "and_",
        "or_",
        "xor",
        "lt",
        "le",
        "eq",
        "ne",
        "gt",
        "ge",
        "neg",
        "pos",
        "abs",
        "invert",
        "getitem",
        "setitem",
        "delitem",
        "contains",
        "index",
    ]
} | {
    "divmod": divmod,
    "len": len,
    "iter": iter,
    "next": next,
    "bool": bool,
    "int": int,
    "float": float,
    "complex": complex,
    "str": str,
    "repr": repr,
    "format": format,
    "hash": hash,
    "round": round,
    "reversed": reversed,
    "dir": dir,
    "list": list,
    "array": lambda value, *dtype: np.array(np.ma.getdata(value), *dtype, subok=False),
    "enter": _enter,
    "exit": _exit,
}
