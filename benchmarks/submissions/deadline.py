"""The deadline: a class hands in within a minute; receipts at once, all graded in minutes, none lost."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import sqlalchemy as sa

from benchmarks.grading.workloads import Workload
from benchmarks.submissions.campus import COURSE, Student, submissions
from benchmarks.submissions.figures import Figure, spread
from benchmarks.submissions.parts import cpu_seconds, part_process
from graders.exchange.client import PortalClient
from graders.exchange.errors import PortalError
from graders.files import FileSet
from hub.portal.database import Database
from hub.portal.models import Attempt, AttemptResult, GradeReportRow
from hub.settings import Settings

#: Seconds within which every honest submission must be graded.
GRADED_WITHIN = {"light": 300.0, "realistic": 900.0}
RECEIPT_P99 = 1.0
IDLE_P95 = 2.0


@dataclass(frozen=True)
class Receipt:
    """What a student got, and how many seconds after pressing Submit; None: no receipt."""

    receipt_id: str | None
    seconds: float


def hand_in(settings: Settings, workload: Workload, student: Student, files: FileSet) -> Receipt:
    """Submit with the exchange's own client, retries and all."""
    client = PortalClient(settings.portal_api_url, student.token)
    began = time.monotonic()
    try:
        receipt = client.submit(COURSE, workload.name, files.files, f"key-{files.digest[:40]}")
    except PortalError as error:
        print(f"no receipt for {student.username}: {error}")
        return Receipt(None, time.monotonic() - began)
    return Receipt(receipt.receipt_id, time.monotonic() - began)


def measure_deadline(
    settings: Settings, database: Database, workload: Workload, students: Sequence[Student], seconds: float
) -> list[Figure]:
    """Let everybody submit at a random moment within ``seconds``; then wait until all is graded."""
    row, portal = f"deadline {workload.name}", part_process(settings, "portal")
    chance = random.Random(7)
    moments = sorted(chance.uniform(0, seconds) for _ in students)
    work = submissions(workload, len(students))
    began = time.monotonic()

    def at_its_moment(moment: float, student: Student, files: FileSet) -> Receipt:
        time.sleep(max(0.0, began + moment - time.monotonic()))
        return hand_in(settings, workload, student, files)

    used = cpu_seconds(portal)
    with ThreadPoolExecutor(len(students)) as pool:
        receipts = list(pool.map(at_its_moment, moments, students, work))
    used = (cpu_seconds(portal) - used) / len(students)
    kept = [receipt.receipt_id for receipt in receipts if receipt.receipt_id is not None]
    waits = wait_for_grades(database, kept, GRADED_WITHIN[workload.name] * 1.2)
    lost = len(students) - count_stored(database, kept)
    return [
        Figure(row, "submissions", len(students), ""),
        Figure(row, "lost", lost, "", 0),
        *spread(row, "receipt", [receipt.seconds for receipt in receipts], p99=RECEIPT_P99),
        Figure(row, "portal's processor a submission", used, "s"),
        Figure(row, "not graded with full marks", len(students) - len(waits), "", 0),
        *spread(row, "submit to result", waits or [float("inf")], max=GRADED_WITHIN[workload.name]),
    ]


def count_stored(database: Database, receipts: Sequence[str]) -> int:
    """Return how many receipts have an attempt behind them."""
    with database.reading() as session:
        query = sa.select(sa.func.count()).select_from(Attempt).where(Attempt.receipt_id.in_(receipts))
        return session.scalar(query) or 0


def wait_for_grades(database: Database, receipts: Sequence[str], patience: float) -> list[float]:
    """Return the seconds from reception to the stored result of each submission that got full marks."""
    until = time.monotonic() + patience
    while True:
        with database.reading() as session:
            rows = session.execute(
                sa.select(Attempt.received_at, AttemptResult.created_at)
                .join(AttemptResult, AttemptResult.attempt_id == Attempt.id)
                .join(GradeReportRow, GradeReportRow.request_digest == AttemptResult.request_digest)
                .where(Attempt.receipt_id.in_(receipts), GradeReportRow.score == GradeReportRow.max_score)
            ).all()
        if len(rows) == len(receipts) or time.monotonic() > until:
            return [(graded - received).total_seconds() for received, graded in rows]
        time.sleep(1)


def measure_idle(settings: Settings, workload: Workload, students: Sequence[Student]) -> list[Figure]:
    """One submission at a time on an idle platform, from Submit to the score on the screen."""
    seconds = []
    for student, files in zip(students, submissions(workload, 10_000)[-len(students) :], strict=True):
        client = PortalClient(settings.portal_api_url, student.token)
        began = time.monotonic()
        receipt = client.submit(COURSE, workload.name, files.files, f"key-{files.digest[:40]}")
        while receipt.score is None and time.monotonic() < began + 60:
            time.sleep(0.05)
            receipt = client.receipt(receipt.receipt_id)
        seconds.append(time.monotonic() - began)
    return spread(f"idle {workload.name}", "submit to score", seconds, p95=IDLE_P95)
