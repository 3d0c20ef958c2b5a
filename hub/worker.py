"""The grading worker: claims from the database, has the runner grade, stores the report. Runs no student code itself.

It may be killed at any moment: what it had claimed is taken back when the lease runs out. Asked to stop, it gives its
tasks back at once.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import click
import structlog
from sqlalchemy.exc import SQLAlchemyError

from graders.contract import GradeReport, Text
from graders.runners.base import Progress, Runner, RunnerClosedError
from hub.grading_runners import Bulk, GradingSettingsError, load_grading, make_runners
from hub.portal.database import Database
from hub.portal.models import TaskKind
from hub.portal.requests_log import configure_logging
from hub.portal.services.grading_work import GradingWork, Work
from hub.portal.services.queue import LEASE, Claim, Failure
from hub.settings import Settings

logger = structlog.stdlib.get_logger(__name__)

#: How long an idle worker waits until it looks again: a part of what a student waits for a score.
IDLE_SECONDS = 0.25
BEAT_SECONDS = LEASE.total_seconds() / 4
#: How long to wait when the database is away; the supervisor or the operator is bringing it back.
AWAY_SECONDS = 2.0
BROKEN = Text(ko="채점 준비 중에 오류가 생겼습니다.", en="Something broke while the grading was being prepared.")


@dataclass
class Job:
    """A claim that is being graded: its way to be cancelled and what the runner said last."""

    claim: Claim
    cancel: threading.Event = field(default_factory=threading.Event)
    progress: dict[str, Any] | None = None

    def note(self, progress: Progress) -> None:
        """Remember what the runner says; the next heartbeat takes it along."""
        self.progress = progress.model_dump(mode="json")


class Worker:
    """Keeps ``size`` gradings going until ``stop`` is set, regrades with ``bulk`` where there is one."""

    def __init__(self, work: GradingWork, runner: Runner, size: int, bulk: Bulk | None = None) -> None:
        self._work, self._runner, self._size, self._bulk = work, runner, size, bulk
        self.stop = threading.Event()
        self._jobs: dict[int, Job] = {}
        self._lock = threading.Lock()
        self._free = threading.Semaphore(size)

    def run(self) -> None:
        """Claim and grade until stopped; then give back what is not finished."""
        keeper = threading.Thread(target=self._keep_alive, name="keeper", daemon=True)
        keeper.start()
        with ThreadPoolExecutor(self._size, thread_name_prefix="grading") as pool:
            while not self.stop.is_set():
                self._dispatch(pool)
            for job in self._running():
                job.cancel.set()
        keeper.join()

    def _dispatch(self, pool: ThreadPoolExecutor) -> None:
        """Hand the next task to a free thread; wait a little if there is no task or no thread, or one must be alone."""
        if any(job.claim.is_suspect for job in self._running()):
            self.stop.wait(IDLE_SECONDS)
            return
        if not self._free.acquire(timeout=IDLE_SECONDS):
            return
        claim = self._next()
        if claim is None:
            self._free.release()
            self.stop.wait(IDLE_SECONDS)
            return
        job = Job(claim)
        with self._lock:
            self._jobs[claim.task_id] = job
        pool.submit(self._serve, job)

    def _next(self) -> Claim | None:
        try:
            return self._work.next(self._kinds(), is_idle=not self._running())
        except SQLAlchemyError as error:
            logger.warning("database away", cause=type(error).__name__)
            self.stop.wait(AWAY_SECONDS)
            return None

    def _kinds(self) -> tuple[TaskKind, ...]:
        """What may be claimed: live work at any time, regrades in Jobs only up to their share of this worker."""
        regrades = sum(job.claim.kind is TaskKind.REGRADE for job in self._running())
        is_full = self._bulk is not None and regrades >= self._bulk.most
        return (TaskKind.LIVE,) if is_full else tuple(TaskKind)

    def _runner_of(self, claim: Claim) -> Runner:
        return self._bulk.runner if self._bulk is not None and claim.kind is TaskKind.REGRADE else self._runner

    def _serve(self, job: Job) -> None:
        """Grade one task. Nothing that goes wrong here ends the worker: the lease covers it."""
        try:
            with structlog.contextvars.bound_contextvars(request_id=job.claim.request_id):
                self._settle(job, self._grade(job))
        except Exception:
            logger.exception("grading left to its lease", task_id=job.claim.task_id)
        finally:
            with self._lock:
                self._jobs.pop(job.claim.task_id, None)
            self._free.release()

    def _grade(self, job: Job) -> GradeReport | Failure | None:
        """Return the report, why there is none, or None: the worker is stopping."""
        try:
            work = self._load(job)
            return self._runner_of(job.claim).grade(
                work.request, work.bundle, work.submission, on_progress=job.note, cancel=job.cancel
            )
        except RunnerClosedError:
            return None
        except (KeyError, ValueError, OSError) as error:
            logger.exception("task can't be graded", task_id=job.claim.task_id)
            return Failure(BROKEN, f"{type(error).__name__}: {error}"[:2000])

    def _load(self, job: Job) -> Work:
        """Read what the task needs; wait while the database is away: a try is not lost to that."""
        while True:
            try:
                return self._work.load(job.claim)
            except SQLAlchemyError as error:
                logger.warning("database away", task_id=job.claim.task_id, cause=type(error).__name__)
                if job.cancel.is_set() or self.stop.wait(AWAY_SECONDS):
                    raise RunnerClosedError("the worker is stopping, or the claim is lost") from error

    def _settle(self, job: Job, outcome: GradeReport | Failure | None) -> None:
        """Store the outcome; while the database is away, keep it and try again: grading anew would cost more."""
        while True:
            try:
                self._store(job, outcome)
                return
            except SQLAlchemyError as error:
                logger.warning("result not stored yet", task_id=job.claim.task_id, cause=type(error).__name__)
                if self.stop.wait(AWAY_SECONDS):
                    return

    def _store(self, job: Job, outcome: GradeReport | Failure | None) -> None:
        if outcome is None or (self.stop.is_set() and job.cancel.is_set()):
            self._work.give_back(job.claim)
        elif isinstance(outcome, Failure):
            self._work.fail(job.claim, outcome)
        else:
            state = self._work.finish(job.claim, outcome)
            ids = {"task_id": job.claim.task_id, "attempt_id": job.claim.attempt_id}
            logger.info("graded", **ids, state=state, report=outcome.state.value)

    def _keep_alive(self) -> None:
        """Send heartbeats, and sweep for abandoned work, until the last grading has ended."""
        self._quietly(self._work.sweep)
        while not self.stop.wait(BEAT_SECONDS):
            for job in self._running():
                self._quietly(lambda job=job: self._beat(job))
            self._quietly(self._work.sweep)

    def _beat(self, job: Job) -> None:
        if not self._work.heartbeat(job.claim, job.progress):
            logger.warning("claim lost", task_id=job.claim.task_id)
            job.cancel.set()

    def _quietly(self, step: Any) -> None:
        try:
            step()
        except SQLAlchemyError as error:
            logger.warning("database away", cause=type(error).__name__)

    def _running(self) -> list[Job]:
        with self._lock:
            return list(self._jobs.values())


def worker_name() -> str:
    """Return a name that no other process ever has: in a container that starts again, host and number are the same."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}:{secrets.token_hex(4)}"


def run_worker(settings: Settings, slots: int | None) -> None:
    """Grade until SIGTERM or SIGINT. ``slots`` None: as many as this machine or the cluster is meant for."""
    grading = load_grading(settings.grading_file)
    database = Database.at(settings.database)
    work = GradingWork(database, worker_name())
    runners = make_runners(grading, slots, work.preload())
    worker = Worker(work, runners.live, runners.size, runners.bulk)

    def end(_number: int, _frame: FrameType | None) -> None:
        worker.stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    # Beside the claiming, so that the first student need not wait for the slots' imports.
    threading.Thread(target=runners.warm_up, name="warm-up", daemon=True).start()
    logger.info("worker ready", worker=work.name, slots=runners.size, where=runners.where)
    try:
        worker.run()
    finally:
        runners.close()
        database.dispose()


@click.command()
@click.option("--slots", type=click.IntRange(1, 64), default=None, help="Gradings at a time. / 동시에 채점할 수.")
def worker(slots: int | None) -> None:
    """Grade what is queued until stopped (started by `axcampus run`). 대기 중인 제출물을 채점합니다."""
    settings = Settings()
    configure_logging(settings.log_level)
    try:
        run_worker(settings, slots)
    except GradingSettingsError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    sys.exit(worker())
