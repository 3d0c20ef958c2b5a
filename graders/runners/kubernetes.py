"""The Kubernetes runner: grades in pods that are ready already, so that a score takes seconds.

A pod that is lost, broken or contradicts its request costs a submission nothing but time: another pod is asked, and if
that fails too the report says that we failed, which is retried and never a score.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

from graders.contract import Digest, Fault, GradeReport, GradeRequest, Text
from graders.files import FileSet
from graders.grade import CANCELLED, not_graded
from graders.runners.base import Progress, ProgressListener, RunnerClosedError, Stage, ignore_progress
from graders.runners.kubernetes_places import Address, Place, Places
from graders.runners.kubernetes_pod import (
    Caller,
    Job,
    PodBusyError,
    PodError,
    PodUnreachableError,
    StoppedError,
)

log = logging.getLogger(__name__)

_POD_LOST = Text(
    ko="채점 서버가 중단되어 채점하지 못했습니다. 점수는 정해지지 않았으며, 다시 채점합니다.",
    en="The grading server was lost before the result. There is no score yet; it will be graded again.",
)
_NO_POD = Text(
    ko="지금 채점 서버를 사용할 수 없습니다. 점수는 정해지지 않았으며, 다시 채점합니다.",
    en="No grading server can be reached now. There is no score yet; it will be graded again.",
)


@dataclass(frozen=True)
class RunnerOptions:
    """``tries``: pods that one call may lose. ``unreachable_seconds``: how long a call waits for a cluster without any
    pod, and ``look_seconds`` how often it looks; while pods are merely busy it waits as long as that takes."""

    tries: int = 2
    unreachable_seconds: float = 600.0
    look_seconds: float = 0.1


@dataclass
class _Search:
    """One grading's way from pod to pod."""

    job: Job
    listener: ProgressListener
    is_stopped: Callable[[], bool]
    reachable_at: float = field(default_factory=time.monotonic)
    lost: list[str] = field(default_factory=list)


class KubernetesRunner:
    """A ``graders.runners.base.Runner`` over the pods that ``places`` knows.

    ``environment`` is the caller's ``environment_digest()``: pods with other software are passed over. None takes any.
    """

    def __init__(self, places: Places, environment: Digest | None, options: RunnerOptions | None = None) -> None:
        self._places = places
        self._caller = Caller(environment)
        self._options = options or RunnerOptions()
        self._in_use: Counter[Address] = Counter()
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def grade(
        self,
        request: GradeRequest,
        bundle: FileSet,
        submission: FileSet,
        *,
        on_progress: ProgressListener | None = None,
        cancel: threading.Event | None = None,
    ) -> GradeReport:
        """Grade in a pod with a free slot; see ``Runner``."""
        if self._closed.is_set():
            raise RunnerClosedError("this runner was closed")
        listener = on_progress or ignore_progress

        def is_stopped() -> bool:
            return self._closed.is_set() or (cancel is not None and cancel.is_set())

        listener(Progress(stage=Stage.WAITING))
        report = self._search(_Search(Job(request, bundle, submission), listener, is_stopped))
        listener(Progress(stage=Stage.DONE))
        return report

    def close(self) -> None:
        """Leave all pods; gradings that are under way are reported as not graded."""
        self._closed.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _search(self, search: _Search) -> GradeReport:
        """Go round the pods until one gives a report, too many were lost, or none was reachable for too long."""
        while not search.is_stopped():
            try:
                report = self._round(search)
            except StoppedError:
                break
            if report is not None:
                return report
            if len(search.lost) >= self._options.tries:
                return not_graded(search.job.request, _POD_LOST, "; ".join(search.lost), Fault.PLATFORM)
            if time.monotonic() - search.reachable_at > self._options.unreachable_seconds:
                return not_graded(search.job.request, _NO_POD, self._places.problem()[:2000], Fault.PLATFORM)
            time.sleep(self._options.look_seconds)
        if self._closed.is_set():
            return not_graded(search.job.request, _POD_LOST, "the runner was closed", Fault.PLATFORM)
        return not_graded(search.job.request, CANCELLED, "cancelled", Fault.NOBODY)

    def _round(self, search: _Search) -> GradeReport | None:
        """Ask each pod once, the least used first; None if none took the job, or the one that took it was lost."""
        for place in self._by_use():
            try:
                with self._using(place.address):
                    return self._caller.grade(place, search.job, search.listener, search.is_stopped)
            except PodBusyError:
                search.reachable_at = time.monotonic()
            except PodUnreachableError as error:
                log.info("a grading pod can't be used: %s", error)
            except PodError as error:
                log.warning("a grading pod was lost with %s: %s", search.job.request.digest, error)
                search.lost.append(str(error))
                return None
        return None

    def _by_use(self) -> list[Place]:
        places = list(self._places.places())
        random.shuffle(places)
        with self._lock:
            return sorted(places, key=lambda place: self._in_use[place.address])

    @contextmanager
    def _using(self, address: Address) -> Iterator[None]:
        with self._lock:
            self._in_use[address] += 1
        try:
            yield
        finally:
            with self._lock:
                self._in_use[address] -= 1
                self._in_use += Counter()  # forget pods that nobody uses
