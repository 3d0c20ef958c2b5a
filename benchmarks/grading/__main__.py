"""Print the table: seconds a submission for stock nbgrader, for our engine, and for the cells alone."""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from pathlib import Path

from benchmarks.grading import ours, stock
from benchmarks.grading.workloads import WORKLOADS, Workload


def main() -> None:
    """Measure each workload in one run on this machine."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grading", description=main.__doc__)
    parser.add_argument("--submissions", type=int, default=20, help="graded by our engine")
    parser.add_argument("--stock-submissions", type=int, default=6, help="graded by stock nbgrader")
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
    limit = ours.limit_seconds(workload, found.bundle.preload, 5) / min(options.slots, os.cpu_count() or 1)
    count = options.stock_submissions
    stock_each = stock.seconds_for(workload, submissions[:count], folder) / count
    each = found.seconds / len(submissions)
    print(
        f"{workload.name:10} stock {stock_each:6.2f} s  ours {each:6.3f} s  ratio {stock_each / each:5.1f}x  "
        f"limit {limit:6.3f} s ({100 * limit / each:.0f} % of it)  first result {found.first_seconds:.2f} s  "
        f"memory a worker {found.worker_bytes / 2**20:.0f} MB"
    )
    print(f"{'':10} layers: {', '.join(found.layers)}")


if __name__ == "__main__":
    main()
