"""Removes bytes that nobody refers to: first file sets without an owner, then blobs that no file set names.

Safe beside running submissions. Old content that a submission is just using again is locked by it (``put_file_set``,
``DatabaseBlobs.put``) and skipped here; what this sweep has taken in hand, a submission waits for and then stores
anew. Only content older than a given age goes, and foreign keys refuse whatever slipped through.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.database import Database
from hub.portal.models import Base, Blob, FileSetEntry, FileSetRow
from hub.portal.services.audit import Actor, Deed, Subject, record

#: A week: longer than any transaction lives, and than it takes to notice that something was destroyed too early.
KEEP = timedelta(days=7)
#: Rows a transaction: on SQLite nobody else writes meanwhile.
BATCH = 100


@dataclass(frozen=True)
class Swept:
    """How much goes, or would go. A blob whose file sets all go at the same time is counted too."""

    file_sets: int = 0
    blobs: int = 0
    size_bytes: int = 0

    def __add__(self, other: Swept) -> Swept:
        return Swept(self.file_sets + other.file_sets, self.blobs + other.blobs, self.size_bytes + other.size_bytes)


def count_unused(session: Session, before: datetime) -> Swept:
    """Say what a sweep would remove now, without removing anything."""
    ownerless = sa.select(FileSetRow.digest).where(FileSetRow.created_at < before, ~_has_owner())
    named = sa.exists().where(FileSetEntry.blob_digest == Blob.digest, FileSetEntry.file_set_digest.not_in(ownerless))
    unused = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(Blob.size_bytes), 0)).where(
        Blob.created_at < before, ~named
    )
    blobs, size_bytes = session.execute(unused).one()
    file_sets = session.scalar(sa.select(sa.func.count()).select_from(ownerless.subquery())) or 0
    return Swept(file_sets, blobs, int(size_bytes))


def sweep_unused(
    database: Database, before: datetime, now: datetime, on_progress: Callable[[Swept], None] = lambda _: None
) -> Swept:
    """Remove what is unused and was stored before ``before``, a batch a transaction; tells the total after each."""
    total = Swept()
    for step in (_sweep_file_sets, _sweep_blobs):
        while (swept := _sweep_batch(database, step, before, now)) != Swept():
            total += swept
            on_progress(total)
    return total


def _sweep_batch(
    database: Database, step: Callable[[Session, datetime], Swept], before: datetime, now: datetime
) -> Swept:
    with database.writing() as session:
        swept = step(session, before)
        if swept != Swept():
            record(session, Actor("sweep"), Deed("blobs.swept", Subject("blob", "*"), vars(swept)), now)
        return swept


def _sweep_file_sets(session: Session, before: datetime) -> Swept:
    """Remove one batch of file sets that no row refers to.

    Two statements: between the first one's snapshot and its locks an owner may have been committed; the second sees it.
    """
    unused = sa.select(FileSetRow.digest).where(FileSetRow.created_at < before, ~_has_owner())
    locked = session.scalars(_locking(unused.order_by(FileSetRow.digest))).all()
    gone = session.scalars(sa.select(FileSetRow.digest).where(FileSetRow.digest.in_(locked), ~_has_owner())).all()
    session.execute(sa.delete(FileSetEntry).where(FileSetEntry.file_set_digest.in_(gone)))
    session.execute(sa.delete(FileSetRow).where(FileSetRow.digest.in_(gone)))
    return Swept(file_sets=len(gone))


def _sweep_blobs(session: Session, before: datetime) -> Swept:
    """Remove one batch of blobs that no file set names; see ``_sweep_file_sets`` for why in two statements."""
    named = sa.exists().where(FileSetEntry.blob_digest == Blob.digest)
    unused = sa.select(Blob.digest).where(Blob.created_at < before, ~named)
    locked = session.scalars(_locking(unused.order_by(Blob.digest))).all()
    removed = sa.delete(Blob).where(Blob.digest.in_(locked), ~named).returning(Blob.size_bytes)
    sizes = session.scalars(removed, execution_options={"synchronize_session": False}).all()
    return Swept(blobs=len(sizes), size_bytes=sum(sizes))


def _locking(query: sa.Select[str]) -> sa.Select[str]:
    return query.limit(BATCH).with_for_update(skip_locked=True)


def _has_owner() -> sa.ColumnElement[bool]:
    """Whether any row of any table, its own entries aside, refers to a file set: new tables count by themselves."""
    return sa.or_(*(sa.exists().where(column == FileSetRow.digest) for column in _owners_of(FileSetRow.__tablename__)))


def _owners_of(table: str) -> list[sa.Column[str]]:
    return [
        column
        for other in Base.metadata.sorted_tables
        for column in other.columns
        for key in column.foreign_keys
        if key.column.table.name == table and other.name != FileSetEntry.__tablename__
    ]
