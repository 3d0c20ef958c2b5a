"""Forming and changing teams: what staff do, each step with its audit row. Attempts keep the members they had."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from hub.portal.errors import ConflictError, InvalidError, not_found
from hub.portal.models import (
    Assignment,
    AttemptMember,
    CohortCourse,
    Enrolment,
    Person,
    Team,
    TeamAttempt,
    TeamMember,
)
from hub.portal.services.access import TAKING_PART, enrolment_for, require_teacher, taught_universities
from hub.portal.services.attempts import Member
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.team_work import find_team, is_begun, lock_team

MAX_NAME = 40


@dataclass(frozen=True)
class TeamView:
    """A team as staff see it: who belongs to it now, and how often it has handed in."""

    team_id: int
    name: str
    university_id: int
    members: tuple[Member, ...]
    attempts: int


def set_team_work(session: Session, actor: Actor, assignment: Assignment, is_team_work: bool, at: datetime) -> None:
    """Say whether an assignment is done in teams; ConflictError once somebody has handed it in."""
    require_teacher(session, actor.person_id or 0, assignment.course_id)
    if assignment.is_team_work == is_team_work:
        return
    if is_begun(session, assignment.id):
        raise ConflictError(
            "already_handed_in",
            "이미 제출이 있어 팀 과제 여부를 바꿀 수 없습니다. 새 과제를 만들어 주십시오.",
            "Work has been handed in already, so this can't be changed. Please make a new assignment.",
        )
    assignment.is_team_work = is_team_work
    subject = Subject("assignment", str(assignment.id), university_id=assignment.university_id)
    record(session, actor, Deed("assignment.team_work_set", subject, {"is_team_work": is_team_work}), at)


def form_team(
    session: Session, actor: Actor, assignment: Assignment, name: str, people: Collection[int], at: datetime
) -> Team:
    """Make a team of trainees of one university who are in no other team of the assignment."""
    require_teacher(session, actor.person_id or 0, assignment.course_id)
    if not assignment.is_team_work:
        raise ConflictError("not_team_work", "팀으로 하는 과제가 아닙니다.", "This assignment is not done in teams.")
    if not people:
        raise InvalidError("no_members", "팀원을 한 명 이상 골라 주십시오.", "Please choose at least one member.")
    enrolments = [_eligible(session, actor, assignment, person_id) for person_id in sorted(set(people))]
    universities = {enrolment.university_id for enrolment in enrolments}
    if len(universities) > 1:
        raise _two_universities()
    team = Team(
        assignment_id=assignment.id,
        university_id=universities.pop(),
        name=_free_name(session, assignment, name),
        created_by_id=actor.person_id or 0,
        created_at=at,
    )
    session.add(team)
    session.flush()
    _record(session, actor, team, "team.formed", at)
    for enrolment in enrolments:
        _join(session, actor, team, enrolment, at)
    return team


def add_member(session: Session, actor: Actor, team_id: int, person_id: int, at: datetime) -> None:
    """Let a trainee join a team: what it hands in from now on is theirs too."""
    team = _lock_standing(session, actor, team_id)
    enrolment = _eligible(session, actor, session.get_one(Assignment, team.assignment_id), person_id)
    if enrolment.university_id != team.university_id:
        raise _two_universities()
    _join(session, actor, team, enrolment, at)


def remove_member(session: Session, actor: Actor, team_id: int, person_id: int, at: datetime) -> None:
    """Let a member leave: what was handed in until now stays theirs."""
    team = _lock_standing(session, actor, team_id)
    query = sa.select(TeamMember).where(
        TeamMember.team_id == team.id, TeamMember.person_id == person_id, TeamMember.left_at.is_(None)
    )
    member = session.scalars(query).one_or_none()
    if member is None:
        raise not_found()
    member.left_at, member.removed_by_id = at, actor.person_id
    _record(session, actor, team, "team.member_left", at, person_id)


def dissolve_team(session: Session, actor: Actor, team_id: int, at: datetime) -> None:
    """End a team: its members are free for others, its attempts and grades stay."""
    team = _lock_standing(session, actor, team_id)
    query = sa.select(TeamMember.person_id).where(TeamMember.team_id == team.id, TeamMember.left_at.is_(None))
    for person_id in session.scalars(query).all():
        remove_member(session, actor, team.id, person_id, at)
    team.dissolved_at = at
    _record(session, actor, team, "team.dissolved", at)


def list_teams(session: Session, staff_id: int, assignment: Assignment) -> list[TeamView]:
    """Return the standing teams whose trainees this instructor sees, by name; three queries however many."""
    query = sa.select(Team).where(Team.assignment_id == assignment.id, Team.dissolved_at.is_(None))
    universities = taught_universities(session, staff_id, assignment.course_id)
    if universities is not None:
        query = query.where(Team.university_id.in_(universities))
    teams = list(session.scalars(query.order_by(Team.name)))
    members = _members_by_team(session, [team.id for team in teams])
    counts = sa.select(TeamAttempt.team_id, sa.func.count()).group_by(TeamAttempt.team_id)
    handed_in = {row[0]: row[1] for row in session.execute(counts.where(TeamAttempt.team_id.in_(members)))}
    return [
        TeamView(team.id, team.name, team.university_id, members[team.id], handed_in.get(team.id, 0)) for team in teams
    ]


def _members_by_team(session: Session, team_ids: list[int]) -> dict[int, tuple[Member, ...]]:
    query = sa.select(TeamMember).where(TeamMember.team_id.in_(team_ids), TeamMember.left_at.is_(None))
    found: dict[int, list[Member]] = {team_id: [] for team_id in team_ids}
    for row in session.scalars(query.options(joinedload(TeamMember.person)).order_by(TeamMember.id)):
        found[row.team_id].append(Member(row.person_id, row.person.name))
    return {team_id: tuple(members) for team_id, members in found.items()}


def trainees_of_assignment(session: Session, staff_id: int, assignment: Assignment) -> list[Member]:
    """Return the trainees of the course whom this instructor sees, by name."""
    query = (
        sa.select(Person.id, Person.name)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .join(CohortCourse, CohortCourse.cohort_id == Enrolment.cohort_id)
        .where(CohortCourse.course_id == assignment.course_id, Enrolment.state.in_(TAKING_PART))
        .distinct()
        .order_by(Person.name, Person.id)
    )
    universities = taught_universities(session, staff_id, assignment.course_id)
    if universities is not None:
        query = query.where(Enrolment.university_id.in_(universities))
    return [Member(row.id, row.name) for row in session.execute(query)]


def trainees_without_team(session: Session, staff_id: int, assignment: Assignment) -> list[Member]:
    """Return the trainees whom this instructor sees and who are in no team of the assignment, by name."""
    taken = sa.select(TeamMember.person_id).where(
        TeamMember.assignment_id == assignment.id, TeamMember.left_at.is_(None)
    )
    placed = set(session.scalars(taken))
    everybody = trainees_of_assignment(session, staff_id, assignment)
    return [member for member in everybody if member.person_id not in placed]


def members_of_own_team(session: Session, person_id: int, assignment_id: int) -> tuple[str, tuple[Member, ...]] | None:
    """Return the name and the members of the team that a person belongs to now."""
    team = find_team(session, person_id, assignment_id)
    return None if team is None else (team.name, _members_by_team(session, [team.id])[team.id])


def teammates_of(session: Session, person_id: int) -> frozenset[int]:
    """Return everybody with whom a person is or was in a team: they may know each other's names and team work."""
    mine = sa.select(TeamMember.team_id).where(TeamMember.person_id == person_id)
    members = sa.select(TeamMember.person_id).where(TeamMember.team_id.in_(mine))
    own = sa.select(AttemptMember.attempt_id).where(AttemptMember.person_id == person_id)
    sharers = sa.select(AttemptMember.person_id).where(AttemptMember.attempt_id.in_(own))
    return frozenset(session.scalars(sa.union(members, sharers)))


