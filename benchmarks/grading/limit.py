"""The limit: only the cells, in a warm process, without a sandbox, tests beside answers as nbgrader runs them.

Run as a script it prints JSON: mean seconds a submission, and the median seconds of each test cell.
"""

from __future__ import annotations

import json
import statistics
import sys
import time

from benchmarks.grading.workloads import WORKLOADS
from graders.engine import student_shell
from graders.engine.outputs_capture import Capture
from graders.engine.student_shell import StudentShell
from graders.engine.zygote_main import warm_up


def main() -> None:
    """Run one workload's cells as often as asked and print what they took."""
    name, count, *modules = sys.argv[1:]
    workload = next(each for each in WORKLOADS if each.name == name)
    warm_up(modules)
    shell = StudentShell.instance()
    real_output = sys.stdout
    student_shell.attach_streams(shell, Capture(1_000_000))
    tests: dict[str, list[float]] = {}
    began = time.monotonic()
    for _ in range(int(count)):
        for cell in (each for each in workload.cells if each["cell_type"] == "code"):
            seconds = _run(shell, cell["source"])
            if cell["metadata"].get("nbgrader", {}).get("grade"):
                tests.setdefault(cell["id"], []).append(seconds)
        shell.reset(new_session=True)  # type: ignore[no-untyped-call]
    total = (time.monotonic() - began) / int(count)
    medians = {cell: statistics.median(seconds) for cell, seconds in tests.items()}
    print(json.dumps({"seconds": total, "tests": medians}), file=real_output)


def _run(shell: StudentShell, source: str) -> float:
    began = time.monotonic()
    shell.capture.begin()
    error = student_shell.run_source(shell, source, "cell")
    if error is not None:
        raise error
    return time.monotonic() - began


if __name__ == "__main__":
    main()
