"""The gradebook of a course: trainees by assignments with states, statistics of each assignment, tables for files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from statistics import fmean, median, pstdev

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import (
    Assignment,
    Attempt,
    AttemptMember,
    CohortCourse,
    Course,
    Enrolment,
    Grade,
    Login,
    Person,
)
from hub.portal.services.access import OUTSIDE, taught_universities
from hub.portal.services.paging import Paged
from hub.portal.services.reports.tables import Column, Kind, Table, Value

PAGE_ROWS = 50
BINS = 10


class CellState(StrEnum):
    """What a trainee has in an assignment."""

    NOTHING = "nothing"
    WAITING = "waiting"  # handed in, no score yet
    MANUAL = "manual"  # tests are through, a person still grades a part
    GRADED = "graded"


@dataclass(frozen=True)
class Entry:
    """One cell of the gradebook; ``score`` counts, after lateness and adjustments."""

    state: CellState
    score: float | None = None
    max_score: float | None = None
    is_late: bool = False
    is_released: bool = False
    receipt_id: str | None = None

    @property
    def percent(self) -> float | None:
        """Score in percent of the maximum."""
        return None if self.score is None or not self.max_score else 100 * self.score / self.max_score


@dataclass(frozen=True)
class Trainee:
    """One line of the gradebook, with an entry for each assignment in order; ``mean`` is of what is graded."""

    person_id: int
    name: str
    username: str
    entries: tuple[Entry, ...]

    @property
    def mean(self) -> float | None:
        """Mean percent of what is graded to its end."""
        ended = [entry.percent for entry in self.entries if entry.state is CellState.GRADED]
        known = [percent for percent in ended if percent is not None]
        return fmean(known) if known else None


@dataclass(frozen=True)
class Statistics:
    """How one assignment came out, in percent; ``bins`` count scores from 0 to 100 in steps of ten."""

    assignment: Assignment
    handed_in: int
    graded: int
    mean: float | None
    median: float | None
    deviation: float | None
    bins: tuple[int, ...]


@dataclass(frozen=True)
class Gradebook(Paged):
    """One page of the gradebook."""

    page_rows = PAGE_ROWS
    assignments: list[Assignment]
    rows: list[Trainee]
    total: int
    page: int


def assignments_of(session: Session, course_id: int) -> list[Assignment]:
    """Return the assignments of a course in the order in which they are taught."""
    query = sa.select(Assignment).where(Assignment.course_id == course_id)
    return list(session.scalars(query.order_by(Assignment.position, Assignment.id)))


def trainee_ids(session: Session, person_id: int, course_id: int) -> sa.Select[int]:
    """Return the query of the trainees of a course whom this instructor sees, ended enrolments included."""
    query = (
        sa.select(Enrolment.person_id)
        .join(CohortCourse, CohortCourse.cohort_id == Enrolment.cohort_id)
        .where(CohortCourse.course_id == course_id, Enrolment.state.not_in(OUTSIDE))
    )
    universities = taught_universities(session, person_id, course_id)
    return query if universities is None else query.where(Enrolment.university_id.in_(universities))


def load_gradebook(
    session: Session, person_id: int, course: Course, search: str = "", page: int | None = 1
) -> Gradebook:
    """Return one page of the gradebook by name; ``page`` None: all of it."""
    assignments = assignments_of(session, course.id)
    people = sa.select(Person.id, Person.name).where(Person.id.in_(trainee_ids(session, person_id, course.id)))
    if search:
        people = people.where(Person.name.contains(search, autoescape=True))
    total = session.scalar(sa.select(sa.func.count()).select_from(people.subquery())) or 0
    number = min(max(page or 1, 1), max(1, ceil(total / PAGE_ROWS)))
    people = people.order_by(Person.name, Person.id)
    if page is not None:
        people = people.limit(PAGE_ROWS).offset((number - 1) * PAGE_ROWS)
    names = {row[0]: row[1] for row in session.execute(people)}
    entries, logins = _entries(session, names, assignments), _usernames(session, names)
    rows = [
        Trainee(who, name, logins.get(who, ""), tuple(entries.get((who, each.id), _NOTHING) for each in assignments))
        for who, name in names.items()
    ]
    return Gradebook(assignments, rows, total, number)


_NOTHING = Entry(CellState.NOTHING)


def _usernames(session: Session, people: Iterable[int]) -> dict[int, str]:
    query = sa.select(Login.person_id, Login.subject).where(Login.person_id.in_(list(people))).order_by(Login.id.desc())
    return {row.person_id: row.subject for row in session.execute(query)}


def _entries(
    session: Session, people: Iterable[int], assignments: Sequence[Assignment]
) -> dict[tuple[int, int], Entry]:
    """Return what is known of each (person, assignment): a grade, else that something was handed in."""
    who, works = list(people), [assignment.id for assignment in assignments]
    found = {
        (row[0], row[1]): Entry(CellState.WAITING) for row in session.execute(_handed_in(works)) if row[0] in set(who)
    }
    query = sa.select(Grade, Attempt.receipt_id).join(Attempt, Attempt.id == Grade.attempt_id)
    query = query.where(Grade.person_id.in_(who), Grade.assignment_id.in_(works))
    for grade, receipt_id in session.execute(query):
        found[grade.person_id, grade.assignment_id] = Entry(
            CellState.MANUAL if grade.needs_manual else CellState.GRADED,
            *(grade.score, grade.max_score, grade.penalty_percent > 0, grade.released_at is not None, receipt_id),
        )
    return found


def _handed_in(works: list[int]) -> sa.CompoundSelect[int, int]:
    alone = sa.select(Attempt.person_id, Attempt.assignment_id).where(Attempt.assignment_id.in_(works))
    shared = sa.select(AttemptMember.person_id, Attempt.assignment_id)
    shared = shared.join(Attempt, Attempt.id == AttemptMember.attempt_id).where(Attempt.assignment_id.in_(works))
    return sa.union(alone, shared)


def statistics_of(session: Session, person_id: int, course: Course) -> list[Statistics]:
    """Return how each assignment of a course came out among the trainees whom this instructor sees."""
    trainees = trainee_ids(session, person_id, course.id)
    assignments = assignments_of(session, course.id)
    works = [each.id for each in assignments]
    handed = _handed_in(works).subquery()
    counted = sa.select(handed.c.assignment_id, sa.func.count()).where(handed.c.person_id.in_(trainees))
    counts = {row[0]: row[1] for row in session.execute(counted.group_by(handed.c.assignment_id))}
    query = sa.select(Grade.assignment_id, Grade.score, Grade.max_score).where(
        Grade.assignment_id.in_(works), Grade.max_score > 0, Grade.person_id.in_(trainees), ~Grade.needs_manual
    )
    scores: dict[int, list[float]] = {}
    for work, score, most in session.execute(query):
        scores.setdefault(work, []).append(100 * score / most)
    return [summed(each, counts.get(each.id, 0), scores.get(each.id, [])) for each in assignments]


def summed(assignment: Assignment, handed_in: int, percents: Sequence[float]) -> Statistics:
    """Sum up percents: mean, median, spread and a histogram; the last bin holds 100."""
    bins = [0] * BINS
    for percent in percents:
        bins[min(BINS - 1, max(0, int(percent // (100 / BINS))))] += 1
    if not percents:
        return Statistics(assignment, handed_in, 0, None, None, None, tuple(bins))
    middle = fmean(percents), median(percents), pstdev(percents)
    return Statistics(assignment, handed_in, len(percents), *middle, tuple(bins))


def gradebook_table(book: Gradebook) -> Table:
    """Return the whole gradebook as a table for a file: scores as numbers, what waits as an empty cell."""
    columns = [Column("이름"), Column("아이디")]
    for assignment in book.assignments:
        columns += [
            Column(f"{assignment.slug} 점수", Kind.NUMBER, 12),
            Column(f"{assignment.slug} 만점", Kind.NUMBER, 12),
            Column(f"{assignment.slug} 상태", width=12),
        ]
    columns.append(Column("평균(%)", Kind.NUMBER, 12))
    rows = [_file_row(trainee) for trainee in book.rows]
    return Table("성적", columns, rows, frozenset(trainee.person_id for trainee in book.rows))


STATE_WORDS = {
    CellState.NOTHING: "미제출",
    CellState.WAITING: "채점 전",
    CellState.MANUAL: "직접 채점 전",
    CellState.GRADED: "채점 완료",
}


def _file_row(trainee: Trainee) -> tuple[Value, ...]:
    cells: list[Value] = []
    for entry in trainee.entries:
        cells += [entry.score, entry.max_score, STATE_WORDS[entry.state] + (" (지각)" if entry.is_late else "")]
    mean = None if trainee.mean is None else round(trainee.mean, 1)
    return (trainee.name, trainee.username, *cells, mean)
