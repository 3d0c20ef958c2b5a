"""Who may do what, as a table of people, roles and universities."""

import pytest
import sqlalchemy as sa

from hub.portal.errors import NotFoundError
from hub.portal.models import Attempt, Course, Enrolment, EnrolmentState, Role, RoleGrant, University
from hub.portal.services import access


@pytest.fixture
def people(sqlite_campus) -> dict[str, int]:
    campus = sqlite_campus
    return {
        "student": campus.person("kim"),
        "classmate": campus.person("lee"),
        "teacher": campus.person("park", Role.INSTRUCTOR, "gnu"),
        "teacher elsewhere": campus.person("choi", Role.INSTRUCTOR, "inje"),
        "coordinator of all": campus.person("jung", Role.COORDINATOR, None),
        "coordinator elsewhere": campus.person("kang", Role.COORDINATOR, "inje"),
        "administrator": campus.person("yoon", Role.ADMINISTRATOR, None),
    }


SEES_ATTEMPT = {"student", "teacher", "coordinator of all", "administrator"}


def test_who_may_see_an_attempt_and_the_person_behind_it(sqlite_campus, people) -> None:
    sqlite_campus.submit(people["student"])
    with sqlite_campus.database.reading() as session:
        attempt = session.scalars(sa.select(Attempt)).one()
        sees = {who for who, person in people.items() if access.may_see_attempt(session, person, attempt)}
        knows = {who for who, person in people.items() if access.may_see_person(session, person, people["student"])}
    assert sees == knows == SEES_ATTEMPT


def test_what_is_missing_and_what_is_anothers_look_alike(sqlite_campus, people) -> None:
    receipt = sqlite_campus.submit(people["student"]).attempt.receipt_id
    for receipt_id in (receipt, "0000-0000"):
        with sqlite_campus.database.reading() as session, pytest.raises(NotFoundError, match="not_found"):
            access.get_attempt(session, people["classmate"], receipt_id)


@pytest.mark.parametrize(
    ("who", "roles"),
    [
        ("student", {Role.STUDENT}),
        ("teacher", {Role.INSTRUCTOR}),
        ("coordinator of all", {Role.COORDINATOR}),
        ("administrator", {Role.ADMINISTRATOR}),
    ],
)
def test_roles_follow_from_enrolments_and_grants(sqlite_campus, people, who, roles) -> None:
    with sqlite_campus.database.reading() as session:
        assert access.roles_of(session, people[who]) == roles


def test_a_revoked_grant_gives_nothing(sqlite_campus, people) -> None:
    with sqlite_campus.database.writing() as session:
        session.execute(sa.update(RoleGrant).values(revoked_at=sqlite_campus.now))
        course = session.scalars(sa.select(Course)).one()
        assert not access.may_teach(session, people["teacher"], course.id)
        assert access.roles_of(session, people["administrator"]) == frozenset()


@pytest.mark.parametrize(("state", "enters"), [("applied", False), ("expelled", False), ("withdrawn", True)])
def test_a_course_is_open_to_those_inside(sqlite_campus, people, state, enters) -> None:
    with sqlite_campus.database.writing() as session:
        session.execute(sa.update(Enrolment).values(state=EnrolmentState(state)))
        assert bool(access.courses_of(session, people["student"])) is enters


def test_coordinators_see_their_university(sqlite_campus, people) -> None:
    with sqlite_campus.database.reading() as session:
        gnu, inje = (
            session.scalars(sa.select(University.id).where(University.slug == slug)).one() for slug in ("gnu", "inje")
        )
        elsewhere = people["coordinator elsewhere"]
        assert access.may_coordinate(session, elsewhere, inje)
        assert not access.may_coordinate(session, elsewhere, gnu)
        assert not access.may_coordinate(session, people["teacher"], gnu)
