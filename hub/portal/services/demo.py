"""The demonstration programme: four universities, one running cohort each, and the people of the demo accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalog import load_catalog
from hub.portal.models import (
    Cohort,
    Course,
    Enrolment,
    EnrolmentState,
    Login,
    Person,
    Programme,
    Role,
    RoleGrant,
    University,
)
from hub.portal.services.enrolment_states import move_enrolment
from hub.portal.services.organisation import ensure_universities
from hub.portal.services.timetable import KST, ensure_cohort_course

HUB_ISSUER = "hub"
PROGRAMME = "gyeongnam-manufacturing-ai"
TARGET = 300
#: The demo's cohorts began this long ago, so that the first assignments are open.
STARTED_BEFORE = timedelta(days=3)
LASTS = timedelta(days=180)


@dataclass(frozen=True)
class DemoPerson:
    """Somebody with a hub account. ``university`` is a code of partners.yaml; staff of the programme may have none."""

    username: str
    name: str
    role: Role
    university: str | None = None


def ensure_programme(session: Session, people: Sequence[DemoPerson], now: datetime | None = None) -> None:
    """Make what is missing of the programme, its cohorts and people; running it again changes nothing.

    Call it after ``ensure_catalogue``: instructors are granted, and cohorts take, the courses that exist.
    """
    at = now or datetime.now(UTC)
    universities = _universities(session)
    cohorts = _ensure_cohorts(session, _ensure_programme_row(session, at), universities, at)
    for cohort in cohorts.values():
        for course_id in session.scalars(sa.select(Course.id)):
            ensure_cohort_course(session, cohort, course_id)
    for person in people:
        _ensure_person(session, person, universities, cohorts, at)
    session.flush()


def _universities(session: Session) -> dict[str, University]:
    found = {university.slug: university for university in session.scalars(sa.select(University))}
    return found or ensure_universities(session, load_catalog().universities)


def _ensure(session: Session, model: type[Any], where: dict[str, Any], values: dict[str, Any]) -> Any:
    """Return the row that ``where`` names, made with ``values`` if there is none."""
    row = session.scalars(sa.select(model).filter_by(**where)).one_or_none()
    if row is None:
        row = model(**where, **values)
        session.add(row)
        session.flush()
    return row


def _ensure_programme_row(session: Session, at: datetime) -> Programme:
    year = at.astimezone(KST).year
    values = {
        "name_ko": "경남 제조 AI 인재양성 사업",
        "name_en": "Gyeongnam manufacturing-AI talent programme",
        "target": TARGET,
        "funding_source": "지역 주도형 AI 대전환",
        "starts_on": date(year, 1, 1),
        "ends_on": date(year + 1, 12, 31),
    }
    row: Programme = _ensure(session, Programme, {"slug": PROGRAMME}, values)
    return row


def _ensure_cohorts(
    session: Session, programme: Programme, universities: dict[str, University], at: datetime
) -> dict[str, Cohort]:
    first = (at - STARTED_BEFORE).astimezone(KST).date()
    cohorts = {}
    for code, university in universities.items():
        values = {
            "name_ko": f"{university.name_ko} 1기",
            "name_en": f"{university.name_en}, cohort 1",
            "programme_id": programme.id,
            "university_id": university.id,
            "starts_on": first,
            "ends_on": first + LASTS,
        }
        cohorts[code] = _ensure(session, Cohort, {"slug": f"{code}-1"}, values)
    return cohorts


def _ensure_person(
    session: Session,
    wanted: DemoPerson,
    universities: dict[str, University],
    cohorts: dict[str, Cohort],
    at: datetime,
) -> None:
    person = ensure_person(session, wanted.username, wanted.name)
    university = universities[wanted.university] if wanted.university else None
    if wanted.role is Role.STUDENT:
        if wanted.university is None:
            raise ValueError(f"student {wanted.username} needs a university")
        enrol(session, person, cohorts[wanted.university], at)
        return
    for course_id in _courses_of_role(session, wanted.role):
        where = {
            "person_id": person.id,
            "role": wanted.role,
            "course_id": course_id,
            "university_id": university.id if university else None,
            "revoked_at": None,
        }
        _ensure(session, RoleGrant, where, {"granted_at": at})


def _courses_of_role(session: Session, role: Role) -> list[int | None]:
    return list(session.scalars(sa.select(Course.id))) if role is Role.INSTRUCTOR else [None]


def ensure_person(session: Session, username: str, name: str) -> Person:
    """Return the person behind a hub account, made if there is none."""
    query = sa.select(Login).where(Login.issuer == HUB_ISSUER, Login.subject == username)
    login = session.scalars(query).one_or_none()
    if login is None:
        login = Login(issuer=HUB_ISSUER, subject=username, person=Person(name=name))
        session.add(login)
        session.flush()
    return login.person


def enrol(session: Session, person: Person, cohort: Cohort, at: datetime) -> Enrolment:
    """Put a person into a running cohort, with the event that says so; an enrolment that exists stays as it is."""
    known = sa.select(Enrolment).where(Enrolment.person_id == person.id, Enrolment.cohort_id == cohort.id)
    enrolment = session.scalars(known).one_or_none()
    if enrolment is not None:
        return enrolment
    enrolment = Enrolment(person_id=person.id, cohort_id=cohort.id, university_id=cohort.university_id)
    session.add(enrolment)
    move_enrolment(session, enrolment, EnrolmentState.IN_PROGRESS, at)
    session.flush()
    return enrolment
