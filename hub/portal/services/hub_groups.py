"""Which groups of the hub a person belongs to: enrolments and grants, in the names that profiles are restricted by."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import Cohort, CohortCourse, Course, Enrolment, Role, RoleGrant
from hub.portal.services.access import TAKING_PART, grants_of, roles_of
from spawner_config.access import course_group, role_group


def hub_groups(session: Session, person_id: int) -> tuple[str, ...]:
    """Return the names, sorted: ``course:<slug>:<role>`` and ``role:<role>``.

    A trainee whose enrolment has ended keeps access to pages, but no seat: only who takes part is in a group.
    """
    taken = session.scalars(_taken_courses(person_id)).all()
    taught = session.scalars(_taught_courses(session, person_id)).all()
    courses = [course_group(slug, "student") for slug in taken] + [course_group(slug, "instructor") for slug in taught]
    roles = {role for role in roles_of(session, person_id) if role is not Role.STUDENT or taken}
    return tuple(sorted({*courses, *(role_group(role.value) for role in roles)}))


def _taken_courses(person_id: int) -> sa.Select[str]:
    return (
        sa.select(Course.slug)
        .join(CohortCourse, CohortCourse.course_id == Course.id)
        .join(Cohort, Cohort.id == CohortCourse.cohort_id)
        .join(Enrolment, Enrolment.cohort_id == Cohort.id)
        .where(Enrolment.person_id == person_id, Enrolment.state.in_(TAKING_PART))
    )


def _taught_courses(session: Session, person_id: int) -> sa.Select[str]:
    grants: list[RoleGrant] = [each for each in grants_of(session, person_id) if each.role is Role.INSTRUCTOR]
    return sa.select(Course.slug).where(Course.id.in_({each.course_id for each in grants}))
