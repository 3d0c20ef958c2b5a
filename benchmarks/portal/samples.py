"""Whose eyes a page is opened with, and what stands in its address: things of a generated programme."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import (
    Assignment,
    Attempt,
    Cohort,
    CohortCourse,
    Company,
    CompletionDecision,
    CompletionRule,
    Course,
    Enrolment,
    EnrolmentState,
    Login,
    Programme,
    Role,
    University,
)


@dataclass(frozen=True)
class Samples:
    """A login for each role, and values for the parts of addresses by name."""

    logins: dict[Role, str]
    values: dict[str, str | int]


def find_samples(session: Session) -> Samples:
    """Choose a full running cohort, one of its students with work, and staff who see them."""
    programme = session.scalars(sa.select(Programme).where(Programme.slug.startswith("g"))).first()
    assert programme is not None, "a generated programme is in the database"
    prefix = programme.slug.removesuffix("programme")
    cohort = _largest_cohort(session, programme)
    course = session.scalars(
        sa.select(Course).join(CohortCourse, CohortCourse.course_id == Course.id).filter_by(cohort_id=cohort.id)
    ).one()
    attempt = _newest_attempt(session, cohort)
    university = session.get_one(University, cohort.university_id)
    logins = {
        Role.STUDENT: session.scalars(sa.select(Login.subject).where(Login.person_id == attempt.person_id)).one(),
        Role.INSTRUCTOR: f"{prefix}{university.slug}-instructor",
        Role.COORDINATOR: f"{prefix}coordinator",
    }
    values: dict[str, str | int] = {
        "course": course.slug,
        "assignment": session.get_one(Assignment, attempt.assignment_id).slug,
        "cohort": cohort.slug,
        "receipt_id": attempt.receipt_id,
        "number": 1,
        "version": 1,
        "person_id": attempt.person_id,
        "enrolment_id": attempt.enrolment_id or 0,
        "programme": programme.slug,
        "university": university.slug,
        "index": 0,
    }
    company_id = session.scalar(sa.select(sa.func.min(Company.id)))
    rule_id = session.scalar(sa.select(sa.func.min(CompletionRule.id)))
    decision_id = session.scalar(sa.select(sa.func.min(CompletionDecision.id)))
    found = {"company_id": company_id, "rule_id": rule_id, "decision_id": decision_id}
    return Samples(logins, values | {name: each for name, each in found.items() if each is not None})


def _largest_cohort(session: Session, programme: Programme) -> Cohort:
    """The cohort with the most people who still take part: the heaviest of its pages."""
    query = (
        sa.select(Cohort)
        .join(Enrolment, Enrolment.cohort_id == Cohort.id)
        .where(Cohort.programme_id == programme.id, Enrolment.state == EnrolmentState.IN_PROGRESS)
        .group_by(Cohort.id)
        .order_by(sa.func.count().desc(), Cohort.id)
        .limit(1)
    )
    return session.scalars(query).one()


def _newest_attempt(session: Session, cohort: Cohort) -> Attempt:
    """The newest attempt in the cohort of somebody who still takes part."""
    query = (
        sa.select(Attempt)
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .where(Enrolment.cohort_id == cohort.id, Enrolment.state == EnrolmentState.IN_PROGRESS)
        .order_by(Attempt.id.desc())
        .limit(1)
    )
    return session.scalars(query).one()
