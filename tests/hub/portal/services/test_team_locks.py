"""Whoever works out several attempts of a team locks its people in one order: nobody waits in a circle."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hub.portal.models import AuditEvent, Enrolment, Grade
from hub.portal.services.extensions import MoreTime, Recipient
from hub.portal.services.results import lock_enrolments
from tests.hub.portal.services.test_teams import TeamRoom

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]


@pytest.fixture
def room(campus) -> TeamRoom:
    """A team whose second attempt also belongs to somebody who was enrolled before the others and joined later."""
    room = TeamRoom(campus)
    first, second, third = (campus.person(name) for name in ("choi", "kim", "lee"))
    room.people = (first, second, third)
    room.team = room.form("1조", second, third)
    campus.submit(second, "one")
    campus.grade(score=5.0)
    room.add(room.team, first)
    campus.submit(second, "two")
    campus.grade(score=6.0)
    return room


def enrolments(room: TeamRoom) -> list[int]:
    with room.campus.database.reading() as session:
        query = sa.select(Enrolment.id).where(Enrolment.person_id.in_(room.people)).order_by(Enrolment.id)
        return list(session.scalars(query))


def is_somebody_waiting(room: TeamRoom) -> bool:
    with room.campus.database.reading() as session:
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return session.scalar(sa.text(waiting)) > 0


def extend_the_team(room: TeamRoom) -> None:
    room.extend(Recipient(team_id=room.team), MoreTime(room.campus.now + timedelta(days=20), None, "장비 고장"))


def extend_one_member(room: TeamRoom) -> None:
    room.extend(Recipient(person_id=room.people[1]), MoreTime(room.campus.now + timedelta(days=20), None, "병가"))


def adjust_one_member(room: TeamRoom) -> None:
    room.adjust(room.team, room.people[1], 1.0)


@pytest.mark.parametrize("change", [extend_the_team, extend_one_member, adjust_one_member])
def test_a_change_beside_somebody_who_locks_the_same_people_waits_and_goes_through(room: TeamRoom, change) -> None:
    first, *others = enrolments(room)
    with ThreadPoolExecutor(1) as pool, room.campus.database.writing() as session:
        lock_enrolments(session, [first])
        changing = pool.submit(change, room)
        until = time.monotonic() + 60
        while not is_somebody_waiting(room):
            assert time.monotonic() < until
            time.sleep(0.01)
        lock_enrolments(session, others)
    changing.result()
    assert room.campus.count(Grade) == 3
    assert (
        room.campus.count(AuditEvent, action="extension.granted")
        + room.campus.count(AuditEvent, action="grade.adjusted")
        == 1
    )
