"""Whose an attempt is: who handed it in, or everybody who belonged to the team when it was handed in.

Each rule is one function here; whoever lists, grades or shows attempts asks it instead of comparing person ids.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import Attempt, AttemptMember, Enrolment, TeamAttempt


@dataclass(frozen=True)
class Owner:
    """One person whose attempt it is, through which enrolment; None: staff trying an assignment."""

    person_id: int
    enrolment_id: int | None
    university_id: int


def attempt_ids_of(person_id: int) -> sa.CompoundSelect[int]:
    """Return the query of the ids of all attempts that are a person's: handed in alone or by a team of theirs."""
    own = sa.select(Attempt.id).where(Attempt.person_id == person_id)
    shared = sa.select(AttemptMember.attempt_id).where(AttemptMember.person_id == person_id)
    return sa.union(own, shared)


def people_with_attempts() -> sa.CompoundSelect[int]:
    """Return the query of the ids of all people who have handed in anything, alone or in a team."""
    return sa.union(sa.select(Attempt.person_id), sa.select(AttemptMember.person_id))


def owners_of(session: Session, attempts: Collection[Attempt]) -> dict[int, tuple[Owner, ...]]:
    """Return the owners of each attempt by its id, who handed it in first."""
    found = {
        attempt.id: [Owner(attempt.person_id, attempt.enrolment_id, attempt.university_id)] for attempt in attempts
    }
    query = sa.select(AttemptMember).where(AttemptMember.attempt_id.in_(found)).order_by(AttemptMember.person_id)
    for row in session.scalars(query):
        if row.person_id != found[row.attempt_id][0].person_id:
            found[row.attempt_id].append(Owner(row.person_id, row.enrolment_id, row.university_id))
    return {attempt_id: tuple(owners) for attempt_id, owners in found.items()}


def owns(session: Session, person_id: int, attempt: Attempt) -> bool:
    """Whether an attempt is a person's."""
    return attempt.person_id == person_id or session.get(AttemptMember, (attempt.id, person_id)) is not None


def team_id_of(session: Session, attempt_id: int) -> int | None:
    """Return the team that handed an attempt in; None if one person did."""
    return session.scalar(sa.select(TeamAttempt.team_id).where(TeamAttempt.attempt_id == attempt_id))


def team_ids_of(session: Session, attempt_ids: Collection[int]) -> dict[int, int]:
    """Return the teams of those attempts that are a team's: attempt id -> team id."""
    query = sa.select(TeamAttempt.attempt_id, TeamAttempt.team_id).where(TeamAttempt.attempt_id.in_(attempt_ids))
    return {row.attempt_id: row.team_id for row in session.execute(query)}


def older_attempt_ids(attempt: Attempt, team_id: int | None) -> sa.Select[int]:
    """Return the query of the ids of the attempts that ``attempt`` follows on: the person's, or the team's."""
    return _line_of(attempt, team_id, operator.lt)


def newer_attempt_ids(attempt: Attempt, team_id: int | None) -> sa.Select[int]:
    """Return the query of the ids of the attempts that follow on ``attempt``: the person's, or the team's."""
    return _line_of(attempt, team_id, operator.gt)


def _line_of(attempt: Attempt, team_id: int | None, compare: Callable[[Any, Any], Any]) -> sa.Select[int]:
    if team_id is None:
        alone = sa.select(Attempt.id).where(Attempt.person_id == attempt.person_id)
        return alone.where(Attempt.assignment_id == attempt.assignment_id, compare(Attempt.number, attempt.number))
    number = sa.select(TeamAttempt.number).where(TeamAttempt.attempt_id == attempt.id).scalar_subquery()
    teams = sa.select(TeamAttempt.attempt_id).where(TeamAttempt.team_id == team_id)
    return teams.where(compare(TeamAttempt.number, number))


def cohorts_of(session: Session, enrolment_ids: Collection[int]) -> dict[int, int]:
    """Return the cohort of each enrolment."""
    query = sa.select(Enrolment.id, Enrolment.cohort_id).where(Enrolment.id.in_(enrolment_ids))
    return {row.id: row.cohort_id for row in session.execute(query)}
