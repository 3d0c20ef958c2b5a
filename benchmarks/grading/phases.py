"""Where the time of one submission goes: wall time of each step of our engine, one submission after the other.

``python -m benchmarks.grading.phases [WORKLOAD] [SUBMISSIONS]``; the fastest of all submissions and the median.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from typing import Any

from benchmarks.grading.ours import request_for
from benchmarks.grading.workloads import WORKLOADS
from graders import grade as grading
from graders import grade_folders
from graders.bundle import load_bundle
from graders.engine.student import StudentProcess
from graders.engine.trusted import TrustedProcess, TrustedZygote
from graders.engine.zygote import Fork, Zygote
from graders.engine.zygote_pool import WarmProcesses
from graders.release import make_release

#: (where, name, what it is called in the table)
_STEPS: tuple[tuple[Any, str, str], ...] = (
    (grading, "load_bundle", "read the bundle"),
    (grading, "accept", "intake"),
    (grading, "rebuild", "rebuild"),
    (grade_folders, "write_files", "write folders"),
    (Zygote, "start_fork", "ask for the student's process"),
    (TrustedZygote, "start", "fork the tests' process"),
    (Fork, "wait_until_inside", "wait for the sandbox"),
    (StudentProcess, "run_cell", "student's cells"),
    (StudentProcess, "lend", "lend the student's process"),
    (TrustedProcess, "run_cell", "test cells"),
    (StudentProcess, "take_back", "take it back"),
    (TrustedProcess, "close", "end the tests' process"),
    (StudentProcess, "close", "end the student's process"),
    (grading, "make_report_notebook", "notebook of the report"),
)


class Clock:
    """Adds up the time of each step of the submission that runs."""

    def __init__(self) -> None:
        self.running: defaultdict[str, float] = defaultdict(float)
        self.done: defaultdict[str, list[float]] = defaultdict(list)

    def around(self, step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """``function`` with its time added to ``step``."""

        @wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.running[step] += time.perf_counter() - began

        return timed

    def end_submission(self, seconds: float) -> None:
        """Keep what this submission took; ``all`` is the whole of it."""
        self.running["all"] = seconds
        for step, each in self.running.items():
            self.done[step].append(each)
        self.running.clear()


def main() -> None:
    """Grade one after the other in this process and print the table."""
    name, count = (*sys.argv[1:], *("light", "15")[len(sys.argv) - 1 :])[:2]
    workload = next(each for each in WORKLOADS if each.name == name)
    bundle = make_release(workload.source(), assignment=f"bench/{name}").bundle
    clock = Clock()
    for where, attribute, step in _STEPS:
        setattr(where, attribute, clock.around(step, getattr(where, attribute)))
    with WarmProcesses() as warm:
        warm.for_students(load_bundle(bundle).preload)
        for submission in workload.submissions(int(count) + 1):
            began = time.perf_counter()
            grading.grade(request_for(bundle, submission), bundle, submission, warm)
            clock.end_submission(time.perf_counter() - began)
    for step, seconds in clock.done.items():
        warm_ones = seconds[1:]  # the first one waits for processes that warm up
        print(
            f"{step:32} fastest {1000 * min(warm_ones):7.1f} ms   median {1000 * statistics.median(warm_ones):7.1f} ms"
        )


if __name__ == "__main__":
    main()
