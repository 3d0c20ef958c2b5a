"""A new deadline rule for a cohort: a revision beside the earlier ones, in force at once, grades worked out anew."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.errors import InvalidError, not_found
from hub.portal.models import Assignment, Attempt, AttemptMember, Cohort, CohortCourse, DeadlineRule, Enrolment
from hub.portal.services.access import require_teacher, taught_universities
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.deadlines import Deadline
from hub.portal.services.results import refresh_grades

MAX_GRACE = timedelta(days=7)


def cohorts_taught(session: Session, person_id: int, course_id: int) -> list[Cohort]:
    """Return the cohorts that take a course and whose trainees this instructor sees, by their start."""
    query = sa.select(Cohort).join(CohortCourse, CohortCourse.cohort_id == Cohort.id)
    query = query.where(CohortCourse.course_id == course_id)
    universities = taught_universities(session, person_id, course_id)
    if universities is not None:
        query = query.where(Cohort.university_id.in_(universities))
    return list(session.scalars(query.order_by(Cohort.starts_on, Cohort.id)))


def set_deadline(
    session: Session, actor: Actor, assignment: Assignment, cohort_id: int, wanted: Deadline, at: datetime
) -> DeadlineRule:
    """Put a rule in force for a cohort; the one before stays as a row."""
    staff_id = actor.person_id or 0
    require_teacher(session, staff_id, assignment.course_id)
    cohort = next((c for c in cohorts_taught(session, staff_id, assignment.course_id) if c.id == cohort_id), None)
    if cohort is None:
        raise not_found()
    check_deadline(wanted)
    session.get_one(Assignment, assignment.id, with_for_update={"key_share": True})
    newest = sa.select(sa.func.max(DeadlineRule.revision)).where(
        DeadlineRule.assignment_id == assignment.id, DeadlineRule.cohort_id == cohort_id
    )
    rule = DeadlineRule(
        assignment_id=assignment.id,
        cohort_id=cohort_id,
        university_id=cohort.university_id,
        revision=(session.scalar(newest) or 0) + 1,
        opens_at=wanted.opens_at,
        due_at=wanted.due_at,
        closes_at=wanted.closes_at,
        grace_seconds=int(wanted.grace.total_seconds()),
        late_policy=wanted.late.model_dump(mode="json"),
        created_by_id=staff_id,
        created_at=at,
    )
    session.add(rule)
    session.flush()
    _refresh(session, assignment.id, cohort_id, at)
    subject = Subject("assignment", str(assignment.id), university_id=cohort.university_id)
    due = wanted.due_at.isoformat() if wanted.due_at else None
    detail = {"cohort": cohort_id, "revision": rule.revision, "due_at": due}
    record(session, actor, Deed("deadline.set", subject, detail), at)
    return rule


def check_deadline(wanted: Deadline) -> None:
    """Raise InvalidError unless it opens before it is due and is due before it closes."""
    moments = [each for each in (wanted.opens_at, wanted.due_at, wanted.closes_at) if each is not None]
    if moments != sorted(moments):
        raise InvalidError(
            "deadline_order",
            "시작, 마감, 제출 닫힘의 순서가 맞지 않습니다.",
            "It must open before it is due, and be due before it closes.",
        )
    if not timedelta(0) <= wanted.grace <= MAX_GRACE:
        raise InvalidError(
            "grace", "유예는 0분에서 7일 사이여야 합니다.", "Grace must be between 0 minutes and 7 days."
        )


def _refresh(session: Session, assignment_id: int, cohort_id: int, at: datetime) -> None:
    of_cohort = sa.select(Enrolment.id).where(Enrolment.cohort_id == cohort_id)
    shared = sa.select(AttemptMember.attempt_id).where(AttemptMember.enrolment_id.in_(of_cohort))
    query = sa.select(Attempt).where(Attempt.assignment_id == assignment_id)
    query = query.where(sa.or_(Attempt.enrolment_id.in_(of_cohort), Attempt.id.in_(shared)))
    refresh_grades(session, session.scalars(query).all(), at)
