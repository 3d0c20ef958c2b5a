"""Moving rows from one person to another and back, table by table, with what is needed to undo it written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.services.merging.references import MOVING, Clash, Moving, references

#: ``table.column`` -> primary keys of the rows that moved, as they were before.
Moved = dict[str, list[list[Any]]]
Key = tuple[Any, ...]
_AS_IT_IS = {"synchronize_session": False}


@dataclass(frozen=True)
class Clashing:
    """Rows of which both persons have one, how many."""

    moving: Moving
    rows: int


def clashes(session: Session, kept_id: int, merged_id: int) -> list[Clashing]:
    """Return why two persons can't be merged: each kind of row of which both have the same one."""
    found = []
    for name, moving in MOVING.items():
        if moving.clash is Clash.REFUSE and moving.key:
            column = references()[name]
            common = _open_keys(session, column, moving, kept_id) & _open_keys(session, column, moving, merged_id)
            found += [Clashing(moving, len(common))] if common else []
    return found


def _open_keys(session: Session, column: sa.Column[int], moving: Moving, person_id: int) -> set[Key]:
    """The keys of a person's rows that can occur once; for a row that can itself occur once, an empty key."""
    table = column.table
    query = sa.select(sa.literal(1), *(table.c[name] for name in moving.key)).where(column == person_id)
    query = query.where(*(table.c[name].is_(None) for name in moving.open_while))
    return {tuple(row)[1:] for row in session.execute(query)}


def move_all(session: Session, from_id: int, to_id: int) -> Moved:
    """Move every row that moves and return which; rows of which the other person has the same stay."""
    moved: Moved = {}
    for name, moving in MOVING.items():
        column = references()[name]
        rows = _movable(session, column, moving, from_id, to_id)
        if rows:
            moved[name] = rows
            _put(session, column, rows, from_id, to_id)
    return moved


def move_back(session: Session, moved: Moved, merged_id: int, kept_id: int) -> None:
    """Give every row that moved back, the last table first; a row that was removed since stays away."""
    for name in reversed(list(MOVING)):
        column = references()[name]
        place = _place(column)
        for primary in moved.get(name, []):
            there = [kept_id if index == place else value for index, value in enumerate(primary)]
            _put(session, column, [there], kept_id, merged_id)


def _movable(session: Session, column: sa.Column[int], moving: Moving, from_id: int, to_id: int) -> list[list[Any]]:
    """Primary keys of a person's rows, without those that would be there twice."""
    table = column.table
    taken = set() if moving.clash is Clash.REFUSE else _open_keys(session, column, moving, to_id)
    primary = list(table.primary_key.columns)
    query = sa.select(*primary, *(table.c[name] for name in (*moving.key, *moving.open_while)))
    found = []
    for row in session.execute(query.where(column == from_id).order_by(*primary)):
        values = list(row)
        key = tuple(values[len(primary) : len(primary) + len(moving.key)])
        is_open = all(value is None for value in values[len(primary) + len(moving.key) :])
        if not (is_open and key in taken):
            found.append(values[: len(primary)])
    return found


def _place(column: sa.Column[int]) -> int | None:
    """Where the column stands in the primary key, if it does: such a row changes its key by moving."""
    primary = [each.name for each in column.table.primary_key.columns]
    return primary.index(column.name) if column.name in primary else None


def _put(session: Session, column: sa.Column[int], rows: Sequence[Sequence[Any]], from_id: int, to_id: int) -> None:
    primary = list(column.table.primary_key.columns)
    for row in rows:
        same = [each == value for each, value in zip(primary, row, strict=True)]
        statement = sa.update(column.table).where(*same, column == from_id).values({column.name: to_id})
        session.execute(statement, execution_options=_AS_IT_IS)
