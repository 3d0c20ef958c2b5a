"""Short messages with descriptors between the engine's own processes, over a plain stream socket.

Every system has those; packets that keep their bounds (SEQPACKET) macOS has not. No student code ever holds an end.
"""

from __future__ import annotations

import json
import select
import socket
import struct
from collections.abc import Sequence
from typing import Any, Self

_HEAD = struct.Struct(">I")
_MESSAGE_MAX = 1_000_000
_DESCRIPTORS_MAX = 8


class MessageSocket:
    """One end. Messages are JSON objects; ``None`` is received when the other end has closed."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock

    @classmethod
    def pair(cls) -> tuple[Self, Self]:
        """Return two connected ends."""
        ours, theirs = socket.socketpair()
        return cls(ours), cls(theirs)

    def send(self, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
        """Send a message, and copies of ``descriptors`` with it; OSError if the other end is gone.

        A process and its child may send over copies of one end: written at once, short messages never mix.
        """
        data = json.dumps(message).encode()
        whole = _HEAD.pack(len(data)) + data
        sent = socket.send_fds(self.sock, [whole], list(descriptors)) if descriptors else self.sock.send(whole)
        self.sock.sendall(whole[sent:])

    def receive(self) -> tuple[dict[str, Any] | None, list[int]]:
        """Wait for the next message; OSError or TimeoutError as the socket says."""
        head, descriptors, _, _ = socket.recv_fds(self.sock, _HEAD.size, _DESCRIPTORS_MAX)
        head += self._exactly(_HEAD.size - len(head)) if head else b""
        if len(head) < _HEAD.size:
            return None, descriptors
        (size,) = _HEAD.unpack(head)
        data = self._exactly(size) if size <= _MESSAGE_MAX else b""
        return (json.loads(data) if data else None), descriptors

    def is_ready(self, seconds: float) -> bool:
        """Whether a message, or the other end's close, arrives within ``seconds``."""
        return bool(select.select([self.sock], [], [], max(0.0, seconds))[0])

    def fileno(self) -> int:
        """Return the descriptor, for ``poll`` and for passing on."""
        return self.sock.fileno()

    def close(self) -> None:
        """Close this end."""
        self.sock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self.sock.recv(size - len(data))
            if not more:
                return b""
            data += more
        return data
