"""What every table shares: names of constraints, aware UTC times, closed sets, row ids."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC time; a naive one is refused instead of being guessed.

    SQLite keeps no zone, so values go in as UTC and come out as UTC.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - interface
        """Return ``value`` in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time has no place in the database: give it a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - interface
        """Return the stored time as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def closed_set(kind: type[StrEnum], name: str | None = None) -> sa.Enum:
    """Return a text column type that the database itself holds to the members of ``kind``.

    ``name`` tells the check constraints of two columns of one table apart.
    """
    return sa.Enum(
        kind,
        name=name or kind.__name__.lower(),
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


def utc_now() -> datetime:
    """Return the server's time; the only clock that decides anything."""
    return datetime.now(UTC)


RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PrimaryKey = Annotated[int, mapped_column(RowId, primary_key=True)]
CreatedAt = Annotated[datetime, mapped_column(UTCDateTime, default=utc_now)]
Digest = Annotated[str, mapped_column(sa.String(64))]
Slug = Annotated[str, mapped_column(sa.String(80))]
Title = Annotated[str, mapped_column(sa.String(200))]


class Base(DeclarativeBase):
    """Root of all models."""

    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's interface
        datetime: UTCDateTime(),
        dict[str, Any]: sa.JSON(),
        list[Any]: sa.JSON(),
        bytes: sa.LargeBinary(),
    }


def reference(target: str, *, nullable: bool = False, index: bool = True) -> Mapped[Any]:
    """Return a foreign-key column to ``table.id`` (or to ``table.column``) that never cascades silently."""
    column = target if "." in target else f"{target}.id"
    return mapped_column(sa.ForeignKey(column, ondelete="RESTRICT"), nullable=nullable, index=index)
