"""The people of a cohort as a coordinator lists them, names masked."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import Attempt, AttemptMember, Enrolment, EnrolmentState, Grade, Person
from hub.portal.services.privacy.masking import masked_name

masked = masked_name  # the one rule, under the name that callers here know


@dataclass(frozen=True)
class Trainee:
    """One enrolment on a cohort's page; the name comes masked."""

    person_id: int
    name: str
    state: EnrolmentState
    attempts: int
    mean_percent: float | None


def trainees_of(session: Session, cohort_id: int) -> list[Trainee]:
    """Return the people of a cohort with what they have handed in, by name."""
    handed_in = _assignments_handed_in(sa.select(Enrolment.person_id).where(Enrolment.cohort_id == cohort_id))
    mean = (
        sa.select(sa.func.avg(100.0 * Grade.score / Grade.max_score))
        .where(Grade.person_id == Enrolment.person_id, Grade.max_score > 0)
        .scalar_subquery()
    )
    query = (
        sa.select(Person.id, Person.name, Enrolment.state, sa.func.coalesce(handed_in.c.assignments, 0), mean)
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(handed_in, handed_in.c.person_id == Enrolment.person_id)
        .where(Enrolment.cohort_id == cohort_id)
        .order_by(Person.name, Enrolment.id)
    )
    return [
        Trainee(person_id, masked_name(name), state, count, None if share is None else float(share))
        for person_id, name, state, count, share in session.execute(query)
    ]


def _assignments_handed_in(people: sa.Select[int]) -> sa.Subquery:
    """Return how many assignments each of ``people`` has handed in, alone or in a team."""
    alone = sa.select(Attempt.person_id, Attempt.assignment_id).where(Attempt.person_id.in_(people))
    shared = sa.select(AttemptMember.person_id, Attempt.assignment_id)
    shared = shared.join(Attempt, Attempt.id == AttemptMember.attempt_id).where(AttemptMember.person_id.in_(people))
    pairs = sa.union(alone, shared).subquery()
    counted = sa.select(pairs.c.person_id, sa.func.count().label("assignments")).group_by(pairs.c.person_id)
    return counted.subquery()
