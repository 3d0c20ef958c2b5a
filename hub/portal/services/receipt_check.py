"""Is this what was received? A file, an archive of all files or a digest is held against a receipt's stored digests."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from graders.files import FileSet, sha256_hex
from graders.intake import IntakeLimits, check_paths
from hub.portal.errors import InvalidError
from hub.portal.services.file_sets import StoredFile

DIGEST = re.compile(r"[0-9a-f]{64}")


class Match(StrEnum):
    """What the thing that was checked is."""

    WHOLE = "whole"  # the whole submission
    FILE = "file"  # one or more of its files
    NOTHING = "nothing"  # none of what was received


@dataclass(frozen=True)
class Checked:
    """The digest that was checked and what it stands for; ``paths`` are the files of the submission that it equals."""

    digest: str
    match: Match
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Received:
    """What a receipt stands for."""

    digest: str
    files: Sequence[StoredFile]


def check_digest(received: Received, text: str) -> Checked:
    """Hold a digest that somebody typed against a receipt; InvalidError if it is no SHA-256."""
    digest = re.sub(r"\s", "", text).lower().removeprefix("sha256:")
    if not DIGEST.fullmatch(digest):
        raise InvalidError(
            "digest",
            "SHA-256 값은 0~9와 a~f 64자입니다. 다시 붙여 넣어 주십시오.",
            "A SHA-256 digest has 64 characters, 0-9 and a-f. Please paste it again.",
        )
    if digest == received.digest:
        return Checked(digest, Match.WHOLE, tuple(file.path for file in received.files))
    paths = tuple(file.path for file in received.files if file.digest == digest)
    return Checked(digest, Match.FILE if paths else Match.NOTHING, paths)


def check_file(received: Received, data: bytes, limits: IntakeLimits) -> Checked:
    """Hold a file against a receipt; an archive of the submission's files counts as the submission itself."""
    found = check_digest(received, sha256_hex(data))
    if found.match is not Match.NOTHING:
        return found
    inside = _digest_of_archive(data, limits)
    return found if inside is None else check_digest(received, inside)


def _digest_of_archive(data: bytes, limits: IntakeLimits) -> str | None:
    """Return the digest of the files in a zip archive; None if it is none or holds more than a submission may.

    Sizes are those that the archive states, and no more than that many bytes are ever unpacked.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            sizes = {entry.filename: entry.file_size for entry in entries}
            if len(sizes) != len(entries) or check_paths(sizes, limits) is not None:
                return None
            return FileSet({entry.filename: _read(archive, entry) for entry in entries}).digest
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        return None


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as file:
        data = file.read(entry.file_size + 1)
    if len(data) != entry.file_size:
        raise zipfile.BadZipFile("an entry is larger than it says")
    return data
