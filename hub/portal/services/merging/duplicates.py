"""Persons who may be one: two of name, birth date and phone are the same, and nobody has said that they are two."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from hub.portal.errors import InvalidError
from hub.portal.models import Cohort, DistinctPeople, Enrolment, Login, Person, PersonMerge
from hub.portal.services.access import coordinated_universities
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.merging.merges import may_merge
from hub.portal.services.privacy.masking import masked_name
from hub.portal.services.programme.identifiers import clean_phone

#: A value that this many share (a company's telephone) says nothing about who is who.
_SHARED_BY_TOO_MANY = 8


@dataclass(frozen=True)
class Facts:
    """One person as far as it matters here; masked where shown."""

    person_id: int
    name: str
    birth_date: date | None
    phone: str | None
    email: str | None

    @property
    def marks(self) -> tuple[str, date | None, str | None]:
        """Name, birth date and phone in one form each."""
        name = "".join(unicodedata.normalize("NFKC", self.name).split()).casefold()
        return name, self.birth_date, clean_phone(self.phone or "") or self.phone or None


@dataclass(frozen=True)
class LikelyPair:
    """Two persons and what they share: ``name``, ``birth_date``, ``phone``."""

    one: Facts
    other: Facts
    shared: tuple[str, ...]


@dataclass(frozen=True)
class Record:
    """What a person has here, to choose which of two is kept."""

    logins: int
    cohorts: tuple[Cohort, ...]


def likely_pairs(session: Session, person_id: int) -> list[LikelyPair]:
    """Return the pairs that a coordinator may decide about, the surest first; three queries whatever their number."""
    people = {facts.person_id: facts for facts in _visible(session, person_id)}
    told_apart = {(row.one_id, row.other_id) for row in session.scalars(sa.select(DistinctPeople))}
    pairs = {pair for group in _groups(people.values()) for pair in combinations(sorted(group), 2)} - told_apart
    found = [LikelyPair(people[one], people[other], _shared(people[one], people[other])) for one, other in pairs]
    return sorted(found, key=lambda pair: (-len(pair.shared), pair.one.name, pair.one.person_id, pair.other.person_id))


def _visible(session: Session, person_id: int) -> Iterator[Facts]:
    """Persons of universities that the coordinator sees; those merged into another are that one."""
    query = sa.select(Person.id, Person.name, Person.birth_date, Person.phone, Person.email)
    query = query.where(Person.merged_into_id.is_(None))
    universities = coordinated_universities(session, person_id)
    if universities is not None:
        enrolled = sa.select(Enrolment.person_id).where(Enrolment.university_id.in_(universities))
        query = query.where(Person.id.in_(enrolled))
    for row in session.execute(query):
        yield Facts(*row)


def _groups(people: Iterable[Facts]) -> Iterator[set[int]]:
    """Persons who share a pair of marks."""
    by_pair: dict[tuple[object, ...], set[int]] = defaultdict(set)
    for facts in people:
        for (first, one), (second, other) in combinations(enumerate(facts.marks), 2):
            if one and other:
                by_pair[first, second, one, other].add(facts.person_id)
    return (group for group in by_pair.values() if 1 < len(group) < _SHARED_BY_TOO_MANY)


def _shared(one: Facts, other: Facts) -> tuple[str, ...]:
    names = ("name", "birth_date", "phone")
    return tuple(name for name, a, b in zip(names, one.marks, other.marks, strict=True) if a and a == b)


def tell_apart(session: Session, actor: Actor, one_id: int, other_id: int, now: datetime) -> None:
    """Write down that two likely duplicates are two people; they are not listed again."""
    one, other = sorted((one_id, other_id))
    if one == other:
        raise InvalidError("two_people", "서로 다른 두 사람을 골라 주십시오.", "Please choose two different people.")
    if session.get(DistinctPeople, (one, other)) is None:
        session.add(DistinctPeople(one_id=one, other_id=other, made_by_id=actor.person_id or 0, made_at=now))
        session.flush()
        subject = Subject("person", str(one), one)
        record(session, actor, Deed("people.told_apart", subject, {"people": [one, other]}), now)


def records_of(session: Session, people: list[int]) -> dict[int, Record]:
    """Return what each of some persons has."""
    logins: dict[int, int] = defaultdict(int)
    for found in session.scalars(sa.select(Login.person_id).where(Login.person_id.in_(people))):
        logins[found] += 1
    cohorts: dict[int, list[Cohort]] = defaultdict(list)
    query = sa.select(Enrolment.person_id, Cohort).join(Cohort, Cohort.id == Enrolment.cohort_id)
    for owner, cohort in session.execute(query.where(Enrolment.person_id.in_(people)).order_by(Enrolment.id)):
        cohorts[owner].append(cohort)
    return {person: Record(logins[person], tuple(cohorts[person])) for person in people}


@dataclass(frozen=True)
class PeoplePair:
    """Two persons whom a visitor may decide about."""

    ids: tuple[int, int]


@dataclass(frozen=True)
class RecentMerge:
    """A merge in force, for the list; names come masked."""

    person_id: int
    merge: PersonMerge
    name: str
    merged_name: str


def recent_merges(session: Session, visitor_id: int, limit: int = 50) -> list[RecentMerge]:
    """Return the newest merges in force that the visitor may undo."""
    query = sa.select(PersonMerge).where(PersonMerge.undone_at.is_(None)).order_by(PersonMerge.id.desc()).limit(limit)
    return [
        RecentMerge(found.kept_id, found, masked_name(found.kept.name), masked_name(found.merged.name))
        for found in session.scalars(query.options(joinedload(PersonMerge.kept), joinedload(PersonMerge.merged)))
        if may_merge(session, visitor_id, found.kept_id)
    ]
