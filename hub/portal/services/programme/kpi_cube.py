"""All enrolments of a programme counted by the database in one go, by everything that a figure is broken down by.

Totals, breakdowns, cohorts and the forecast are sums over these groups, so they can't disagree; there are some hundred
groups however many people there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import Company, EnrolmentParticulars, EnrolmentState, Track
from hub.portal.services.programme.kpi_people import Scope, ranked_enrolments, region_of


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
class Group:
    """Enrolments that have all of this in common. ``is_followed``: by this one its person is counted, or else followed;
    ``completions``: of the people of a followed group, wherever they completed."""

    cohort_id: int
    university_id: int
    track: Track
    company_id: int | None
    region: str | None
    state: EnrolmentState
    is_followed: bool
    is_completed: bool
    enrolments: int
    completions: int

    @property
    def count(self) -> Count:
        """The people of this group: nobody where they are followed by another enrolment."""
        if not self.is_followed:
            return Count()
        counted = self.enrolments if self.is_completed else 0
        return Count(self.enrolments, counted, self.completions if self.is_completed else 0)


Cube = Sequence[Group]


def count_cube(session: Session, scope: Scope) -> Cube:
    """Count the enrolments that a visitor sees."""
    ranked = ranked_enrolments(scope)
    is_followed = sa.case((ranked.c.place == 1, 1), else_=0)
    is_completed = sa.case((ranked.c.decision_id.is_not(None), 1), else_=0)
    corner = (
        *(ranked.c.cohort_id, ranked.c.university_id, ranked.c.track, EnrolmentParticulars.company_id, region_of()),
        *(ranked.c.state, is_followed, is_completed),
    )
    query = (
        sa.select(*corner, sa.func.count(), sa.func.sum(ranked.c.completions))
        .select_from(ranked)
        .outerjoin(EnrolmentParticulars, EnrolmentParticulars.enrolment_id == ranked.c.enrolment_id)
        .outerjoin(Company, Company.id == EnrolmentParticulars.company_id)
        .where(scope.sees(ranked.c.university_id))
        .group_by(*corner)
    )
    return [_group(row) for row in session.execute(query)]


def _group(row: sa.Row[Any]) -> Group:
    cohort, university, track, company, region, state, is_followed, is_completed, number, completions = tuple(row)
    corner = (cohort, university, track, company, region, state, bool(is_followed), bool(is_completed))
    return Group(*corner, enrolments=number, completions=int(completions))


def total_of(cube: Cube) -> Count:
    """Add all groups up."""
    return sum((group.count for group in cube), Count())


def breakdown_of(cube: Cube, key: Callable[[Group], Hashable]) -> dict[Hashable, Count]:
    """Add up the people of groups that have the same key; everybody is in one of them."""
    found: dict[Hashable, Count] = defaultdict(Count)
    for group in cube:
        if group.is_followed:
            found[key(group)] += group.count
    return found
