"""One cohort of a generated programme: its people's logins and enrolments, their work, and how it ended for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from hub.portal.models import (
    Enrolment,
    EnrolmentEvent,
    EnrolmentParticulars,
    EnrolmentState,
    Login,
    Person,
)
from hub.portal.services.deadlines import Deadline
from hub.portal.services.demo import HUB_ISSUER
from hub.portal.services.programme.generated_completion import Judging, decide, enter_facts, with_work
from hub.portal.services.programme.generated_course import Work
from hub.portal.services.programme.generated_people import NewCompany, NewPerson
from hub.portal.services.programme.generated_plan import NewCohort, Stage, make_fate, moment
from hub.portal.services.programme.generated_rows import BulkRows
from hub.portal.services.programme.generated_work import Coursework, Learner

Step = tuple[EnrolmentState, datetime, str | None]


@dataclass(frozen=True)
class Class:
    """A cohort that stands in the database, with everything that its trainees need."""

    cohort: NewCohort
    cohort_id: int
    university_id: int
    judging: Judging
    works: Sequence[Work]
    deadlines: Mapping[int, Deadline]
    today: date

    @property
    def weights(self) -> dict[int, float]:
        """Assignment -> weight, as completion counts it."""
        return {work.assignment.id: work.assignment.weight for work in self.works}


class People:
    """Persons with logins and companies: written once, enrolled as often as wanted."""

    def __init__(self, rows: BulkRows, prefix: str, companies: Sequence[tuple[int, NewCompany]]) -> None:
        self._rows, self._prefix, self._companies = rows, prefix, companies
        self._ids: dict[int, int] = {}

    def ensure(self, person: NewPerson, at: datetime) -> int:
        """Return the row of a person, made when it is first asked for."""
        if person.number not in self._ids:
            subject = f"{self._prefix}s{person.number:05d}"
            facts = {"name": person.name, "phone": person.phone, "birth_date": person.birth_date, "created_at": at}
            self._ids[person.number] = self._rows.add(Person, email=f"{subject}@learner.example", **facts)
            self._rows.add(Login, person_id=self._ids[person.number], issuer=HUB_ISSUER, subject=subject, created_at=at)
        return self._ids[person.number]

    def describe(self, enrolment_id: int, university_id: int, person: NewPerson) -> None:
        """Write down where a trainee works and lives."""
        company_id, company = (None, None) if person.company is None else self._companies[person.company]
        self._rows.put(
            EnrolmentParticulars,
            enrolment_id=enrolment_id,
            university_id=university_id,
            company_id=company_id,
            work_region=company.region if company else None,
            home_region=person.home_region,
        )


class Enrolling:
    """Puts people into cohorts and lets them go their way."""

    def __init__(self, rows: BulkRows, random: Random, people: People, coursework: Coursework) -> None:
        self._rows, self._random, self._people, self._coursework = rows, random, people, coursework

    def enrol(self, place: Class, members: Sequence[NewPerson]) -> list[NewPerson]:
        """Enrol people in a cohort; return those who completed it."""
        return [person for person in members if self._enrol_one(place, person) is EnrolmentState.COMPLETED]

    def _enrol_one(self, place: Class, person: NewPerson) -> EnrolmentState:
        applied = moment(place.cohort.starts_on, "09:00") - timedelta(hours=self._random.randrange(500, 800))
        person_id, number = self._people.ensure(person, applied), self._rows.add_id(Enrolment)
        if place.cohort.stage is Stage.COMING:
            steps = self._coming(applied, moment(place.today, "00:00"))
        else:
            steps = self._admitted(place.cohort, applied) + self._study(place, person_id, number)
        self._put(place, number, person_id, person, steps)
        return steps[-1][0]

    def _coming(self, applied: datetime, now: datetime) -> list[Step]:
        steps: list[Step] = [(EnrolmentState.APPLIED, applied, None)]
        selected = applied + timedelta(days=3)
        if selected < now and self._random.random() < 0.8:
            steps.append((EnrolmentState.SELECTED, selected, None))
        return steps

    def _admitted(self, cohort: NewCohort, applied: datetime) -> list[Step]:
        first = moment(cohort.starts_on, "09:00")
        return [
            (EnrolmentState.APPLIED, applied, None),
            (EnrolmentState.SELECTED, first - timedelta(days=14), None),
            (EnrolmentState.ADMITTED, first - timedelta(days=4), None),
            (EnrolmentState.IN_PROGRESS, first, None),
        ]

    def _study(self, place: Class, person_id: int, enrolment_id: int) -> list[Step]:
        """Let somebody work through the course; return how it ended, nothing while it goes on."""
        fate = make_fate(self._random, place.cohort, place.today)
        until = moment(fate.left_on or place.today, "00:00")
        learner = Learner(person_id, enrolment_id, place.university_id, fate, until)
        shares = self._coursework.attend(learner, place.works, place.deadlines)
        if fate.leaves is not None and fate.left_on is not None:
            return [(fate.leaves, moment(fate.left_on, "00:00") + timedelta(hours=15), fate.reason)]
        if place.cohort.stage is Stage.RUNNING:
            return []
        facts = enter_facts(self._rows, self._random, place.judging, enrolment_id, fate)
        if place.cohort.stage is Stage.CLOSING:
            return []
        known = with_work(facts, place.weights, shares)
        made = decide(self._rows, self._random, place.judging, enrolment_id, known)
        return [(each.outcome, each.at, each.reason) for each in made]

    def _put(self, place: Class, number: int, person_id: int, person: NewPerson, steps: Sequence[Step]) -> None:
        state, since, reason = steps[-1]
        self._rows.put(
            Enrolment,
            id=number,
            person_id=person_id,
            cohort_id=place.cohort_id,
            university_id=place.university_id,
            track=person.track,
            state=state,
            state_reason=reason,
            state_since=since,
            created_at=steps[0][1],
        )
        self._people.describe(number, place.university_id, person)
        before = None
        for to_state, at, why in steps:
            self._event(place, number, (before, to_state, why), at)
            before = to_state

    def _event(
        self, place: Class, number: int, change: tuple[EnrolmentState | None, EnrolmentState, str | None], at: datetime
    ) -> None:
        from_state, to_state, reason = change
        self._rows.add(
            EnrolmentEvent,
            enrolment_id=number,
            university_id=place.university_id,
            from_state=from_state,
            to_state=to_state,
            reason=reason,
            by_person_id=place.judging.coordinator_id,
            at=at,
        )
