"""How a generated programme runs: which cohorts when, who sits in them, and how each trainee's way goes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from enum import StrEnum
from math import ceil
from random import Random

from hub.portal.models import EnrolmentState
from hub.portal.services.programme.generated_people import NewPerson
from hub.portal.services.timetable import KST

LASTS = timedelta(days=112)
COHORT_MAX, ROUNDS_MAX, ROUNDS_MIN, ROUNDS_USUAL = 250, 12, 3, 4
#: First days of the first and the last round, and of the one that has just ended, before the day of the figures.
_FIRST_ROUND, _JUST_ENDED, _LAST_ROUND = 290, 117, 30
#: Decisions come within so many days after a cohort's last day.
_DECIDED_AFTER = 10
#: Of a hundred trainees so many leave before the end, by ending.
_LEAVERS = {EnrolmentState.WITHDRAWN: 5.0, EnrolmentState.EXPELLED: 0.8, EnrolmentState.EARLY_EMPLOYED: 1.2}
LEAVING_REASONS = {
    EnrolmentState.WITHDRAWN: ("근무 일정 변경", "개인 사정", "다른 교육과정 수강"),
    EnrolmentState.EXPELLED: ("단위기간 결석 50 % 이상",),
    EnrolmentState.EARLY_EMPLOYED: ("협약 기업 채용", "지역 기업 취업"),
}


class Stage(StrEnum):
    """Where a cohort is on the day of the figures."""

    DECIDED = "decided"
    CLOSING = "closing"  # over, decisions to be confirmed
    RUNNING = "running"
    COMING = "coming"


@dataclass(frozen=True)
class NewCohort:
    """A cohort: ``university`` is an index, ``round`` counts from 1; ``is_advanced``: for people who completed."""

    university: int
    round: int
    group: int
    starts_on: date
    stage: Stage
    is_advanced: bool = False

    @property
    def ends_on(self) -> date:
        """The last day."""
        return self.starts_on + LASTS

    @property
    def decided_at(self) -> datetime:
        """When its coordinator confirms decisions."""
        return moment(self.ends_on + timedelta(days=5), "10:00")


@dataclass(frozen=True)
class Fate:
    """What kind of trainee: shares of 1 (skill in scores, diligence in handing in, presence), and how it ends early."""

    skill: float
    diligence: float
    presence: float
    leaves: EnrolmentState | None = None
    left_on: date | None = None
    reason: str | None = None


def moment(day: date, time: str) -> datetime:
    """A time of a day in Korea."""
    return datetime.combine(day, clock_time.fromisoformat(time), KST)


def make_cohorts(trainees: int, universities: int, today: date) -> list[NewCohort]:
    """Return the cohorts of all universities in the order in which they start, and one that has not begun for each."""
    each = ceil(trainees / universities / COHORT_MAX)
    rounds = min(max(each, ROUNDS_USUAL if trainees >= 40 * universities else ROUNDS_MIN), ROUNDS_MAX)
    groups = ceil(each / rounds)
    found = []
    for number, before in enumerate(_rounds(rounds), start=1):
        for university in range(universities):
            first = today - timedelta(days=before + university)
            found += [NewCohort(university, number, group, first, _stage(first, today)) for group in range(groups)]
    coming = today + timedelta(days=20)
    found += [NewCohort(university, rounds + 1, 0, coming, Stage.COMING) for university in range(universities)]
    return found


def make_advanced(universities: int, today: date) -> list[NewCohort]:
    """Return one advanced cohort a university: the first is decided, the others have just ended or run."""
    first = [today - timedelta(days=_FIRST_ROUND - LASTS.days - 20 - 20 * number) for number in range(universities)]
    return [NewCohort(number, 1, 0, day, _stage(day, today), True) for number, day in enumerate(first)]


def _rounds(count: int) -> list[int]:
    """Days before today on which the rounds begin, the earliest first; one of them has just ended."""
    step = (_FIRST_ROUND - _LAST_ROUND) / (count - 1)
    days = [round(_FIRST_ROUND - number * step) for number in range(count)]
    nearest = min(range(1, count - 1), key=lambda number: abs(days[number] - _JUST_ENDED))
    days[nearest] = _JUST_ENDED
    return days


def _stage(first: date, today: date) -> Stage:
    last = first + LASTS
    if today <= last:
        return Stage.RUNNING
    return Stage.DECIDED if last + timedelta(days=_DECIDED_AFTER) < today else Stage.CLOSING


def seat(people: Sequence[NewPerson], cohorts: Sequence[NewCohort]) -> list[tuple[NewCohort, list[NewPerson]]]:
    """Spread people evenly over cohorts, in order."""
    count = len(cohorts)
    bounds = [len(people) * number // count for number in range(count + 1)]
    return [(cohort, list(people[bounds[n] : bounds[n + 1]])) for n, cohort in enumerate(cohorts)]


def make_fate(random: Random, cohort: NewCohort, today: date) -> Fate:
    """Draw what kind of trainee somebody is; nobody leaves after today."""
    skill = min(0.99, max(0.3, random.gauss(0.79, 0.10)))
    diligence = min(1.0, max(0.35, random.gauss(0.95, 0.06)))
    presence = min(1.0, max(0.4, random.gauss(0.94, 0.05)))
    leaves = _leaving(random)
    left_on = cohort.starts_on + timedelta(days=random.randrange(8, LASTS.days - 5))
    if leaves is None or left_on >= today or cohort.is_advanced:
        return Fate(skill, diligence, presence)
    return Fate(skill, diligence, presence, leaves, left_on, random.choice(LEAVING_REASONS[leaves]))


def _leaving(random: Random) -> EnrolmentState | None:
    drawn = random.random() * 100
    for state, share in _LEAVERS.items():
        if drawn < share:
            return state
        drawn -= share
    return None
