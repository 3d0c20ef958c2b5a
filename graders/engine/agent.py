"""The student's side of the bridge: answers the trusted test process from inside the student's process.

Untrusted once student code ran: everything here may be replaced or lied about by that code, and the trusted
side must survive it. ``serve`` is the only entry; the engine calls it with the lent end of a socket and it
returns when the trusted side says ``end`` or hangs up. State (object ids, names given) lives as long as the shell.
"""

from __future__ import annotations

import importlib
import inspect
import io
import operator
import os
import socket
import sys
import traceback
import warnings
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from graders.engine import codecs
from graders.engine.agent_environment import Environment
from graders.engine.agent_fork import run_in_fork
from graders.engine.agent_objects import AgentObjects, Stub, class_name, signature_of
from graders.engine.values import Packed, merge, split
from graders.engine.wire import BridgeError, Buffer, Channel, Header

_OUTPUT_MAX = 1_000_000
_FILE_MAX = 64 * 2**20
_MISSING = object()
_TRACKED = frozenset(codecs.TRACKED_TAGS)

_agents: weakref.WeakKeyDictionary[Any, Agent] = weakref.WeakKeyDictionary()


def serve(shell: Any, sock: socket.socket) -> None:
    """Answer one test cell's requests on ``sock`` with the state of IPython shell ``shell``; returns at its end."""
    agent = _agents.get(shell)
    if agent is None:
        agent = _agents[shell] = Agent(shell)
    with agent.captured():
        agent.serve(Channel(sock))


class _Capture(io.StringIO):
    """Bounded text capture: what is printed beyond the bound is dropped."""

    def write(self, text: str) -> int:
        if self.tell() < _OUTPUT_MAX:
            super().write(text[:_OUTPUT_MAX])
        return len(text)

    def drain(self) -> str:
        """Return and forget what was written."""
        text = self.getvalue()
        self.seek(0)
        self.truncate()
        return text


