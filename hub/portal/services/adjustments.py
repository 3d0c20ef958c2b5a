"""Points that one member of a team gets more or less than the team, with the reason: rows, audit, grade at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.errors import InvalidError, not_found
from hub.portal.models import Assignment, Attempt, AttemptMember, GradeAdjustment
from hub.portal.services.access import require_teacher
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.results import refresh_grades
from hub.portal.services.team_work import attempts_of_team
from hub.portal.services.teams import get_team

MAX_POINTS = 1000.0
MAX_REASON = 500


@dataclass(frozen=True)
class Adjustment:
    """How many points more (or, negative, less) than the team, and why. Nothing more ends an earlier one."""

    points: float
    reason: str


def adjust_member(
    session: Session, actor: Actor, team_id: int, person_id: int, wanted: Adjustment, at: datetime
) -> GradeAdjustment | None:
    """Set what a member gets more or less than the team; an earlier adjustment ends. Returns the one in force."""
    team = get_team(session, actor.person_id or 0, team_id)
    require_teacher(session, actor.person_id or 0, session.get_one(Assignment, team.assignment_id).course_id)
    if not _is_owner(session, team_id, person_id):
        raise not_found()
    reason = _checked(wanted)
    _end_earlier(session, actor, team.assignment_id, person_id, at)
    row = None
    if wanted.points:
        row = GradeAdjustment(
            assignment_id=team.assignment_id,
            team_id=team.id,
            person_id=person_id,
            university_id=team.university_id,
            points=wanted.points,
            reason=reason,
            made_by_id=actor.person_id or 0,
            made_at=at,
        )
        session.add(row)
    session.flush()
    _refresh(session, team.id, at)
    subject = Subject("team", str(team.id), person_id, team.university_id)
    record(session, actor, Deed("grade.adjusted", subject, {"points": wanted.points}, reason), at)
    return row


def adjustments_of(session: Session, team_ids: list[int]) -> dict[tuple[int, int], GradeAdjustment]:
    """Return the adjustments in force: (team id, person id) -> row."""
    query = sa.select(GradeAdjustment).where(
        GradeAdjustment.team_id.in_(team_ids), GradeAdjustment.revoked_at.is_(None)
    )
    return {(row.team_id, row.person_id): row for row in session.scalars(query)}


def own_adjustment(session: Session, person_id: int, assignment_id: int) -> GradeAdjustment | None:
    """Return the adjustment of one student's grade that is in force."""
    query = sa.select(GradeAdjustment).where(
        GradeAdjustment.person_id == person_id,
        GradeAdjustment.assignment_id == assignment_id,
        GradeAdjustment.revoked_at.is_(None),
    )
    return session.scalars(query).one_or_none()


def _checked(wanted: Adjustment) -> str:
    if not math.isfinite(wanted.points) or abs(wanted.points) > MAX_POINTS:
        raise InvalidError("points", "점수를 숫자로 써 주십시오.", "Please give the points as a number.")
    reason = wanted.reason.strip()
    if not 1 <= len(reason) <= MAX_REASON:
        raise InvalidError(
            "reason",
            f"조정하는 이유를 {MAX_REASON}자 이내로 써 주십시오. 학생에게도 보입니다.",
            f"Please give the reason in at most {MAX_REASON} characters. The student sees it.",
        )
    return reason


def _is_owner(session: Session, team_id: int, person_id: int) -> bool:
    query = sa.select(AttemptMember.attempt_id).where(
        AttemptMember.person_id == person_id, AttemptMember.attempt_id.in_(attempts_of_team(team_id))
    )
    return session.scalar(query.limit(1)) is not None


def _end_earlier(session: Session, actor: Actor, assignment_id: int, person_id: int, at: datetime) -> None:
    earlier = own_adjustment(session, person_id, assignment_id)
    if earlier is not None:
        earlier.revoked_at, earlier.revoked_by_id = at, actor.person_id
        session.flush()


def _refresh(session: Session, team_id: int, at: datetime) -> None:
    query = sa.select(Attempt).where(Attempt.id.in_(attempts_of_team(team_id)))
    refresh_grades(session, session.scalars(query).all(), at)
