"""Carry out a roster's plan: persons, companies, enrolments and their events, in the caller's one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import Cohort, Company, Enrolment, EnrolmentParticulars, Person
from hub.portal.services.audit import Actor
from hub.portal.services.enrolment_states import move_enrolment
from hub.portal.services.programme.roster_plan import Outcome, PlannedRow, RosterPlan
from hub.portal.services.programme.roster_rows import CompanyFacts, RosterRow

_PROGRESS_EVERY = 200


def apply_plan(
    session: Session,
    actor: Actor,
    cohort: Cohort,
    plan: RosterPlan,
    now: datetime,
    progress: Callable[[int, int], None],
) -> set[int]:
    """Write what the plan says; return the ids of the persons concerned."""
    work = _Work(session, actor, cohort, now)
    people = set()
    todo = [planned for planned in plan.rows if planned.outcome not in (Outcome.REFUSED, Outcome.UNCHANGED)]
    for done, planned in enumerate(todo):
        if done % _PROGRESS_EVERY == 0:
            progress(done, len(todo))
        people.add(work.carry_out(planned))
    session.flush()
    return {person.id for person in people}


class _Work:
    def __init__(self, session: Session, actor: Actor, cohort: Cohort, now: datetime) -> None:
        self._session, self._actor, self._cohort, self._now = session, actor, cohort, now
        self._companies: dict[str, Company] = {}
        for company in session.scalars(sa.select(Company).order_by(Company.id.desc())):
            self._remember(company)

    def carry_out(self, planned: PlannedRow) -> Person:
        assert planned.row is not None
        row = planned.row
        person = planned.person or Person(name=row.name, birth_date=row.birth_date, phone=row.phone)
        person.email = person.email or row.email
        enrolment = planned.enrolment or self._enrol(person)
        enrolment.track = row.track
        if planned.enrolment is None or "state" in planned.changes:
            by = self._actor.person_id
            move_enrolment(self._session, enrolment, row.state, self._now, by_person_id=by, reason="roster")
        self._set_particulars(enrolment, row)
        return person

    def _enrol(self, person: Person) -> Enrolment:
        enrolment = Enrolment(
            person=person,
            cohort_id=self._cohort.id,
            university_id=self._cohort.university_id,
        )
        self._session.add(enrolment)
        return enrolment

    def _set_particulars(self, enrolment: Enrolment, row: RosterRow) -> None:
        if row.company is None and row.work_region is None and row.home_region is None:
            return
        found = enrolment.particulars
        if found is None:
            found = enrolment.particulars = EnrolmentParticulars(university_id=self._cohort.university_id)
        if row.company is not None:
            found.company = self._company(row.company, row.work_region)
        found.work_region = row.work_region or found.work_region
        found.home_region = row.home_region or found.home_region

    def _company(self, facts: CompanyFacts, region: str | None) -> Company:
        """The company that a line means, made if there is none; what is known of it already stays."""
        company = self._companies.get(facts.business_number or facts.name)
        if company is None:
            company = Company(name=facts.name, business_number=facts.business_number, created_at=self._now)
            self._session.add(company)
            self._remember(company)
        company.size = company.size or facts.size
        company.region = company.region or region
        return company

    def _remember(self, company: Company) -> None:
        """By number and by name, as lines name them (``roster_plan.is_same_company``)."""
        for key in (company.business_number, company.name):
            if key is not None:
                self._companies[key] = company