def get_team(session: Session, staff_id: int, team_id: int) -> Team:
    """Return a team whose trainees this instructor sees; NotFoundError for any other."""
    team = session.get(Team, team_id)
    if team is None:
        raise not_found()
    assignment = session.get_one(Assignment, team.assignment_id)
    universities = taught_universities(session, staff_id, assignment.course_id)
    if universities is not None and team.university_id not in universities:
        raise not_found()
    return team


def _lock_standing(session: Session, actor: Actor, team_id: int) -> Team:
    team = lock_team(session, get_team(session, actor.person_id or 0, team_id).id)
    if team.dissolved_at is not None:
        raise ConflictError("team_dissolved", "이미 해산한 팀입니다.", "This team has been dissolved.")
    return team


def _eligible(session: Session, actor: Actor, assignment: Assignment, person_id: int) -> Enrolment:
    """Return the enrolment of a trainee whom the instructor sees; NotFoundError for anybody else."""
    enrolment = enrolment_for(session, person_id, assignment.course_id)
    universities = taught_universities(session, actor.person_id or 0, assignment.course_id)
    if enrolment is None or enrolment.state not in TAKING_PART:
        raise not_found()
    if universities is not None and enrolment.university_id not in universities:
        raise not_found()
    return enrolment


def _join(session: Session, actor: Actor, team: Team, enrolment: Enrolment, at: datetime) -> None:
    if find_team(session, enrolment.person_id, team.assignment_id) is not None:
        raise ConflictError(
            "in_another_team",
            "이미 이 과제의 다른 팀에 속해 있습니다. 먼저 그 팀에서 빼 주십시오.",
            "Somebody you chose is in another team of this assignment. Remove them there first.",
        )
    session.add(
        TeamMember(
            team_id=team.id,
            assignment_id=team.assignment_id,
            person_id=enrolment.person_id,
            enrolment_id=enrolment.id,
            university_id=enrolment.university_id,
            joined_at=at,
            added_by_id=actor.person_id or 0,
        )
    )
    session.flush()
    _record(session, actor, team, "team.member_joined", at, enrolment.person_id)


def _free_name(session: Session, assignment: Assignment, name: str) -> str:
    plain = " ".join(name.split())
    if not 1 <= len(plain) <= MAX_NAME or not plain.isprintable():
        raise InvalidError(
            "team_name",
            f"팀 이름은 1~{MAX_NAME}자로 써 주십시오.",
            f"A team's name has 1 to {MAX_NAME} characters.",
        )
    taken = sa.select(Team.id).where(Team.assignment_id == assignment.id, Team.name == plain)
    if session.scalar(taken) is not None:
        raise ConflictError("team_name_taken", "같은 이름의 팀이 있습니다.", "There is a team of that name.")
    return plain


def _two_universities() -> InvalidError:
    return InvalidError(
        "two_universities",
        "한 팀은 한 대학교의 교육생으로만 구성할 수 있습니다.",
        "The members of a team must be of one university.",
    )


def _record(
    session: Session, actor: Actor, team: Team, action: str, at: datetime, person_id: int | None = None
) -> None:
    subject = Subject("team", str(team.id), person_id, team.university_id)
    record(session, actor, Deed(action, subject, {"name": team.name, "assignment": team.assignment_id}), at)
