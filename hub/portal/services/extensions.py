"""More time for one trainee or one team: granted and ended by staff with a reason, as rows; grades follow at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from hub.portal.errors import ConflictError, InvalidError, not_found
from hub.portal.models import Assignment, Attempt, Extension, Person, Team
from hub.portal.services.access import TAKING_PART, enrolment_for, require_teacher, taught_universities
from hub.portal.services.attempt_owners import attempt_ids_of
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.results import refresh_grades
from hub.portal.services.team_work import attempts_of_team, find_team
from hub.portal.services.teams import get_team

MAX_REASON = 500


@dataclass(frozen=True)
class Recipient:
    """Who gets more time: a person or a team, never both."""

    person_id: int | None = None
    team_id: int | None = None


@dataclass(frozen=True)
class MoreTime:
    """Until when, and why."""

    due_at: datetime
    closes_at: datetime | None
    reason: str


@dataclass(frozen=True)
class ExtensionView:
    """An extension as staff see it; ``person_id`` is None for a team's."""

    extension_id: int
    person_id: int | None
    name: str
    is_team: bool
    due_at: datetime
    closes_at: datetime | None
    reason: str
    granted_by: str
    granted_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class OwnExtension:
    """An extension as its student sees it."""

    due_at: datetime
    closes_at: datetime | None
    reason: str
    is_team: bool


def grant_extension(
    session: Session, actor: Actor, assignment: Assignment, whom: Recipient, more: MoreTime, at: datetime
) -> Extension:
    """Give a trainee or a team more time; several extensions together give the latest time of any."""
    staff_id = actor.person_id or 0
    require_teacher(session, staff_id, assignment.course_id)
    more = _checked(more)
    extension = Extension(
        assignment_id=assignment.id,
        person_id=whom.person_id,
        team_id=whom.team_id,
        university_id=_university(session, staff_id, assignment, whom),
        due_at=more.due_at,
        closes_at=more.closes_at,
        reason=more.reason,
        granted_by_id=staff_id,
        granted_at=at,
    )
    session.add(extension)
    session.flush()
    _refresh(session, extension, at)
    _record(session, actor, extension, "extension.granted", at)
    return extension


def end_extension(session: Session, actor: Actor, extension_id: int, at: datetime) -> None:
    """Take an extension back; the row stays, grades are worked out anew."""
    extension = session.get(Extension, extension_id, with_for_update=True)
    if extension is None or not _sees(session, actor.person_id or 0, extension):
        raise not_found()
    if extension.revoked_at is not None:
        raise ConflictError("extension_ended", "이미 끝난 연장입니다.", "This extension has ended already.")
    extension.revoked_at, extension.revoked_by_id = at, actor.person_id
    session.flush()
    _refresh(session, extension, at)
    _record(session, actor, extension, "extension.ended", at)


def list_extensions(session: Session, staff_id: int, assignment: Assignment) -> list[ExtensionView]:
    """Return the extensions of an assignment that this instructor sees: those in force first, the newest first."""
    granter = aliased(Person)
    query = (
        sa.select(Extension, Person.name, Team.name, granter.name)
        .outerjoin(Person, Person.id == Extension.person_id)
        .outerjoin(Team, Team.id == Extension.team_id)
        .join(granter, granter.id == Extension.granted_by_id)
        .where(Extension.assignment_id == assignment.id)
        .order_by(Extension.revoked_at.is_not(None), Extension.id.desc())
    )
    universities = taught_universities(session, staff_id, assignment.course_id)
    if universities is not None:
        query = query.where(Extension.university_id.in_(universities))
    return [_view(row, person or team or "", by) for row, person, team, by in session.execute(query)]


def _view(row: Extension, name: str, granted_by: str) -> ExtensionView:
    return ExtensionView(
        extension_id=row.id,
        person_id=row.person_id,
        name=name,
        is_team=row.team_id is not None,
        due_at=row.due_at,
        closes_at=row.closes_at,
        reason=row.reason,
        granted_by=granted_by,
        granted_at=row.granted_at,
        revoked_at=row.revoked_at,
    )


def own_extensions(session: Session, person_id: int, assignment_id: int) -> list[OwnExtension]:
    """Return the extensions in force for a student, their team's included, the latest first."""
    team = find_team(session, person_id, assignment_id)
    whose = Extension.person_id == person_id
    if team is not None:
        whose = sa.or_(whose, Extension.team_id == team.id)
    query = sa.select(Extension).where(whose, Extension.assignment_id == assignment_id, Extension.revoked_at.is_(None))
    rows = session.scalars(query.order_by(Extension.due_at.desc()))
    return [OwnExtension(row.due_at, row.closes_at, row.reason, row.team_id is not None) for row in rows]


def _checked(more: MoreTime) -> MoreTime:
    reason = more.reason.strip()
    if not 1 <= len(reason) <= MAX_REASON:
        raise InvalidError(
            "reason",
            f"연장하는 이유를 {MAX_REASON}자 이내로 써 주십시오. 학생에게도 보입니다.",
            f"Please give the reason in at most {MAX_REASON} characters. The student sees it.",
        )
    if more.closes_at is not None and more.closes_at < more.due_at:
        raise InvalidError(
            "closes_before_due",
            "제출이 닫히는 시각은 새 마감보다 빠를 수 없습니다.",
            "Submission can't close before the new deadline.",
        )
    return MoreTime(more.due_at, more.closes_at, reason)


def _university(session: Session, staff_id: int, assignment: Assignment, whom: Recipient) -> int:
    """Return whose university the recipient is of; NotFoundError unless this instructor sees them."""
    if (whom.person_id is None) == (whom.team_id is None):
        raise InvalidError("recipient", "연장할 사람이나 팀을 골라 주십시오.", "Please choose a person or a team.")
    if whom.team_id is not None:
        team = get_team(session, staff_id, whom.team_id)
        if team.assignment_id != assignment.id:
            raise not_found()
        return team.university_id
    enrolment = enrolment_for(session, whom.person_id or 0, assignment.course_id)
    universities = taught_universities(session, staff_id, assignment.course_id)
    if enrolment is None or enrolment.state not in TAKING_PART:
        raise not_found()
    if universities is not None and enrolment.university_id not in universities:
        raise not_found()
    return enrolment.university_id


def _sees(session: Session, staff_id: int, extension: Extension) -> bool:
    course_id = session.get_one(Assignment, extension.assignment_id).course_id
    universities = taught_universities(session, staff_id, course_id)
    return universities is None or extension.university_id in universities


def _refresh(session: Session, extension: Extension, at: datetime) -> None:
    """Work out the grades anew that the extension touches: lateness is never stored beside an attempt."""
    ids = attempts_of_team(extension.team_id) if extension.team_id else attempt_ids_of(extension.person_id or 0)
    query = sa.select(Attempt).where(Attempt.id.in_(ids), Attempt.assignment_id == extension.assignment_id)
    refresh_grades(session, session.scalars(query).all(), at)


def _record(session: Session, actor: Actor, extension: Extension, action: str, at: datetime) -> None:
    subject = Subject("extension", str(extension.id), extension.person_id, extension.university_id)
    detail = {
        "assignment": extension.assignment_id,
        "team": extension.team_id,
        "due_at": extension.due_at.isoformat(),
        "closes_at": extension.closes_at and extension.closes_at.isoformat(),
    }
    record(session, actor, Deed(action, subject, detail, extension.reason), at)
