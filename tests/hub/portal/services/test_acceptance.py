"""What is accepted is stored whole, once, under the server's name, time and number; what is not leaves no trace."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from graders.files import FileSet
from graders.intake import IntakeLimits
from hub.portal.database import Database
from hub.portal.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, TooLargeError, TooManyError
from hub.portal.models import (
    Assignment,
    AssignmentFetch,
    Attempt,
    Blob,
    Enrolment,
    EnrolmentState,
    GradeRequestRow,
    GradingTask,
    Role,
    TaskState,
    VersionState,
)
from hub.portal.services.acceptance import accept, check_files
from hub.portal.services.file_sets import load_file_set
from hub.portal.services.receipts import RECEIPT_ID

DAY = timedelta(days=1)


def test_a_submission_is_stored_with_receipt_request_and_task(campus) -> None:
    student = campus.person("kim")
    accepted = campus.submit(student, "print(1)")
    attempt = campus.get(Attempt)
    assert RECEIPT_ID.fullmatch(attempt.receipt_id)
    assert (attempt.number, attempt.received_at, attempt.person_id) == (1, campus.now, student)
    with campus.database.reading() as session:
        assert load_file_set(session, attempt.submission_digest).files == {"a.ipynb": b"print(1)"}
    task = campus.get(GradingTask, attempt_id=accepted.attempt.id)
    assert task.state is TaskState.QUEUED
    assert (
        campus.get(GradeRequestRow, digest=task.request_digest).request["submission_digest"]
        == attempt.submission_digest
    )


def test_numbers_count_up_whatever_the_clock_does(campus) -> None:
    student = campus.person("kim")
    numbers = [
        campus.submit(student, f"{step}", received_at=campus.now - step * timedelta(minutes=1)).attempt.number
        for step in range(3)
    ]
    assert numbers == [1, 2, 3]


def test_the_same_key_and_bytes_give_the_same_receipt(campus) -> None:
    student = campus.person("kim")
    first = campus.submit(student, idempotency_key="k")
    again = campus.submit(student, idempotency_key="k")
    assert (first.is_new, again.is_new) == (True, False)
    assert first.attempt.receipt_id == again.attempt.receipt_id
    assert campus.count(Attempt) == campus.count(GradingTask) == 1


def test_the_same_key_with_other_bytes_is_refused(campus) -> None:
    student = campus.person("kim")
    campus.submit(student, "one", idempotency_key="k")
    with pytest.raises(ConflictError, match="idempotency_key_reused"):
        campus.submit(student, "two", idempotency_key="k")


def test_a_retry_after_the_close_still_gets_its_receipt(campus) -> None:
    student = campus.person("kim")
    first = campus.submit(student, idempotency_key="k")
    again = campus.submit(student, idempotency_key="k", received_at=campus.now + 300 * DAY)
    assert again.attempt.receipt_id == first.attempt.receipt_id


def test_two_people_may_use_the_same_key(campus) -> None:
    receipts = {campus.submit(campus.person(name), idempotency_key="k").attempt.receipt_id for name in ("kim", "lee")}
    assert len(receipts) == 2


def test_equal_bytes_are_stored_once_but_graded_with_each_ones_seed(campus) -> None:
    blobs = campus.count(Blob)
    for name in ("kim", "lee"):
        campus.submit(campus.person(name), "same")
    assert campus.count(Blob) == blobs + 1
    assert campus.count(GradeRequestRow) == 2


@pytest.mark.parametrize(("shift", "code"), [(-30 * DAY, "assignment_not_open"), (30 * DAY, "assignment_closed")])
def test_outside_the_open_time_nothing_is_stored(campus, shift: timedelta, code: str) -> None:
    student = campus.person("kim")
    with pytest.raises(ConflictError, match=code):
        campus.submit(student, received_at=campus.now + shift)
    assert campus.count(Attempt) == 0


def test_staff_and_strangers_cannot_submit(campus) -> None:
    with pytest.raises(ForbiddenError, match="not_enrolled"):
        campus.submit(campus.person("park", Role.INSTRUCTOR))
    with pytest.raises(NotFoundError):
        campus.submit(campus.person("choi", Role.COORDINATOR))


def test_who_has_withdrawn_cannot_submit(campus) -> None:
    student = campus.person("kim")
    with campus.database.writing() as session:
        session.execute(sa.update(Enrolment).values(state=EnrolmentState.WITHDRAWN))
    with pytest.raises(ForbiddenError, match="enrolment_ended"):
        campus.submit(student)


def test_a_loop_is_throttled_and_a_burst_is_not(campus) -> None:
    student = campus.person("kim")
    for step in range(10):
        campus.submit(student, str(step), received_at=campus.now + timedelta(seconds=step))
    with pytest.raises(TooManyError):
        campus.submit(student, received_at=campus.now + timedelta(seconds=20))
    campus.submit(student, received_at=campus.now + timedelta(seconds=80))


def test_attempts_a_day_count_korean_days(campus) -> None:
    student = campus.person("kim")
    with campus.database.writing() as session:
        session.execute(sa.update(Assignment).values(attempts_per_day=1))
    campus.submit(student, "1", received_at=campus.now.replace(hour=23, minute=59))
    with pytest.raises(TooManyError, match="attempts_per_day"):
        campus.submit(student, "2", received_at=campus.now.replace(hour=23, minute=59, second=30))
    campus.submit(student, "2", received_at=campus.now.replace(hour=23, minute=59) + timedelta(minutes=2))


def test_attempts_in_all_are_limited_where_the_assignment_says_so(campus) -> None:
    student = campus.person("kim")
    with campus.database.writing() as session:
        session.execute(sa.update(Assignment).values(max_attempts=1))
    campus.submit(student, "1")
    with pytest.raises(ConflictError, match="max_attempts"):
        campus.submit(student, "2")


@pytest.mark.parametrize(
    "files",
    [
        {"../a.ipynb": b""},
        {"/etc/passwd": b""},
        {"a.ipynb": b"", "A.ipynb": b""},
        {"con": b""},
        {"a\x00b": b""},
        {"a\\b": b""},
        {"\uac00": b"", "\u1100\u1161": b""},
        {},
    ],
)
def test_names_with_tricks_are_refused(files: dict[str, bytes]) -> None:
    with pytest.raises(InvalidError):
        check_files(files, IntakeLimits())


def test_too_much_is_refused() -> None:
    with pytest.raises(TooLargeError):
        check_files({f"{number}.txt": b"" for number in range(201)}, IntakeLimits())


def test_an_attempt_is_pinned_to_the_version_that_was_fetched(campus) -> None:
    student = campus.person("kim")
    with campus.database.writing() as session:
        assignment = session.scalars(sa.select(Assignment)).one()
        old = assignment.versions[0]
        session.add(AssignmentFetch(person_id=student, version_id=old.id, first_at=campus.now, last_at=campus.now))
        old.state = VersionState.RETIRED
        session.flush()
        campus.add_version(session, assignment, VersionState.LIVE)
    assert campus.submit(student, version=2).attempt.version.number == 1


def test_a_version_nobody_fetched_cannot_be_claimed(campus) -> None:
    student = campus.person("kim")
    with campus.database.writing() as session:
        campus.add_version(session, session.scalars(sa.select(Assignment)).one(), VersionState.STAGED)
    assert campus.submit(student, version=2).attempt.version.number == 1


def test_submitting_at_once_from_many_threads_numbers_every_attempt(campus) -> None:
    student = campus.person("kim")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: campus.submit(student, str(number)), range(8)))
    with campus.database.reading() as session:
        assert sorted(session.scalars(sa.select(Attempt.number))) == list(range(1, 9))


def test_a_transaction_that_dies_leaves_nothing(campus) -> None:
    student = campus.person("kim")
    blobs = campus.count(Blob)
    with campus.database.writers() as session:
        accept(session, campus.upload(student, "lost"), campus.terms)
    assert (campus.count(Attempt), campus.count(GradingTask), campus.count(Blob)) == (0, 0, blobs)


def test_bytes_are_what_the_digest_says(campus) -> None:
    files = FileSet({"a.ipynb": b"1", "b/c.txt": b"2"})
    campus.submit(campus.person("kim"), files=files)
    assert campus.get(Attempt).submission_digest == files.digest


@pytest.mark.parametrize(("commits", "attempts"), [(False, 0), (True, 1)])
def test_a_portal_killed_before_the_commit_stores_nothing_and_after_it_everything(
    campus, database_url: str, commits: bool, attempts: int
) -> None:
    student = campus.person("kim")
    campus.database.dispose()
    child = os.fork()
    if child == 0:
        session = Database.at(database_url).writers()
        accept(session, campus.upload(student, "work", idempotency_key="child"), campus.terms)
        if commits:
            session.commit()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert campus.count(Attempt) == campus.count(GradingTask) == attempts
    assert campus.submit(student, "next").attempt.number == attempts + 1
