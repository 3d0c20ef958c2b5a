"""Whether a report that came out of a grading pod can be the answer to its request at all.

Student code ran beside whoever wrote these bytes. What the sandbox and the pod are for can't be proved from here, but a
report that contradicts the request or the bundle never becomes a grade.
"""

from __future__ import annotations

import math
from collections import Counter

from pydantic import ValidationError

from graders.bundle import Bundle, BundleCell, CellKind, load_bundle
from graders.contract import CellReport, GradeReport, GradeRequest, Outcome
from graders.files import FileSet

MAX_FLAGS = 5_000


class WrongAnswerError(ValueError):
    """The bytes are no report, or not a report on this request; the text says why."""


def read_answer(data: bytes | memoryview, request: GradeRequest, bundle_files: FileSet) -> GradeReport:
    """Return the report in ``data``; WrongAnswerError unless it fits the request and the bundle."""
    try:
        report = GradeReport.model_validate_json(bytes(data))
    except ValidationError as error:
        raise WrongAnswerError(f"not a report: {error.error_count()} errors") from None
    _refuse(report.request_digest != request.digest, "a report on another request")
    _refuse(len(report.flags) > MAX_FLAGS, "more flags than a submission can raise")
    if report.score is not None:
        _check_graded(report, load_bundle(bundle_files))
    return report


def _check_graded(report: GradeReport, bundle: Bundle) -> None:
    _refuse(not _same(report.max_score, bundle.max_score), "another maximum than the assignment has")
    _refuse(not _same(report.manual_max_score, bundle.manual_max_score), "another manual maximum")
    wanted = {(book.path, cell.grade_id): cell for book in bundle.notebooks for cell in book.graded_cells()}
    names = Counter((cell.notebook, cell.grade_id) for cell in report.cells)
    _refuse(set(names) != set(wanted) or max(names.values(), default=1) > 1, "other cells than the assignment has")
    for cell in report.cells:
        _check_cell(cell, wanted[cell.notebook, cell.grade_id])
    total = sum(cell.points or 0.0 for cell in report.cells if cell.outcome is not Outcome.MANUAL)
    _refuse(not _same(total, report.score or 0.0), "a score that is not the sum of its cells")
    books = [book.path for book in report.notebooks]
    _refuse(sorted(books) != sorted({*books} & {book.path for book in bundle.notebooks}), "notebooks of its own")


def _check_cell(cell: CellReport, wanted: BundleCell) -> None:
    name = f"cell {wanted.grade_id}"
    _refuse(not _same(cell.max_points, wanted.points), f"{name} with another maximum")
    _refuse((cell.outcome is Outcome.MANUAL) != (wanted.kind is not CellKind.TEST), f"{name} graded by the wrong side")
    _refuse(cell.points is not None and not 0 <= cell.points <= wanted.points, f"{name} with points out of range")


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def _refuse(wrong: bool, what: str) -> None:
    if wrong:
        raise WrongAnswerError(what)
