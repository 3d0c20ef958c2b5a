"""The assignments of a course as a notebook server lists them, for trainees and for staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import Assignment, AssignmentFetch, AssignmentVersion, Attempt, Course, VersionState
from hub.portal.services.access import enrolment_for, may_teach
from hub.portal.services.attempt_owners import attempt_ids_of
from hub.portal.services.attempts import AttemptView, select_attempts, view_attempts
from hub.portal.services.deadlines import Admission, Deadline, admission
from hub.portal.services.timetable import deadlines_of


@dataclass(frozen=True)
class Coursework:
    """One published assignment with a person's own attempts, newest first; ``status`` is nbgrader's word."""

    assignment: Assignment
    version: AssignmentVersion
    deadline: Deadline
    attempts: tuple[AttemptView, ...]
    is_fetched: bool

    @property
    def status(self) -> str:
        """``released``, ``fetched`` or ``submitted``."""
        if self.attempts:
            return "submitted"
        return "fetched" if self.is_fetched else "released"


def list_coursework(session: Session, person_id: int, course: Course, now: datetime) -> list[Coursework]:
    """Return the published assignments of a course; a trainee doesn't see those that have not opened yet."""
    enrolment = enrolment_for(session, person_id, course.id)
    deadlines = deadlines_of(session, enrolment) if enrolment is not None else {}
    attempts = _own_attempts(session, person_id, course.id, now)
    fetched = _fetched(session, person_id)
    sees_all = may_teach(session, person_id, course.id)
    listed = []
    for assignment, version in _published(session, course.id):
        deadline = deadlines.get(assignment.id, Deadline())
        if not sees_all and admission(deadline, now) is Admission.NOT_YET:
            continue
        own = tuple(view for view in attempts if view.assignment == assignment.slug)
        listed.append(Coursework(assignment, version, deadline, own, assignment.id in fetched))
    return listed


def _published(session: Session, course_id: int) -> list[tuple[Assignment, AssignmentVersion]]:
    query = (
        sa.select(Assignment, AssignmentVersion)
        .join(AssignmentVersion, AssignmentVersion.assignment_id == Assignment.id)
        .where(Assignment.course_id == course_id, AssignmentVersion.state == VersionState.LIVE)
        .order_by(Assignment.position, Assignment.id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _own_attempts(session: Session, person_id: int, course_id: int, now: datetime) -> list[AttemptView]:
    query = select_attempts().join(Assignment, Assignment.id == Attempt.assignment_id)
    query = query.where(Attempt.id.in_(attempt_ids_of(person_id)), Assignment.course_id == course_id)
    attempts = list(session.scalars(query.order_by(Attempt.number.desc())))
    return view_attempts(session, attempts, now, owner_id=person_id)


def _fetched(session: Session, person_id: int) -> frozenset[int]:
    query = (
        sa.select(AssignmentVersion.assignment_id)
        .join(AssignmentFetch, AssignmentFetch.version_id == AssignmentVersion.id)
        .where(AssignmentFetch.person_id == person_id)
    )
    return frozenset(session.scalars(query))
