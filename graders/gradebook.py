"""nbgrader's gradebook: scores, manual grades and comments in and out, by nbgrader's own interface."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from nbgrader.api import Gradebook, MissingEntry

from graders.bundle import Bundle, BundleCell, BundleNotebook, CellKind
from graders.contract import Frozen, GradeReport
from graders.feedback import CellKey, ManualMark


class GradebookRow(Frozen):
    """One graded cell of one student; ``notebook`` is its path with .ipynb, as everywhere else."""

    student: str
    notebook: str
    grade_id: str
    max_score: float
    auto_score: float | None
    manual_score: float | None
    extra_credit: float | None
    needs_person: bool
    comment: str | None


@contextmanager
def open_gradebook(url: str) -> Iterator[Gradebook]:
    """Open nbgrader's gradebook; a new one needs the program ``alembic``, which lies beside our Python."""
    path = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), path])
    try:
        gradebook = Gradebook(url)
    finally:
        os.environ["PATH"] = path
    with gradebook:
        yield gradebook


def read_grades(url: str, assignment: str) -> tuple[GradebookRow, ...]:
    """Read every graded cell of an assignment; KeyError if the gradebook has no such assignment."""
    with open_gradebook(url) as gradebook:
        try:
            found = gradebook.find_assignment(assignment)
        except MissingEntry as error:
            raise KeyError(assignment) from error
        rows = [
            _row(submission.student.id, book, grade)
            for submission in found.submissions
            for book in submission.notebooks
            for grade in book.grades
        ]
    return tuple(sorted(rows, key=lambda row: (row.student, row.notebook, row.grade_id)))


def _row(student: str, book, grade) -> GradebookRow:  # type: ignore[no-untyped-def]
    comments = {comment.name: comment.comment for comment in book.comments}
    return GradebookRow(
        student=student,
        notebook=f"{book.name}.ipynb",
        grade_id=grade.name,
        max_score=grade.max_score,
        auto_score=grade.auto_score,
        manual_score=grade.manual_score,
        extra_credit=grade.extra_credit,
        needs_person=bool(grade.needs_manual_grade),
        comment=comments.get(grade.name),
    )


def write_assignment(url: str, name: str, bundle: Bundle) -> None:
    """Make (or bring up to date) an assignment's notebooks and cells, as ``nbgrader generate_assignment`` does."""
    with open_gradebook(url) as gradebook:
        gradebook.update_or_create_assignment(name)
        for notebook in bundle.notebooks:
            stem = PurePosixPath(notebook.path).stem
            gradebook.update_or_create_notebook(stem, name, kernelspec=_kernelspec(notebook))
            for cell in notebook.cells:
                if cell.grade_id:
                    _write_cell(gradebook, cell, stem, name)


def _kernelspec(notebook: BundleNotebook) -> str:
    return str(dict(notebook.metadata.get("kernelspec", {})))


def _write_cell(gradebook: Gradebook, cell: BundleCell, notebook: str, assignment: str) -> None:
    place = (cell.grade_id, notebook, assignment)
    checksum = cell.metadata.get("nbgrader", {}).get("checksum")
    gradebook.update_or_create_source_cell(
        *place, cell_type=cell.cell_type, source=cell.source, checksum=checksum, locked=cell.locked
    )
    if cell.kind is CellKind.TASK:
        gradebook.update_or_create_task_cell(*place, max_score=cell.points, cell_type=cell.cell_type)
    elif cell.kind in (CellKind.TEST, CellKind.MANUAL):
        gradebook.update_or_create_grade_cell(*place, max_score=cell.points, cell_type=cell.cell_type)
    if cell.is_answer:
        gradebook.update_or_create_solution_cell(*place)


def write_report(
    url: str, assignment: str, student: str, report: GradeReport, marks: Mapping[CellKey, ManualMark] | None = None
) -> None:
    """Write a report's automatic points and a person's points and comments; the assignment must be there."""
    if not report.succeeded:
        raise ValueError(f"a report with the state {report.state} has no scores to write")
    with open_gradebook(url) as gradebook:
        gradebook.update_or_create_student(student)
        gradebook.update_or_create_submission(assignment, student)
        for cell in report.cells:
            place = (cell.grade_id, PurePosixPath(cell.notebook).stem, assignment, student)
            grade = gradebook.find_grade(*place)
            grade.auto_score = cell.points
            mark = (marks or {}).get((cell.notebook, cell.grade_id), ManualMark())
            grade.manual_score = mark.points
            grade.needs_manual_grade = cell.points is None and mark.points is None
            if mark.comment is not None:
                gradebook.find_comment(*place).manual_comment = mark.comment
        gradebook.db.commit()
