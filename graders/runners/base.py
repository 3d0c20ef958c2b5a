"""What a runner is: whoever turns one request and its files into one report, wherever the code runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from graders.contract import Frozen, GradeReport, GradeRequest
from graders.files import FileSet


class Stage(StrEnum):
    """How far the grading of one submission has come."""

    WAITING = "waiting"  # for a free worker
    STARTED = "started"
    CELL = "cell"  # one cell has been run
    DONE = "done"


class Progress(Frozen):
    """One step of one grading, for whoever watches; says nothing about points."""

    stage: Stage
    notebook: str | None = None
    cell: str | None = None
    done: int = 0
    total: int = 0


ProgressListener = Callable[[Progress], None]


class RunnerClosedError(RuntimeError):
    """The runner was closed; ask another one."""


class Runner(Protocol):
    """Grades submissions; safe to call from several threads at once.

    Every call returns a report: a submission that can't be graded, a broken worker, a passed deadline and a
    cancelled grading are reports too (``refused``, ``not_graded``), so one submission never stops the next.
    """

    def grade(
        self,
        request: GradeRequest,
        bundle: FileSet,
        submission: FileSet,
        *,
        on_progress: ProgressListener | None = None,
        cancel: threading.Event | None = None,
    ) -> GradeReport:
        """Return the report for ``request``; set ``cancel`` to end it early with the state not_graded."""
        ...

    def close(self) -> None:
        """End all workers and what they started; later calls of ``grade`` raise RunnerClosedError."""
        ...


def ignore_progress(progress: Progress) -> None:
    """A listener for whom nobody watches."""
