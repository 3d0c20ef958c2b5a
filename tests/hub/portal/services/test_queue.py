"""The queue: who is next, what a crash costs, and that a result is written once."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import structlog

from hub.portal import database as database_module
from hub.portal.database import Database
from hub.portal.models import (
    AttemptResult,
    Grade,
    GradeReportRow,
    GradingTask,
    TaskState,
    University,
)
from hub.portal.services import queue
from hub.portal.services.demo import ensure_programme
from hub.portal.services.grading_work import GradingWork
from hub.portal.services.queue import Claim, Failure

SECOND = timedelta(seconds=1)


def claim(campus, worker: str = "w", after: timedelta = timedelta(0)) -> Claim | None:
    with campus.database.writing() as session:
        return queue.claim(session, worker, campus.now + after)


def finish(campus, held: Claim, report=None, after: timedelta = timedelta(0)) -> TaskState | None:
    with campus.database.writing() as session:
        return queue.finish(session, held, report or campus.report(held.request_digest), "w", campus.now + after)


def sweep(campus, after: timedelta) -> int:
    with campus.database.writing() as session:
        return queue.sweep(session, campus.now + after)


def test_an_empty_queue_gives_nothing(campus) -> None:
    assert claim(campus) is None


def test_one_task_goes_to_one_worker(campus) -> None:
    campus.submit(campus.person("kim"))
    assert claim(campus, "one") is not None
    assert claim(campus, "two") is None


def test_a_graded_task_gives_result_and_grade(campus) -> None:
    student = campus.person("kim")
    campus.submit(student)
    assert campus.grade(score=7.0) is TaskState.DONE
    assert campus.get(Grade, person_id=student).score == 7.0
    assert campus.get(GradingTask).claim_token is None


def test_a_report_that_comes_twice_is_stored_once(campus) -> None:
    campus.submit(campus.person("kim"))
    held = claim(campus)
    finish(campus, held, campus.report(held.request_digest, 7.0))
    assert finish(campus, held, campus.report(held.request_digest, 9.0)) is None
    assert campus.get(GradeReportRow).score == 7.0


def test_a_late_report_of_a_lost_claim_changes_nothing(campus) -> None:
    campus.submit(campus.person("kim"))
    first = claim(campus, "slow")
    assert sweep(campus, timedelta(minutes=2)) == 1
    second = claim(campus, "fast", timedelta(minutes=3))
    assert finish(campus, first, campus.report(first.request_digest, 1.0), timedelta(minutes=4)) is None
    finish(campus, second, campus.report(second.request_digest, 9.0), timedelta(minutes=4))
    assert campus.get(GradeReportRow).score == 9.0
    assert campus.count(AttemptResult) == 1


def test_a_heartbeat_keeps_a_claim_and_tells_who_lost_it(campus) -> None:
    campus.submit(campus.person("kim"))
    held = claim(campus)
    with campus.database.writing() as session:
        assert queue.heartbeat(session, held, campus.now + 50 * SECOND)
    assert sweep(campus, 100 * SECOND) == 0
    assert sweep(campus, 120 * SECOND) == 1
    with campus.database.writing() as session:
        assert not queue.heartbeat(session, held, campus.now + 121 * SECOND)


def test_after_three_lost_tries_it_is_not_graded_and_no_score_of_0(campus) -> None:
    student = campus.person("kim")
    campus.submit(student)
    for step in range(3):
        assert claim(campus, after=step * timedelta(hours=1)) is not None
        sweep(campus, step * timedelta(hours=1) + timedelta(minutes=5))
    task = campus.get(GradingTask)
    assert (task.state, task.tries) == (TaskState.NOT_GRADED, 3)
    assert task.failure["en"].startswith("The program that was grading went away")
    assert campus.count(Grade) == campus.count(GradeReportRow) == 0
    assert claim(campus, after=timedelta(days=1)) is None


def test_a_platform_fault_is_retried_and_never_stored(campus) -> None:
    campus.submit(campus.person("kim"))
    held = claim(campus)
    assert finish(campus, held, campus.broken_report(held.request_digest)) is TaskState.QUEUED
    assert campus.count(GradeReportRow) == 0
    assert claim(campus) is None, "the next try waits a little"
    again = claim(campus, after=timedelta(minutes=1))
    assert finish(campus, again) is TaskState.DONE


def test_a_report_of_another_request_is_not_stored(campus) -> None:
    campus.submit(campus.person("kim"))
    held = claim(campus)
    assert finish(campus, held, campus.report("f" * 64)) is TaskState.QUEUED
    assert campus.count(GradeReportRow) == 0


def test_staff_can_have_it_tried_again(campus) -> None:
    campus.submit(campus.person("kim"))
    held = claim(campus)
    with campus.database.writing() as session:
        session.execute(sa.update(GradingTask).values(tries=3))
        queue.fail(session, held, Failure(queue.LOST), campus.now)
        assert queue.retry(session, held.task_id)
        assert not queue.retry(session, held.task_id)
    assert claim(campus).tries == 1


def test_a_clock_that_steps_back_does_not_make_new_work_wait(campus) -> None:
    campus.submit(campus.person("kim"))
    assert claim(campus, after=-timedelta(minutes=1)) is not None


def test_a_worker_whose_clock_is_wrong_takes_no_live_work_for_abandoned(campus, monkeypatch) -> None:
    if campus.database.engine.dialect.name == "sqlite":
        pytest.skip("an SQLite database has one machine and so one clock")
    campus.submit(campus.person("kim"))
    assert GradingWork(campus.database, "right").next() is not None
    ahead = GradingWork(campus.database, "an hour ahead")
    monkeypatch.setattr(database_module, "utc_now", lambda: datetime.now(UTC) + timedelta(hours=1))
    assert ahead.sweep() == 0
    assert ahead.next() is None


def test_a_worker_that_stops_gives_back_without_costing_a_try(campus) -> None:
    campus.submit(campus.person("kim"))
    held = claim(campus)
    with campus.database.writing() as session:
        queue.give_back(session, held)
    assert claim(campus).tries == 1


def test_a_poison_submission_does_not_block_the_next(campus) -> None:
    campus.submit(campus.person("kim"), "poison")
    campus.submit(campus.person("lee"), "fine")
    poison = claim(campus)
    sweep(campus, timedelta(minutes=2))
    after = timedelta(minutes=2)
    with campus.database.writing() as session:
        fine = queue.claim(session, "w", campus.now + after)
    assert fine.task_id != poison.task_id


def test_a_newer_attempt_goes_before_the_older_one(campus) -> None:
    kim, lee = campus.person("kim"), campus.person("lee")
    old = campus.submit(kim, "old").attempt.id
    other = campus.submit(lee, "other").attempt.id
    new = campus.submit(kim, "new").attempt.id
    assert [claim(campus).attempt_id for _ in range(3)] == [other, new, old]


def test_an_older_attempt_that_comes_back_from_a_lost_worker_stands_behind_the_newer_one(campus) -> None:
    student = campus.person("kim")
    old = campus.submit(student, "old").attempt.id
    assert claim(campus).attempt_id == old
    new = campus.submit(student, "new").attempt.id
    sweep(campus, timedelta(minutes=2))
    later = timedelta(minutes=3)
    assert [claim(campus, after=later).attempt_id for _ in range(2)] == [new, old]


def test_a_claim_carries_the_id_of_the_request_that_handed_the_work_in(campus) -> None:
    student = campus.person("kim")
    with structlog.contextvars.bound_contextvars(request_id="0123456789abcdef"):
        campus.submit(student)
    assert claim(campus).request_id == "0123456789abcdef"


def test_courses_are_served_in_turn(campus) -> None:
    people = [campus.person(name) for name in ("kim", "lee", "park")]
    with campus.database.writing() as session:
        campus.add_course(session, "other", session.scalars(sa.select(University)).first())
        ensure_programme(session, [], campus.now)
    crowd = [campus.submit(person).attempt.id for person in people]
    single = campus.submit(people[0], course="other").attempt.id
    order = [claim(campus, after=step * SECOND).attempt_id for step in range(3)]
    assert order == [crowd[0], single, crowd[1]]


def test_the_same_bytes_again_use_the_result_without_running(campus) -> None:
    student = campus.person("kim")
    campus.submit(student, "same")
    campus.grade(score=6.0)
    campus.submit(student, "same")
    assert claim(campus) is None
    assert campus.count(AttemptResult) == 2
    assert campus.count(GradeReportRow) == 1


def test_equal_bytes_waiting_together_run_once(campus) -> None:
    student = campus.person("kim")
    campus.submit(student, "same")
    campus.submit(student, "same")
    first = claim(campus)
    finish(campus, first)
    second = claim(campus)
    assert second.is_known
    with campus.database.writing() as session:
        assert queue.finish_known(session, second, campus.now) is TaskState.DONE
    assert campus.count(AttemptResult) == 2


def test_another_persons_equal_bytes_never_carry_the_result_over(campus) -> None:
    campus.submit(campus.person("kim"), "same")
    campus.grade(score=10.0)
    lee = campus.person("lee")
    campus.submit(lee, "same")
    assert campus.count(Grade, person_id=lee) == 0
    assert claim(campus) is not None


def test_positions_count_what_is_ahead(campus) -> None:
    for name in ("kim", "lee", "park"):
        campus.submit(campus.person(name))
    with campus.database.reading() as session:
        tasks = session.scalars(sa.select(GradingTask).order_by(GradingTask.id)).all()
        assert [queue.position(session, task) for task in tasks] == [1, 2, 3]


def test_the_late_penalty_is_taken_off_the_grade(campus) -> None:
    student = campus.person("kim")
    campus.submit(student, received_at=campus.now + timedelta(days=8))
    campus.grade(score=10.0, at=campus.now + timedelta(days=8))
    grade = campus.get(Grade, person_id=student)
    assert (grade.score, grade.penalty_percent, grade.automatic_points) == (9.0, 10.0, 10.0)


def test_the_last_attempt_on_time_counts(campus) -> None:
    student = campus.person("kim")
    for score, days in ((5.0, 0), (8.0, 1), (10.0, 8)):
        campus.submit(student, str(score), received_at=campus.now + timedelta(days=days))
        campus.grade(score=score, at=campus.now + timedelta(days=9))
    assert campus.get(Grade, person_id=student).score == 8.0


def test_a_claim_never_scans_or_sorts_the_queue(sqlite_campus) -> None:
    campus = sqlite_campus
    campus.submit(campus.person("kim"))
    statements: list[str] = []
    listen(campus.database, statements)
    claim(campus)
    with campus.database.engine.connect() as connection:
        for statement in [each for each in statements if "grading_task" in each]:
            plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters(statement)).fetchall()
            steps = " | ".join(row[3] for row in plan)
            assert "TEMP B-TREE" not in steps, steps
            assert "SCAN grading_task" not in steps, steps


def listen(database: Database, statements: list[str]) -> None:
    def note(_connection, _cursor, statement, *_rest) -> None:
        statements.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", note)


def parameters(statement: str) -> tuple[object, ...]:
    return tuple("2026-01-01" for _ in range(statement.count("?")))
