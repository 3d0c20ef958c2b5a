"""Extensions are rows with a reason, granted and ended by those who teach; grades follow at once."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from hub.portal.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from hub.portal.models import Assignment, AuditEvent, Enrolment, EnrolmentState, Extension, Grade, Role
from hub.portal.services.audit import Actor
from hub.portal.services.extensions import (
    MoreTime,
    Recipient,
    end_extension,
    grant_extension,
    list_extensions,
    own_extensions,
)
from hub.portal.services.timetable import deadline_for

DAY = timedelta(days=1)


class Desk:
    """A teacher who grants and ends extensions."""

    def __init__(self, campus, username: str = "park", university: str = "gnu") -> None:
        self.campus = campus
        self.actor = Actor(username, campus.person(username, Role.INSTRUCTOR, university))

    def grant(self, whom: Recipient, due_at=None, closes_at=None, reason: str = "병가") -> int:
        with self.campus.database.writing() as session:
            assignment = session.scalars(sa.select(Assignment)).one()
            more = MoreTime(due_at or self.campus.now + 20 * DAY, closes_at, reason)
            return grant_extension(session, self.actor, assignment, whom, more, self.campus.now).id

    def end(self, extension_id: int) -> None:
        with self.campus.database.writing() as session:
            end_extension(session, self.actor, extension_id, self.campus.now)

    def due(self, person_id: int):
        with self.campus.database.reading() as session:
            enrolment = session.scalars(sa.select(Enrolment).where(Enrolment.person_id == person_id)).one()
            return deadline_for(session, enrolment, session.scalars(sa.select(Assignment.id)).one()).due_at

    def list(self):
        with self.campus.database.reading() as session:
            assignment = session.scalars(sa.select(Assignment)).one()
            return list_extensions(session, self.actor.person_id or 0, assignment)


@pytest.fixture
def desk(campus) -> Desk:
    return Desk(campus)


def test_an_extension_moves_one_persons_deadline_and_no_one_elses(campus, desk) -> None:
    kim, lee = campus.person("kim"), campus.person("lee")
    usual = desk.due(lee)
    desk.grant(Recipient(person_id=kim))
    assert (desk.due(kim), desk.due(lee)) == (campus.now + 20 * DAY, usual)


def test_a_late_attempt_is_on_time_once_extended_and_late_again_when_that_ends(campus, desk) -> None:
    kim = campus.person("kim")
    late = desk.due(kim) + DAY
    campus.submit(kim, received_at=late)
    campus.grade(score=10.0, at=late)
    extension = desk.grant(Recipient(person_id=kim))
    assert campus.get(Grade).score == 10.0
    desk.end(extension)
    assert (campus.get(Grade).score, campus.get(Grade).penalty_percent) == (9.0, 10.0)


def test_granting_and_ending_leave_rows_and_audit(campus, desk) -> None:
    kim = campus.person("kim")
    extension = desk.grant(Recipient(person_id=kim), reason=" 예비군 훈련 ")
    desk.end(extension)
    row = campus.get(Extension)
    assert (row.reason, row.revoked_at, row.revoked_by_id) == ("예비군 훈련", campus.now, desk.actor.person_id)
    events = [campus.get(AuditEvent, action=action) for action in ("extension.granted", "extension.ended")]
    assert {(event.subject_person_id, event.reason) for event in events} == {(kim, "예비군 훈련")}
    with pytest.raises(ConflictError, match="extension_ended"):
        desk.end(extension)


def test_the_list_has_those_in_force_first(campus, desk) -> None:
    ended = desk.grant(Recipient(person_id=campus.person("kim")))
    desk.end(ended)
    standing = desk.grant(Recipient(person_id=campus.person("lee")))
    assert [each.extension_id for each in desk.list()] == [standing, ended]
    assert (desk.list()[0].name, desk.list()[0].granted_by) == ("Lee", "Park")


def test_the_student_sees_until_when_and_why(campus, desk) -> None:
    kim = campus.person("kim")
    ended = desk.grant(Recipient(person_id=kim), reason="옛 사유")
    desk.end(ended)
    desk.grant(Recipient(person_id=kim))
    with campus.database.reading() as session:
        [own] = own_extensions(session, kim, session.scalars(sa.select(Assignment.id)).one())
    assert (own.due_at, own.reason, own.is_team) == (campus.now + 20 * DAY, "병가", False)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_without_a_reason_there_is_no_extension(campus, desk, reason: str) -> None:
    with pytest.raises(InvalidError, match="reason"):
        desk.grant(Recipient(person_id=campus.person("kim")), reason=reason)
    assert campus.count(Extension) == 0


def test_it_cannot_close_before_it_is_due(campus, desk) -> None:
    with pytest.raises(InvalidError, match="closes_before_due"):
        desk.grant(Recipient(person_id=campus.person("kim")), closes_at=campus.now)


@pytest.mark.parametrize("whom", [Recipient(), Recipient(person_id=1, team_id=1)])
def test_it_is_for_a_person_or_a_team(campus, desk, whom: Recipient) -> None:
    with pytest.raises(InvalidError, match="recipient"):
        desk.grant(whom)


def test_nobody_extends_for_those_they_do_not_teach(campus, desk) -> None:
    kim = campus.person("kim")
    extension = desk.grant(Recipient(person_id=kim))
    other = Desk(campus, "noh", "inje")
    with pytest.raises(NotFoundError):
        other.grant(Recipient(person_id=kim))
    with pytest.raises(NotFoundError):
        other.end(extension)
    assert other.list() == []
    with pytest.raises(NotFoundError):
        desk.grant(Recipient(person_id=desk.actor.person_id))
    with pytest.raises(NotFoundError):
        desk.grant(Recipient(team_id=99))


def test_a_student_grants_nothing(campus, desk) -> None:
    kim = campus.person("kim")
    extension = desk.grant(Recipient(person_id=kim))
    desk.actor = Actor("kim", kim)
    with pytest.raises(ForbiddenError):
        desk.grant(Recipient(person_id=kim))
    with pytest.raises(NotFoundError):
        desk.end(extension)


def test_who_has_withdrawn_gets_none(campus, desk) -> None:
    kim = campus.person("kim")
    with campus.database.writing() as session:
        session.execute(sa.update(Enrolment).values(state=EnrolmentState.WITHDRAWN))
    with pytest.raises(NotFoundError):
        desk.grant(Recipient(person_id=kim))
