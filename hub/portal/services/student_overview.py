"""A student's own picture: courses, assignments with deadlines, newest score, and how far the certificate is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from hub.portal.models import (
    Assignment,
    AssignmentVersion,
    Attempt,
    CohortCourse,
    Course,
    Enrolment,
    Grade,
    VersionState,
)
from hub.portal.services.access import OUTSIDE, TAKING_PART
from hub.portal.services.attempt_owners import attempt_ids_of
from hub.portal.services.attempts import AttemptView, is_shown, select_attempts, view_attempts
from hub.portal.services.deadlines import Admission, Deadline, admission
from hub.portal.services.scores import Score, score_of
from hub.portal.services.timetable import deadlines_of

#: A share of the points from which an assignment counts as passed on the way to completion, until the cohort's own
#: rule says otherwise (DOMAIN.md A2: score_min 60).
PASS_SHARE = 0.6


@dataclass(frozen=True)
class Work:
    """One assignment as its student sees it; ``points`` come from tests, ``manual_points`` from a person."""

    course: Course
    assignment: Assignment
    points: float
    manual_points: float
    deadline: Deadline
    newest: AttemptView | None
    grade: Grade | None
    admission: Admission
    shows_score: bool

    @property
    def visible_grade(self) -> Grade | None:
        """The grade, as soon as the assignment's score policy shows it."""
        return self.grade if self.shows_score else None

    @property
    def score(self) -> Score | None:
        """The visible grade in its parts."""
        return None if self.visible_grade is None else score_of(self.visible_grade)

    @property
    def is_passed(self) -> bool:
        """Whether the counted score may be seen and reaches the pass share."""
        grade = self.visible_grade
        return grade is not None and grade.score >= PASS_SHARE * grade.max_score


@dataclass(frozen=True)
class StudentOverview:
    """Answers to a student's four questions: due, arrived, got, missing."""

    enrolments: tuple[Enrolment, ...]
    works: tuple[Work, ...]
    next_due: Work | None
    last_attempt: AttemptView | None
    newest_score: Work | None

    @property
    def passed(self) -> int:
        """How many assignments reach the pass share."""
        return sum(work.is_passed for work in self.works)

    @property
    def missing(self) -> list[Work]:
        """What is still to do, what is due first before the rest."""
        open_ends = [work for work in self.works if not work.is_passed]
        return sorted(open_ends, key=lambda work: (work.deadline.due_at is None, work.deadline.due_at or 0))

    @property
    def courses(self) -> dict[Course, list[Work]]:
        """The work of each course, in course order."""
        found: dict[Course, list[Work]] = {}
        for work in self.works:
            found.setdefault(work.course, []).append(work)
        return found


def student_overview(session: Session, person_id: int, now: datetime) -> StudentOverview:
    """Read everything that a student's pages show."""
    enrolments = _enrolments(session, person_id)
    works = [work for enrolment in enrolments for work in _works(session, enrolment, now)]
    unique = {work.assignment.id: work for work in reversed(works)}  # the newest enrolment decides
    ordered = tuple(reversed(unique.values()))
    last = max((work.newest for work in ordered if work.newest), key=lambda view: view.attempt_id, default=None)
    graded = [work for work in ordered if work.visible_grade is not None]
    return StudentOverview(
        enrolments=enrolments,
        works=ordered,
        next_due=_next_due(ordered, now),
        last_attempt=last,
        newest_score=max(graded, key=_graded_at, default=None),
    )


def _enrolments(session: Session, person_id: int) -> tuple[Enrolment, ...]:
    query = sa.select(Enrolment).where(Enrolment.person_id == person_id, Enrolment.state.not_in(OUTSIDE))
    found = session.scalars(query.order_by(Enrolment.id.desc())).all()
    return tuple(sorted(found, key=lambda enrolment: enrolment.state not in TAKING_PART))


def _works(session: Session, enrolment: Enrolment, now: datetime) -> list[Work]:
    """Return the published work of one enrolment; five queries however many assignments there are."""
    query = (
        sa.select(Course, Assignment, AssignmentVersion.max_score, AssignmentVersion.manual_max_score)
        .join(CohortCourse, CohortCourse.course_id == Course.id)
        .join(Assignment, Assignment.course_id == Course.id)
        .join(AssignmentVersion, AssignmentVersion.assignment_id == Assignment.id)
        .where(CohortCourse.cohort_id == enrolment.cohort_id, AssignmentVersion.state == VersionState.LIVE)
        .order_by(Course.title_ko, Assignment.position, Assignment.id)
    )
    deadlines = deadlines_of(session, enrolment)
    newest = _newest_attempts(session, enrolment.person_id, now)
    grades = _grades(session, enrolment.person_id)
    works = []
    for course, assignment, points, manual_points in session.execute(query):
        deadline, grade = deadlines.get(assignment.id, Deadline()), grades.get(assignment.id)
        works.append(
            Work(
                course=course,
                assignment=assignment,
                points=points,
                manual_points=manual_points,
                deadline=deadline,
                newest=newest.get(assignment.id),
                grade=grade,
                admission=admission(deadline, now),
                shows_score=is_shown(assignment.score_policy, deadline, now, grade.released_at if grade else None),
            )
        )
    return works


def _grades(session: Session, person_id: int) -> dict[int, Grade]:
    query = sa.select(Grade).where(Grade.person_id == person_id)
    query = query.options(joinedload(Grade.attempt).joinedload(Attempt.version))
    return {grade.assignment_id: grade for grade in session.scalars(query)}


def _newest_attempts(session: Session, person_id: int, now: datetime) -> dict[int, AttemptView]:
    newest = sa.select(sa.func.max(Attempt.id)).where(Attempt.id.in_(attempt_ids_of(person_id)))
    newest = newest.group_by(Attempt.assignment_id)
    attempts = session.scalars(select_attempts().where(Attempt.id.in_(newest))).all()
    views = view_attempts(session, attempts, now, owner_id=person_id)
    return {attempt.assignment_id: view for attempt, view in zip(attempts, views, strict=True)}


def _graded_at(work: Work) -> datetime:
    assert work.grade is not None
    return work.grade.updated_at


def _next_due(works: tuple[Work, ...], now: datetime) -> Work | None:
    """Return what is due next: not handed in yet before handed in, as nobody needs a reminder of done work."""
    coming = [work for work in works if work.deadline.due_at is not None and work.deadline.due_at > now]
    return min(coming, key=lambda work: (work.newest is not None, work.deadline.due_at), default=None)
