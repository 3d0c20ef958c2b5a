"""What an instructor collects: the newest or all attempts of the trainees that the instructor may see."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import Assignment, Attempt, Login
from hub.portal.services.access import require_teacher, taught_universities
from hub.portal.services.attempt_owners import owners_of
from hub.portal.services.attempts import AttemptView, select_attempts, view_attempts
from hub.portal.services.audit import Actor, Deed, Subject, record


def collect_attempts(
    session: Session, actor: Actor, assignment: Assignment, now: datetime, *, newest_only: bool
) -> list[tuple[str, AttemptView]]:
    """Return user name and attempt, by user name and number; written into the audit log.

    A team's attempt is there once for each member, so that everybody has a folder to be graded in.
    """
    person_id = actor.person_id or 0
    require_teacher(session, person_id, assignment.course_id)
    query = select_attempts().where(Attempt.assignment_id == assignment.id)
    universities = taught_universities(session, person_id, assignment.course_id)
    if universities is not None:
        query = query.where(Attempt.university_id.in_(universities))
    attempts = list(session.scalars(query))
    owners = owners_of(session, attempts)
    mine = [(owner.person_id, attempt) for attempt in attempts for owner in owners[attempt.id]]
    if newest_only:
        newest = dict(sorted(mine, key=lambda pair: pair[1].number))
        mine = list(newest.items())
    people = sorted({person for person, _ in mine})
    subject = Subject("assignment", str(assignment.id), university_id=assignment.university_id)
    record(session, actor, Deed("attempts.collected", subject, {"attempts": len(attempts), "people": people}), now)
    views = {view.attempt_id: view for view in view_attempts(session, attempts, now, as_staff=True)}
    names = _usernames(session, set(people))
    found = [(names.get(person, str(person)), views[attempt.id]) for person, attempt in mine]
    return sorted(found, key=lambda pair: (pair[0], pair[1].number))


def _usernames(session: Session, people: set[int]) -> dict[int, str]:
    query = sa.select(Login).where(Login.issuer == "hub", Login.person_id.in_(people)).order_by(Login.id.desc())
    return {login.person_id: login.subject for login in session.scalars(query)}
