"""Has this file changed since it was last looked at? By time, size and inode; young files by their content as well.

File systems count time in steps of some milliseconds: two writes of the same size within one step look alike.
"""

from __future__ import annotations

import os
import stat
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

_YOUNG_NANOSECONDS = 200_000_000
_DIGEST_MAX_BYTES = 4 * 2**20


@dataclass(frozen=True)
class FileMark:
    """One look at a regular file; ``digest`` is of its content where time alone can't tell."""

    modified: int
    size: int
    inode: int
    digest: int | None = None


def mark_of(path: Path, before: FileMark | None = None) -> FileMark | None:
    """Look at a regular file, with its content if it is young or was at the last look; None for all else."""
    try:
        facts = os.lstat(path)
    except OSError:
        return None
    if not stat.S_ISREG(facts.st_mode):
        return None
    is_young = time.time_ns() - facts.st_mtime_ns < _YOUNG_NANOSECONDS
    is_unsure = is_young or (before is not None and before.digest is not None)
    digest = _digest(path) if is_unsure and facts.st_size <= _DIGEST_MAX_BYTES else None
    return FileMark(facts.st_mtime_ns, facts.st_size, facts.st_ino, digest)


def is_same(before: FileMark | None, now: FileMark | None) -> bool:
    """Whether two looks saw the same content."""
    if before is None or now is None:
        return before is now
    is_alike = (before.modified, before.size, before.inode) == (now.modified, now.size, now.inode)
    return is_alike and (before.digest is None or now.digest is None or before.digest == now.digest)


def _digest(path: Path) -> int | None:
    try:
        return zlib.crc32(path.read_bytes())
    except OSError:
        return None
