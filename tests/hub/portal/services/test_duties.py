"""The platform's own duties: asked for when due, once, whatever happened to the last one."""

import threading
from datetime import timedelta

import pytest

from hub.portal.models import Job, JobState, Role
from hub.portal.services.duties import Duty, enqueue_due, make_duties
from hub.portal.services.jobs import JobOrder, claim_job, end_job, enqueue_job

HOUR = timedelta(hours=1)
DAILY = Duty("sweep_blobs", 24 * HOUR, {"keep_days": 7})


def look(campus, after: timedelta = timedelta(0), duties=(DAILY,)) -> int:
    with campus.database.writing() as session:
        return len(enqueue_due(session, duties, campus.now + after))


def end(campus, state: JobState = JobState.DONE) -> None:
    with campus.database.writing() as session:
        end_job(claim_job(session, "w", ["sweep_blobs"], campus.now), state, campus.now)


def test_a_duty_is_due_at_the_first_look_and_again_after_its_time(campus) -> None:
    assert look(campus) == 1
    end(campus)
    assert [look(campus, hours * HOUR) for hours in (0, 1, 23, 24)] == [0, 0, 0, 1]
    assert campus.get(Job, state=JobState.QUEUED).params == {"keep_days": 7}


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING])
def test_it_is_not_asked_for_again_while_the_last_one_has_not_ended(campus, state: JobState) -> None:
    look(campus)
    if state is JobState.RUNNING:
        with campus.database.writing() as session:
            assert claim_job(session, "w", ["sweep_blobs"], campus.now)
    assert look(campus, 100 * HOUR) == 0


def test_one_that_failed_is_due_again_after_its_time(campus) -> None:
    look(campus)
    end(campus, JobState.FAILED)
    assert [look(campus, hours * HOUR) for hours in (1, 25)] == [0, 1]


def test_a_clock_that_was_a_year_ahead_does_not_put_it_off(campus) -> None:
    look(campus, 365 * 24 * HOUR)
    end(campus)
    assert look(campus) == 1


def test_what_a_person_asked_for_does_not_count(campus) -> None:
    administrator = campus.person("root", Role.ADMINISTRATOR, None)
    with campus.database.writing() as session:
        order = JobOrder("sweep_blobs", {"dry_run": True}, person_id=administrator)
        end_job(enqueue_job(session, order, campus.now), JobState.DONE, campus.now)
    assert look(campus) == 1


def test_many_processes_that_look_at_once_ask_once(campus) -> None:
    threads = [threading.Thread(target=look, args=(campus,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert campus.count(Job) == 1


def test_zero_hours_switch_the_sweep_off(sqlite_campus) -> None:
    assert make_duties(0) == ()
    assert [duty.every for duty in make_duties(12)] == [12 * HOUR]
    assert look(sqlite_campus, duties=()) == 0
