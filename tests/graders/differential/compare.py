"""Our scores beside stock nbgrader's, cell by cell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graders.bundle import load_bundle
from graders.contract import GradeRequest, Isolation, Limits
from graders.engine.zygote_pool import WarmProcesses
from graders.environment import environment_digest
from graders.files import FileSet
from graders.recording import record_reference
from graders.runners.base import Runner
from tests.graders.differential.corpus import PARTS, Assignment, part_of
from tests.graders.differential.course_cases import HIDDEN_SEED, SEED
from tests.graders.differential.differences import DIFFERENCES
from tests.graders.differential.stock import Entry


@dataclass(frozen=True)
class Compared:
    """One test cell of one answer: nbgrader's points, ours, and where ours were found."""

    exercise: str
    answer: str
    test: str
    stock: float | None
    ours: float | None
    isolation: Isolation
    message: str = ""

    @property
    def known(self) -> str | None:
        """The reason, if this is one of nbgrader's known mistakes."""
        entry = DIFFERENCES.get((self.exercise, self.answer, self.test))
        return entry[2] if entry and entry[:2] == (self.stock, self.ours) else None

    @property
    def is_equal(self) -> bool:
        """Whether both gave the same points, but for the last digits of a sum of floats."""
        if self.stock is None or self.ours is None:
            return self.stock is self.ours
        return math.isclose(self.stock, self.ours, abs_tol=1e-9)

    @property
    def is_explained(self) -> bool:
        """Equal, or different for a reason that is written down."""
        return self.is_equal or self.known is not None


def compare(
    found: Sequence[Assignment], stored: dict[str, Entry], runner: Runner, warm: WarmProcesses
) -> Iterator[Compared]:
    """Grade every answer of these exercises with our engine and set it beside the stored scores."""
    for assignment in found:
        bundle = record_reference(assignment.release.bundle, warm).bundle
        for answer, submission in assignment.submissions.items():
            expected = stored[assignment.name]["scores"][answer]
            ours = _grade(bundle, submission, assignment.limits, runner)
            yield from _compare_one(assignment.name, answer, expected, ours)


@dataclass(frozen=True)
class _Ours:
    points: float | None
    isolation: Isolation
    message: str


def _grade(bundle: FileSet, submission: FileSet, limits: Limits, runner: Runner) -> dict[str, _Ours]:
    request = GradeRequest(
        assignment=load_bundle(bundle).assignment,
        bundle_digest=bundle.digest,
        submission_digest=submission.digest,
        seed=SEED,
        hidden_seed=HIDDEN_SEED,
        limits=limits,
        environment_digest=environment_digest(),
    )
    report = runner.grade(request, bundle, submission)
    several = len({cell.notebook for cell in report.cells}) > 1
    return {
        f"{cell.notebook.removesuffix('.ipynb')}/{cell.grade_id}" if several else cell.grade_id: _Ours(
            cell.points, cell.isolation, _last_line(cell.staff_message)
        )
        for cell in report.cells
    }


def _last_line(text: str | None) -> str:
    lines = (text or "").strip().splitlines()
    return lines[-1][:160] if lines else ""


def _compare_one(
    exercise: str, answer: str, stock: dict[str, float | None], ours: dict[str, _Ours]
) -> Iterator[Compared]:
    for test, points in stock.items():
        found = ours.get(test, _Ours(None, Isolation.NONE, "not graded"))
        yield Compared(exercise, answer, test, points, found.points, found.isolation, found.message)


def share_apart(compared: Sequence[Compared]) -> float:
    """Share of the test cells that ran, which ran apart from the student's code."""
    ran = [each for each in compared if each.isolation is not Isolation.NONE]
    return sum(each.isolation is not Isolation.IN_PROCESS for each in ran) / len(ran)


def _total(part: str, compared: Sequence[Compared]) -> str:
    equal = sum(each.is_equal for each in compared)
    explained = sum(each.is_explained for each in compared) - equal
    notebooks = len({(each.exercise, each.answer) for each in compared})
    numbers = [notebooks, len(compared), equal, explained, len(compared) - equal - explained]
    return f"| {part} | {' | '.join(map(str, numbers))} | {share_apart(compared):.1%} |"


def table(compared: Sequence[Compared]) -> str:
    """The differential table as Markdown: totals by part of the corpus, explained differences, others."""
    parts = {part: [each for each in compared if part_of(each.exercise) == part] for part in PARTS}
    lines = [
        "| part of the corpus | notebooks | cells | equal | explained | not explained | tests apart |",
        "|---|---|---|---|---|---|---|",
        *(_total(part, found) for part, found in parts.items() if found),
        _total("**all**", compared),
        "",
        "| exercise | answer | test | nbgrader | ours | reason |",
        "|---|---|---|---|---|---|",
    ]
    different = [each for each in compared if not each.is_equal]
    for each in sorted(different, key=lambda each: (each.is_explained, each.exercise)):
        reason = each.known or f"**not explained** {each.message}"
        lines.append(f"| {each.exercise} | {each.answer} | {each.test} | {each.stock} | {each.ours} | {reason} |")
    return "\n".join(lines)
