"""The queue as a grading worker uses it: every step is a transaction of its own, so that a worker that dies at any
moment leaves either a lease that runs out or a stored result."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.bundle import BundleError, load_bundle
from graders.contract import GradeReport, GradeRequest
from graders.files import FileSet
from hub.portal.database import Database, database_now
from hub.portal.models import AssignmentVersion, GradingTask, TaskKind, TaskState, VersionState
from hub.portal.services import queue
from hub.portal.services.file_sets import load_file_set
from hub.portal.services.grading_requests import load_request
from hub.portal.services.queue import Claim, Failure

KEPT_BUNDLES = 8


@dataclass(frozen=True)
class Work:
    """One claimed task with all that its grading needs."""

    claim: Claim
    request: GradeRequest
    bundle: FileSet
    submission: FileSet


class GradingWork:
    """Claims and stores for the worker ``name``. Methods raise what the database raises when it is away."""

    def __init__(self, database: Database, name: str, clock: Callable[[Session], datetime] = database_now) -> None:
        self._database, self.name, self._clock = database, name, clock
        self._bundles: OrderedDict[str, FileSet] = OrderedDict()

    def next(self, kinds: Collection[TaskKind] = tuple(TaskKind), *, is_idle: bool = True) -> Claim | None:
        """Claim the next task of these kinds; one whose result is known already is settled on the way.

        ``is_idle``: this worker runs nothing else now, see ``queue.claim``.
        """
        while self._is_waiting(kinds):
            with self._database.writing_in_passing() as session:
                claim = queue.claim(session, self.name, self._clock(session), kinds=kinds, is_idle=is_idle)
            if claim is None or not claim.is_known:
                return claim
            with self._database.writing() as session:
                queue.finish_known(session, claim, self._clock(session))
        return None

    def _is_waiting(self, kinds: Collection[TaskKind]) -> bool:
        """Look without the write lock: an idle worker must not hold up anybody."""
        with self._database.reading() as session:
            query = sa.select(GradingTask.id).where(*queue.waiting_tasks(self._clock(session), kinds))
            return session.scalar(query.limit(1)) is not None

    def load(self, claim: Claim) -> Work:
        """Return what the claimed task needs; KeyError or ValueError if the database lacks or garbles it."""
        with self._database.reading() as session:
            request = load_request(session, claim.request_digest)
            bundle = self._bundle(session, request.bundle_digest)
            return Work(claim, request, bundle, load_file_set(session, request.submission_digest))

    def _bundle(self, session: Session, digest: str) -> FileSet:
        files = self._bundles.get(digest)
        if files is None:
            files = self._bundles[digest] = load_file_set(session, digest)
        while len(self._bundles) > KEPT_BUNDLES:
            self._bundles.popitem(last=False)
        return files

    def heartbeat(self, claim: Claim, progress: dict[str, Any] | None) -> bool:
        """Keep a claim alive; False if it is lost."""
        with self._database.writing_in_passing() as session:
            return queue.heartbeat(session, claim, self._clock(session), progress=progress)

    def finish(self, claim: Claim, report: GradeReport) -> TaskState | None:
        """Store a report; None if the claim was lost."""
        with self._database.writing() as session:
            return queue.finish(session, claim, report, self.name, self._clock(session))

    def fail(self, claim: Claim, failure: Failure) -> None:
        """Say that the try came to nothing."""
        with self._database.writing() as session:
            queue.fail(session, claim, failure, self._clock(session))

    def give_back(self, claim: Claim) -> None:
        """Return a task untouched."""
        with self._database.writing() as session:
            queue.give_back(session, claim)

    def sweep(self) -> int:
        """Take back abandoned tasks of any worker."""
        with self._database.writing() as session:
            return queue.sweep(session, self._clock(session))

    def preload(self) -> tuple[str, ...]:
        """Return the modules that the live assignments import: what slots should have warm."""
        query = sa.select(AssignmentVersion.bundle_digest).where(AssignmentVersion.state == VersionState.LIVE)
        modules: set[str] = set()
        with self._database.reading() as session:
            for digest in session.scalars(query).all():
                modules |= set(_preload_of(load_file_set(session, digest)))
        return tuple(sorted(modules))


def _preload_of(files: FileSet) -> tuple[str, ...]:
    try:
        return load_bundle(files).preload
    except BundleError:
        return ()
