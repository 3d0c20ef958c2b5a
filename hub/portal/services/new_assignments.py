"""An assignment that an instructor stages for the first time: its row, open in every cohort, seen by nobody yet.

Students see an assignment only once a version of it is live, so staging under a new name is harmless until the click
in the portal. What the name alone can't tell (title, weight, deadlines) starts with the plainest value.
"""

from __future__ import annotations

import re
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.errors import InvalidError, forbidden
from hub.portal.models import Assignment, Course
from hub.portal.services.access import require_teacher
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.timetable import give_to_cohorts

#: It becomes a folder's name in every home and a part of addresses.
NEW_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


def ensure_staged_assignment(session: Session, actor: Actor, course: Course, slug: str, now: datetime) -> Assignment:
    """Return the course's assignment of this name, made if there is none; only for those who teach the course."""
    if actor.person_id is None:
        raise forbidden()
    require_teacher(session, actor.person_id, course.id)
    query = sa.select(Assignment).where(Assignment.course_id == course.id, Assignment.slug == slug)
    return session.scalars(query).one_or_none() or _make_assignment(session, actor, course, slug, now)


def check_new_name(slug: str) -> str:
    """Return a name that an assignment may have; InvalidError says which names may be."""
    if not NEW_NAME.fullmatch(slug):
        raise InvalidError(
            "bad_assignment_name",
            "과제 이름은 영문자나 숫자로 시작하고 영문자, 숫자, . _ - 만 쓸 수 있습니다(80자까지).",
            "An assignment's name starts with a letter or digit and has only letters, digits, . _ - (up to 80).",
        )
    return slug


def _make_assignment(session: Session, actor: Actor, course: Course, slug: str, now: datetime) -> Assignment:
    last = session.scalar(sa.select(sa.func.max(Assignment.position)).where(Assignment.course_id == course.id))
    assignment = Assignment(
        course_id=course.id,
        university_id=course.university_id,
        slug=check_new_name(slug),
        title_ko=slug,
        title_en=slug,
        position=0 if last is None else last + 1,
        created_at=now,
    )
    session.add(assignment)
    session.flush()
    give_to_cohorts(session, course.id)
    subject = Subject("assignment", str(assignment.id), university_id=assignment.university_id)
    record(session, actor, Deed("assignment.created", subject, {"slug": slug}), now)
    return assignment
