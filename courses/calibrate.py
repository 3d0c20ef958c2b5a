"""Tries every solution variant of an assignment on many seeds and judges whether its marks are fair.

Fair means: on every seed the reference and every honest alternative get all automatic points, and naive, leaky,
wrong and empty work stays below the pass mark.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from statistics import median
from typing import Any

from pydantic import Field

from courses.catalog import Assignment
from courses.errors import CourseError
from courses.journal import Journal
from courses.origin import origin_digest
from courses.runtime import prepare_notebook
from courses.schema import Frozen
from courses.trial import EMPTY, REFERENCE, answers_from_script, empty_answers, try_answers

CALIBRATION_FILE = "calibration.json"
#: Variants that must get every automatic point; any other must fail.
HONEST_VARIANTS = frozenset({REFERENCE, "alternative"})
POINT_TOLERANCE = 1e-6


class TrialRow(Frozen):
    """One variant on one seed."""

    variant: str
    seed: int
    points: float
    max_points: float
    seconds: float
    points_by_cell: dict[str, float]
    measured: dict[str, float]
    errors: dict[str, str] = Field(default_factory=dict)

    def holds(self, pass_percent: float) -> bool:
        """Whether this row is as it must be: full points for honest work, below the pass mark for the rest."""
        if self.variant in HONEST_VARIANTS:
            return self.points > self.max_points - POINT_TOLERANCE and not self.errors
        return self.points < self.max_points * pass_percent / 100


class VariantSummary(Frozen):
    """Distribution of one variant's points over the seeds."""

    variant: str
    seeds: int
    lowest: float
    middle: float
    highest: float
    slowest_seconds: float
    holds: bool


class MetricSummary(Frozen):
    """Distribution of one measured figure of one variant."""

    variant: str
    name: str
    lowest: float
    fifth_percentile: float
    middle: float
    highest: float


class Calibration(Frozen):
    """Everything one run of ``axcampus course calibrate`` found about an assignment."""

    course: str
    assignment: str
    origin_digest: str
    pass_percent: float
    max_points: float
    seeds: tuple[int, ...]
    variants: tuple[VariantSummary, ...]
    metrics: tuple[MetricSummary, ...]
    failures: tuple[str, ...]

    @property
    def is_fair(self) -> bool:
        """Whether every row was as it must be."""
        return not self.failures


def calibrate(
    course: str,
    assignment: Assignment,
    seeds: Iterable[int],
    *,
    workers: int = 2,
    journal: Path | None = None,
    on_row: Callable[[TrialRow], None] = lambda _row: None,
) -> Calibration:
    """Run all variants over all seeds in ``workers`` fresh processes; ``on_row`` hears of each finished run.

    With ``journal`` (a file) finished rows are kept there until all are done: the same call after a crash or Ctrl-C
    runs only what is missing, and runs everything again if notebook, solutions or simulators have changed meanwhile.
    """
    tasks = [(variant, seed) for seed in sorted(set(seeds)) for variant in variant_names(assignment)]
    digest = origin_digest(assignment)
    kept = Journal(journal, digest, TrialRow) if journal else None
    found = {(row.variant, row.seed): row for row in (kept.rows() if kept else [])}
    rows = [found[task] for task in tasks if task in found]
    for row in rows:
        on_row(row)
    for row in _run_all(assignment, [task for task in tasks if task not in found], workers):
        rows.append(row)
        if kept:
            kept.add([row])
        on_row(row)
    result = summarise(course, assignment, rows, digest)
    if kept:
        kept.close()
    return result


