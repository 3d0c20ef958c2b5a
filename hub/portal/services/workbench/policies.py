"""When students see scores and results of hidden tests: a policy of the assignment, and the release by hand."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import Assignment, FeedbackPolicy, Grade
from hub.portal.services.access import require_teacher, taught_universities
from hub.portal.services.audit import Actor, Deed, Subject, record


def set_policies(
    session: Session,
    actor: Actor,
    assignment: Assignment,
    score: FeedbackPolicy,
    feedback: FeedbackPolicy,
    at: datetime,
) -> None:
    """Say when students see scores and when they see what hidden tests found and people wrote."""
    require_teacher(session, actor.person_id or 0, assignment.course_id)
    assignment.score_policy, assignment.feedback_policy = score, feedback
    session.flush()
    _record(session, actor, assignment, "policy.set", at, {"score": score.value, "feedback": feedback.value})


def release_grades(session: Session, actor: Actor, assignment: Assignment, at: datetime) -> int:
    """Show their grades to the trainees whom this instructor sees; returns how many were not shown before.

    A grade that still waits for a person's part is left out: it would be shown unfinished.
    """
    person_id = actor.person_id or 0
    require_teacher(session, person_id, assignment.course_id)
    query = sa.update(Grade).where(
        Grade.assignment_id == assignment.id, Grade.released_at.is_(None), ~Grade.needs_manual
    )
    universities = taught_universities(session, person_id, assignment.course_id)
    if universities is not None:
        query = query.where(Grade.university_id.in_(universities))
    shown = session.execute(
        query.values(released_at=at).returning(Grade.id), execution_options={"synchronize_session": False}
    )
    count = len(shown.all())
    _record(session, actor, assignment, "grades.released", at, {"grades": count})
    return count


def unreleased(session: Session, assignment_id: int) -> tuple[int, int]:
    """Return how many grades are not released, and how many of them still wait for a person."""
    query = sa.select(sa.func.count(), sa.func.count(sa.case((Grade.needs_manual, 1)))).where(
        Grade.assignment_id == assignment_id, Grade.released_at.is_(None)
    )
    held, waiting = session.execute(query).one()
    return held, waiting


def _record(
    session: Session, actor: Actor, assignment: Assignment, action: str, at: datetime, detail: dict[str, object]
) -> None:
    subject = Subject("assignment", str(assignment.id), university_id=assignment.university_id)
    record(session, actor, Deed(action, subject, detail), at)
