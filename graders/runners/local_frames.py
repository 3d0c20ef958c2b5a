"""How jobs and file sets travel between the local runner and its slots: names in the header, bytes as blobs."""

from __future__ import annotations

from collections.abc import Sequence

from graders.engine.wire import WireLimits
from graders.files import FileSet

MAX_FILES = 20_000


def slot_limits() -> WireLimits:
    """Bounds for both directions; both ends are ours, so they are wide."""
    return WireLimits(header_bytes=256 * 2**20, blobs=MAX_FILES, total_bytes=2**62, messages=2**62)


def write_file_set(files: FileSet, blobs: list[bytes]) -> list[str]:
    """Append the bytes of ``files`` to ``blobs``; return their names for the header."""
    blobs += files.files.values()
    return list(files)


def read_file_set(names: Sequence[str], blobs: list[memoryview]) -> tuple[FileSet, list[memoryview]]:
    """Undo ``write_file_set``; also return the blobs that are left."""
    count = len(names)
    return FileSet(dict(zip(names, map(bytes, blobs[:count]), strict=True))), blobs[count:]
