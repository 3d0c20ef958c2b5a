"""A set of files addressed by digest: what a release, a grading bundle and a submission all are.

The database, the worker and the runners exchange file sets and never directories, so what was
graded can always be named by one SHA-256 digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType


def sha256_hex(data: bytes) -> str:
    """Return the lower-case hexadecimal SHA-256 digest of ``data``."""
    return hashlib.sha256(data).hexdigest()


def canonical_json(value: object) -> bytes:
    """Encode ``value`` so that equal values always give equal bytes (sorted keys, no spaces, UTF-8)."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


@dataclass(frozen=True)
class FileSet:
    """Relative POSIX paths and their bytes; immutable, ordered by path.

    Paths are trusted here: whoever builds a FileSet from untrusted input has checked them first
    (``graders.intake``).
    """

    files: Mapping[str, bytes]

    def __post_init__(self) -> None:
        ordered = {path: bytes(self.files[path]) for path in sorted(self.files)}
        object.__setattr__(self, "files", MappingProxyType(ordered))

    @cached_property
    def manifest(self) -> dict[str, str]:
        """Path to SHA-256 digest of each file."""
        return {path: sha256_hex(data) for path, data in self.files.items()}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON of the manifest: the name of the whole set."""
        return sha256_hex(canonical_json(self.manifest))

    @property
    def size_bytes(self) -> int:
        """Sum of the sizes of all files."""
        return sum(map(len, self.files.values()))

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)
