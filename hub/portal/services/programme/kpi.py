"""How far a programme is toward its goal, and by what: figures that are all counted by the database.

``kpi_people`` says who counts; here the counts are grouped. Rows of a breakdown add up to the whole, because everybody
is in exactly one of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil

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
from hub.portal.services.access import TAKING_PART, coordinated_universities
from hub.portal.services.programme.kpi_cube import Count, Cube, Group, breakdown_of, total_of
from hub.portal.services.programme.kpi_funnel import Stage, funnel_of
from hub.portal.services.programme.kpi_people import Scope, ranked_enrolments
from hub.portal.services.programme.regions import REGIONS


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
    """Enrolments in a state, and the people who are followed by these: everybody is in one state."""

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


def programme_kpi(session: Session, scope: Scope, cube: Cube) -> ProgrammeKpi:
    """Put together everything that the overview shows from what was counted."""
    return ProgrammeKpi(
        programme=scope.programme,
        is_whole=scope.universities is None,
        total=total_of(cube),
        funnel=funnel_of(session, scope),
        breakdowns=_breakdowns(session, cube),
        cohorts=_cohorts(session, cube),
        states=_states(cube),
        counted_elsewhere=_counted_elsewhere(session, scope),
    )


def _breakdowns(session: Session, cube: Cube) -> Breakdowns:
    universities = session.execute(sa.select(University.id, University.slug, University.name_ko, University.name_en))
    seen = {group.company_id for group in cube} - {None}
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


def _cohorts(session: Session, cube: Cube) -> tuple[CohortLine, ...]:
    groups: dict[int, list[Group]] = defaultdict(list)
    for group in cube:
        groups[group.cohort_id].append(group)
    query = (
        sa.select(Cohort, University)
        .join(University, University.id == Cohort.university_id)
        .where(Cohort.id.in_(groups))
        .order_by(University.name_ko, Cohort.starts_on, Cohort.id)
    )
    return tuple(
        CohortLine(
            cohort,
            university,
            started=sum(group.enrolments for group in groups[cohort.id]),
            in_progress=sum(group.enrolments for group in groups[cohort.id] if group.state in TAKING_PART),
            completed=sum(group.enrolments for group in groups[cohort.id] if group.is_completed),
        )
        for cohort, university in session.execute(query)
    )


def _states(cube: Cube) -> tuple[StateLine, ...]:
    by_state: dict[EnrolmentState, list[Group]] = defaultdict(list)
    for group in cube:
        by_state[group.state].append(group)
    return tuple(
        StateLine(
            state,
            enrolments=sum(group.enrolments for group in by_state[state]),
            people=sum(group.enrolments for group in by_state[state] if group.is_followed),
        )
        for state in EnrolmentState
        if state in by_state
    )


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
