"""A coordinator's picture: distinct people counted toward the goal, the funnel before it, and the cohorts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import (
    AssignmentFetch,
    Attempt,
    AttemptMember,
    Cohort,
    Enrolment,
    EnrolmentState,
    Grade,
    Person,
    Programme,
    University,
)
from hub.portal.services.access import OUTSIDE, coordinated_universities
from hub.portal.services.attempt_owners import people_with_attempts
from hub.portal.services.privacy.masking import masked_name

PASS_SHARE = 0.6
STAGES = ("started", "fetched", "submitted", "passed", "completed")


masked = masked_name  # the one rule, under the name that callers here know


@dataclass(frozen=True)
class Stage:
    """One step of the funnel: distinct people who came at least so far."""

    name: str
    people: int


@dataclass(frozen=True)
class CohortFigures:
    """One cohort in numbers of distinct people."""

    cohort: Cohort
    university: University
    started: int
    submitted: int
    completed: int


@dataclass(frozen=True)
class ProgrammeOverview:
    """What the coordinator's home shows. ``headcount`` counts people, ``completions`` completed enrolments."""

    programme: Programme
    funnel: tuple[Stage, ...]
    completions: int
    cohorts: tuple[CohortFigures, ...]

    def people(self, stage: str) -> int:
        """Return the people of one stage."""
        return next(step.people for step in self.funnel if step.name == stage)

    @property
    def headcount(self) -> int:
        """실인원: distinct people with at least one completion."""
        return self.people("completed")

    @property
    def widest(self) -> int:
        """The largest number on the chart: the goal or the first stage."""
        return max(self.programme.target, *(step.people for step in self.funnel))

    @property
    def needed_starters(self) -> int | None:
        """Starters needed for the goal at the completion rate so far; None while nobody has completed."""
        if not self.headcount:
            return None
        return ceil(self.programme.target * self.people("started") / self.headcount)


def programmes(session: Session) -> list[Programme]:
    """Return the programmes, the newest first."""
    return list(session.scalars(sa.select(Programme).order_by(Programme.starts_on.desc(), Programme.id.desc())))


def programme_overview(session: Session, person_id: int, programme: Programme) -> ProgrammeOverview:
    """Read the figures of what a coordinator sees of a programme; people merged into another count as that one."""
    seen = _enrolments(programme.id, coordinated_universities(session, person_id))
    rows = session.execute(seen).all()
    people = {row.person for row in rows}
    submitted = people & _people(session, people_with_attempts())
    reached = {
        "started": people,
        "fetched": submitted | people & _people(session, sa.select(AssignmentFetch.person_id).distinct()),
        "submitted": submitted,
        "passed": people & _people(session, _passed()),
        "completed": {row.person for row in rows if row.state is EnrolmentState.COMPLETED},
    }
    return ProgrammeOverview(
        programme=programme,
        funnel=tuple(Stage(name, len(reached[name])) for name in STAGES),
        completions=sum(row.state is EnrolmentState.COMPLETED for row in rows),
        cohorts=_cohorts(session, rows, reached["submitted"], programme.id),
    )


def _one_person() -> sa.ColumnElement[int]:
    return sa.func.coalesce(Person.merged_into_id, Person.id)


def _enrolments(programme_id: int, universities: frozenset[int] | None) -> sa.Select[int, int, EnrolmentState]:
    query = (
        sa.select(_one_person().label("person"), Enrolment.cohort_id, Enrolment.state)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(
            Cohort.programme_id == programme_id,
            Cohort.counts_toward_programme,
            Enrolment.state.not_in(OUTSIDE),
        )
    )
    return query if universities is None else query.where(Enrolment.university_id.in_(universities))


def _people(session: Session, ids: sa.Select[int] | sa.CompoundSelect[int]) -> set[int]:
    return set(session.scalars(sa.select(_one_person()).where(Person.id.in_(ids))))


def _passed() -> sa.Select[int]:
    return sa.select(Grade.person_id).where(Grade.score >= PASS_SHARE * Grade.max_score).distinct()


def _cohorts(
    session: Session, rows: Sequence[sa.Row[int, int, EnrolmentState]], submitted: set[int], programme_id: int
) -> tuple[CohortFigures, ...]:
    members: dict[int, set[int]] = {}
    completed: dict[int, set[int]] = {}
    for row in rows:
        members.setdefault(row.cohort_id, set()).add(row.person)
        if row.state is EnrolmentState.COMPLETED:
            completed.setdefault(row.cohort_id, set()).add(row.person)
    query = (
        sa.select(Cohort, University)
        .join(University, University.id == Cohort.university_id)
        .where(Cohort.programme_id == programme_id, Cohort.id.in_(members))
        .order_by(University.name_ko, Cohort.starts_on, Cohort.id)
    )
    return tuple(
        CohortFigures(
            cohort=cohort,
            university=university,
            started=len(members[cohort.id]),
            submitted=len(members[cohort.id] & submitted),
            completed=len(completed.get(cohort.id, ())),
        )
        for cohort, university in session.execute(query)
    )


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
