"""Closed counts as a visitor sees them: all of it for the programme's staff, their own part for a university's."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import (
    Company,
    KpiAdjustment,
    KpiSnapshot,
    KpiSnapshotPerson,
    Person,
    Programme,
    University,
)
from hub.portal.services.privacy.masking import masked_name
from hub.portal.services.programme.kpi_people import Scope
from hub.portal.services.programme.snapshot_adjustments import Cause, adjustments_of, differences
from hub.portal.services.programme.snapshots import is_intact, last_month_end, list_snapshots

SHOWN_PEOPLE = 500


@dataclass(frozen=True)
class SnapshotLine:
    """One closed count: as closed, and with its corrections."""

    snapshot: KpiSnapshot
    headcount: int
    adjusted: int


@dataclass(frozen=True)
class SnapshotPerson:
    """Somebody counted in it; the name comes masked."""

    person_id: int
    name: str
    university: University
    company: str | None
    counted_at: datetime
    completions: int


@dataclass(frozen=True)
class AdjustmentLine:
    """One correction, made or (``reason`` empty) proposed by today's data."""

    person_id: int
    name: str
    university: University
    change: int
    reason: str
    made_at: datetime | None = None
    cause: Cause | None = None


@dataclass(frozen=True)
class SnapshotView:
    """All that the page of one snapshot shows. ``people`` are the first of ``headcount``."""

    snapshot: KpiSnapshot
    is_intact: bool
    is_whole: bool
    headcount: int
    adjusted: int
    universities: tuple[tuple[University, int], ...]
    people: tuple[SnapshotPerson, ...]
    corrections: tuple[AdjustmentLine, ...]
    proposals: tuple[AdjustmentLine, ...]


def snapshot_lines(session: Session, scope: Scope) -> list[SnapshotLine]:
    """Return a programme's closed counts, the newest first."""
    counted = sa.select(KpiSnapshotPerson.snapshot_id, sa.func.count()).where(
        scope.sees(_university(KpiSnapshotPerson))
    )
    heads = {row[0]: row[1] for row in session.execute(counted.group_by(KpiSnapshotPerson.snapshot_id))}
    changed = sa.select(KpiAdjustment.snapshot_id, sa.func.sum(KpiAdjustment.change)).where(
        scope.sees(_university(KpiAdjustment))
    )
    changes = {row[0]: row[1] for row in session.execute(changed.group_by(KpiAdjustment.snapshot_id))}
    return [
        SnapshotLine(row, heads.get(row.id, 0), heads.get(row.id, 0) + int(changes.get(row.id, 0)))
        for row in list_snapshots(session, scope.programme.id)
    ]


def _university(model: type[KpiSnapshotPerson | KpiAdjustment]) -> sa.ColumnElement[int]:
    found: sa.ColumnElement[int] = model.__table__.c.university_id
    return found


def closing_days(session: Session, programme: Programme, now: datetime) -> list[date]:
    """Return the month ends that a person may still close, the newest first."""
    closed = {row.closing_date for row in list_snapshots(session, programme.id)}
    day, found = last_month_end(now), []
    while day >= programme.starts_on:
        if day not in closed:
            found.append(day)
        month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
        day = date(*month, monthrange(*month)[1])
    return found


def snapshot_view(session: Session, snapshot: KpiSnapshot, scope: Scope) -> SnapshotView:
    """Read one snapshot with its people and corrections; today's differences only for who may correct."""
    is_whole = scope.universities is None
    universities = {row.id: row for row in session.scalars(sa.select(University))}
    counts = Counter(
        session.scalars(
            sa.select(KpiSnapshotPerson.university_id).where(
                KpiSnapshotPerson.snapshot_id == snapshot.id, scope.sees(_university(KpiSnapshotPerson))
            )
        )
    )
    made = adjustments_of(session, snapshot, scope.universities)
    open_now = differences(session, snapshot, scope.until) if is_whole else []
    names = _names(session, {row.person_id for row in made} | {each.person_id for each in open_now})
    return SnapshotView(
        snapshot=snapshot,
        is_intact=is_intact(session, snapshot),
        is_whole=is_whole,
        headcount=counts.total(),
        adjusted=counts.total() + sum(row.change for row in made),
        universities=tuple((universities[key], number) for key, number in counts.most_common()),
        people=_people(session, snapshot, scope, universities),
        corrections=tuple(
            AdjustmentLine(
                *(row.person_id, names[row.person_id], universities[row.university_id], row.change, row.reason),
                made_at=row.made_at,
            )
            for row in made
        ),
        proposals=tuple(
            AdjustmentLine(
                *(each.person_id, names[each.person_id], universities[each.university_id], each.change, ""),
                cause=each.cause,
            )
            for each in open_now
        ),
    )


def _names(session: Session, ids: set[int]) -> dict[int, str]:
    rows = session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(ids))) if ids else ()
    return {number: masked_name(name) for number, name in rows}


def _people(
    session: Session, snapshot: KpiSnapshot, scope: Scope, universities: dict[int, University]
) -> tuple[SnapshotPerson, ...]:
    query = (
        sa.select(KpiSnapshotPerson, Person.name, Company.name.label("company"))
        .join(Person, Person.id == KpiSnapshotPerson.person_id)
        .outerjoin(Company, Company.id == KpiSnapshotPerson.company_id)
        .where(KpiSnapshotPerson.snapshot_id == snapshot.id, scope.sees(_university(KpiSnapshotPerson)))
        .order_by(KpiSnapshotPerson.counted_at, KpiSnapshotPerson.person_id)
        .limit(SHOWN_PEOPLE)
    )
    return tuple(
        SnapshotPerson(
            *(row.person_id, masked_name(name), universities[row.university_id], company),
            counted_at=row.counted_at,
            completions=row.completions,
        )
        for row, name, company in session.execute(query)
    )
