"""Reproduce rows of docs/public-courses.md from clones: ``python -m benchmarks.public_courses CLONE... [--json FILE]``.

A clone is a git repository on this disk. Nothing of it is kept: both engines work in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.public_courses.clones import Clone
from benchmarks.public_courses.compare import Compared, compare, grade_with_ours, grade_with_stock
from graders.contract import Isolation
from graders.runners.local import LocalRunner

_APART = (Isolation.ISOLATED, Isolation.LOCAL_MODULES)


def main() -> None:
    """Grade every assignment of every clone with both engines and print a table and all differences."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.public_courses", description=main.__doc__)
    parser.add_argument("clones", nargs="+", type=Path, help="git repositories")
    parser.add_argument("--only", default="", help="assignments whose name contains this")
    parser.add_argument("--at-most", type=int, default=1000, help="assignments of each clone")
    parser.add_argument("--json", type=Path, help="also write each compared cell here, one JSON object a line")
    options = parser.parse_args()
    print("| repository | commit | assignments | test cells | apart | nbgrader's score | both |")
    print("|---|---|---|---|---|---|---|")
    for path in options.clones:
        _do(Clone(path), options)


def _do(clone: Clone, options: argparse.Namespace) -> None:
    found = [each for each in clone.assignments() if options.only in each.name][: options.at_most]
    with LocalRunner(1) as runner:
        graded = [(each, *grade_with_ours(each, runner)) for each in found]
    released = [(each, release) for each, _, release in graded if release is not None]
    with tempfile.TemporaryDirectory(prefix="axcampus-public-") as folder:
        stock = grade_with_stock(released, Path(folder)) if released else {}
    compared = [row for each, ours, _ in graded for row in compare(ours, stock.get(each.name, {}))]
    print(_row(clone, len(released), compared))
    for each, ours, _ in graded:
        if ours.error:
            print(f"  not released: {each.folder}/{each.name}: {ours.error}")
        if stock.get(each.name, {}).get("error"):
            print(f"  nbgrader could not: {each.name}: {stock[each.name]['error']}")
    for line in map(_remark, compared):
        if line:
            print(line)
    if options.json:
        with options.json.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(_facts(clone, row), ensure_ascii=False) + "\n" for row in compared)


def _row(clone: Clone, assignments: int, compared: list[Compared]) -> str:
    """Counts over both submissions; a cell that nbgrader itself did not score is not counted as a test cell."""
    known = [row for row in compared if row.stock is not None]
    apart = sum(row.report.isolation in _APART for row in known)
    equal = sum(row.is_equal for row in known)
    both = sum(row.is_equal and row.report.isolation in _APART for row in known)
    share = f"{100 * both / len(known):.1f} %" if known else "–"
    return (
        f"| {clone.name} | {clone.commit[:10]} | {assignments} | {len(known)} | {apart} | {equal} | {both} ({share}) |"
    )


def _remark(row: Compared) -> str:
    """Why a cell is not a plain success."""
    is_apart = row.report.isolation in _APART
    if row.stock is None or (row.is_equal and is_apart):
        return ""
    why = Counter((row.report.staff_message or "").strip().splitlines()[-1:]) or {"": 1}
    return (
        f"  {row.assignment} {row.notebook}/{row.cell} {row.submission}: ours {row.ours} nbgrader {row.stock} "
        f"{row.report.isolation} {row.report.outcome}: {next(iter(why))[:160]}"
    )


def _facts(clone: Clone, row: Compared) -> dict[str, Any]:
    return {
        "clone": clone.name,
        "assignment": row.assignment,
        "submission": row.submission,
        "cell": f"{row.notebook}/{row.cell}",
        "ours": row.ours,
        "stock": row.stock,
        "max": row.report.max_points,
        "isolation": row.report.isolation,
        "outcome": row.report.outcome,
        "staff": row.report.staff_message,
    }


if __name__ == "__main__":
    main()
