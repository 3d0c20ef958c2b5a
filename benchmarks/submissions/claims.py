"""A long queue: how long a claim takes while ten thousand attempts wait, on SQLite and on PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks.grading.workloads import LIGHT
from benchmarks.submissions.campus import ensure_course, live_version
from benchmarks.submissions.figures import Figure, percentile, spread
from graders.files import FileSet, sha256_hex
from hub.portal.database import Database, migrate
from hub.portal.models import (
    Attempt,
    Enrolment,
    GradeRequestRow,
    GradingTask,
    Role,
    TaskKind,
    TaskState,
    utc_now,
)
from hub.portal.services import queue
from hub.portal.services.demo import DemoPerson, ensure_programme
from hub.portal.services.file_sets import put_file_set

#: Seconds; our own processor time is told beside it, because that alone does not grow with other work on the machine.
CLAIM_P95 = 0.010
PEOPLE = 100
CLAIMS = 300


def measure_claims(url: str, waiting: int) -> list[Figure]:
    """Fill an empty database with a queue and time claims, each with its transaction."""
    migrate(url)
    database = Database.at(url)
    fill_queue(database, waiting)
    seconds, processor = [], []
    for _ in range(CLAIMS):
        began, used = time.perf_counter(), time.thread_time()
        with database.writing_in_passing() as session:  # as the worker does
            held = queue.claim(session, "bench", utc_now())
        seconds.append(time.perf_counter() - began)
        processor.append(time.thread_time() - used)
        assert held is not None, "something waits"
    kind = database.engine.dialect.name
    database.dispose()
    row = f"claim {kind}"
    return [
        Figure(row, "waiting", waiting, ""),
        *spread(row, "claim", seconds, p95=CLAIM_P95),
        Figure(row, "of it our processor time, p50", percentile(processor, 50), "s"),
    ]


def fill_queue(database: Database, waiting: int) -> None:
    """Make ``waiting`` queued attempts of a hundred people, two priorities, as rows: nobody uploads that much here."""
    with database.writing() as session:
        ensure_programme(session, [])
    ensure_course(database)
    people = [DemoPerson(f"p{number}", "누군가", Role.STUDENT, "gnu") for number in range(PEOPLE)]
    with database.writing() as session:
        ensure_programme(session, people)
        enrolments = session.scalars(sa.select(Enrolment).order_by(Enrolment.id)).all()
        digest = put_file_set(session, FileSet({"work.ipynb": b"{}"}))
        for begin in range(0, waiting, PEOPLE):
            _add_round(session, enrolments[:PEOPLE], begin // PEOPLE + 1, digest, is_last=begin + PEOPLE >= waiting)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _add_round(session: Session, enrolments: Sequence[Enrolment], number: int, digest: str, *, is_last: bool) -> None:
    """Add one attempt of everybody; all but the last round wait behind, as a newer attempt lowers older ones."""
    version = live_version(session, LIGHT)
    now = utc_now()
    attempts = [
        Attempt(
            receipt_id=f"{number:04d}-{enrolment.id:06d}",
            assignment_id=version.assignment_id,
            version_id=version.id,
            person_id=enrolment.person_id,
            enrolment_id=enrolment.id,
            university_id=enrolment.university_id,
            number=number,
            submission_digest=digest,
            idempotency_key=f"key-{number}-{enrolment.id}",
            received_at=now,
        )
        for enrolment in enrolments
    ]
    session.add_all(attempts)
    session.flush()
    requests = {attempt.id: sha256_hex(f"{attempt.id}".encode()) for attempt in attempts}
    session.add_all(GradeRequestRow(digest=name, request={}, created_at=now) for name in requests.values())
    session.flush()
    session.add_all(
        GradingTask(
            attempt_id=attempt.id,
            assignment_id=attempt.assignment_id,
            course_id=version.assignment.course_id,
            university_id=attempt.university_id,
            request_digest=requests[attempt.id],
            kind=TaskKind.LIVE,
            state=TaskState.QUEUED,
            priority=queue.LIVE if is_last else queue.OLDER_LIVE,
            available_at=queue.AT_ONCE,
            created_at=now,
        )
        for attempt in attempts
    )
    session.flush()
