"""How far a programme is toward its goal, and by what: figures that are all counted by the database.

``kpi_people`` says who counts; here the counts are grouped. Rows of a breakdown add up to the whole, because everybody
is in exactly one of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import (
    Cohort,
    Company,
    EnrolmentState,
    Programme,
    Track,
    University,
)
from hub.portal.services.access import coordinated_universities
from hub.portal.services.programme.kpi_funnel import Stage, funnel_of
from hub.portal.services.programme.kpi_people import Scope, enrolments, people, ranked_enrolments
from hub.portal.services.programme.regions import REGIONS


@dataclass(frozen=True)
class Count:
    """People: who started, who of them counts (실인원), and how many completions those have (연인원)."""

    started: int = 0
    counted: int = 0
    completions: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.started + other.started, self.counted + other.counted, self.completions + other.completions)

    @property
    def rate(self) -> float | None:
        """Share of the starters who count; None of nobody."""
        return self.counted / self.started if self.started else None


@dataclass(frozen=True)
class Line:
    """One line of a breakdown: its address (``gnu``, ``changwon``, ``12``, or ``none``), its names and its count."""

    key: str
    ko: str
    en: str
    count: Count


@dataclass(frozen=True)
class CohortLine:
    """One cohort: enrolments, of which some are of people who are counted elsewhere."""

    cohort: Cohort
    university: University
    started: int
    in_progress: int
    completed: int


@dataclass(frozen=True)
class StateLine:
    """Enrolments in a state, and how many people those are."""

    state: EnrolmentState
    enrolments: int
    people: int


@dataclass(frozen=True)
class Breakdowns:
    """The whole by each thing that it is counted by."""

    university: tuple[Line, ...]
    company: tuple[Line, ...]
    region: tuple[Line, ...]
    track: tuple[Line, ...]


@dataclass(frozen=True)
class ProgrammeKpi:
    """What a visitor sees of a programme's progress. ``is_whole``: all universities, so that the goal is theirs.

    ``counted_elsewhere``: people with a completion here who are counted at a university that the visitor does not see.
    """

    programme: Programme
    is_whole: bool
    total: Count
    funnel: tuple[Stage, ...]
    breakdowns: Breakdowns
    cohorts: tuple[CohortLine, ...]
    states: tuple[StateLine, ...]
    counted_elsewhere: int

    @property
    def headcount(self) -> int:
        """실인원: distinct people with at least one completion that counts."""
        return self.total.counted

    @property
    def completions(self) -> int:
        """연인원: completions that count."""
        return self.total.completions

    @property
    def still_needed(self) -> int:
        """People missing for the goal."""
        return max(self.programme.target - self.headcount, 0)

    def people(self, stage: str) -> int:
        """Return the people of one stage of the funnel."""
        return next(step.people for step in self.funnel if step.name == stage)


def programmes(session: Session) -> list[Programme]:
    """Return the programmes, the newest first."""
    return list(session.scalars(sa.select(Programme).order_by(Programme.starts_on.desc(), Programme.id.desc())))


def scope_of(session: Session, person_id: int, programme: Programme, until: datetime) -> Scope:
    """Return what of a programme a coordinator sees."""
    return Scope(programme, until, coordinated_universities(session, person_id))


def needed_starters(target: int, ended: Count) -> int | None:
    """Return how many must start for ``target`` at the rate of cohorts that have ended; None while none has.

    Cohorts that still run would make the rate look worse than it is: most of their people have not come to the end.
    """
    return ceil(target * ended.started / ended.counted) if ended.counted else None


def programme_kpi(session: Session, scope: Scope) -> ProgrammeKpi:
    """Count everything that the overview shows."""
    cube = count_cube(session, scope)
    return ProgrammeKpi(
        programme=scope.programme,
        is_whole=scope.universities is None,
        total=sum((count for _, count in cube), Count()),
        funnel=funnel_of(session, scope),
        breakdowns=_breakdowns(session, cube),
        cohorts=_cohorts(session, scope),
        states=_states(session, scope),
        counted_elsewhere=_counted_elsewhere(session, scope),
    )


class Corner(NamedTuple):
    """What a group of people has in common."""

    university_id: int
    track: Track
    company_id: int | None
    region: str | None


Cube = list[tuple[Corner, Count]]


def count_cube(session: Session, scope: Scope) -> Cube:
    """Count people by all that they are broken down by at once; every breakdown is a sum of these."""
    found = people(scope)
    corner = (found.c.university_id, found.c.track, found.c.company_id, found.c.region)
    query = sa.select(
        *corner,
        sa.func.count(),
        sa.func.count(found.c.decision_id),
        sa.func.sum(found.c.completions),
    ).group_by(*corner)
    return [
        (Corner(university, track, company, region), Count(started, counted, int(completions)))
        for university, track, company, region, started, counted, completions in session.execute(query)
    ]


def breakdown_of(cube: Cube, key: Callable[[Corner], Hashable]) -> dict[Hashable, Count]:
    """Add up the groups that have the same key."""
    found: dict[Hashable, Count] = defaultdict(Count)
    for corner, count in cube:
        found[key(corner)] += count
    return found


def _breakdowns(session: Session, cube: Cube) -> Breakdowns:
    universities = session.execute(sa.select(University.id, University.slug, University.name_ko, University.name_en))
    seen = {corner.company_id for corner, _ in cube} - {None}
    companies = session.execute(sa.select(Company.id, Company.name).where(Company.id.in_(seen))) if seen else ()
    by_university, by_company = (
        breakdown_of(cube, lambda c: c.university_id),
        breakdown_of(cube, lambda c: c.company_id),
    )
    return Breakdowns(
        university=_lines(by_university, {row.id: (row.slug, row.name_ko, row.name_en) for row in universities}),
        company=_lines(by_company, {number: (str(number), name, name) for number, name in companies}),
        region=_lines(
            breakdown_of(cube, lambda c: c.region), {code: (code, *names) for code, names in REGIONS.items()}
        ),
        track=_lines(breakdown_of(cube, lambda c: c.track), {each: (each.value, "", "") for each in Track}),
    )


def _lines(found: Mapping[Hashable, Count], names: Mapping[Hashable, tuple[str, str, str]]) -> tuple[Line, ...]:
    """Return lines by how many count, then by name; what is not known comes last under the address ``none``."""
    lines = [Line(*names.get(key, ("none", "", "")), count) for key, count in found.items() if key is not None]
    lines.sort(key=lambda line: (-line.count.counted, -line.count.started, line.ko))
    return (*lines, Line("none", "", "", found[None])) if None in found else tuple(lines)


def _cohorts(session: Session, scope: Scope) -> tuple[CohortLine, ...]:
    found = enrolments(scope)
    counts = (
        sa.select(
            found.c.cohort_id,
            sa.func.count().label("started"),
            sa.func.count(found.c.decision_id).label("completed"),
            sa.func.count(sa.case((found.c.state.in_(IN_PROGRESS), 1))).label("in_progress"),
        )
        .where(scope.sees(found.c.university_id))
        .group_by(found.c.cohort_id)
        .subquery("counts")
    )
    query = (
        sa.select(Cohort, University, counts)
        .join(University, University.id == Cohort.university_id)
        .join(counts, counts.c.cohort_id == Cohort.id)
        .order_by(University.name_ko, Cohort.starts_on, Cohort.id)
    )
    return tuple(
        CohortLine(row.Cohort, row.University, row.started, row.in_progress, row.completed)
        for row in session.execute(query)
    )


IN_PROGRESS = (EnrolmentState.ADMITTED, EnrolmentState.IN_PROGRESS)


def _states(session: Session, scope: Scope) -> tuple[StateLine, ...]:
    found = enrolments(scope)
    query = (
        sa.select(found.c.state, sa.func.count(), sa.func.count(found.c.person_id.distinct()))
        .where(scope.sees(found.c.university_id))
        .group_by(found.c.state)
    )
    rows = {state: StateLine(state, count, distinct) for state, count, distinct in session.execute(query)}
    return tuple(rows[state] for state in EnrolmentState if state in rows)


def _counted_elsewhere(session: Session, scope: Scope) -> int:
    if scope.universities is None:
        return 0
    ranked = ranked_enrolments(replace(scope, universities=None))
    here = sa.select(ranked.c.person_id).where(ranked.c.decision_id.is_not(None), scope.sees(ranked.c.university_id))
    counted_here = here.where(ranked.c.place == 1)
    query = sa.select(sa.func.count(ranked.c.person_id.distinct())).where(
        ranked.c.person_id.in_(here), ranked.c.person_id.not_in(counted_here)
    )
    return session.scalar(query) or 0
