"""The team with which a person hands in: found, locked while an attempt is accepted, and frozen into that attempt."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.errors import ConflictError
from hub.portal.models import Assignment, Attempt, AttemptMember, Enrolment, Team, TeamAttempt, TeamMember
from hub.portal.services.access import TAKING_PART, may_teach
from hub.portal.services.results import lock_enrolments


def find_team(session: Session, person_id: int, assignment_id: int) -> Team | None:
    """Return the team that a person belongs to now in an assignment, or None."""
    query = (
        sa.select(Team)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(
            TeamMember.person_id == person_id,
            TeamMember.assignment_id == assignment_id,
            TeamMember.left_at.is_(None),
        )
    )
    return session.scalars(query).one_or_none()


def is_begun(session: Session, assignment_id: int) -> bool:
    """Whether somebody has handed an assignment in: whether it is team work can't change any more."""
    return session.scalar(sa.select(Attempt.id).where(Attempt.assignment_id == assignment_id).limit(1)) is not None


def own_team(session: Session, person_id: int, assignment: Assignment) -> Team | None:
    """Return the team with which a person works on an assignment; None where everybody works alone.

    ConflictError for a trainee of team work who is in no team yet; staff may look at it without one.
    """
    if not assignment.is_team_work:
        return None
    team = find_team(session, person_id, assignment.id)
    if team is None and not may_teach(session, person_id, assignment.course_id):
        raise ConflictError(
            "no_team",
            "팀으로 하는 과제인데 아직 팀이 정해지지 않았습니다. 담당 교수에게 팀 배정을 요청해 주십시오.",
            "This assignment is done in teams and you are in none yet. Please ask your instructor to assign you.",
        )
    return team


def lock_team_of(session: Session, person_id: int, assignment: Assignment) -> None:
    """Lock a person's team, if there is one, and its members' enrolments until the transaction ends.

    Members can't change while an attempt is stored. The team comes first and enrolments by their ids, as whoever works
    out grades takes them: two members who submit at the same moment wait for each other and never in a circle.
    """
    team = find_team(session, person_id, assignment.id) if assignment.is_team_work else None
    if team is None:
        return
    lock_team(session, team.id)
    lock_enrolments(session, [member.enrolment_id for member in current_members(session, team.id)])


def lock_team(session: Session, team_id: int) -> Team:
    """Return a team, locked until the transaction ends, as it is now."""
    query = sa.select(Team).where(Team.id == team_id).with_for_update(key_share=True)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def current_members(session: Session, team_id: int) -> list[TeamMember]:
    """Return who belongs to a team now and takes part in the course, by when they joined."""
    query = (
        sa.select(TeamMember)
        .join(Enrolment, Enrolment.id == TeamMember.enrolment_id)
        .where(TeamMember.team_id == team_id, TeamMember.left_at.is_(None), Enrolment.state.in_(TAKING_PART))
        .order_by(TeamMember.id)
    )
    return list(session.scalars(query.execution_options(populate_existing=True)))


def attempts_of_team(team_id: int) -> sa.Select[int]:
    """Return the query of the ids of a team's attempts."""
    return sa.select(TeamAttempt.attempt_id).where(TeamAttempt.team_id == team_id)


def share_attempt(session: Session, attempt: Attempt, team: Team) -> None:
    """Make an attempt the team's, and its members' for good: who joins or leaves later changes nothing."""
    newest = sa.select(sa.func.max(TeamAttempt.number)).where(TeamAttempt.team_id == team.id)
    number = (session.scalar(newest) or 0) + 1
    rows = {"attempt_id": attempt.id, "university_id": team.university_id}
    session.add(TeamAttempt(team_id=team.id, number=number, **rows))
    enrolments = {member.person_id: member.enrolment_id for member in current_members(session, team.id)}
    for person_id, enrolment_id in (enrolments | {attempt.person_id: attempt.enrolment_id}).items():
        session.add(AttemptMember(person_id=person_id, enrolment_id=enrolment_id, **rows))
    session.flush()
