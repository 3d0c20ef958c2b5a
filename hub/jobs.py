"""Background jobs in a process of their own: checks and sweeps; imports, exports and mail as rows of the same table.

A job that was running when this process died is taken up again by the next one, three times at most.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Collection
from datetime import UTC, datetime
from types import FrameType

import click
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from graders.contract import Text
from graders.runners.base import Runner
from graders.runners.local import LocalRunner
from hub.portal.database import Database, database_now
from hub.portal.models import Job, JobState
from hub.portal.requests_log import configure_logging
from hub.portal.services.duties import (
    CLOSING_DUTY,
    EXPORTS_DUTY,
    MAIL_DUTY,
    REMINDER_DUTY,
    Duty,
    enqueue_due,
    make_duties,
)
from hub.portal.services.job_context import JobContext, JobStoppedError
from hub.portal.services.job_kinds import KINDS
from hub.portal.services.jobs import LEASE, beat_job, claim_job, end_job, is_waiting, requeue_job
from hub.settings import Settings
from hub.worker import worker_name

logger = structlog.stdlib.get_logger(__name__)

IDLE_SECONDS = 1.0
DUTY_SECONDS = 60.0
BEAT_SECONDS = LEASE.total_seconds() / 4
FAILED = Text(
    ko="작업 중에 오류가 생겼습니다. 관리자에게 작업 번호를 알려 주십시오.",
    en="The job broke. Please tell the administrator its number.",
)


class JobRunner:
    """Does one job after the other until ``stop`` is set, and asks for those that are due by themselves."""

    def __init__(
        self, database: Database, runner: Runner, duties: Collection[Duty] = (), settings: Settings | None = None
    ) -> None:
        self._database, self._runner, self._name = database, runner, worker_name()
        self._settings = settings
        self._duties, self._next_duties = duties, 0.0
        self.stop = threading.Event()

    def run(self) -> None:
        """Work until stopped."""
        while not self.stop.is_set():
            try:
                self.look_after_duties()
                is_idle = not self.run_one()
            except SQLAlchemyError as error:
                logger.warning("database away", cause=type(error).__name__)
                is_idle = True
            if is_idle:
                self.stop.wait(IDLE_SECONDS)

    def look_after_duties(self) -> None:
        """Ask for what is due; looked at once a minute, at the first time when the process starts."""
        if not self._duties or time.monotonic() < self._next_duties:
            return
        self._next_duties = time.monotonic() + DUTY_SECONDS
        with self._database.writing() as session:
            enqueue_due(session, self._duties, database_now(session))

    def run_one(self) -> bool:
        """Do the next job; False if none waits."""
        with self._database.reading() as session:
            if not is_waiting(session, KINDS, database_now(session)):
                return False
        with self._database.writing() as session:
            job = claim_job(session, self._name, KINDS, database_now(session))
        if job is None:
            return False
        structlog.contextvars.bind_contextvars(job_id=job.id, request_id=job.request_id)
        try:
            self._do(job)
        finally:
            structlog.contextvars.unbind_contextvars("job_id", "request_id")
        return True

    def _do(self, job: Job) -> None:
        context = JobContext(job.id, self._name, job.params, self._database, self._runner, _now, self._settings)
        done = threading.Event()
        keeper = threading.Thread(target=self._keep_alive, args=(job.id, done), daemon=True)
        keeper.start()
        try:
            result = KINDS[job.kind](context)
        except JobStoppedError:
            self._end(job.id, JobState.CANCELLED, None, None)
        except Exception:
            logger.exception("job failed", kind=job.kind, tries=job.tries)
            self._try_again(job.id)
        else:
            self._end(job.id, JobState.DONE, None, result)
        finally:
            done.set()
            keeper.join()

    def _keep_alive(self, job_id: int, done: threading.Event) -> None:
        while not done.wait(BEAT_SECONDS):
            try:
                with self._database.writing() as session:
                    beat_job(session, job_id, self._name, database_now(session))
            except SQLAlchemyError as error:
                logger.warning("database away", cause=type(error).__name__)

    def _try_again(self, job_id: int) -> None:
        """Put a broken job back; after the last try it has failed."""
        with self._database.writing() as session:
            job = self._own(session, job_id)
            if job is not None:
                requeue_job(job, _now(), FAILED)

    def _own(self, session: Session, job_id: int) -> Job | None:
        """Return the job unless it has ended or another worker has taken it over."""
        job = session.get(Job, job_id, with_for_update=True)
        return job if job is not None and job.worker == self._name and job.state is JobState.RUNNING else None

    def _end(self, job_id: int, state: JobState, text: Text | None, result: dict[str, object] | None) -> None:
        with self._database.writing() as session:
            job = self._own(session, job_id)
            if job is not None:
                job.result = result
                end_job(job, state, _now(), text)


def _now() -> datetime:
    return datetime.now(UTC)


@click.command()
def jobs() -> None:
    """Do background jobs until stopped (started by `axcampus run`). 백그라운드 작업을 처리합니다."""
    settings = Settings()
    configure_logging(settings.log_level)
    database = Database.at(settings.database)
    with LocalRunner(1) as runner:
        duties = (
            *make_duties(settings.sweep_hours, settings.sweep_keep_days),
            MAIL_DUTY,
            REMINDER_DUTY,
            CLOSING_DUTY,
            EXPORTS_DUTY,
        )
        job_runner = JobRunner(database, runner, duties, settings)

        def end(_number: int, _frame: FrameType | None) -> None:
            job_runner.stop.set()
            runner.close()  # a check that is running ends as not graded; its job is taken up again later

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
        job_runner.run()
    database.dispose()


if __name__ == "__main__":
    sys.exit(jobs())
