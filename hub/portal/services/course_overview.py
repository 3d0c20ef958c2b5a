"""An instructor's picture of one course: what needs them, each assignment's progress, attempts as they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from hub.portal.models import (
    Assignment,
    AssignmentVersion,
    Attempt,
    AttemptMember,
    AttemptResult,
    CohortCourse,
    Course,
    Enrolment,
    Grade,
    GradeReportRow,
    GradingTask,
    Person,
    TaskKind,
    TaskState,
    VersionState,
)
from hub.portal.services.access import TAKING_PART, grants_of, taught_universities
from hub.portal.services.attempts import AttemptView, Status, select_attempts, view_attempts
from hub.portal.services.paging import Paged

PAGE_ROWS = 50
WAITING_VERSIONS = (VersionState.STAGED, VersionState.CHECKING, VersionState.READY, VersionState.REJECTED)
NEEDS_STAFF = (Status.NOT_GRADED, Status.NEEDS_PERSON)
SORTS = {
    "newest": (Attempt.received_at.desc(), Attempt.id.desc()),
    "oldest": (Attempt.received_at, Attempt.id),
    "name": (Person.name, Attempt.id.desc()),
    "assignment": (Assignment.position, Assignment.slug, Attempt.id.desc()),
}


@dataclass(frozen=True)
class Progress:
    """One assignment of a course: how many of how many have handed in, are graded, and the mean score in percent."""

    assignment: Assignment
    live: AssignmentVersion | None
    trainees: int
    submitted: int
    graded: int
    mean_percent: float | None


@dataclass(frozen=True)
class Filter:
    """What of the attempts to show: all of it comes from the page's address."""

    assignment: str = ""
    status: str = ""
    search: str = ""
    sort: str = "newest"
    page: int = 1


@dataclass(frozen=True)
class Line:
    """One attempt and whose it is."""

    attempt: AttemptView
    name: str


@dataclass(frozen=True)
class Listing(Paged):
    """One page of attempts."""

    page_rows = PAGE_ROWS
    rows: list[Line]
    total: int
    page: int


def taught_courses(session: Session, person_id: int) -> list[Course]:
    """Return the courses that a person teaches, by title."""
    ids = {grant.course_id for grant in grants_of(session, person_id) if grant.course_id is not None}
    return list(session.scalars(sa.select(Course).where(Course.id.in_(ids)).order_by(Course.title_ko)))


def waiting_versions(session: Session, course_id: int) -> list[AssignmentVersion]:
    """Return the versions that wait for the instructor's look or click, the newest of each assignment."""
    newest = sa.select(sa.func.max(AssignmentVersion.id)).group_by(AssignmentVersion.assignment_id)
    query = (
        sa.select(AssignmentVersion)
        .join(Assignment, Assignment.id == AssignmentVersion.assignment_id)
        .where(
            Assignment.course_id == course_id,
            AssignmentVersion.state.in_(WAITING_VERSIONS),
            AssignmentVersion.id.in_(newest),
        )
        .options(joinedload(AssignmentVersion.assignment))
        .order_by(AssignmentVersion.id.desc())
    )
    return list(session.scalars(query))


def _of_course(session: Session, person_id: int, course_id: int) -> list[sa.ColumnElement[bool]]:
    """Return the conditions for the attempts in a course that this instructor may see."""
    conditions = [Assignment.course_id == course_id]
    universities = taught_universities(session, person_id, course_id)
    if universities is not None:
        conditions.append(Attempt.university_id.in_(universities))
    return conditions


