"""What it costs a frame of three million rows to cross to the tests: ``python -m benchmarks.frame_crossing``.

The parts of one crossing, and what an inherited area of shared memory would cost in place of the socket. Seconds of
the processors, which a busy machine changes little; the best of several, on both sides of the bridge together.
"""

from __future__ import annotations

import mmap
import os
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from graders.engine import codecs
from graders.engine.values import NoCodecError, Objects, Packed, Packer, Unpacker
from graders.engine.wire import Channel, GarbledError

ROWS = 3_000_000
_TIMES = 5


def main() -> None:
    """Print the table."""
    assert codecs.TRACKED_TAGS  # importing them registers them
    frame = pd.DataFrame({"t": np.arange(ROWS), "x": np.linspace(0, 1, ROWS), "y": np.ones(ROWS)})
    packed = _pack(frame)
    size = sum(len(blob) for blob in packed.blobs)
    rows = {
        "encode": _best(lambda: _pack(frame)),
        "checksum, once on each side": 2 * _best(lambda: packed.fingerprint),
        "through the socket": _best(lambda: _through_socket(packed)),
        "through shared memory instead": _best(lambda: _through_memory(packed, size)),
        "decode": _best(lambda: _unpack(packed)),
    }
    sys.stdout.write(f"a frame of {ROWS} rows, {size / 2**20:.0f} MB; seconds of the processors, best of {_TIMES}\n\n")
    sys.stdout.write("| part | s |\n|---|---|\n")
    sys.stdout.write("".join(f"| {name} | {seconds:.3f} |\n" for name, seconds in rows.items()))


def _best(act: Callable[[], Any]) -> float:
    """The least time that this process and its children spend on it."""
    return min(_spent(act) for _ in range(_TIMES))


def _spent(act: Callable[[], Any]) -> float:
    before, start = _of_children(), time.process_time()
    act()
    return time.process_time() - start + _of_children() - before


def _of_children() -> float:
    """Seconds of children that ended, which the kernel counts in ticks."""
    times = os.times()
    return times.children_user + times.children_system


def _refuse(value: Any, _packer: Any = None) -> Any:
    raise NoCodecError(repr(type(value)))


def _pack(frame: pd.DataFrame) -> Packed:
    packer = Packer(Objects(-1), _refuse)
    return Packed(packer.pack(frame), tuple(packer.blobs))


def _unpack(packed: Packed) -> Any:
    def refuse(_node: Any, _unpacker: Any) -> Any:
        raise GarbledError("no handles here")

    views = [memoryview(bytearray(blob)) for blob in packed.blobs]
    return Unpacker(Objects(1), views, refuse, lambda oid: oid < 0).value(packed.node)


def _in_child(act: Callable[[], Any]) -> int:
    child = os.fork()
    if child == 0:
        try:
            act()
        finally:
            os._exit(0)
    return child


def _through_socket(packed: Packed) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        child = _in_child(lambda: Channel(theirs).send({"ok": 1}, packed.blobs))
        Channel(ours).receive()
        os.waitpid(child, 0)


def _through_memory(packed: Packed, size: int) -> None:
    """The student's side writes into an inherited area; the tests' side copies it out before it looks at it."""
    with mmap.mmap(-1, size) as area:
        os.waitpid(_in_child(lambda: _write(area, packed)), 0)
        bytearray(memoryview(area))


def _write(area: mmap.mmap, packed: Packed) -> None:
    place = 0
    for blob in packed.blobs:
        view = memoryview(blob).cast("B")
        area[place : place + len(view)] = view
        place += len(view)


if __name__ == "__main__":
    main()
