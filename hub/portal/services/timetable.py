"""Deadlines as rows: the rule of a person's cohort in its newest revision, plus what was extended for that person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta, timezone
from datetime import time as clock_time

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.orm import Session

from graders.contract import Frozen
from hub.portal.models import Assignment, Cohort, CohortCourse, DeadlineRule, Enrolment, Extension, TeamMember
from hub.portal.services.deadlines import Deadline, LatePolicy, extend

#: Korea has had no summer time since 1988, so a fixed offset needs no time-zone files.
KST = timezone(timedelta(hours=9), "KST")


class Moment(Frozen):
    """A moment counted from a cohort's first day (day 0), Korean time of day."""

    day: int = Field(ge=0)
    time: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")

    def on(self, first_day: date) -> datetime:
        """Return the moment for a cohort that starts on ``first_day``."""
        return datetime.combine(first_day + timedelta(days=self.day), clock_time.fromisoformat(self.time), KST)


class Schedule(Frozen):
    """When an assignment opens, is due and closes in any cohort; ``Assignment.default_schedule`` holds it."""

    opens: Moment | None = None
    due: Moment | None = None
    closes: Moment | None = None
    grace_seconds: int = Field(default=0, ge=0)
    late: LatePolicy = LatePolicy()


def make_rule(assignment: Assignment, cohort: Cohort) -> DeadlineRule:
    """Return the first deadline rule of an assignment in a cohort, from the assignment's schedule."""
    schedule = Schedule.model_validate(assignment.default_schedule or {})
    first = cohort.starts_on
    return DeadlineRule(
        assignment_id=assignment.id,
        cohort_id=cohort.id,
        university_id=cohort.university_id,
        opens_at=schedule.opens and schedule.opens.on(first),
        due_at=schedule.due and schedule.due.on(first),
        closes_at=schedule.closes and schedule.closes.on(first),
        grace_seconds=schedule.grace_seconds,
        late_policy=schedule.late.model_dump(mode="json"),
    )


def ensure_cohort_course(session: Session, cohort: Cohort, course_id: int) -> None:
    """Let a cohort take a course: the link, and a deadline rule for each assignment that has none yet."""
    if session.get(CohortCourse, (cohort.id, course_id)) is None:
        session.add(CohortCourse(cohort_id=cohort.id, course_id=course_id))
        session.flush()
    ruled = sa.select(DeadlineRule.assignment_id).where(DeadlineRule.cohort_id == cohort.id)
    query = sa.select(Assignment).where(Assignment.course_id == course_id, Assignment.id.not_in(ruled))
    session.add_all([make_rule(assignment, cohort) for assignment in session.scalars(query)])
    session.flush()


def give_to_cohorts(session: Session, course_id: int) -> None:
    """Cohorts that take a course get deadline rules for its assignments that are new."""
    query = sa.select(Cohort).join(CohortCourse, CohortCourse.cohort_id == Cohort.id)
    for cohort in session.scalars(query.where(CohortCourse.course_id == course_id)):
        ensure_cohort_course(session, cohort, course_id)


def rules_of_cohort(session: Session, cohort_id: int) -> dict[int, DeadlineRule]:
    """Return the newest revision of each assignment's rule: assignment id -> rule."""
    query = sa.select(DeadlineRule).where(DeadlineRule.cohort_id == cohort_id).order_by(DeadlineRule.revision)
    return {rule.assignment_id: rule for rule in session.scalars(query)}


def rules_of_assignment(session: Session, assignment_id: int) -> list[tuple[Cohort, Deadline]]:
    """Return the deadline of each cohort that takes an assignment, in its newest revision, by cohort."""
    query = (
        sa.select(Cohort, DeadlineRule)
        .join(DeadlineRule, DeadlineRule.cohort_id == Cohort.id)
        .where(DeadlineRule.assignment_id == assignment_id)
        .order_by(Cohort.starts_on, Cohort.id, DeadlineRule.revision)
    )
    newest = {cohort.id: (cohort, make_deadline(rule)) for cohort, rule in session.execute(query)}
    return list(newest.values())


def extensions_of(session: Session, person_ids: Collection[int]) -> dict[tuple[int, int], list[Extension]]:
    """Return the extensions in force: (person id, assignment id) -> extensions."""
    query = sa.select(Extension).where(Extension.person_id.in_(person_ids), Extension.revoked_at.is_(None))
    found: dict[tuple[int, int], list[Extension]] = {}
    for extension in session.scalars(query):
        if extension.person_id is not None:
            found.setdefault((extension.person_id, extension.assignment_id), []).append(extension)
    return found


def extensions_of_teams(session: Session, team_ids: Collection[int]) -> dict[int, list[Extension]]:
    """Return the extensions in force that teams were given: team id -> extensions."""
    query = sa.select(Extension).where(Extension.team_id.in_(team_ids), Extension.revoked_at.is_(None))
    found: dict[int, list[Extension]] = {}
    for extension in session.scalars(query):
        if extension.team_id is not None:
            found.setdefault(extension.team_id, []).append(extension)
    return found


def make_deadline(rule: DeadlineRule | None, extensions: Collection[Extension] = ()) -> Deadline:
    """Return the deadline that a rule and a person's extensions make together."""
    deadline = Deadline()
    if rule is not None:
        deadline = Deadline(
            opens_at=rule.opens_at,
            due_at=rule.due_at,
            closes_at=rule.closes_at,
            grace=timedelta(seconds=rule.grace_seconds),
            late=LatePolicy.model_validate(rule.late_policy or {}),
        )
    for extension in extensions:
        deadline = extend(deadline, extension.due_at, extension.closes_at)
    return deadline


def deadlines_of(session: Session, enrolment: Enrolment) -> dict[int, Deadline]:
    """Return the deadlines of all assignments for one trainee: assignment id -> deadline."""
    person_id = enrolment.person_id
    extensions = extensions_of(session, [person_id])
    of_teams = _extensions_of_own_teams(session, person_id)
    return {
        assignment_id: make_deadline(
            rule, [*extensions.get((person_id, assignment_id), ()), *of_teams.get(assignment_id, ())]
        )
        for assignment_id, rule in rules_of_cohort(session, enrolment.cohort_id).items()
    }


def _extensions_of_own_teams(session: Session, person_id: int) -> dict[int, list[Extension]]:
    """Return what the teams of a person were given: assignment id -> extensions."""
    own = sa.select(TeamMember).where(TeamMember.person_id == person_id, TeamMember.left_at.is_(None))
    teams = {member.team_id: member.assignment_id for member in session.scalars(own)}
    return {teams[team_id]: found for team_id, found in extensions_of_teams(session, list(teams)).items()}


def deadline_for(
    session: Session, enrolment: Enrolment | None, assignment_id: int, team_id: int | None = None
) -> Deadline:
    """Return one trainee's deadline for an assignment, in a team or alone; staff (no enrolment) have none."""
    if enrolment is None:
        return Deadline()
    query = sa.select(DeadlineRule).where(
        DeadlineRule.cohort_id == enrolment.cohort_id, DeadlineRule.assignment_id == assignment_id
    )
    rule = session.scalars(query.order_by(DeadlineRule.revision.desc()).limit(1)).one_or_none()
    extensions = extensions_of(session, [enrolment.person_id]).get((enrolment.person_id, assignment_id), [])
    if team_id is not None:
        extensions = extensions + extensions_of_teams(session, [team_id]).get(team_id, [])
    return make_deadline(rule, extensions)
