"""What the forecast is made from: each cohort of a programme in people, read by a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import Cohort, Enrolment, EnrolmentState
from hub.portal.services.access import TAKING_PART
from hub.portal.services.programme.forecast import CohortRecord, Forecast, forecast
from hub.portal.services.programme.kpi_cube import Count, Cube, Group
from hub.portal.services.programme.kpi_people import Scope
from hub.portal.services.timetable import KST

LEFT = (EnrolmentState.WITHDRAWN, EnrolmentState.EXPELLED, EnrolmentState.EARLY_EMPLOYED)


def cohort_records(session: Session, scope: Scope, cube: Cube) -> list[CohortRecord]:
    """Return the cohorts in which somebody has started, with how many completed, failed, left, and are still there.

    Who is counted already brings nothing more, wherever else they still take part.
    """
    groups: dict[int, list[Group]] = defaultdict(list)
    for group in cube:
        groups[group.cohort_id].append(group)
    left, today = _left(session, scope), scope.until.astimezone(KST).date()
    return [
        _record(cohort, groups[cohort.id], left[cohort.id], today)
        for cohort in session.scalars(sa.select(Cohort).where(Cohort.id.in_(groups)).order_by(Cohort.id))
    ]


def _record(cohort: Cohort, groups: list[Group], left: list[date], today: date) -> CohortRecord:
    not_yet = [group for group in groups if not group.is_completed]
    return CohortRecord(
        name=cohort.slug,
        ends_on=cohort.ends_on,
        elapsed=_elapsed(cohort, today),
        completed=sum(group.enrolments for group in groups if group.is_completed),
        failed=sum(group.enrolments for group in not_yet if group.state is EnrolmentState.NOT_COMPLETED),
        left_at=tuple(_elapsed(cohort, day) for day in left),
        open=sum(group.enrolments for group in not_yet if group.is_followed and group.state in TAKING_PART),
    )


def _left(session: Session, scope: Scope) -> dict[int, list[date]]:
    """Return by cohort the days on which people left before the end."""
    query = (
        sa.select(Enrolment.cohort_id, Enrolment.state_since)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(
            Cohort.programme_id == scope.programme.id,
            Cohort.counts_toward_programme,
            Enrolment.state.in_(LEFT),
            scope.sees(Enrolment.__table__.c.university_id),
        )
    )
    found: dict[int, list[date]] = defaultdict(list)
    for cohort_id, since in session.execute(query):
        found[cohort_id].append(since.astimezone(KST).date())
    return found


def _elapsed(cohort: Cohort, day: date) -> float:
    return ((day - cohort.starts_on).days + 1) / ((cohort.ends_on - cohort.starts_on).days + 1)


def programme_forecast(records: list[CohortRecord], scope: Scope, counted: int) -> Forecast:
    """Forecast a programme's end; for staff who see a part of it there is no goal to compare with."""
    target = scope.programme.target if scope.universities is None else None
    today = scope.until.astimezone(KST).date()
    return forecast(records, counted, target, (today, scope.programme.ends_on))


def ended_count(records: list[CohortRecord]) -> Count:
    """Return starters and completions of the cohorts that have ended: the completion rate so far."""
    ended = [record for record in records if record.is_ended]
    completed = sum(record.completed for record in ended)
    return Count(sum(record.still_there(-1.0) for record in ended), completed, completed)
