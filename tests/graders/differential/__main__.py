"""The differential test from the command line.

``python -m tests.graders.differential stock`` grades what is new in the corpus with stock nbgrader (some seconds a
notebook) and keeps its scores; ``python -m tests.graders.differential`` grades all with our engine and prints a table,
``python -m tests.graders.differential NAME...`` only these.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from graders.engine.zygote_pool import WarmProcesses
from graders.runners.local import LocalRunner
from tests.graders.differential.compare import compare, table
from tests.graders.differential.corpus import assignments, course_assignments
from tests.graders.differential.stock import grade_with_stock, is_current, load_stored, store

#: Exercises between two savings, so that a long run can be ended at any time.
BATCH = 8


def refresh_stock() -> None:
    """Grade new and changed exercises with stock nbgrader; keep the others' scores."""
    stored = load_stored()
    everything = [*assignments(), *course_assignments()]
    current = {each.name: stored[each.name] for each in everything if is_current(stored, each)}
    missing = [each for each in everything if each.name not in current]
    for start in range(0, len(missing), BATCH):
        with tempfile.TemporaryDirectory(prefix="axcampus-differential-") as folder:
            current |= grade_with_stock(missing[start : start + BATCH], Path(folder))
        store(current)


def show_table(names: Sequence[str]) -> int:
    """Print the table; the exit status is 1 if a difference is not explained."""
    stored = load_stored()
    everything = [each for each in (*assignments(), *course_assignments()) if not names or each.name in names]
    found = [each for each in everything if is_current(stored, each)]
    missing = sorted({each.name for each in everything} - {each.name for each in found})
    if missing:
        sys.stderr.write(f"no stored stock score (run with 'stock' first): {', '.join(missing)}\n")
    if not found:
        sys.stderr.write("nothing of that name to compare\n")
        return 1
    with LocalRunner(2) as runner, WarmProcesses() as warm:
        compared = list(compare(found, stored, runner, warm))
    sys.stdout.write(table(compared) + "\n")
    return int(bool(missing) or not all(each.is_explained for each in compared))


if __name__ == "__main__":
    if sys.argv[1:] == ["stock"]:
        refresh_stock()
    else:
        sys.exit(show_table(sys.argv[1:]))
