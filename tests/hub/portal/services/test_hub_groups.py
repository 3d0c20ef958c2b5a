"""The hub groups of a person follow from enrolments and grants as they are now."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from hub.portal.models import Enrolment, EnrolmentState, Role, RoleGrant
from hub.portal.services.hub_groups import hub_groups


def groups_of(campus, person_id: int) -> tuple[str, ...]:
    with campus.database.reading() as session:
        return hub_groups(session, person_id)


def test_a_trainee_is_in_the_groups_of_the_course_and_of_trainees(campus) -> None:
    assert groups_of(campus, campus.person("kim")) == ("course:ai:student", "role:student")


@pytest.mark.parametrize(
    "state", [EnrolmentState.APPLIED, EnrolmentState.EXPELLED, EnrolmentState.COMPLETED, EnrolmentState.WITHDRAWN]
)
def test_who_does_not_take_part_is_in_no_group(sqlite_campus, state: EnrolmentState) -> None:
    person = sqlite_campus.person("kim")
    with sqlite_campus.database.writing() as session:
        session.execute(sa.update(Enrolment).where(Enrolment.person_id == person).values(state=state))
    assert groups_of(sqlite_campus, person) == ()


def test_an_instructor_is_in_the_course_s_other_group_until_the_grant_is_revoked(campus) -> None:
    person = campus.person("prof", Role.INSTRUCTOR)
    assert groups_of(campus, person) == ("course:ai:instructor", "role:instructor")
    with campus.database.writing() as session:
        session.execute(sa.update(RoleGrant).where(RoleGrant.person_id == person).values(revoked_at=campus.now))
    assert groups_of(campus, person) == ()


def test_a_coordinator_is_in_a_group_of_the_programme_only(sqlite_campus) -> None:
    assert groups_of(sqlite_campus, sqlite_campus.person("coord", Role.COORDINATOR)) == ("role:coordinator",)
