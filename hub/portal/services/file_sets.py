"""File sets in the database: a manifest a set, each blob once."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.files import FileSet
from hub.portal.models import Blob, FileSetEntry, FileSetRow, utc_now
from hub.portal.services.blobs import DatabaseBlobs, insert_missing


def put_file_set(session: Session, files: FileSet) -> str:
    """Store a file set and return its digest; storing it again changes nothing."""
    if session.get(FileSetRow, files.digest) is not None:
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


def list_files(session: Session, digest: str) -> list[tuple[str, str, int]]:
    """Return path, digest and size in bytes of each file, ordered by path."""
    query = (
        sa.select(FileSetEntry.path, Blob.digest, Blob.size_bytes)
        .join(Blob, Blob.digest == FileSetEntry.blob_digest)
        .where(FileSetEntry.file_set_digest == digest)
        .order_by(FileSetEntry.path)
    )
    return [(path, blob, size) for path, blob, size in session.execute(query)]