def _status() -> sa.ColumnElement[str]:
    """Return the state of an attempt as SQL: what ``attempts.Status`` says, for filters."""
    report = (
        sa.select(sa.cast(GradeReportRow.state, sa.String()))
        .join(AttemptResult, AttemptResult.request_digest == GradeReportRow.request_digest)
        .where(AttemptResult.attempt_id == Attempt.id)
        .order_by(AttemptResult.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    words = {
        TaskState.QUEUED: Status.QUEUED,
        TaskState.CLAIMED: Status.GRADING,
        TaskState.NOT_GRADED: Status.NOT_GRADED,
        TaskState.CANCELLED: Status.NOT_GRADED,
    }
    task = (
        sa.select(sa.case(*((GradingTask.state == state, word.value) for state, word in words.items())))
        .where(GradingTask.attempt_id == Attempt.id, GradingTask.kind == TaskKind.LIVE)
        .order_by(GradingTask.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return sa.func.coalesce(report, task, Status.RECEIVED.value)


def _lines(session: Session, query: sa.Select[Attempt], now: datetime) -> list[Line]:
    attempts: Sequence[Attempt] = session.scalars(query.options(joinedload(Attempt.person))).all()
    views = view_attempts(session, attempts, now, as_staff=True)
    return [Line(view, attempt.person.name) for attempt, view in zip(attempts, views, strict=True)]


def _selected(session: Session, person_id: int, course_id: int) -> sa.Select[Attempt]:
    query = select_attempts().join(Assignment, Assignment.id == Attempt.assignment_id)
    query = query.join(Person, Person.id == Attempt.person_id)
    return query.where(*_of_course(session, person_id, course_id))


def attempts_needing_staff(session: Session, person_id: int, course_id: int, now: datetime) -> list[Line]:
    """Return attempts that grading could not finish: the newest twenty."""
    query = _selected(session, person_id, course_id).where(_status().in_(NEEDS_STAFF))
    return _lines(session, query.order_by(Attempt.id.desc()).limit(20), now)


def list_attempts(session: Session, person_id: int, course_id: int, wanted: Filter, now: datetime) -> Listing:
    """Return one page of the attempts of a course."""
    query = _selected(session, person_id, course_id)
    if wanted.assignment:
        query = query.where(Assignment.slug == wanted.assignment)
    if wanted.status:
        query = query.where(_status() == wanted.status)
    if wanted.search:
        like = Person.name.contains(wanted.search, autoescape=True)
        query = query.where(sa.or_(like, Attempt.receipt_id == wanted.search.upper()))
    total = session.scalar(query.with_only_columns(sa.func.count(Attempt.id), maintain_column_froms=True)) or 0
    page = min(max(wanted.page, 1), max(1, ceil(total / PAGE_ROWS)))
    query = query.order_by(*SORTS.get(wanted.sort, SORTS["newest"]))
    return Listing(_lines(session, query.limit(PAGE_ROWS).offset((page - 1) * PAGE_ROWS), now), total, page)


def progress_of_course(session: Session, person_id: int, course_id: int) -> list[Progress]:
    """Return how far each assignment of a course is, among the trainees whom this instructor sees."""
    universities = taught_universities(session, person_id, course_id)
    trainees = _trainees(course_id, universities)
    count = session.scalar(sa.select(sa.func.count()).select_from(trainees.subquery())) or 0
    handed_in = _handed_in(course_id)
    submitted = _counts(session, handed_in.c.assignment_id, handed_in.c.person_id, trainees)
    graded = _counts(session, Grade.assignment_id, Grade.person_id, trainees)
    means = _means(session, trainees)
    query = sa.select(Assignment).where(Assignment.course_id == course_id).order_by(Assignment.position, Assignment.id)
    live = _live_versions(session, course_id)
    return [
        Progress(
            assignment=assignment,
            live=live.get(assignment.id),
            trainees=count,
            submitted=submitted.get(assignment.id, 0),
            graded=graded.get(assignment.id, 0),
            mean_percent=means.get(assignment.id),
        )
        for assignment in session.scalars(query)
    ]


def _trainees(course_id: int, universities: frozenset[int] | None) -> sa.Select[int]:
    query = (
        sa.select(Enrolment.person_id)
        .join(CohortCourse, CohortCourse.cohort_id == Enrolment.cohort_id)
        .where(CohortCourse.course_id == course_id, Enrolment.state.in_(TAKING_PART))
        .distinct()
    )
    return query if universities is None else query.where(Enrolment.university_id.in_(universities))


def _handed_in(course_id: int) -> sa.Subquery:
    """Return who has handed in which assignment of a course, alone or in a team."""
    of_course = sa.select(Assignment.id).where(Assignment.course_id == course_id)
    alone = sa.select(Attempt.assignment_id, Attempt.person_id).where(Attempt.assignment_id.in_(of_course))
    shared = sa.select(Attempt.assignment_id, AttemptMember.person_id)
    shared = shared.join(AttemptMember, AttemptMember.attempt_id == Attempt.id)
    return sa.union(alone, shared.where(Attempt.assignment_id.in_(of_course))).subquery()


def _counts(
    session: Session,
    assignment_id: sa.ColumnElement[int] | InstrumentedAttribute[int],
    person_id: sa.ColumnElement[int] | InstrumentedAttribute[int],
    trainees: sa.Select[int],
) -> dict[int, int]:
    """Return distinct people per assignment: assignment id -> people."""
    query = sa.select(assignment_id, sa.func.count(sa.distinct(person_id))).where(person_id.in_(trainees))
    return {row[0]: row[1] for row in session.execute(query.group_by(assignment_id))}


def _means(session: Session, trainees: sa.Select[int]) -> dict[int, float]:
    share = sa.func.avg(100.0 * Grade.score / Grade.max_score)
    query = sa.select(Grade.assignment_id, share).where(Grade.max_score > 0, Grade.person_id.in_(trainees))
    return {key: float(mean) for key, mean in session.execute(query.group_by(Grade.assignment_id))}


def _live_versions(session: Session, course_id: int) -> dict[int, AssignmentVersion]:
    query = (
        sa.select(AssignmentVersion)
        .join(Assignment, Assignment.id == AssignmentVersion.assignment_id)
        .where(Assignment.course_id == course_id, AssignmentVersion.state == VersionState.LIVE)
    )
    return {version.assignment_id: version for version in session.scalars(query)}


def versions_of(session: Session, assignment_id: int) -> list[AssignmentVersion]:
    """Return all versions of an assignment, newest first."""
    query = sa.select(AssignmentVersion).where(AssignmentVersion.assignment_id == assignment_id)
    return list(session.scalars(query.order_by(AssignmentVersion.number.desc())))