def _run_all(assignment: Assignment, tasks: list[tuple[str, int]], workers: int) -> Iterator[TrialRow]:
    """Yield rows as they are finished; what has not begun is given up when the caller is interrupted."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=prepare_notebook) as pool:
        futures = [pool.submit(try_variant, assignment, variant, seed) for variant, seed in tasks]
        try:
            for done in as_completed(futures):
                yield done.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def variant_names(assignment: Assignment) -> list[str]:
    """Return reference and empty, which every assignment has, and the variants beside its source."""
    return [REFERENCE, *assignment.solution_scripts(), EMPTY]


def try_variant(assignment: Assignment, variant: str, seed: int) -> TrialRow:
    """Run all notebooks of the assignment with one variant's answers in a folder of their own."""
    script = "" if variant in (REFERENCE, EMPTY) else assignment.solution_scripts()[variant]
    trials = []
    for stem, notebook in assignment.notebooks().items():
        chosen = empty_answers(notebook) if variant == EMPTY else answers_from_script(script, notebook, name=variant)
        with tempfile.TemporaryDirectory(prefix=f"axcampus-{stem}-") as folder:
            hidden = hidden_seed_for(assignment.slug, seed)
            trials.append(try_answers(notebook, chosen, seed=seed, hidden_seed=hidden, folder=Path(folder)))
    cells = [cell for trial in trials for cell in trial.cells]
    errors = {name: text for trial in trials for name, text in trial.errors.items()}
    failed = {cell.grade_id: cell.error for cell in cells if cell.error}
    return TrialRow(
        variant=variant,
        seed=seed,
        points=sum(trial.points for trial in trials),
        max_points=sum(trial.max_points for trial in trials),
        seconds=sum(trial.seconds for trial in trials),
        points_by_cell={cell.grade_id: cell.points for cell in cells},
        measured={name: value for cell in cells for name, value in cell.measured.items()},
        errors={**errors, **failed},
    )


def hidden_seed_for(assignment: str, seed: int) -> int:
    """Derive a calibration run's hidden seed; in operation the portal derives it from a secret key."""
    return int.from_bytes(hashlib.sha256(f"{assignment} hidden {seed}".encode()).digest()[:8], "big")


def summarise(course: str, assignment: Assignment, rows: list[TrialRow], digest: str) -> Calibration:
    """Turn rows into distributions and the list of rows that are not as they must be; ``digest`` is their origin."""
    if not rows:
        raise CourseError(f"{assignment.slug}: nothing was run: give at least one seed")
    ordered = sorted(rows, key=lambda row: (row.seed, row.variant))
    passing = assignment.spec.pass_percent
    names = variant_names(assignment)
    grouped = {name: [row for row in ordered if row.variant == name] for name in names}
    return Calibration(
        course=course,
        assignment=assignment.slug,
        origin_digest=digest,
        pass_percent=passing,
        max_points=ordered[0].max_points,
        seeds=tuple(sorted({row.seed for row in ordered})),
        variants=tuple(_variant_summary(name, group, passing) for name, group in grouped.items() if group),
        metrics=tuple(m for name, group in grouped.items() for m in _metric_summaries(name, group)),
        failures=tuple(_failure(row) for row in ordered if not row.holds(passing)),
    )


def _variant_summary(name: str, rows: list[TrialRow], pass_percent: float) -> VariantSummary:
    points = [row.points for row in rows]
    return VariantSummary(
        variant=name,
        seeds=len(rows),
        lowest=round(min(points), 3),
        middle=round(median(points), 3),
        highest=round(max(points), 3),
        slowest_seconds=round(max(row.seconds for row in rows), 1),
        holds=all(row.holds(pass_percent) for row in rows),
    )


def _metric_summaries(variant: str, rows: list[TrialRow]) -> list[MetricSummary]:
    names = sorted({name for row in rows for name in row.measured})
    return [_metric_summary(variant, name, [r.measured[name] for r in rows if name in r.measured]) for name in names]


def _metric_summary(variant: str, name: str, values: list[float]) -> MetricSummary:
    ordered = sorted(values)
    figures: dict[str, Any] = {
        "lowest": ordered[0],
        "fifth_percentile": ordered[int(0.05 * (len(ordered) - 1))],
        "middle": median(ordered),
        "highest": ordered[-1],
    }
    return MetricSummary(variant=variant, name=name, **{key: round(value, 4) for key, value in figures.items()})


def _failure(row: TrialRow) -> str:
    errors = "; ".join(f"{name}: {text.strip().splitlines()[-1]}" for name, text in row.errors.items())
    return f"{row.variant} on seed {row.seed}: {row.points:.2f} of {row.max_points:g} points. {errors}".strip()
