"""The trusted side's conversation with one student's process: requests, answers, callbacks, write-back."""

from __future__ import annotations

import io
import socket
import sys
import time
import warnings
from collections.abc import Collection
from typing import Any

from graders.contract import Flag, Text
from graders.engine import codecs
from graders.engine.exceptions import find_exception_class
from graders.engine.profile import Guard, shorten
from graders.engine.trusted_callbacks import CALLBACKS
from graders.engine.trusted_values import TrustedValues
from graders.engine.values import Packed, merge, split
from graders.engine.wire import BridgeError, Buffer, Channel, GarbledError, Header

_TRACKED = frozenset(codecs.TRACKED_TAGS)
_CALLBACK_DEPTH = 60
_PRINTED_MAX = 200_000
_FLAGS_MAX = 40
_KEPT_BYTES = 256 * 2**20
_TIDY_EVERY = 16

#: Requests that run no student code: names stay as they were.
_QUIET = frozenset({"get", "type", "isinst", "src", "signature", "names", "files", "environ"})


def _has_oid(node: Any) -> bool:
    return type(node) is list and len(node) > 1 and type(node[1]) is int


def _ignore(*_: Any) -> None:
    """What a session does before a notebook listens."""


class Session:
    """Requests to the student's side; lives as long as the notebook, with one channel per test cell."""

    def __init__(self) -> None:
        self.values = TrustedValues(self, self._saw_kind)
        self.environment: Any = None  # set by the cell that runs: gives the changes to send along
        self.on_code_ran: Any = _ignore
        self.on_rebound: Any = _ignore
        self.on_seen: Any = _ignore  # files and variables that student code changed under this test
        self.watch: Any = dict  # gives the files and variables to report after a call
        self.guard: Guard
        self.broken: BridgeError | None = None
        self.flags: dict[str, Flag] = {}
        self.printed = io.StringIO()
        self.requests = 0
        self.seconds = 0.0
        self.folders: tuple[bytes, bytes] | None = None
        self._filters = warnings.filters
        self._channel: Channel | None = None
        self._number = 0
        self._depth = 0
        self._heard_text = False

    def has_heard_text(self) -> bool:
        """Whether anything that could be or hold text has come from the student's side in this notebook."""
        return self._heard_text

    def connect(self, sock: socket.socket, guard: Guard, deadline: float) -> None:
        """Start one test cell's conversation; it ends at ``deadline`` (``time.monotonic``)."""
        self._channel = Channel(sock, deadline=deadline, folders=self.folders)
        self.guard, self.broken, self._depth = guard, None, 0
        self._filters = warnings.filters
        self.flags, self.printed = {}, io.StringIO()
        self.requests, self.seconds = 0, 0.0

    def disconnect(self) -> None:
        """End the test cell's conversation: handles that are kept answer again in the next cell."""
        self._channel = None
        self.broken = None

    def _saw_kind(self, label: str, kind: str) -> None:
        self.guard.saw_kind(label, kind)

    def allows(self, label: str, operator: str) -> bool:
        """Whether the reference profile has this operator at this place."""
        return self.guard.allows(shorten(label), operator)

    # ---- requests

    def ask(self, do: str, label: str, args: list[Any], kwargs: dict[str, Any] | None = None, **fields: Any) -> Any:
        """Send one request and return its value, or raise what student code raised."""
        if self.broken is not None:
            raise self.broken
        if self._channel is None:
            raise RuntimeError("the student's process answers only while a test cell runs")
        try:
            return self._ask(do, shorten(label), args, kwargs or {}, fields)
        except BridgeError as error:
            self.broken = error
            raise

    def _ask(self, do: str, label: str, args: list[Any], kwargs: dict[str, Any], fields: Header) -> Any:
        blobs: list[Buffer] = []
        env = self.environment(blobs, [] if do in _QUIET else [args, kwargs]) if self.environment is not None else {}
        sent: set[int] = set()
        message: Header = {"do": do, **fields, "args": [self._merge(arg, blobs, sent) for arg in args]}
        if kwargs:
            message["kwargs"] = {name: self._merge(arg, blobs, sent) for name, arg in kwargs.items()}
        if warnings.filters is not self._filters:
            message["warn"] = True
        if env:
            message["env"] = env
        if do not in _QUIET and (watch := self.watch()):
            message["watch"] = watch
        if self.values.objects.sizes and self.requests % _TIDY_EVERY == 0:
            self._tidy(message)
        outer = self.values.sent_now
        self.values.sent_now = sent
        try:
            return self._converse(message, blobs, label)
        finally:
            self.values.sent_now = outer

    def _tidy(self, message: Header) -> None:
        """Keep what both sides remember within bounds: a loop over large arrays must not fill the memory."""
        used = {entry[0][1] for entry in [*message["args"], *message.get("kwargs", {}).values()] if _has_oid(entry[0])}
        old = [oid for oid in self.values.objects.oldest_beyond(_KEPT_BYTES) if oid not in used]
        if old:
            self.values.objects.forget(old)
            message.setdefault("env", {})["forget"] = old

    def _converse(self, message: Header, blobs: list[Buffer], label: str) -> Any:
        assert self._channel is not None
        self._number += 1
        self.requests += 1
        number = message["n"] = self._number
        start = time.perf_counter()
        self._channel.send(message, blobs)
        while True:
            reply, received = self._channel.receive()
            if not self._is_answer(reply, number):
                raise GarbledError("an answer to another question")
            self._take_output(reply)
            if "back" not in reply:
                break
            self._serve_callback(reply["back"], received, number)
        self.seconds += time.perf_counter() - start
        return self._take_reply(message["do"], reply, received, label)

    @staticmethod
    def _is_answer(reply: Header, number: int) -> bool:
        """An answer counts once, for the question it was given to."""
        return reply.get("n") == number

    def _merge(self, value: Any, blobs: list[Buffer], sent: set[int]) -> list[Any]:
        packer = self.values.packer()
        packed = Packed(packer.pack(value), tuple(packer.blobs))
        sent.update(packer.seen)
        return merge(self.unless_synced(packed), blobs)

    def unless_synced(self, packed: Packed) -> Packed:
        """``["=", oid]`` instead of contents that the student's side already has."""
        if type(packed.node) is not list or packed.node[0] not in _TRACKED:
            return packed
        oid, fingerprint = packed.node[1], packed.fingerprint
        if self.values.objects.synced.get(oid) == fingerprint:
            return Packed(["=", oid])
        self.values.objects.note(oid, packed, fingerprint)
        return packed

    # ---- answers

    def _take_reply(self, do: str, reply: Header, blobs: list[memoryview], label: str) -> Any:
        if do not in _QUIET:
            self.on_code_ran(_texts(reply.get("stale")))
        self._take_changes(reply, blobs, label)
        if "seen" in reply:
            self._take_seen(reply["seen"], blobs)
        if "raise" in reply:
            raise self._exception(reply["raise"], label)
        for facts in _list(reply.get("warned"))[:100]:
            _warn(facts)
        return self.decode(reply.get("ok"), blobs, label)

    def decode(self, entry: Any, blobs: list[memoryview], label: str) -> Any:
        """Value of one untrusted ``[node, start, count]``."""
        packed = split(entry, blobs)
        node = packed.node
        self.values.label = label
        if type(node) is list and len(node) == 2 and node[0] == "=":
            return self._known(node[1])
        self._heard_text = self._heard_text or _may_hold_text(node, packed.blobs)
        value = self.values.unpacker(list(packed.blobs)).value(node)  # type: ignore[arg-type]
        if type(node) is list and node[0] in _TRACKED and node[1] < 0:
            self.values.objects.note(node[1], packed, packed.fingerprint)
        if not (type(node) is list and node[0] in ("h", "cb")):
            self.guard.saw_kind(label, "data")
        return value

    def _known(self, oid: Any) -> Any:
        if type(oid) is not int or oid not in self.values.objects.by_oid or oid not in self.values.objects.synced:
            raise GarbledError("a reference to nothing")
        return self.values.objects.by_oid[oid]

    def _take_changes(self, reply: Header, blobs: list[memoryview], label: str) -> None:
        for entry in _list(reply.get("changed")):
            node = split(entry, blobs).node
            oid = node[1] if type(node) is list and len(node) > 2 and node[0] in _TRACKED else None
            if type(oid) is not int or not self.values.may_update(oid) or oid not in self.values.objects.by_oid:
                self.flag(
                    "unasked_change",
                    "요청하지 않은 값 변경을 보냈습니다.",
                    "It sent a change of a value that nobody asked for.",
                )
                continue
            if not self.guard.mutated(label):
                self.flag(
                    "argument_changed",
                    f"함수가 인수를 바꿉니다(예시 답안은 바꾸지 않습니다): {label}",
                    f"The function changes its argument, which the reference does not: {label}",
                )
            self.decode(entry, blobs, label)
            self.values.objects.synced[oid] = split(entry, blobs).fingerprint
        self._take_rebindings(reply, blobs)

    def _take_rebindings(self, reply: Header, blobs: list[memoryview]) -> None:
        rebound = reply.get("rebound") or {}
        if type(rebound) is not dict:
            raise GarbledError("not rebindings")
        for name, entry in rebound.items():
            if not self.guard.may_rebind(name):
                self.flag(
                    "name_rebound",
                    f"테스트의 이름을 바꾸려 했습니다: {name[:60]}",
                    f"It rebound a test's name: {name[:60]}",
                )
                continue
            self.on_rebound(name, None if entry is None else [self.decode(entry, blobs, name)])

    def _take_seen(self, seen: Any, blobs: list[memoryview]) -> None:
        if type(seen) is not dict:
            raise GarbledError("not files and variables")
        files, environ = seen.get("files"), seen.get("environ")
        if type(files) is not dict or type(environ) is not dict:
            raise GarbledError("not files and variables")
        self.on_seen({name: self._content(entry, blobs) for name, entry in files.items()}, environ)

    def _content(self, entry: Any, blobs: list[memoryview]) -> Any:
        self._heard_text = True
        packed = split(entry, blobs)
        return self.values.unpacker(list(packed.blobs)).value(packed.node)  # type: ignore[arg-type]

    def _exception(self, facts: Any, label: str) -> Exception:
        if type(facts) is not dict:
            raise GarbledError("not an exception")
        self._heard_text = True
        error = self.values.stand_ins.make(facts)
        if isinstance(error, StopIteration) and not self._may_stop(label):
            error = RuntimeError(
                f"{label} raised StopIteration"
            )  # else the test's own map() would end as if all was well
        trace = facts.get("trace")
        if type(trace) is str:
            error.__axc_trace__ = trace[:6000]  # type: ignore[attr-defined]
        return error

    def _may_stop(self, label: str) -> bool:
        """Whether an iteration may end here: at an iterator's next, and where the reference ends one."""
        return label.endswith("[next]") or self.guard.allows(label, "stop")

    def _take_output(self, reply: Header) -> None:
        out, err = reply.get("out"), reply.get("err")
        self._heard_text = self._heard_text or bool(out or err)
        if type(out) is str and out:
            sys.stdout.write(out)
        if type(err) is str and err and sys.stderr is not sys.__stderr__:
            sys.stderr.write(err)

    def flag(self, code: str, korean: str, english: str) -> None:
        """Note something that a person may want to look at; once per code."""
        if code not in self.flags and len(self.flags) < _FLAGS_MAX:
            self.flags[code] = Flag(code=code, message=Text(ko=korean, en=english))

    # ---- callbacks

    def _serve_callback(self, back: Any, blobs: list[memoryview], number: int) -> None:
        assert self._channel is not None
        self._depth += 1
        if self._depth > _CALLBACK_DEPTH or type(back) is not dict or back.get("on") not in self.values.lent:
            raise GarbledError("not a callback that the test lent")
        out: list[Buffer] = []
        try:
            answer = self._run_callback(back, blobs)
            message: Header = {"n": number, "answer": self._merge(answer, out, self.values.sent_now)}
        except Exception as error:  # noqa: BLE001  # the test's own exception travels through the student's code
            message, out = {"n": number, "failed": {"type": type(error).__name__, "text": str(error)[:500]}}, []
        finally:
            self._depth -= 1
        self._channel.send(message, out)

    def _run_callback(self, back: Header, blobs: list[memoryview]) -> Any:
        target = self.values.objects.by_oid[back["on"]]
        args = [self.decode(entry, blobs, "callback") for entry in _list(back.get("args"))]
        kwargs = {name: self.decode(entry, blobs, "callback") for name, entry in (back.get("kwargs") or {}).items()}
        what = back.get("what")
        if what == "call":
            return target(*args, **kwargs)
        operation = CALLBACKS.get(what) if type(what) is str else None
        if operation is None:
            raise GarbledError("not a callback")
        return operation(target, *args)


def _warn(facts: Any) -> None:
    """Issue again, in the test, a warning that student code issued."""
    if type(facts) is not list or len(facts) != 2 or type(facts[1]) is not str:
        raise GarbledError("not a warning")
    kind = find_exception_class(facts[0])
    warnings.warn(facts[1], kind if issubclass(kind, Warning) else UserWarning, stacklevel=6)


def _may_hold_text(node: Any, blobs: Collection[Any]) -> bool:
    """Whether an untrusted node could be or hold text, judged generously; a handle's own name is no value."""
    if type(node) is list:
        if node and node[0] in ("h", "cb"):
            return False
        return bool(blobs) or any(_may_hold_text(each, ()) for each in node[1:])
    return type(node) not in (int, float, bool, type(None))


def _texts(value: Any) -> list[str]:
    return [item for item in value if type(item) is str] if type(value) is list else []


def _list(value: Any) -> list[Any]:
    if value is not None and type(value) is not list:
        raise GarbledError("not a list")
    return value or []
