"""The local runner: a pool of slot processes on this machine, as many as it has cores."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from queue import Empty, LifoQueue
from typing import Self

from graders.contract import Fault, GradeReport, GradeRequest, Text
from graders.files import FileSet
from graders.grade import CANCELLED, not_graded
from graders.runners.base import Progress, ProgressListener, RunnerClosedError, Stage, ignore_progress
from graders.runners.local_slot import Slot, SlotError
from graders.scratch import sweep_scratch

log = logging.getLogger(__name__)

#: A slot is replaced after this many submissions, or when it has grown beyond this: leaks stay small.
RECYCLE_AFTER_JOBS = 500
RECYCLE_ABOVE_BYTES = 600 * 2**20

_SLOT_ENDED = Text(
    ko="채점 프로세스가 중단되어 채점하지 못했습니다. 점수는 정해지지 않았으며, 다시 채점합니다.",
    en="The grading process ended before the result. There is no score yet; it will be graded again.",
)


class LocalRunner:
    """A ``graders.runners.base.Runner`` with ``slots`` processes; slots start on first use and are kept warm.

    ``modules`` are imported by each slot before its first submission; other assignments' lists are imported when
    their first submission comes.
    """

    def __init__(self, slots: int | None = None, *, modules: Sequence[str] = ()) -> None:
        self.size = slots or os.cpu_count() or 1
        self._modules = tuple(modules)
        sweep_scratch()
        self._free: LifoQueue[Slot | None] = LifoQueue()  # the warmest slot first
        for _ in range(self.size):
            self._free.put(None)
        self._lock = threading.Lock()
        self._slots: set[Slot] = set()
        self._is_closed = False

    def warm_up(self) -> None:
        """Start all slots and wait until each is warm; without it the first submissions wait for their slot."""
        taken = [self._free.get() for _ in range(self.size)]
        started = [self._start(slot) for slot in taken]
        for slot in started:
            self._free.put(self._when_warm(slot))

    def grade(
        self,
        request: GradeRequest,
        bundle: FileSet,
        submission: FileSet,
        *,
        on_progress: ProgressListener | None = None,
        cancel: threading.Event | None = None,
    ) -> GradeReport:
        """Grade in the next free slot; see ``Runner``."""
        listener, stop = on_progress or ignore_progress, cancel or threading.Event()
        listener(Progress(stage=Stage.WAITING))
        try:
            free = self._wait_for_slot(stop)
        except Empty:
            return not_graded(request, CANCELLED, "cancelled while it waited", Fault.NOBODY)
        report, slot = self._grade_in(free, (request, bundle, submission), listener, stop)
        self._free.put(slot)
        listener(Progress(stage=Stage.DONE))
        return report

    def close(self) -> None:
        """End all slots, also the busy ones; their submissions are reported as not graded."""
        with self._lock:
            self._is_closed = True
            slots, self._slots = self._slots, set()
        for slot in slots:
            slot.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wait_for_slot(self, cancel: threading.Event) -> Slot | None:
        while not self._is_closed:
            with suppress(Empty):
                return self._free.get(timeout=0.1)
            if cancel.is_set():
                raise Empty
        raise RunnerClosedError("this runner was closed")

    def _grade_in(
        self,
        free: Slot | None,
        job: tuple[GradeRequest, FileSet, FileSet],
        listener: ProgressListener,
        cancel: threading.Event,
    ) -> tuple[GradeReport, Slot | None]:
        """Return the report and the slot to use next: None where a fresh one must be started."""
        slot = free
        try:
            slot = self._usable(free)
            report = slot.grade(*job, listener, cancel)
        except SlotError as error:
            log.warning("a slot was lost while it graded %s: %s", job[0].digest, error)
            self._discard(slot)
            return not_graded(job[0], _SLOT_ENDED, str(error), Fault.PLATFORM), None
        except BaseException:
            self._discard(slot)
            self._free.put(None)
            raise
        if slot.jobs_done >= RECYCLE_AFTER_JOBS or slot.memory_bytes > RECYCLE_ABOVE_BYTES:
            self._discard(slot)
            return report, None
        return report, slot

    def _usable(self, slot: Slot | None) -> Slot:
        if slot is not None and slot.alive:
            return slot
        self._discard(slot)
        with self._lock:
            if self._is_closed:
                raise RunnerClosedError("this runner was closed")
            fresh = Slot(self._modules)
            self._slots.add(fresh)
        return fresh

    def _start(self, slot: Slot | None) -> Slot | None:
        """Start a slot ahead of need; None where that fails: who needs it then tries again and hears why."""
        try:
            return self._usable(slot)
        except OSError as error:
            log.warning("a slot could not be started ahead: %s", error)
            return None

    def _when_warm(self, slot: Slot | None) -> Slot | None:
        try:
            if slot is not None:
                slot.wait_until_ready()
        except SlotError as error:
            log.warning("a slot was lost while it warmed up: %s", error)
            self._discard(slot)
            return None
        return slot

    def _discard(self, slot: Slot | None) -> None:
        if slot is None:
            return
        with self._lock:
            self._slots.discard(slot)
        slot.close()
