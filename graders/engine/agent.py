"""The student's side of the bridge: answers the trusted test process from inside the student's process.

Untrusted once student code ran: everything here may be replaced or lied about by that code, and the trusted
side must survive it. ``serve`` is the only entry; the engine calls it with the lent end of a socket and it
returns when the trusted side says ``end`` or hangs up. State (object ids, names given) lives as long as the shell.
"""

from __future__ import annotations

import builtins
import io
import socket
import sys
import traceback
import warnings
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from graders.engine import codecs
from graders.engine.agent_environment import Environment
from graders.engine.agent_objects import AgentObjects, Stub, class_name
from graders.engine.agent_requests import HANDLERS
from graders.engine.values import Packed, merge, split
from graders.engine.wire import BridgeError, Buffer, Channel, Header

_OUTPUT_MAX = 1_000_000
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
        self._watch: Header = {}
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
        self._blobs, self._number, self._watch = blobs, request["n"], request.get("watch", {})
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
        handler = HANDLERS[request["do"]]
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
        if self._watch:
            reply["seen"] = self._seen(blobs)
        self._frame(number, reply, blobs)

    def _frame(self, number: int, reply: Header, blobs: list[Buffer]) -> None:
        assert self._channel is not None
        reply.update({"n": number, "out": self._out.drain(), "err": self._err.drain()})
        self._channel.send(reply, blobs)

    def _seen(self, blobs: list[Buffer]) -> Header:
        """What student code changed of the files and variables that the test asks about."""
        files = self.environment.files.changes(self._watch.get("files", []))
        return {
            "files": {name: merge(self._pack(data), blobs) for name, data in files.items()},
            "environ": self.environment.environ.changes(self._watch.get("environ", [])),
        }

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
    kind = getattr(builtins, failed["type"], RuntimeError)
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


__all__ = ["Agent", "Stub", "serve"]
