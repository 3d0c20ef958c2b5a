"""Print the table: seconds a submission for stock nbgrader, for our engine, and for the cells alone."""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.grading import ours, stock
from benchmarks.grading.workloads import WORKLOADS, Workload
from graders.files import FileSet


def main() -> None:
    """Measure each workload in one run on this machine."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grading", description=main.__doc__)
    parser.add_argument("--submissions", type=int, default=20, help="graded by our engine")
    parser.add_argument("--stock-submissions", type=int, default=6, help="graded by stock nbgrader; 0: none")
    parser.add_argument("--slots", type=int, default=os.cpu_count() or 1)
    names = [workload.name for workload in WORKLOADS]
    parser.add_argument("--only", choices=names, help="measure one class of assignment")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {load:.1f} before, {options.slots} slots")
    with tempfile.TemporaryDirectory(prefix="axcampus-bench-") as folder:
        for workload in (each for each in WORKLOADS if options.only in (None, each.name)):
            _measure(workload, options, Path(folder))


def _measure(workload: Workload, options: argparse.Namespace, folder: Path) -> None:
    submissions = workload.submissions(options.submissions)
    found = ours.measure(workload, submissions, options.slots)
    processes = min(options.slots, os.cpu_count() or 1)
    limit = ours.measure_limit(workload, found.bundle.preload, options.submissions, processes)
    at_best = limit.seconds / processes  # every core runs nothing but cells
    each = found.seconds / len(submissions)
    stock_text = _against_stock(workload, submissions[: options.stock_submissions], each, folder)
    print(
        f"{workload.name:10} {stock_text}  ours {each:6.3f} s  "
        f"limit {at_best:6.3f} s ({100 * at_best / each:.0f} % of it)  first result {found.first_seconds:.2f} s  "
        f"memory a worker {found.worker_bytes / 2**20:.0f} MB"
    )
    print(f"{'':10} {_bridge(found, limit)}")
    print(f"{'':10} layers: {', '.join(found.layers)}")


def _against_stock(workload: Workload, submissions: Sequence[FileSet], each: float, folder: Path) -> str:
    """Stock nbgrader on the same submissions; left out where none are asked for."""
    if not submissions:
        return "stock not measured"
    stock_each = stock.seconds_for(workload, submissions, folder) / len(submissions)
    return f"stock {stock_each:6.2f} s  ratio {stock_each / each:5.1f}x"


def _bridge(found: ours.Measured, limit: ours.Limit) -> str:
    """What a test cell takes apart from the student's code beyond what it takes beside it."""
    extra = sorted(1000 * (s - limit.tests[cell]) for cell in limit.tests for s in found.tests[cell])
    at_95 = extra[min(len(extra) - 1, int(0.95 * len(extra)))]
    return (
        f"bridge a test cell: median {statistics.median(extra):.1f} ms, 95 % within {at_95:.1f} ms ({len(extra)} cells)"
    )


if __name__ == "__main__":
    main()
