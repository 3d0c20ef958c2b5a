"""What the platform knows of each trainee of a cohort for its completion rules; a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import (
    Assignment,
    AssignmentVersion,
    Attempt,
    AttemptMember,
    Cohort,
    CohortCourse,
    CompletionInput,
    Enrolment,
    Grade,
    Person,
    VersionState,
)
from hub.portal.services.access import OUTSIDE
from hub.portal.services.programme.completion_rules import Facts

#: Fields of ``Facts`` that nobody enters: the platform knows them itself.
KNOWN_HERE = frozenset({"score", "assignments", "submitted"})


@dataclass(frozen=True)
class Trainee:
    """One enrolment of a cohort, with its facts of this moment."""

    enrolment: Enrolment
    person: Person
    facts: Facts


def facts_of_cohort(session: Session, cohort: Cohort) -> list[Trainee]:
    """Return every trainee who was admitted, by name."""
    return _facts(session, cohort.id, Enrolment.cohort_id == cohort.id)


def facts_of_enrolment(session: Session, enrolment: Enrolment) -> Trainee | None:
    """Return one trainee; None for somebody who was not admitted."""
    found = _facts(session, enrolment.cohort_id, Enrolment.id == enrolment.id)
    return found[0] if found else None


def _facts(session: Session, cohort_id: int, whose: sa.ColumnElement[bool]) -> list[Trainee]:
    query = (
        sa.select(Enrolment, Person)
        .join(Person, Person.id == Enrolment.person_id)
        .where(whose, Enrolment.state.not_in(OUTSIDE))
        .order_by(Person.name, Enrolment.id)
    )
    found = session.execute(query).all()
    weights = _weights(session, cohort_id)
    people = sa.select(Enrolment.person_id).where(whose)
    grades, handed_in = _grades(session, people), _handed_in(session, people)
    entered = _entered(session, whose)
    return [
        Trainee(
            enrolment,
            person,
            entered.get(enrolment.id, Facts()).model_copy(
                update={
                    "score": mean_score(weights, grades[person.id]),
                    "assignments": len(weights),
                    "submitted": len(handed_in[person.id] & set(weights)),
                }
            ),
        )
        for enrolment, person in found
    ]


def mean_score(weights: dict[int, float], grades: dict[int, Fraction | None]) -> Decimal | None:
    """Weighted mean of all assignments in percent, what was not handed in as 0.

    None while there are no assignments, or a part of one still waits for a person: nobody fails for that.
    """
    whole = sum((Fraction(weight) for weight in weights.values()), Fraction(0))
    counted = [(Fraction(weight), grades.get(assignment, Fraction(0))) for assignment, weight in weights.items()]
    if not whole or any(share is None for _, share in counted):
        return None
    mean = sum((weight * share for weight, share in counted if share is not None), Fraction(0)) / whole
    return Decimal((mean * 10_000).__floor__()).scaleb(-2)  # never up: only ``round_half_up`` rounds


def _weights(session: Session, cohort_id: int) -> dict[int, float]:
    """Live assignments of the cohort's courses: id -> weight."""
    query = (
        sa.select(Assignment.id, Assignment.weight)
        .join(CohortCourse, CohortCourse.course_id == Assignment.course_id)
        .join(AssignmentVersion, AssignmentVersion.assignment_id == Assignment.id)
        .where(CohortCourse.cohort_id == cohort_id, AssignmentVersion.state == VersionState.LIVE)
    )
    return {row.id: row.weight for row in session.execute(query)}


def _grades(session: Session, people: sa.Select[int]) -> dict[int, dict[int, Fraction | None]]:
    """By person and assignment the share of the points; None while a person still has to grade a part."""
    query = (
        sa.select(
            Grade.person_id,
            Grade.assignment_id,
            Grade.score,
            Grade.max_score,
            Grade.manual_points,
            AssignmentVersion.manual_max_score,
        )
        .join(Attempt, Attempt.id == Grade.attempt_id)
        .join(AssignmentVersion, AssignmentVersion.id == Attempt.version_id)
        .where(Grade.person_id.in_(people))
    )
    found: dict[int, dict[int, Fraction | None]] = defaultdict(dict)
    for person, assignment, score, max_score, manual, manual_max in session.execute(query):
        is_open = manual_max > 0 and manual is None
        found[person][assignment] = None if is_open else _share(score, max_score)
    return found


@lru_cache(maxsize=4096)  # a cohort's grades are thousands, but few different ones
def _share(score: float, max_score: float) -> Fraction:
    """Share of the points, each as it is written: 7.995 is that, not the binary number just below it."""
    return Fraction(repr(score)) / Fraction(repr(max_score)) if max_score else Fraction(0)


def _handed_in(session: Session, people: sa.Select[int]) -> dict[int, set[int]]:
    alone = sa.select(Attempt.person_id, Attempt.assignment_id).where(Attempt.person_id.in_(people))
    shared = sa.select(AttemptMember.person_id, Attempt.assignment_id)
    shared = shared.join(Attempt, Attempt.id == AttemptMember.attempt_id).where(AttemptMember.person_id.in_(people))
    found: dict[int, set[int]] = defaultdict(set)
    for person, assignment in session.execute(sa.union(alone, shared)):
        found[person].add(assignment)
    return found


def _entered(session: Session, whose: sa.ColumnElement[bool]) -> dict[int, Facts]:
    """The newest entered facts of each enrolment."""
    newest = (
        sa.select(sa.func.max(CompletionInput.id))
        .join(Enrolment, Enrolment.id == CompletionInput.enrolment_id)
        .where(whose)
        .group_by(CompletionInput.enrolment_id)
    )
    query = sa.select(CompletionInput.enrolment_id, CompletionInput.facts)
    found = session.execute(query.where(CompletionInput.id.in_(newest)))
    return {enrolment_id: Facts.model_validate(facts) for enrolment_id, facts in found}
