"""How the count grew day by day, and in which weeks people of which university handed work in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import Attempt, AttemptMember, University
from hub.portal.services.programme.kpi_people import Scope, end_of_day, people
from hub.portal.services.timetable import KST

WEEKS = 12


@dataclass(frozen=True)
class Step:
    """How many people counted at the end of a day."""

    day: date
    people: int


@dataclass(frozen=True)
class Activity:
    """One university: how many of its starters handed something in, week by week."""

    university: University
    started: int
    people: tuple[int, ...]

    def share(self, week: int) -> float:
        """Return the share of the starters in one week; people of a merged log-in don't make it more than all."""
        return min(self.people[week] / self.started, 1.0) if self.started else 0.0


@dataclass(frozen=True)
class ActivityMap:
    """Universities by weeks; ``weeks`` holds the Mondays."""

    weeks: tuple[date, ...]
    rows: tuple[Activity, ...]


def growth(session: Session, scope: Scope) -> tuple[Step, ...]:
    """Return the count after each day on which it grew, the oldest day first."""
    found = people(scope)
    day = _day_in_seoul(session, found.c.counted_at)
    query = sa.select(day.label("day"), sa.func.count()).where(found.c.decision_id.is_not(None)).group_by(day)
    new = sorted((date.fromisoformat(str(when)), count) for when, count in session.execute(query))
    steps, total = [], 0
    for when, count in new:
        total += count
        steps.append(Step(when, total))
    return tuple(steps)


def _day_in_seoul(session: Session, at: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    if session.get_bind().dialect.name == "postgresql":
        return sa.func.date(sa.func.timezone("Asia/Seoul", at))
    return sa.func.date(at, "+9 hours")


def activity(session: Session, scope: Scope, started: dict[int, int]) -> ActivityMap:
    """Count who handed work in, by university and week, over the last weeks; ``started``: starters by university."""
    today = scope.until.astimezone(KST).date()
    monday = today - timedelta(days=today.weekday())
    weeks = tuple(monday - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1))
    counts = _handed_in(session, weeks)
    universities = session.scalars(
        sa.select(University).where(University.id.in_(started)).order_by(University.name_ko, University.id)
    )
    rows = (
        Activity(each, started[each.id], tuple(counts.get((each.id, week), 0) for week in range(WEEKS)))
        for each in universities
    )
    return ActivityMap(weeks, tuple(rows))


def _handed_in(session: Session, weeks: tuple[date, ...]) -> dict[tuple[int, int], int]:
    """Return people by (university, week), who handed in alone or belonged to a team that did."""
    first = _beginning(weeks[0])
    alone = sa.select(Attempt.university_id, Attempt.person_id, Attempt.received_at).where(
        Attempt.received_at >= first, Attempt.enrolment_id.is_not(None)
    )
    shared = (
        sa.select(AttemptMember.university_id, AttemptMember.person_id, Attempt.received_at)
        .join(Attempt, Attempt.id == AttemptMember.attempt_id)
        .where(Attempt.received_at >= first)
    )
    both = sa.union_all(alone, shared).subquery("both")
    week = sa.case(
        *((both.c.received_at < _beginning(monday), number - 1) for number, monday in enumerate(weeks) if number),
        else_=len(weeks) - 1,
    )
    query = sa.select(both.c.university_id, week, sa.func.count(both.c.person_id.distinct()))
    grouped = query.group_by(both.c.university_id, week)
    return {(university, number): count for university, number, count in session.execute(grouped)}


def _beginning(day: date) -> datetime:
    return end_of_day(day - timedelta(days=1))