class Agent:
    """Serves one shell."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.known: dict[str, Any] = {}  # names that the trusted side has, and the objects they meant
        self.pushed: dict[str, Any] = {}  # names that tests set
        self.values = AgentObjects(self._call_back)
        self.environment = Environment(shell.user_ns, self.decode)
        self._blobs: list[memoryview] = []
        self._channel: Channel | None = None
        self._number = 0
        self._out, self._err = _Capture(), _Capture()

    @contextmanager
    def captured(self) -> Iterator[None]:
        """Collect what student code prints while a test calls it."""
        before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = self._out, self._err
        try:
            yield
        finally:
            sys.stdout, sys.stderr = before

    def serve(self, channel: Channel) -> None:
        """Answer requests until ``end`` or until the other side hangs up."""
        self._channel = channel
        try:
            while self._answer(*channel.receive()):
                pass
        except BridgeError:
            return

    # ---- one request

    def _answer(self, request: Header, blobs: list[memoryview]) -> bool:
        self._blobs, self._number = blobs, request["n"]
        watch: list[tuple[int, tuple[int, ...]]] = []
        try:
            self._apply_environment(request)
            reply, value = self._run(request, watch)
        except BridgeError:
            raise
        except BaseException as error:  # noqa: BLE001  # whatever student code raises goes to the test
            reply, value = {"raise": self._describe(error)}, None
        self._send(request["n"], reply, value, watch)
        return bool(request["do"] != "end")

    def _apply_environment(self, request: Header) -> None:
        env = request.get("env")
        if env:
            self.values.objects.forget(env.get("forget", ()))
            self.environment.apply(env)
            self.pushed.update({name: self.shell.user_ns.get(name) for name in env.get("names", ())})

    def _run(self, request: Header, watch: list[tuple[int, tuple[int, ...]]]) -> tuple[Header, Any]:
        handler = _HANDLERS[request["do"]]
        args = [self._watched(entry, watch) for entry in request.get("args", ())]
        kwargs = {name: self._watched(entry, watch) for name, entry in request.get("kwargs", {}).items()}
        if not request.get("warn"):
            return {}, (handler(self, request, args, kwargs),)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            value = handler(self, request, args, kwargs)
        return {"warned": [_warning(each) for each in caught[:100]]}, (value,)

    def _watched(self, entry: Any, watch: list[tuple[int, tuple[int, ...]]]) -> Any:
        value = self.decode(entry)
        node = entry[0]
        if type(node) is list and node[0] in _TRACKED | {"="}:
            watch.append((node[1], self._pack(value).fingerprint))
        return value

    def decode(self, entry: Any) -> Any:
        """Value of one ``[node, start, count]`` of the current message."""
        packed = split(entry, self._blobs)
        node = packed.node
        if type(node) is list and node and node[0] == "=":
            return self.values.objects.by_oid[node[1]]
        value = self.values.unpacker(list(packed.blobs)).value(node)  # type: ignore[arg-type]
        if type(node) is list and node[0] in _TRACKED:
            self.values.objects.synced[node[1]] = packed.fingerprint
        return value

    def _pack(self, value: Any) -> Packed:
        packer = self.values.packer()
        return Packed(packer.pack(value), tuple(packer.blobs))

    def _pack_root(self, value: Any) -> Packed:
        """Pack a result; ``["=", oid]`` if the other side already has exactly that."""
        packed = self._pack(value)
        if type(packed.node) is not list or packed.node[0] not in _TRACKED:
            return packed
        oid, fingerprint = packed.node[1], packed.fingerprint
        if self.values.objects.synced.get(oid) == fingerprint:
            return Packed(["=", oid])
        self.values.objects.synced[oid] = fingerprint
        return packed

    # ---- replies

    def _send(self, number: int, reply: Header, value: Any, watch: list[tuple[int, tuple[int, ...]]]) -> None:
        blobs: list[Buffer] = []
        if value is not None:
            reply["ok"] = merge(self._pack_root(value[0]), blobs)
        reply["changed"] = self._changed(watch, blobs)
        reply["rebound"] = self._rebound(blobs)
        reply["stale"] = [name for name, value in self.known.items() if self._binding(name) is not value]
        for name in reply["stale"]:
            del self.known[name]
        self._frame(number, reply, blobs)

    def _frame(self, number: int, reply: Header, blobs: list[Buffer]) -> None:
        assert self._channel is not None
        reply.update({"n": number, "out": self._out.drain(), "err": self._err.drain(), "cwd": _folder()})
        self._channel.send(reply, blobs)

    def _binding(self, name: str) -> Any:
        return self.shell.user_ns.get(name, _MISSING)

    def _changed(self, watch: list[tuple[int, tuple[int, ...]]], blobs: list[Buffer]) -> list[Any]:
        """Arguments that student code changed in place."""
        changed = []
        for oid, before in watch:
            packed = self._pack(self.values.objects.by_oid[oid])
            if packed.fingerprint != before:
                self.values.objects.synced[oid] = packed.fingerprint
                changed.append(merge(packed, blobs))
        return changed

    def _rebound(self, blobs: list[Buffer]) -> dict[str, Any]:
        """Names of the test that student code bound anew."""
        rebound = {}
        for name, value in list(self.pushed.items()):
            current = self._binding(name)
            if current is not value:
                self.pushed[name] = current
                rebound[name] = None if current is _MISSING else merge(self._pack_root(current), blobs)
        return rebound

    def _describe(self, error: BaseException) -> Header:
        error_class = type(error)
        return {
            "classes": [class_name(kind) for kind in error_class.__mro__[:20]],
            "class": self.values.objects.oid_of(error_class) if error_class.__module__ == "__main__" else None,
            "args": [
                arg if type(arg) in (str, int, float, bool, type(None)) else _safe_text(arg) for arg in error.args[:5]
            ],
            "text": _safe_text(error)[:2000],
            "trace": "".join(traceback.format_exception(error, limit=-6))[-6000:],
        }

    # ---- the student's code calls back into the test

    def _call_back(self, oid: int, what: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        channel, number = self._channel, self._number
        assert channel is not None
        blobs: list[Buffer] = []
        back = {"on": oid, "what": what, "args": [merge(self._pack_root(arg), blobs) for arg in args]}
        back["kwargs"] = {name: merge(self._pack_root(arg), blobs) for name, arg in kwargs.items()}
        self._frame(number, {"back": back}, blobs)
        return self._wait_for_answer(channel, number)

    def _wait_for_answer(self, channel: Channel, number: int) -> Any:
        while True:
            message, blobs = channel.receive()
            if "answer" not in message and "failed" not in message:
                self._answer(message, blobs)
                continue
            self._blobs, self._number = blobs, number
            if "failed" in message:
                raise _exception(message["failed"])
            return self.decode(message["answer"])


def _exception(failed: Header) -> Exception:
    kind = getattr(__import__("builtins"), failed["type"], RuntimeError)
    return (
        kind(failed["text"]) if isinstance(kind, type) and issubclass(kind, Exception) else RuntimeError(failed["text"])
    )


def _warning(caught: warnings.WarningMessage) -> list[Any]:
    return [[class_name(kind) for kind in caught.category.__mro__[:20]], _safe_text(caught.message)[:2000]]


def _safe_text(value: Any) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001  # a student's __str__ may raise anything
        return f"<{type(value).__name__}>"


def _folder() -> str:
    try:
        return os.getcwd()
    except OSError:  # the student removed it
        return ""


# ---- what the trusted side may ask for

Handler = Callable[[Agent, Header, list[Any], dict[str, Any]], Any]


def _get(agent: Agent, request: Header, _args: list[Any], _kwargs: dict[str, Any]) -> Any:
    name = request["name"]
    if name not in agent.shell.user_ns:
        raise NameError(f"name {name!r} is not defined")
    agent.known[name] = agent.shell.user_ns[name]
    return agent.shell.user_ns[name]


def _call(_agent: Agent, _request: Header, args: list[Any], kwargs: dict[str, Any]) -> Any:
    return args[0](*args[1:], **kwargs)


def _attr(_agent: Agent, request: Header, args: list[Any], _kwargs: dict[str, Any]) -> Any:
    return getattr(args[0], request["name"])


def _setattr(_agent: Agent, request: Header, args: list[Any], _kwargs: dict[str, Any]) -> None:
    setattr(args[0], request["name"], args[1])


def _delattr(_agent: Agent, request: Header, args: list[Any], _kwargs: dict[str, Any]) -> None:
    delattr(args[0], request["name"])


def _op(_agent: Agent, request: Header, args: list[Any], _kwargs: dict[str, Any]) -> Any:
    return OPERATIONS[request["op"]](*args)


def _isinst(_agent: Agent, _request: Header, args: list[Any], _kwargs: dict[str, Any]) -> bool:
    return issubclass(type(args[0]), args[1])  # type(), not __class__: an object's own claim is no evidence


def _shell(agent: Agent, request: Header, args: list[Any], _kwargs: dict[str, Any]) -> Any:
    return getattr(agent.shell, request["name"])(*args)


def _import(_agent: Agent, request: Header, _args: list[Any], _kwargs: dict[str, Any]) -> Any:
    return importlib.import_module(request["name"])


def _files(_agent: Agent, _request: Header, args: list[Any], _kwargs: dict[str, Any]) -> list[bytes | None]:
    return [_file(name) for name in args[0]]


def _file(name: str) -> bytes | None:
    if not os.path.isfile(name) or os.path.getsize(name) > _FILE_MAX:
        return None
    with open(name, "rb") as file:
        return file.read()


def _names(agent: Agent, _request: Header, _args: list[Any], _kwargs: dict[str, Any]) -> list[str]:
    hidden = getattr(agent.shell, "user_ns_hidden", {})
    return [name for name in agent.shell.user_ns if isinstance(name, str) and name not in hidden]


_HANDLERS: dict[str, Handler] = {
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

__all__ = ["OPERATIONS", "Agent", "Stub", "serve"]
