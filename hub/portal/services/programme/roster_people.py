"""Who of a roster is known already: the same person by name, birth date and phone; a likely one by two of the three."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import Person
from hub.portal.services.programme.roster_rows import RosterRow

#: As many values as every database takes in one statement.
CHUNK = 500

Identity = tuple[str, date | None, str | None]


def identity_of(person: Person | RosterRow) -> Identity:
    """Name, birth date and phone: together they are one person."""
    return person.name, person.birth_date, person.phone


class KnownPeople:
    """All persons of the database who share something with the rows; one query for each 500 values."""

    def __init__(self, session: Session, rows: Sequence[RosterRow]) -> None:
        people: dict[int, Person] = {}
        columns: tuple[tuple[Any, set[Any]], ...] = (
            (Person.phone, {row.phone for row in rows}),
            (Person.birth_date, {row.birth_date for row in rows}),
            (Person.email, {row.email for row in rows if row.email}),
        )
        for column, values in columns:
            people |= {person.id: person for person in _persons(session, column, values)}
        self._by_identity: dict[Identity, Person] = {}
        self._by_email: dict[str, Person] = {}
        self._by_pair: dict[tuple[object, object], set[int]] = defaultdict(set)
        for person in people.values():
            self._learn(person)

    def _learn(self, person: Person) -> None:
        self._by_identity.setdefault(identity_of(person), person)
        if person.email:
            self._by_email.setdefault(person.email, person)
        for pair in _pairs(person):
            self._by_pair[pair].add(person.id)

    def same(self, row: RosterRow) -> Person | None:
        """The person whom a row means."""
        return self._by_identity.get(identity_of(row))

    def has_email_of_another(self, row: RosterRow) -> bool:
        """Whether somebody else has the row's address: one address signs in one person."""
        holder = self._by_email.get(row.email or "")
        return holder is not None and identity_of(holder) != identity_of(row)

    def is_like_another(self, row: RosterRow) -> bool:
        """Whether two of name, birth date and phone are another person's: perhaps the same, a coordinator decides."""
        same = self.same(row)
        found = set().union(*(self._by_pair.get(pair, set()) for pair in _pairs(row)))
        return bool(found - ({same.id} if same else set()))


def _pairs(person: Person | RosterRow) -> Iterator[tuple[object, object]]:
    name, born, phone = identity_of(person)
    for kind, pair in (("nb", (name, born)), ("np", (name, phone)), ("bp", (born, phone))):
        if None not in pair:
            yield kind, pair


def _persons(session: Session, column: sa.ColumnElement[Any], values: Collection[Any]) -> Iterator[Person]:
    """Persons with one of the values; whoever was merged into another counts as that one."""
    ordered = sorted(values, key=str)
    for start in range(0, len(ordered), CHUNK):
        query = sa.select(Person).where(column.in_(ordered[start : start + CHUNK]), Person.merged_into_id.is_(None))
        yield from session.scalars(query)
