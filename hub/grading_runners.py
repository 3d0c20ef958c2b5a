"""Where the worker's gradings run: processes of this machine, or pods of a cluster if a file says where they are."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from graders.runners.base import Runner, RunnerClosedError
from graders.runners.kubernetes_api import ClusterError
from graders.runners.kubernetes_settings import ClusterGrading, make_bulk_runner, make_live_runner
from graders.runners.local import LocalRunner
from spawner_config.settings_file import read_settings

logger = structlog.stdlib.get_logger(__name__)


class GradingSettingsError(ValueError):
    """The file of grading settings can't be used; the text names the field."""


@dataclass(frozen=True)
class Bulk:
    """Grades regrades, ``most`` of them at a time: live submissions always find a free place in the worker."""

    runner: Runner
    most: int


@dataclass(frozen=True)
class Runners:
    """What a worker grades with. ``bulk`` None: everything on ``live``. ``where`` is for the log."""

    live: Runner
    size: int
    where: str
    bulk: Bulk | None = None
    warm_up: Callable[[], None] = lambda: None

    def close(self) -> None:
        """End what runs; it is reported as not graded and stays in the queue."""
        self.live.close()
        if self.bulk is not None:
            self.bulk.runner.close()


def load_grading(path: Path | None) -> ClusterGrading | None:
    """Read the file of grading on a cluster (None: there is none); GradingSettingsError names what is wrong."""
    return None if path is None else read_settings(path, ClusterGrading, GradingSettingsError)


def make_runners(grading: ClusterGrading | None, slots: int | None, modules: Sequence[str]) -> Runners:
    """Return what grades; ``slots`` None is the machine's cores, or what the settings of the cluster say."""
    if grading is None:
        return _on_this_machine(slots or os.cpu_count() or 1, modules)
    try:
        live, bulk = make_live_runner(grading), make_bulk_runner(grading)
    except (OSError, ValueError, ClusterError) as error:  # ssl.SSLError is an OSError
        raise GradingSettingsError(f"grading on the cluster: {type(error).__name__}: {error}") from error
    size = slots or grading.at_a_time
    return Runners(live, size, grading.host, Bulk(bulk, max(1, size // 2)) if bulk else None)


def _on_this_machine(slots: int, modules: Sequence[str]) -> Runners:
    runner = LocalRunner(slots, modules=modules)
    return Runners(runner, slots, "this machine", warm_up=lambda: warm_up(runner))


def warm_up(runner: LocalRunner) -> None:
    """Start the runner's slots before there is work; what fails here is tried again by the first grading."""
    began = time.monotonic()
    try:
        runner.warm_up()
    except RunnerClosedError:
        return
    logger.info("runner warm", slots=runner.size, seconds=round(time.monotonic() - began, 1))
