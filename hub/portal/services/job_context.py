"""What the function of a background job is given: apart from the table of kinds, so that any service may write one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graders.runners.base import Runner
from hub.portal.database import Database, database_now
from hub.portal.services.jobs import report_progress
from hub.settings import Settings


class JobStoppedError(Exception):
    """The job was cancelled, or another worker has taken it over: leave everything as it is."""


@dataclass(frozen=True)
class JobContext:
    """What a job may use. It opens its own sessions, so that a long job holds no transaction."""

    job_id: int
    worker: str
    params: Mapping[str, Any]
    database: Database
    runner: Runner
    clock: Callable[[], datetime]
    settings: Settings | None = None

    def progress(self, done: int, total: int | None = None) -> None:
        """Say how far the job is; raises JobStoppedError if it should end."""
        with self.database.writing() as session:
            goes_on = report_progress(session, self.job_id, self.worker, database_now(session), done, total)
        if not goes_on:
            raise JobStoppedError
