"""What a person may see and do: read from enrolments and grants, asked in one place by pages and API alike."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import (
    Assignment,
    AssignmentVersion,
    Attempt,
    Cohort,
    CohortCourse,
    Course,
    Enrolment,
    EnrolmentState,
    Role,
    RoleGrant,
)

#: States in which a learner reaches the courses of the cohort; afterwards one's own results stay readable.
LEARNING_STATES = (
    EnrolmentState.ADMITTED,
    EnrolmentState.IN_PROGRESS,
    EnrolmentState.COMPLETED,
    EnrolmentState.NOT_COMPLETED,
    EnrolmentState.EARLY_EMPLOYED,
)


@dataclass(frozen=True)
class Rights:
    """The rights of one person now. ``university_ids`` None: the whole programme."""

    person_id: int
    is_enrolled: bool
    enrolled_course_ids: frozenset[int]
    taught_course_ids: frozenset[int]
    coordinates: bool
    administers: bool
    university_ids: frozenset[int] | None

    @property
    def roles(self) -> tuple[Role, ...]:
        """All roles held, the widest first: the first one decides which home opens."""
        held = {
            Role.ADMINISTRATOR: self.administers,
            Role.COORDINATOR: self.coordinates or self.administers,
            Role.INSTRUCTOR: bool(self.taught_course_ids),
            Role.STUDENT: self.is_enrolled,
        }
        return tuple(role for role, is_held in held.items() if is_held)

    def sees_university(self, university_id: int) -> bool:
        """Tell whether the trainees of a university are this coordinator's."""
        if Role.COORDINATOR not in self.roles:
            return False
        return self.university_ids is None or university_id in self.university_ids


def rights_of(session: Session, person_id: int) -> Rights:
    """Read the rights of a person; two queries."""
    enrolled = _enrolled_courses(session, person_id)
    grants = session.scalars(
        sa.select(RoleGrant).where(RoleGrant.person_id == person_id, RoleGrant.revoked_at.is_(None))
    ).all()
    coordinator = [grant for grant in grants if grant.role is Role.COORDINATOR]
    administers = any(grant.role is Role.ADMINISTRATOR for grant in grants)
    everywhere = administers or any(grant.university_id is None for grant in coordinator)
    return Rights(
        person_id=person_id,
        is_enrolled=enrolled is not None,
        enrolled_course_ids=enrolled or frozenset(),
        taught_course_ids=frozenset(g.course_id for g in grants if g.role is Role.INSTRUCTOR and g.course_id),
        coordinates=bool(coordinator),
        administers=administers,
        university_ids=None if everywhere else frozenset(g.university_id for g in coordinator if g.university_id),
    )


def _enrolled_courses(session: Session, person_id: int) -> frozenset[int] | None:
    """Return the courses that the person takes; None if enrolled nowhere."""
    rows = session.execute(
        sa.select(Enrolment.id, CohortCourse.course_id)
        .outerjoin(CohortCourse, CohortCourse.cohort_id == Enrolment.cohort_id)
        .where(Enrolment.person_id == person_id, Enrolment.state.in_(LEARNING_STATES))
    ).all()
    if not rows:
        return None
    return frozenset(course_id for _, course_id in rows if course_id is not None)


def find_course(session: Session, slug: str, course_ids: frozenset[int]) -> Course | None:
    """Return the course if it is one of ``course_ids``; a foreign course looks like none at all."""
    return session.scalars(sa.select(Course).where(Course.slug == slug, Course.id.in_(course_ids))).one_or_none()


def find_assignment(session: Session, course: str, slug: str, course_ids: frozenset[int]) -> Assignment | None:
    """Return the assignment if its course is one of ``course_ids``."""
    query = (
        sa.select(Assignment)
        .join(Course, Course.id == Assignment.course_id)
        .where(Course.slug == course, Assignment.slug == slug, Course.id.in_(course_ids))
    )
    return session.scalars(query).one_or_none()


def find_attempt(session: Session, receipt_id: str, rights: Rights) -> Attempt | None:
    """Return an attempt to its owner and to who teaches its course, to nobody else."""
    query = (
        sa.select(Attempt)
        .join(Assignment, Assignment.id == Attempt.assignment_id)
        .where(
            Attempt.receipt_id == receipt_id,
            sa.or_(Attempt.person_id == rights.person_id, Assignment.course_id.in_(rights.taught_course_ids)),
        )
    )
    return session.scalars(query).one_or_none()


def find_version(session: Session, assignment_id: int, number: int) -> AssignmentVersion | None:
    """Return a version of an assignment by its number."""
    query = sa.select(AssignmentVersion).where(
        AssignmentVersion.assignment_id == assignment_id, AssignmentVersion.number == number
    )
    return session.scalars(query).one_or_none()


def find_cohort(session: Session, slug: str) -> Cohort | None:
    """Return a cohort by its slug."""
    return session.scalars(sa.select(Cohort).where(Cohort.slug == slug)).one_or_none()
