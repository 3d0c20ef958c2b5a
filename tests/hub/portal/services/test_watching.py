"""The stamp of what a watcher sees changes when something of it does, and only then."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from hub.portal.models import Attempt, Grade, GradingTask, TaskState
from hub.portal.services.releases import Fetch, fetch_release
from hub.portal.services.watching import ANEW_SECONDS, seconds_until_next_look, stamp_of_attempt, stamp_of_person


@pytest.fixture
def stamp(campus):
    student = campus.person("kim")

    def read(after: timedelta = timedelta(0)) -> str:
        with campus.database.reading() as session:
            return stamp_of_person(session, student, campus.now + after)

    return read


def test_each_step_of_an_attempt_changes_the_stamp(campus, stamp) -> None:
    student = campus.person("kim")
    seen = [stamp()]
    with campus.database.writing() as session:
        fetch_release(session, Fetch(student, campus.course, campus.assignment, campus.now), campus.terms.keys)
    seen.append(stamp())
    campus.submit(student)
    seen.append(stamp())
    with campus.database.writing() as session:
        session.execute(sa.update(GradingTask).values(state=TaskState.CLAIMED))
    seen.append(stamp())
    with campus.database.writing() as session:
        session.execute(sa.update(GradingTask).values(state=TaskState.QUEUED))
    campus.grade()
    seen.append(stamp())
    with campus.database.writing() as session:
        session.execute(sa.update(Grade).values(updated_at=campus.now + timedelta(seconds=1), manual_points=1.0))
    seen.append(stamp())
    assert len(set(seen)) == len(seen)


def test_what_others_do_changes_nothing_behind_the_first_places(campus, stamp) -> None:
    for number in range(22):
        campus.submit(campus.person(f"s{number}"), str(number))
    campus.submit(campus.person("kim"))
    before = stamp()
    campus.grade()
    assert stamp() == before


def test_moving_up_among_the_first_places_changes_the_stamp(campus, stamp) -> None:
    for number in range(3):
        campus.submit(campus.person(f"s{number}"), str(number))
    campus.submit(campus.person("kim"))
    before = stamp()
    campus.grade()
    assert stamp() != before


def test_nothing_new_is_the_same_stamp_for_some_minutes(campus, stamp) -> None:
    campus.submit(campus.person("kim"))
    seen = [stamp(timedelta(seconds=seconds)) for seconds in range(0, 2 * ANEW_SECONDS, 40)]
    assert len(set(seen)) == 3 or seen[0] == seen[14] != seen[15] == seen[29]


def test_staff_see_the_grade_of_who_handed_in_change(campus) -> None:
    attempt_id = campus.submit(campus.person("kim")).attempt.id
    campus.grade()

    def stamp() -> str:
        with campus.database.reading() as session:
            return stamp_of_attempt(session, 0, session.get_one(Attempt, attempt_id), campus.now)

    before = stamp()
    with campus.database.writing() as session:
        session.execute(sa.update(Grade).values(updated_at=campus.now + timedelta(seconds=1)))
    assert stamp() != before


@pytest.mark.parametrize(("place", "seconds"), [(None, 3), (1, 3), (10, 4), (50, 8), (500, 20)])
def test_who_is_far_back_looks_less_often(place: int | None, seconds: int) -> None:
    assert seconds_until_next_look(place) == seconds
