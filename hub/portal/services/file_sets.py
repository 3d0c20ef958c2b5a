"""File sets in the database: a manifest a set, each blob once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.files import FileSet
from hub.portal.models import Blob, FileSetEntry, FileSetRow, utc_now
from hub.portal.services.blobs import DatabaseBlobs, insert_missing


def put_file_set(session: Session, files: FileSet) -> str:
    """Store a file set and return its digest; storing it again changes nothing but keeps the sweep away from it."""
    if session.get(FileSetRow, files.digest, with_for_update={"read": True, "key_share": True}) is not None:
        return files.digest
    manifest = files.manifest
    DatabaseBlobs(session).put({digest: files.files[path] for path, digest in manifest.items()})
    now = utc_now()
    insert_missing(session, FileSetRow, [{"digest": files.digest, "size_bytes": files.size_bytes, "created_at": now}])
    entries = [
        {"file_set_digest": files.digest, "path": path, "blob_digest": digest} for path, digest in manifest.items()
    ]
    insert_missing(session, FileSetEntry, entries)
    return files.digest


def load_file_set(session: Session, digest: str) -> FileSet:
    """Return the file set of ``digest``; KeyError if there is none, ValueError if its bytes are not what they were."""
    if session.get(FileSetRow, digest) is None:
        raise KeyError(digest)
    query = (
        sa.select(FileSetEntry.path, Blob.data)
        .join(Blob, Blob.digest == FileSetEntry.blob_digest)
        .where(FileSetEntry.file_set_digest == digest)
    )
    files = FileSet({row.path: row.data for row in session.execute(query)})
    if files.digest != digest:
        raise ValueError(f"file set {digest} is damaged: its bytes have digest {files.digest}")
    return files


@dataclass(frozen=True)
class StoredFile:
    """A file as it is stored; size in bytes."""

    path: str
    digest: str
    size_bytes: int


def list_files(session: Session, digests: Collection[str]) -> dict[str, tuple[StoredFile, ...]]:
    """Return the files of each file set, ordered by path: file set's digest -> files."""
    query = (
        sa.select(FileSetEntry.file_set_digest, FileSetEntry.path, Blob.digest, Blob.size_bytes)
        .join(Blob, Blob.digest == FileSetEntry.blob_digest)
        .where(FileSetEntry.file_set_digest.in_(digests))
        .order_by(FileSetEntry.path)
    )
    found: dict[str, list[StoredFile]] = {digest: [] for digest in digests}
    for file_set, path, blob, size in session.execute(query):
        found[file_set].append(StoredFile(path, blob, size))
    return {digest: tuple(files) for digest, files in found.items()}
