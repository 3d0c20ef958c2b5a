"""Frames between the trusted test process and the student's process: a JSON header and raw blobs.

Every number that the other side declares is checked before memory is reserved for it, and every wait
ends at one absolute deadline, so that a flood, a slow drip or silence cannot hold the receiver.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

MAGIC = b"AXB1"
_HEAD = struct.Struct(">4sII")  # magic, bytes of the header, number of blobs
_SIZES_MAX = 4096
_TOGETHER_BYTES = 2**18

Buffer = bytes | bytearray | memoryview
Header = dict[str, Any]


class BridgeError(BaseException):
    """The student's side broke the bridge. Not an ``Exception``: no test can catch it by accident."""


class GarbledError(BridgeError):
    """What arrived is not a message of this protocol, or is larger than allowed."""


class GoneError(BridgeError):
    """The other side closed the connection."""


class OutOfTimeError(BridgeError):
    """The deadline passed while waiting for the other side."""


@dataclass(frozen=True)
class WireLimits:
    """Bounds on what one connection may bring, in bytes and messages."""

    header_bytes: int = 32 * 2**20
    message_bytes: int = 2**30
    blobs: int = _SIZES_MAX
    total_bytes: int = 8 * 2**30
    messages: int = 2_000_000


@dataclass
class Channel:
    """One end of a connected stream socket. ``deadline`` is a ``time.monotonic`` value, None waits for ever.

    ``folders``: this side's working folder and the other's; texts of headers name each side's own.
    """

    sock: socket.socket
    limits: WireLimits = field(default_factory=WireLimits)
    deadline: float | None = None
    received_bytes: int = 0
    received_messages: int = 0
    folders: tuple[bytes, bytes] | None = None

    def send(self, header: Header, blobs: Sequence[Buffer] = ()) -> None:
        """Write one frame; raises ``GoneError`` or ``OutOfTimeError``."""
        text = json.dumps(header, separators=(",", ":")).encode()
        if self.folders is not None:
            text = text.replace(*self.folders)
        if len(text) > self.limits.header_bytes or len(blobs) > self.limits.blobs:
            raise GarbledError("the message is too large")
        views = [memoryview(blob).cast("B") if memoryview(blob).nbytes else memoryview(b"") for blob in blobs]
        sizes = struct.pack(f">{len(views)}Q", *(view.nbytes for view in views))
        start = _HEAD.pack(MAGIC, len(text), len(views)) + sizes + text
        for part in _joined([memoryview(start), *views]):
            self._send_all(part)

    def receive(self) -> tuple[Header, list[memoryview]]:
        """Read one frame; raises ``GarbledError``, ``GoneError`` or ``OutOfTimeError``."""
        magic, header_size, count = _HEAD.unpack(self._read(_HEAD.size))
        if magic != MAGIC or header_size > self.limits.header_bytes or count > self.limits.blobs:
            raise GarbledError("not a message of the bridge")
        sizes = struct.unpack(f">{count}Q", self._read(8 * count))
        self._account(header_size + sum(sizes))
        text = self._read(header_size).tobytes()
        header = _parse(text if self.folders is None else text.replace(*self.folders[::-1]))
        return header, list(self._read_blobs(sizes))

    def _read_blobs(self, sizes: Sequence[int]) -> Iterator[memoryview]:
        """Read what follows, small blobs together: a list of a thousand arrays is a few reads."""
        for group in _groups(sizes):
            together, start = self._read(sum(group)), 0
            for size in group:
                yield together[start : start + size]
                start += size

    def _account(self, size: int) -> None:
        self.received_bytes += size
        self.received_messages += 1
        too_much = size > self.limits.message_bytes or self.received_bytes > self.limits.total_bytes
        if too_much or self.received_messages > self.limits.messages:
            raise GarbledError("more data than the bridge carries")

    def _remaining(self) -> float | None:
        if self.deadline is None:
            return None
        remaining = self.deadline - time.monotonic()
        if remaining <= 0:
            raise OutOfTimeError("no time is left")
        return remaining

    def _send_all(self, data: Buffer) -> None:
        try:
            self.sock.settimeout(self._remaining())
            self.sock.sendall(data)
        except TimeoutError as error:
            raise OutOfTimeError("the other side does not read") from error
        except OSError as error:
            raise GoneError(str(error)) from error

    def _read(self, size: int) -> memoryview:
        data = bytearray(size)  # sizes were bounded by the caller
        view, done = memoryview(data), 0
        while done < size:
            done += self._read_some(view[done:])
        return view

    def _read_some(self, view: memoryview) -> int:
        try:
            self.sock.settimeout(self._remaining())
            got = self.sock.recv_into(view)  # descriptors sent along are dropped by the kernel
        except TimeoutError as error:
            raise OutOfTimeError("the other side does not answer") from error
        except OSError as error:
            raise GoneError(str(error)) from error
        if got == 0:
            raise GoneError("the other side ended")
        return got


def _groups(sizes: Sequence[int]) -> Iterator[list[int]]:
    """Runs of sizes that together stay small; a large one stands alone and is not kept alive by its neighbours."""
    group: list[int] = []
    total = 0
    for size in sizes:
        if group and total + size > _TOGETHER_BYTES:
            yield group
            group, total = [], 0
        group.append(size)
        total += size
    if group:
        yield group


def _joined(views: Sequence[memoryview]) -> Iterator[Buffer]:
    """The same bytes in fewer parts: each part costs a call of the system."""
    place = 0
    for group in _groups([view.nbytes for view in views]):
        parts = views[place : place + len(group)]
        yield parts[0] if len(parts) == 1 else b"".join(parts)
        place += len(group)


def _parse(data: bytes) -> Header:
    try:
        header = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise GarbledError("the header is not JSON") from error
    if not isinstance(header, dict):
        raise GarbledError("the header is not an object")
    return header
