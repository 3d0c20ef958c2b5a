"""Who may do what: each rule is one function here, asked by pages, API and services alike.

A student's rights follow from enrolments, staff rights from grants that are not revoked. An instructor's grant names
a course and may be narrowed to one university's trainees; a coordinator's may be narrowed to one university.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.errors import forbidden, not_found
from hub.portal.models import (
    Assignment,
    Attempt,
    Cohort,
    CohortCourse,
    Course,
    Enrolment,
    EnrolmentState,
    Role,
    RoleGrant,
)
from hub.portal.services.attempt_owners import owns

#: States in which a trainee takes part; the others may look at what they have done.
TAKING_PART = frozenset({EnrolmentState.ADMITTED, EnrolmentState.IN_PROGRESS})
#: States that give no access to a course at all.
OUTSIDE = frozenset({EnrolmentState.APPLIED, EnrolmentState.SELECTED, EnrolmentState.EXPELLED})


def grants_of(session: Session, person_id: int) -> list[RoleGrant]:
    """Return the staff grants in force."""
    query = sa.select(RoleGrant).where(RoleGrant.person_id == person_id, RoleGrant.revoked_at.is_(None))
    return list(session.scalars(query))


def roles_of(session: Session, person_id: int) -> frozenset[Role]:
    """Return every role the person has anywhere: decides which pages are offered, not whose data they show."""
    roles = {grant.role for grant in grants_of(session, person_id)}
    enrolled = sa.select(Enrolment.id).where(Enrolment.person_id == person_id, Enrolment.state.not_in(OUTSIDE)).limit(1)
    if session.scalar(enrolled) is not None:
        roles.add(Role.STUDENT)
    return frozenset(roles)


def is_administrator(session: Session, person_id: int) -> bool:
    """Whether the person runs the platform."""
    return any(grant.role is Role.ADMINISTRATOR for grant in grants_of(session, person_id))


def may_teach(session: Session, person_id: int, course_id: int) -> bool:
    """Whether the person may publish, grade and see work in a course."""
    return any(
        grant.role is Role.INSTRUCTOR and grant.course_id == course_id for grant in grants_of(session, person_id)
    )


def taught_universities(session: Session, person_id: int, course_id: int) -> frozenset[int] | None:
    """Return the universities whose trainees an instructor sees in a course; None: all of them."""
    grants = [
        grant
        for grant in grants_of(session, person_id)
        if grant.role is Role.INSTRUCTOR and grant.course_id == course_id
    ]
    if any(grant.university_id is None for grant in grants):
        return None
    return frozenset(grant.university_id for grant in grants if grant.university_id is not None)


def coordinated_universities(session: Session, person_id: int) -> frozenset[int] | None:
    """Return the universities whose cohorts a coordinator sees; None: the whole programme."""
    staff = (Role.COORDINATOR, Role.ADMINISTRATOR)
    grants = [grant for grant in grants_of(session, person_id) if grant.role in staff]
    if any(grant.university_id is None for grant in grants):
        return None
    return frozenset(grant.university_id for grant in grants if grant.university_id is not None)


def may_coordinate(session: Session, person_id: int, university_id: int) -> bool:
    """Whether the person may see and manage the trainees of a university."""
    universities = coordinated_universities(session, person_id)
    return universities is None or university_id in universities


def enrolment_for(session: Session, person_id: int, course_id: int) -> Enrolment | None:
    """Return the enrolment through which a person takes a course: one that takes part before an ended one."""
    query = (
        sa.select(Enrolment)
        .join(CohortCourse, CohortCourse.cohort_id == Enrolment.cohort_id)
        .where(
            Enrolment.person_id == person_id,
            CohortCourse.course_id == course_id,
            Enrolment.state.not_in(OUTSIDE),
        )
        .order_by(Enrolment.id.desc())
    )
    found = list(session.scalars(query))
    active = [enrolment for enrolment in found if enrolment.state in TAKING_PART]
    return next(iter(active or found), None)


def courses_of(session: Session, person_id: int) -> list[tuple[Course, Role]]:
    """Return the courses a person teaches or takes, by title; teaching wins where both hold."""
    taught = {grant.course_id for grant in grants_of(session, person_id) if grant.role is Role.INSTRUCTOR}
    taken = sa.select(CohortCourse.course_id).join(Enrolment, Enrolment.cohort_id == CohortCourse.cohort_id)
    taken = taken.where(Enrolment.person_id == person_id, Enrolment.state.not_in(OUTSIDE))
    query = sa.select(Course).where(sa.or_(Course.id.in_(taught), Course.id.in_(taken))).order_by(Course.title_ko)
    return [(course, Role.INSTRUCTOR if course.id in taught else Role.STUDENT) for course in session.scalars(query)]


def get_course(session: Session, person_id: int, slug: str) -> Course:
    """Return a course that the person teaches or takes; NotFoundError for any other."""
    course = session.scalars(sa.select(Course).where(Course.slug == slug)).one_or_none()
    if course is None or not may_enter(session, person_id, course.id):
        raise not_found()
    return course


def may_enter(session: Session, person_id: int, course_id: int) -> bool:
    """Whether the person may know what is in a course."""
    return may_teach(session, person_id, course_id) or enrolment_for(session, person_id, course_id) is not None


def get_assignment(session: Session, person_id: int, course_slug: str, slug: str) -> Assignment:
    """Return an assignment of a course that the person may enter; NotFoundError for any other."""
    course = get_course(session, person_id, course_slug)
    query = sa.select(Assignment).where(Assignment.course_id == course.id, Assignment.slug == slug)
    assignment = session.scalars(query).one_or_none()
    if assignment is None:
        raise not_found()
    return assignment


def require_teacher(session: Session, person_id: int, course_id: int) -> None:
    """Raise ForbiddenError unless the person teaches the course."""
    if not may_teach(session, person_id, course_id):
        raise forbidden()


def may_see_attempt(session: Session, person_id: int, attempt: Attempt) -> bool:
    """Whether it is theirs (or their team's), they teach its course to its university, or coordinate that."""
    if owns(session, person_id, attempt):
        return True
    course_id = session.scalar(sa.select(Assignment.course_id).where(Assignment.id == attempt.assignment_id)) or 0
    universities = taught_universities(session, person_id, course_id)
    if universities is None or attempt.university_id in universities:
        return True
    return may_coordinate(session, person_id, attempt.university_id)


def get_attempt(session: Session, person_id: int, receipt_id: str) -> Attempt:
    """Return an attempt by its receipt if the person may see it; NotFoundError for any other."""
    attempt = session.scalars(sa.select(Attempt).where(Attempt.receipt_id == receipt_id)).one_or_none()
    if attempt is None or not may_see_attempt(session, person_id, attempt):
        raise not_found()
    return attempt


def may_see_person(session: Session, person_id: int, other_id: int) -> bool:
    """Whether the person may see another one's record: their own, a trainee they teach or coordinate."""
    if person_id == other_id:
        return True
    query = (
        sa.select(Enrolment.university_id, CohortCourse.course_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .outerjoin(CohortCourse, CohortCourse.cohort_id == Cohort.id)
        .where(Enrolment.person_id == other_id)
    )
    for university_id, course_id in session.execute(query):
        if may_coordinate(session, person_id, university_id):
            return True
        universities = taught_universities(session, person_id, course_id or 0)
        if universities is None or university_id in universities:
            return True
    return False
