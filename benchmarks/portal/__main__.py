"""Print the table of docs/programme.md: ``python -m benchmarks.portal [--trainees N …] [--json]``.

Every page is opened as somebody who may, one request after the other, in this process: what is measured is the
server's time, database and rendering included, without a network. Exit code 1 if a page misses its goal.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from pathlib import Path

from benchmarks.portal.measuring import Left, PageFigure, Walk, measure
from benchmarks.portal.samples import find_samples
from hub.commands.programme import make
from hub.portal.app import create_app
from hub.portal.database import Database, migrate
from hub.portal.models import utc_now
from hub.portal.services.programme.generated import Wish
from hub.portal.services.timetable import KST
from hub.settings import Settings

#: Trainees -> milliseconds that 95 of 100 requests must not pass.
SMALL, LARGE = 300, 30_000
GOALS_MS = {SMALL: 50.0, LARGE: 150.0}


def main() -> int:
    """Measure the sizes that were asked for."""
    options = parse()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before", file=sys.stderr)
    found = {}
    for trainees in options.trainees:
        goal = GOALS_MS[min(GOALS_MS, key=lambda size: abs(size - trainees))]
        found[trainees] = (goal, *measure_size(trainees, options))
    print(f"load {os.getloadavg()[0]:.1f} after", file=sys.stderr)
    if options.json:
        rows = {size: [figure.as_json() for figure in figures] for size, (_, figures, _) in found.items()}
        print(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for size, (goal, figures, left) in found.items():
            print_table(size, goal, figures, left)
    met = [figure.p95_ms <= goal for goal, figures, _ in found.values() for figure in figures]
    return 0 if all(met) else 1


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.portal", description=main.__doc__)
    parser.add_argument("--trainees", type=int, nargs="+", default=[SMALL, LARGE], metavar="N")
    parser.add_argument("--rounds", type=int, default=40, help="requests a page")
    parser.add_argument("--home", type=Path, help="a folder with a generated programme, used instead of a new one")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def measure_size(trainees: int, options: argparse.Namespace) -> tuple[list[PageFigure], list[Left]]:
    """Measure a programme of one size, generated for this unless a folder with one was given."""
    if options.home is not None:
        return measure_home(options.home, options.rounds)
    with tempfile.TemporaryDirectory(prefix="axcampus-bench-") as folder:
        settings = Settings(home=Path(folder), database_url="")
        make(settings, Wish(trainees, 1, utc_now().astimezone(KST).date()), beside_others=False)
        return measure_home(Path(folder), options.rounds)


def measure_home(home: Path, rounds: int) -> tuple[list[PageFigure], list[Left]]:
    """Measure the portal over the database of a folder."""
    settings = Settings(home=home, database_url="", log_level="ERROR")
    migrate(settings.database)
    app = create_app(settings)
    database = Database.at(settings.database)
    try:
        with database.reading() as session:
            samples = find_samples(session)
        return measure(Walk(app, database, samples), rounds)
    finally:
        database.dispose()
        app.extensions["axcampus_database"].dispose()


def print_table(size: int, goal: float, figures: list[PageFigure], left: list[Left]) -> None:
    """Print one size as a table for documentation, the slowest page first."""
    print(f"\n{size:,} trainees, goal p95 <= {goal:g} ms\n")
    print("| page | role | median ms | p95 ms | statements | kB | goal |\n|---|---|---:|---:|---:|---:|---|")
    for each in sorted(figures, key=lambda figure: -figure.p95_ms):
        verdict = "met" if each.p95_ms <= goal else "**missed**"
        numbers = f"{each.median_ms} | {each.p95_ms} | {each.statements} | {each.kilobytes}"
        print(f"| `{each.endpoint}` | {each.role} | {numbers} | {verdict} |")
    for page in left:
        print(f"not measured: {page.endpoint} ({page.why})", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
