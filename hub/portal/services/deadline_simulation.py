"""What would each student get? A proposed deadline rule over the attempts that were made, before it is put in force.

``outcome`` is pure and made of the very functions that grade (``deadlines``); the rest reads rows and writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.contract import Text
from hub.portal.models import (
    Assignment,
    Attempt,
    AttemptMember,
    AttemptResult,
    CountingRule,
    DeadlineRule,
    Enrolment,
    Extension,
    GradeReportRow,
    Person,
    TeamAttempt,
)
from hub.portal.services.access import OUTSIDE, require_teacher, taught_universities
from hub.portal.services.deadlines import Candidate, Deadline, choose, explain_lateness, extend, judge
from hub.portal.services.timetable import extensions_of, extensions_of_teams, make_deadline, rules_of_cohort


@dataclass(frozen=True)
class Handed:
    """An attempt that was made: when it arrived, and what tests gave (None: no score yet)."""

    number: int
    received_at: datetime
    score: float | None


@dataclass(frozen=True)
class Outcome:
    """What a student has under a rule: which attempt counts, what lateness costs, the score after it, in words."""

    number: int
    penalty_percent: float
    score: float
    text: Text


@dataclass(frozen=True)
class Row:
    """One student: what they have under the rule in force and under the proposed one; None: nothing that counts."""

    person_id: int
    name: str
    now: Outcome | None
    then: Outcome | None

    @property
    def changes(self) -> bool:
        """Whether the proposal changes anything for this student."""
        return self.now != self.then


def outcome(rule: CountingRule, handed: Sequence[tuple[Handed, Deadline]]) -> Outcome | None:
    """Return what attempts are worth, each with the deadline that holds for it; None if none has a score."""
    scored = [
        Candidate(each.number, each.score, judge(deadline, each.received_at))
        for each, deadline in handed
        if each.score is not None
    ]
    chosen = choose(rule, scored)
    if chosen is None:
        return None
    lateness = chosen.lateness
    return Outcome(chosen.number, lateness.penalty_percent, chosen.final_score, explain_lateness(lateness))


def simulate(session: Session, staff_id: int, assignment: Assignment, cohort_id: int, proposed: Deadline) -> list[Row]:
    """Return every trainee of a cohort whom this instructor sees, now and under the proposed rule, by name."""
    require_teacher(session, staff_id, assignment.course_id)
    trainees = _trainees(session, staff_id, assignment, cohort_id)
    handed = _handed(session, assignment.id, [person.id for person in trainees])
    current = make_deadline(_rule(session, cohort_id, assignment.id))
    extensions = _extensions(session, assignment.id, handed)
    counting = assignment.counting_rule
    found = []
    for person in trainees:
        attempts = handed.get(person.id, [])
        both = (
            [(each, _extended(base, extensions.get((person.id, team_id), []))) for each, team_id in attempts]
            for base in (current, proposed)
        )
        now, then = (outcome(counting, pairs) for pairs in both)
        found.append(Row(person.id, person.name, now, then))
    return found


def _extended(deadline: Deadline, extensions: Sequence[Extension]) -> Deadline:
    for each in extensions:
        deadline = extend(deadline, each.due_at, each.closes_at)
    return deadline


def _rule(session: Session, cohort_id: int, assignment_id: int) -> DeadlineRule | None:
    return rules_of_cohort(session, cohort_id).get(assignment_id)


def _trainees(session: Session, staff_id: int, assignment: Assignment, cohort_id: int) -> list[Person]:
    query = (
        sa.select(Person)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(Enrolment.cohort_id == cohort_id, Enrolment.state.not_in(OUTSIDE))
        .order_by(Person.name, Person.id)
    )
    universities = taught_universities(session, staff_id, assignment.course_id)
    if universities is not None:
        query = query.where(Enrolment.university_id.in_(universities))
    return list(session.scalars(query))


def _handed(session: Session, assignment_id: int, people: list[int]) -> dict[int, list[tuple[Handed, int | None]]]:
    """Return each person's attempts with the team that made them; the newest report of each gives its score."""
    owner = sa.func.coalesce(AttemptMember.person_id, Attempt.person_id)
    query = (
        sa.select(owner, Attempt.number, Attempt.received_at, GradeReportRow.score, TeamAttempt.team_id, Attempt.id)
        .outerjoin(TeamAttempt, TeamAttempt.attempt_id == Attempt.id)
        .outerjoin(AttemptMember, AttemptMember.attempt_id == Attempt.id)
        .outerjoin(AttemptResult, AttemptResult.attempt_id == Attempt.id)
        .outerjoin(GradeReportRow, GradeReportRow.request_digest == AttemptResult.request_digest)
        .where(Attempt.assignment_id == assignment_id, Attempt.enrolment_id.is_not(None), owner.in_(people))
        .order_by(AttemptResult.id)
    )
    newest = {(row[0], row[5]): row for row in session.execute(query)}
    found: dict[int, list[tuple[Handed, int | None]]] = {}
    for person_id, number, received_at, score, team_id, _attempt in newest.values():
        found.setdefault(person_id, []).append((Handed(number, received_at, score), team_id))
    return found


def _extensions(
    session: Session, assignment_id: int, handed: dict[int, list[tuple[Handed, int | None]]]
) -> dict[tuple[int, int | None], list[Extension]]:
    """Return what was extended for each (person, team of the attempt): the person's own and the team's."""
    own = extensions_of(session, list(handed))
    teams = {team_id for attempts in handed.values() for _, team_id in attempts if team_id is not None}
    of_teams = extensions_of_teams(session, teams)
    return {
        (person_id, team_id): own.get((person_id, assignment_id), []) + of_teams.get(team_id or 0, [])
        for person_id, attempts in handed.items()
        for _, team_id in attempts
    }
