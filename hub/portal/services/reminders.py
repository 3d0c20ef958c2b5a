"""Deadline reminders: once for each person and assignment, a day before it is due, not to whoever has handed in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from hub.portal.models import (
    Assignment,
    AssignmentVersion,
    Attempt,
    AttemptMember,
    DeadlineRule,
    Enrolment,
    Extension,
    TeamMember,
    VersionState,
)
from hub.portal.services.access import TAKING_PART
from hub.portal.services.job_context import JobContext
from hub.portal.services.mail.outbox import Letter, queue_letters
from hub.portal.services.timetable import make_deadline

REMIND_DEADLINES = "remind_deadlines"
REMINDER = "deadline_reminder"
#: How long before a deadline people are reminded.
BEFORE = timedelta(hours=24)
EVERY = timedelta(minutes=30)


@dataclass(frozen=True)
class Due:
    """One person who has not handed in what is due soon."""

    person_id: int
    assignment: Assignment
    due_at: datetime


def remind(session: Session, now: datetime) -> int:
    """Queue the reminders that are due; returns how many are new. Asking again reminds nobody twice."""
    letters = [Letter(due.person_id, f"deadline:{due.assignment.id}", _facts(due)) for due in due_soon(session, now)]
    return queue_letters(session, REMINDER, letters, now=now) if letters else 0


def _facts(due: Due) -> dict[str, Any]:
    work = due.assignment
    return {
        "title": {"ko": work.title_ko, "en": work.title_en},
        "course": {"ko": work.course.title_ko, "en": work.course.title_en},
        "due_at": due.due_at.isoformat(),
        "path": f"/courses/{work.course.slug}/assignments/{work.slug}",
    }


def due_soon(session: Session, now: datetime) -> Iterator[Due]:
    """Yield who must still hand in within a day; a fixed number of queries for each assignment that is due."""
    for assignment_id, rules in _rules(session, now).items():
        assignment = session.scalars(
            sa.select(Assignment).where(Assignment.id == assignment_id).options(joinedload(Assignment.course))
        ).one()
        done, extensions = _handed_in(session, assignment_id), _extensions(session, assignment_id)
        query = sa.select(Enrolment.person_id, Enrolment.cohort_id).where(
            Enrolment.cohort_id.in_(rules), Enrolment.state.in_(TAKING_PART)
        )
        for person_id, cohort_id in session.execute(query.order_by(Enrolment.person_id)):
            deadline = make_deadline(rules[cohort_id], extensions.get(person_id, ()))
            is_open = deadline.opens_at is None or deadline.opens_at <= now
            if person_id not in done and is_open and deadline.due_at and now < deadline.due_at <= now + BEFORE:
                yield Due(person_id, assignment, deadline.due_at)


def _rules(session: Session, now: datetime) -> dict[int, dict[int, DeadlineRule]]:
    """The newest rule of each cohort for each live assignment whose due time, or an extension of it, is near."""
    near = sa.and_(DeadlineRule.due_at > now, DeadlineRule.due_at <= now + BEFORE)
    extended = sa.select(Extension.assignment_id).where(
        Extension.revoked_at.is_(None), Extension.due_at > now, Extension.due_at <= now + BEFORE
    )
    live = sa.select(AssignmentVersion.assignment_id).where(AssignmentVersion.state == VersionState.LIVE)
    wanted = sa.select(DeadlineRule.assignment_id).where(near).union(extended)
    query = sa.select(DeadlineRule).where(DeadlineRule.assignment_id.in_(wanted), DeadlineRule.assignment_id.in_(live))
    found: dict[int, dict[int, DeadlineRule]] = {}
    for rule in session.scalars(query.order_by(DeadlineRule.revision)):
        found.setdefault(rule.assignment_id, {})[rule.cohort_id] = rule
    return found


def is_any_due(session: Session, now: datetime) -> bool:
    """Whether any assignment is due within a day: asked often, so it looks no closer."""
    return bool(_rules(session, now))


def _handed_in(session: Session, assignment_id: int) -> set[int]:
    """Everybody who has handed in, alone or in a team."""
    alone = sa.select(Attempt.person_id).where(Attempt.assignment_id == assignment_id)
    shared = sa.select(AttemptMember.person_id).join(Attempt, Attempt.id == AttemptMember.attempt_id)
    return set(session.scalars(alone.union(shared.where(Attempt.assignment_id == assignment_id))))


def _extensions(session: Session, assignment_id: int) -> dict[int, list[Extension]]:
    """Extensions in force by person, those of their teams included."""
    query = sa.select(Extension, TeamMember.person_id).outerjoin(
        TeamMember, sa.and_(TeamMember.team_id == Extension.team_id, TeamMember.left_at.is_(None))
    )
    query = query.where(Extension.assignment_id == assignment_id, Extension.revoked_at.is_(None))
    found: dict[int, list[Extension]] = {}
    for extension, member in session.execute(query):
        found.setdefault(extension.person_id or member, []).append(extension)
    return found


def remind_deadlines(context: JobContext) -> dict[str, Any]:
    """The job: queue what is due now."""
    with context.database.writing() as session:
        return {"reminders": remind(session, context.clock())}
