"""Our engine on the same submissions: the local runner with every sandbox layer that the machine grants."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psutil

from benchmarks.grading.workloads import Workload
from graders.bundle import Bundle, load_bundle
from graders.contract import GradeReport, GradeRequest, ReportState
from graders.engine.zygote_environment import student_environment
from graders.environment import environment_digest
from graders.files import FileSet
from graders.release import make_release
from graders.runners.local import LocalRunner


@dataclass(frozen=True)
class Measured:
    """Wall seconds for all submissions, for the first one on a warm worker, memory a worker, what was on, and the
    seconds of each test cell in every submission."""

    seconds: float
    first_seconds: float
    worker_bytes: float
    layers: tuple[str, ...]
    bundle: Bundle
    tests: Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Limit:
    """Mean seconds of all cells of one submission, and the median seconds of each test cell, in one warm process."""

    seconds: float
    tests: Mapping[str, float]


def measure(workload: Workload, submissions: Sequence[FileSet], slots: int) -> Measured:
    """Grade everything on ``slots`` warm workers; a submission without full marks voids the figure."""
    bundle_files = make_release(workload.source(), assignment=f"bench/{workload.name}").bundle
    bundle = load_bundle(bundle_files)

    def grade(submission: FileSet) -> GradeReport:
        report = runner.grade(request_for(bundle_files, submission), bundle_files, submission)
        if report.state is not ReportState.GRADED or report.score != report.max_score:
            raise RuntimeError(f"a right answer got {report.score}: {report.staff_reason} {report.cells}")
        return report

    with LocalRunner(slots, modules=bundle.preload) as runner, ThreadPoolExecutor(slots) as threads:
        runner.warm_up()
        began = time.monotonic()
        first = grade(submissions[0])
        first_seconds = time.monotonic() - began
        began = time.monotonic()
        reports = list(threads.map(grade, submissions))
        seconds = time.monotonic() - began
        memory = _unique_bytes() / slots
    tests = {cell.grade_id: [_seconds_of(report, cell.grade_id) for report in reports] for cell in first.cells}
    return Measured(seconds, first_seconds, memory, first.layers, bundle, tests)


def _seconds_of(report: GradeReport, grade_id: str) -> float:
    return next(cell.seconds for cell in report.cells if cell.grade_id == grade_id)


def measure_limit(workload: Workload, modules: Sequence[str], count: int, processes: int) -> Limit:
    """Measure the cells alone, in ``processes`` warm ones at once: cores that share a cache slow each other down."""
    command = [sys.executable, "-m", "benchmarks.grading.limit", workload.name, str(count), *modules]

    def run(_: int) -> Limit:
        done = subprocess.run(
            command, env=student_environment(), capture_output=True, text=True, check=True, timeout=900
        )
        return Limit(**json.loads(done.stdout.splitlines()[-1]))

    with ThreadPoolExecutor(processes) as threads:
        found = list(threads.map(run, range(processes)))
    return Limit(statistics.fmean(each.seconds for each in found), found[0].tests)


def request_for(bundle: FileSet, submission: FileSet) -> GradeRequest:
    """The request to grade ``submission``."""
    return GradeRequest(
        assignment="bench/a",
        bundle_digest=bundle.digest,
        submission_digest=submission.digest,
        seed=1,
        hidden_seed=2,
        environment_digest=environment_digest(),
    )


def _unique_bytes() -> int:
    """Memory of all workers, each shared page counted once (proportional set size)."""
    return sum(
        child.memory_full_info().pss for child in psutil.Process().children(recursive=True) if child.is_running()
    )
