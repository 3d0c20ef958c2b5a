"""What a notebook server remembers between commands: which version a folder is, what is being sent, receipts.

Nothing here proves anything: the portal's records do. They let a submission be retried and a receipt be found.
"""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Iterable
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from graders.exchange.folder import replace_file
from graders.exchange.wire import Receipt, Wire, WireFile
from graders.files import FileSet, canonical_json, sha256_hex

MARKER = ".axcampus.json"
KEPT_RECEIPTS = 500


class Marker(Wire):
    """Beside the files of a fetched assignment: what they are a copy of."""

    course: str
    assignment: str
    version: int
    notebooks: tuple[str, ...] = ()


class Pending(Wire):
    """A submission whose receipt has not been seen yet; sending it again must use the same key."""

    digest: str
    nonce: str
    course: str = ""
    assignment: str = ""
    version: int | None = None

    @property
    def key(self) -> str:
        """The idempotency key: the same as long as the same bytes wait."""
        return sha256_hex(canonical_json([self.course, self.assignment, self.digest, self.nonce]))


class Unconfirmed(Wire):
    """A pending submission with the copy of what was sent."""

    pending: Pending
    files: tuple[WireFile, ...]


def read_marker(folder: Path) -> Marker | None:
    """The marker, or None when there is none that can be read (a copied or older folder)."""
    try:
        return Marker.model_validate_json((folder / MARKER).read_bytes())
    except (OSError, ValidationError):
        return None


def write_marker(folder: Path, marker: Marker) -> None:
    """Pin ``folder`` to the version it was fetched as."""
    replace_file(folder / MARKER, canonical_json(marker.model_dump()) + b"\n")


class Records:
    """Files under ``~/.axcampus`` of one notebook server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def receipts_file(self) -> Path:
        """Where copies of the receipts are kept, newest first."""
        return self._folder / "receipts.json"

    def idempotency_key(self, course: str, assignment: str, files: FileSet, version: int | None = None) -> str:
        """The same key until a receipt is confirmed; afterwards equal bytes are a new attempt with a new key.

        What is sent is copied beside the key, so that it can be sent again after a crash whatever the folder holds
        then. A full disk must not stop a submission: then both live as long as this call and its retries.
        """
        path = self._pending_file(course, assignment)
        known = _load_unconfirmed(path)
        if known is not None and known.pending.digest == files.digest:
            return known.pending.key
        facts = {"course": course, "assignment": assignment, "version": version}
        pending = Pending(digest=files.digest, nonce=uuid.uuid4().hex, **facts)
        copy = Unconfirmed(pending=pending, files=tuple(WireFile(path=at, content=files.files[at]) for at in files))
        with contextlib.suppress(OSError):
            replace_file(path, copy.model_dump_json().encode())
        return pending.key

    def unconfirmed(self) -> list[Unconfirmed]:
        """Submissions that were begun and never confirmed, with their copies; damaged ones are left alone."""
        found = [_load_unconfirmed(path) for path in sorted((self._folder / "pending").glob("*.json"))]
        return [each for each in found if each is not None and _is_whole(each)]

    def forget(self, pending: Pending) -> None:
        """Drop a pending submission that the portal refused for good."""
        self._pending_file(pending.course, pending.assignment).unlink(missing_ok=True)

    def confirm(self, receipt: Receipt) -> None:
        """Keep the receipt, then forget the pending key: a crash in between costs nothing."""
        others = [kept for kept in self.receipts() if kept.receipt_id != receipt.receipt_id]
        self._save([receipt, *others][:KEPT_RECEIPTS])
        self._pending_file(receipt.course, receipt.assignment).unlink(missing_ok=True)

    def receipts(self) -> list[Receipt]:
        """Local copies, newest first; an unreadable file counts as empty and is kept aside."""
        try:
            return TypeAdapter(list[Receipt]).validate_json(self.receipts_file.read_bytes())
        except FileNotFoundError:
            return []
        except ValidationError:
            self.receipts_file.replace(self.receipts_file.with_suffix(".unreadable.json"))
            return []

    def _save(self, receipts: Iterable[Receipt]) -> None:
        data = [receipt.model_dump(mode="json") for receipt in receipts]
        replace_file(self.receipts_file, json.dumps(data, ensure_ascii=False, indent=1).encode())

    def _pending_file(self, course: str, assignment: str) -> Path:
        return self._folder / "pending" / f"{course}__{assignment}.json"


def _load_unconfirmed(path: Path) -> Unconfirmed | None:
    try:
        return Unconfirmed.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _is_whole(found: Unconfirmed) -> bool:
    """Whether the copy still is what was sent."""
    return FileSet({file.path: file.content for file in found.files}).digest == found.pending.digest
