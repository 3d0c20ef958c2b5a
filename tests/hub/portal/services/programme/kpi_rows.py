"""A programme made of plain rows, for tests of figures: universities, cohorts, people, and decisions on given days."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.database import Database
from hub.portal.models import (
    Cohort,
    Company,
    CompletionDecision,
    CompletionRule,
    DecisionKind,
    Enrolment,
    EnrolmentParticulars,
    EnrolmentState,
    Person,
    Programme,
    Role,
    RoleGrant,
    Track,
    University,
)
from hub.portal.services.audit import Actor
from hub.portal.services.programme.kpi import programme_kpi
from hub.portal.services.programme.kpi_cube import count_cube
from hub.portal.services.programme.kpi_people import Scope
from hub.portal.services.timetable import KST

DONE, NOT_DONE = EnrolmentState.COMPLETED, EnrolmentState.NOT_COMPLETED
EARLY = datetime(2026, 1, 2, tzinfo=UTC)


def noon(month: int, day: int, year: int = 2026) -> datetime:
    return datetime(year, month, day, 12, tzinfo=KST)


NOW = noon(11, 22)


@dataclass
class Programmes:
    """One programme (2026) with cohorts gnu-1, gnu-2 and inje-1, and whoever a test puts into them."""

    database: Database
    now: datetime = NOW
    actor: Actor = field(default_factory=lambda: Actor("test"))
    programme_id: int = 0
    universities: dict[str, int] = field(default_factory=dict)
    cohorts: dict[str, int] = field(default_factory=dict)
    rules: dict[str, int] = field(default_factory=dict)

    def open(self, target: int = 300) -> Programmes:
        with self.database.writing() as session:
            staff = Person(name="서유나")
            programme = Programme(
                slug="ax",
                name_ko="사업",
                name_en="Programme",
                target=target,
                funding_source="지역 주도형 AI 대전환",
                starts_on=date(2026, 1, 1),
                ends_on=date(2026, 12, 31),
            )
            session.add_all([staff, programme])
            session.flush()
            self.programme_id, self.actor = programme.id, Actor("coordinator", staff.id)
            session.add(RoleGrant(person_id=staff.id, role=Role.COORDINATOR))
            for slug in ("gnu", "inje"):
                self._add_university(session, slug)
        for slug in ("gnu-1", "gnu-2", "inje-1"):
            self.add_cohort(slug)
        return self

    def _add_university(self, session: Session, slug: str) -> None:
        row = University(slug=slug, name_ko=f"{slug}대학교", name_en=slug.upper())
        session.add(row)
        session.flush()
        self.universities[slug] = row.id

    def add_cohort(self, slug: str, **changes: Any) -> int:
        with self.database.writing() as session:
            facts = {"starts_on": date(2026, 3, 1), "ends_on": date(2026, 6, 30), "programme_id": self.programme_id}
            university = self.universities[slug.partition("-")[0]]
            row = Cohort(slug=slug, name_ko=slug, name_en=slug, university_id=university, **(facts | changes))
            session.add(row)
            session.flush()
            rule = CompletionRule(
                cohort_id=row.id,
                university_id=university,
                number=1,
                rules={"of": slug},
                made_by_id=self.actor.person_id or 0,
                made_at=EARLY,
            )
            session.add(rule)
            session.flush()
            self.cohorts[slug], self.rules[slug] = row.id, rule.id
            return row.id

    def person(self, name: str = "김서연") -> int:
        with self.database.writing() as session:
            row = Person(name=name)
            session.add(row)
            session.flush()
            return row.id

    def company(self, name: str, region: str | None = None) -> int:
        with self.database.writing() as session:
            row = Company(name=name, region=region)
            session.add(row)
            session.flush()
            return row.id

    def enrol(
        self,
        person: int,
        cohort: str,
        state: EnrolmentState = EnrolmentState.IN_PROGRESS,
        track: Track = Track.STUDENT,
        **particulars: Any,
    ) -> int:
        with self.database.writing() as session:
            university = self.universities[cohort.partition("-")[0]]
            row = Enrolment(
                person_id=person,
                cohort_id=self.cohorts[cohort],
                university_id=university,
                state=state,
                track=track,
                state_since=EARLY,
                created_at=EARLY,
            )
            session.add(row)
            session.flush()
            if particulars:
                session.add(EnrolmentParticulars(enrolment_id=row.id, university_id=university, **particulars))
            return row.id

    def decide(
        self,
        enrolment: int,
        at: datetime,
        outcome: EnrolmentState = DONE,
        kind: DecisionKind = DecisionKind.CONFIRMED,
    ) -> int:
        with self.database.writing() as session:
            row = session.get_one(Enrolment, enrolment)
            slug = next(slug for slug, number in self.cohorts.items() if number == row.cohort_id)
            row.state, row.state_since = outcome, at
            decision = CompletionDecision(
                enrolment_id=enrolment,
                university_id=row.university_id,
                rule_id=self.rules[slug],
                kind=kind,
                outcome=outcome,
                proposed=outcome,
                facts={},
                finding={},
                made_by_id=self.actor.person_id or 0,
                made_at=at,
            )
            session.add(decision)
            session.flush()
            return decision.id

    def complete(self, cohort: str, at: datetime | None = None, person: int | None = None, **enrolment: Any) -> int:
        """Let somebody complete ``cohort``; returns the enrolment."""
        row = self.enrol(self.person() if person is None else person, cohort, **enrolment)
        self.decide(row, at or noon(6, 30))
        return row

    def merge(self, person: int, into: int | None) -> None:
        with self.database.writing() as session:
            session.get_one(Person, person).merged_into_id = into

    def whose(self, enrolment: int) -> int:
        with self.database.reading() as session:
            return session.get_one(Enrolment, enrolment).person_id

    def change(self, model: type[Any], row_id: int, **values: Any) -> None:
        with self.database.writing() as session:
            session.execute(sa.update(model).where(model.id == row_id).values(**values))

    def scope(self, session: Session, until: datetime | None = None, *universities: str) -> Scope:
        seen = frozenset(self.universities[slug] for slug in universities) if universities else None
        return Scope(session.get_one(Programme, self.programme_id), until or self.now, seen)

    def kpi(self, *universities: str, until: datetime | None = None):
        with self.database.reading() as session:
            scope = self.scope(session, until, *universities)
            found = programme_kpi(session, scope, count_cube(session, scope))
            session.expunge_all()
            return found


def later(at: datetime, days: int = 1) -> datetime:
    return at + timedelta(days=days)
