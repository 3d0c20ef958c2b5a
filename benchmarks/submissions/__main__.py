"""Print the table of docs/reliability.md: ``python -m benchmarks.submissions [--only ROW …] [--json]``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from benchmarks.grading.workloads import LIGHT, REALISTIC
from benchmarks.submissions.campus import Student, admit, ensure_course, submissions
from benchmarks.submissions.claims import measure_claims
from benchmarks.submissions.deadline import hand_in, measure_deadline, measure_idle, wait_for_grades
from benchmarks.submissions.figures import Figure
from benchmarks.submissions.postgres import temporary_postgres
from benchmarks.submissions.watchers import measure_watchers
from hub.portal.database import Database
from hub.portal.models import GradingTask, TaskState
from hub.settings import Settings
from tests.end_to_end.platform_on_free_ports import running_platform

ROWS = ("claim", "idle-light", "idle-realistic", "watchers", "deadline-light", "deadline-realistic")


def main() -> int:
    """Measure the rows that were asked for; exit code 1 if a goal was missed."""
    options = parse()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before", file=sys.stderr)
    figures: list[Figure] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="axcampus-bench-")))
        postgres = stack.enter_context(temporary_postgres()) if options.postgres or "claim" in options.only else None
        if "claim" in options.only:
            urls = [f"sqlite:///{folder / 'claims.db'}", *([postgres] if postgres else [])]
            figures += told(lambda: [figure for url in urls for figure in measure_claims(url, options.queued)])
        if set(options.only) - {"claim"}:
            figures += on_platform(options, folder, postgres if options.postgres else None)
    print(f"load {os.getloadavg()[0]:.1f} after", file=sys.stderr)
    if options.json:
        print(json.dumps([figure.as_json() for figure in figures], ensure_ascii=False, indent=2))
    return 0 if all(figure.is_met for figure in figures) else 1


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.submissions", description=main.__doc__)
    parser.add_argument("--only", nargs="+", choices=ROWS, default=ROWS, metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=60, help="within which all submit, and how long all watch")
    parser.add_argument("--idle", type=int, default=20, help="submissions, one at a time, on an idle platform")
    parser.add_argument("--queued", type=int, default=10_000, help="attempts that wait while claims are timed")
    parser.add_argument("--postgres", action="store_true", help="run the platform on a PostgreSQL of its own")
    parser.add_argument("--json", action="store_true", help="print JSON at the end")
    return parser.parse_args()


def told(measure: Callable[[], list[Figure]]) -> list[Figure]:
    """Measure, and print the lines at once: a person is waiting. JSON alone goes to standard output."""
    figures = measure()
    for figure in figures:
        print(figure, file=sys.stderr, flush=True)
    return figures


def on_platform(options: argparse.Namespace, folder: Path, database_url: str | None) -> list[Figure]:
    """Start the whole platform in a home of its own and measure on it."""
    more = {} if database_url is None else {"AXCAMPUS_DATABASE_URL": empty_database(database_url)}
    with running_platform(folder / "var", more) as started:
        os.environ.update({name: started.environment[name] for name in ("AXCAMPUS_HOME", "AXCAMPUS_PORT", *more)})
        settings = Settings()
        database = Database.at(settings.database)
        ensure_course(database)
        students = admit(settings, database, options.students)
        warm_up(settings, database)
        figures = [
            figure
            for name, measure in make_rows(options, settings, database, students).items()
            if name in options.only
            for figure in told(partial(when_idle, database, measure))
        ]
        database.dispose()
    return figures


def warm_up(settings: Settings, database: Database) -> None:
    """Have one submission of each workload graded, so that slots and bundles are warm as in a running term."""
    (somebody,) = admit(settings, database, 1)
    receipts = [hand_in(settings, work, somebody, submissions(work, 1)[0]).receipt_id for work in (LIGHT, REALISTIC)]
    wait_for_grades(database, [receipt for receipt in receipts if receipt is not None], 300)


def when_idle(database: Database, measure: Callable[[], list[Figure]]) -> list[Figure]:
    """Measure once nothing of the row before waits or is graded any more."""
    busy = sa.select(GradingTask.id).where(GradingTask.state.in_((TaskState.QUEUED, TaskState.CLAIMED))).limit(1)
    while True:
        with database.reading() as session:
            if session.scalar(busy) is None:
                return measure()
        time.sleep(1)


def empty_database(url: str) -> str:
    """Make a database beside the one of ``url``, which the queue of the claims fills."""
    psql = ["createdb", "--maintenance-db", url, "platform"]
    subprocess.run(psql, check=True)
    return f"{url.rpartition('/')[0]}/platform"


def make_rows(
    options: argparse.Namespace, settings: Settings, database: Database, students: list[Student]
) -> dict[str, Callable[[], list[Figure]]]:
    """Return what measures each row; the quiet ones first."""
    few = students[: options.idle]
    return {
        "idle-light": partial(measure_idle, settings, LIGHT, few),
        "idle-realistic": partial(measure_idle, settings, REALISTIC, few),
        "watchers": partial(measure_watchers, settings, LIGHT, students, options.seconds),
        "deadline-light": partial(measure_deadline, settings, database, LIGHT, students, options.seconds),
        "deadline-realistic": partial(measure_deadline, settings, database, REALISTIC, students, options.seconds),
    }


if __name__ == "__main__":
    sys.exit(main())
