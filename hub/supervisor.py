"""Starts, watches and restarts the parts of the platform, and ends them all, notebook servers included."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import psutil
import structlog

from hub.child import Child
from hub.parts import Part
from hub.processes import (
    adopt_orphans,
    all_descendants,
    collect_orphans,
    marked_processes,
    stop_processes,
)
from hub.settings import Settings
from hub.state import PartState, SupervisorState, save_state

TICK_SECONDS = 0.2
STOP_PATIENCE_SECONDS = 8.0

logger = structlog.get_logger()


class Gate(Protocol):
    """Something that must be done before parts that use the database start."""

    @property
    def pid(self) -> int:
        """The process that does it."""

    def is_done(self) -> bool:
        """Say whether it is done; raises if it failed."""


class Supervisor:
    """The parent of all parts. ``run`` returns when somebody asked it to stop."""

    def __init__(self, settings: Settings, parts: tuple[Part, ...]) -> None:
        self._settings = settings
        self._gate: Gate | None = None
        self._on_return: Callable[[str], None] = lambda _: None
        self.children = [Child(part, settings.logs / f"{part.name}.log") for part in parts]
        self._stopping = threading.Event()
        self._started_at = time.time()
        self._saved: SupervisorState | None = None

    def stop(self) -> None:
        """Ask ``run`` to end everything and return."""
        self._stopping.set()

    def run(
        self,
        on_ready: Callable[[], None] = lambda: None,
        gate: Gate | None = None,
        on_return: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Run the parts until asked to stop; calls ``on_ready`` once, when all of them answer.

        Parts that use the database wait for the gate; what that raises ends everything. ``on_return`` gets the name
        of a part that answers again after a restart.
        """
        self._on_return = on_return
        self._gate = gate
        adopt_orphans()
        stop_processes(marked_processes(self._settings.instance, parts=self._names), STOP_PATIENCE_SECONDS)
        try:
            with stopping_on_signals(self.stop):
                self._watch(on_ready)
        finally:
            self._end()

    @property
    def _names(self) -> list[str]:
        return [child.part.name for child in self.children]

    def _watch(self, on_ready: Callable[[], None]) -> None:
        announced = False
        while not self._stopping.is_set():
            self._tick()
            if not announced and all(child.is_healthy for child in self.children):
                on_ready()
                announced = True
            self._stopping.wait(TICK_SECONDS)

    def _tick(self) -> None:
        now = time.monotonic()
        database_is_ready = self._gate is None or self._gate.is_done()
        for child in self.children:
            if child.must_start(now) and (database_is_ready or not child.part.uses_database):
                self._clear_way(child)
                child.start(now)
            child.look(now)
            if child.has_returned:
                child.has_returned = False
                self._on_return(child.part.name)
        collect_orphans(self._own_pids())
        self._save()

    def _own_pids(self) -> set[int]:
        """Return the processes whose exit status somebody here waits for: taking it would read as success."""
        gate = {self._gate.pid} if self._gate else set()
        return gate | {child.pid for child in self.children if child.pid}

    def _clear_way(self, child: Child) -> None:
        """End what a dead part left behind: it may hold the port. Notebook servers are no part and stay."""
        leftovers = marked_processes(self._settings.instance, parts=[child.part.name])
        if leftovers and child.restarts:
            logger.warning("ending leftovers", part=child.part.name, count=len(leftovers))
            stop_processes(leftovers, 1.0)

    def _save(self) -> None:
        parts = {child.part.name: part_state(child) for child in self.children}
        state = SupervisorState(pid=os.getpid(), started_at=self._started_at, parts=parts)
        if state != self._saved:
            save_state(self._settings, state)
            self._saved = state

    def _end(self) -> None:
        """End the parts that give work first, then notebooks and leftovers, the proxy last."""
        logger.info("stopping")
        proxies = [child for child in self.children if child.part.name == "proxy"]
        last = [psutil.Process(child.pid) for child in proxies if child.pid and psutil.pid_exists(child.pid)]
        others = [*all_descendants(), *marked_processes(self._settings.instance)]
        forced = stop_processes([process for process in others if process not in last], STOP_PATIENCE_SECONDS)
        forced += stop_processes([*last, *all_descendants()], 2.0)
        collect_orphans(set())
        self._save_stopped()
        logger.info("stopped", forced=forced)

    def _save_stopped(self) -> None:
        parts = {name: PartState(pid=None, restarts=0) for name in self._names}
        save_state(self._settings, SupervisorState(pid=os.getpid(), started_at=self._started_at, parts=parts))


def part_state(child: Child) -> PartState:
    """Return what is said about a child in the state file."""
    return PartState(
        pid=child.pid, restarts=child.restarts, waiting=child.pid is None, has_health=child.part.health_url is not None
    )


@contextmanager
def stopping_on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` at Ctrl-C, SIGTERM and a closed terminal, while inside."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: stop()) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
