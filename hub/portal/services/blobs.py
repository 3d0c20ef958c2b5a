"""Bytes by digest behind a small interface; the database is the one implementation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hub.portal.models import Blob, utc_now


class BlobStore(Protocol):
    """Keeps bytes under their SHA-256; putting the same bytes twice stores them once."""

    def put(self, blobs: Mapping[str, bytes]) -> None:
        """Store bytes by digest; durable when the surrounding transaction is."""
        ...

    def get(self, digests: Sequence[str]) -> dict[str, bytes]:
        """Return the bytes of all digests; KeyError names one that is missing."""
        ...


class DatabaseBlobs:
    """Blobs as rows, in the transaction of the session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, blobs: Mapping[str, bytes]) -> None:
        """Store what is not there yet, ordered by digest: two transactions never wait for each other in a ring.

        What is there already is held until the transaction ends, or the sweep could remove it before it is used.
        """
        held = sa.select(Blob.digest).where(Blob.digest.in_(blobs)).order_by(Blob.digest)
        known = set(self._session.scalars(held.with_for_update(read=True, key_share=True)))
        now = utc_now()
        rows = [
            {"digest": digest, "size_bytes": len(blobs[digest]), "data": blobs[digest], "created_at": now}
            for digest in sorted(set(blobs) - known)
        ]
        insert_missing(self._session, Blob, rows)

    def get(self, digests: Sequence[str]) -> dict[str, bytes]:
        """Return the bytes of all digests."""
        rows = self._session.execute(sa.select(Blob.digest, Blob.data).where(Blob.digest.in_(digests)))
        found = {row.digest: row.data for row in rows}
        for digest in digests:
            if digest not in found:
                raise KeyError(digest)
        return found


def insert_missing(session: Session, model: type[Any], rows: list[dict[str, Any]]) -> None:
    """Insert rows, leaving out those that are there already, also when another transaction is just adding them."""
    if not rows:
        return
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(model).on_conflict_do_nothing(), rows)
