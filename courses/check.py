"""What ``axcampus course check`` finds wrong with a course beyond the shape of its course.yaml."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import nbformat

from courses.catalog import Assignment, Course
from courses.hidden_names import names_lent_too_late

MAX_CELLS_PER_HOUR = 25
HANGUL = re.compile(r"[가-힣]")
LATIN_WORDS = re.compile(r"[A-Za-z]{2,}(?:[ ,.'’-]+[A-Za-z]{2,}){2,}")
MARKER_PAIRS = (("### BEGIN SOLUTION", "### END SOLUTION"), ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"))


def check_course(course: Course) -> list[str]:
    """Return one line for each problem; an empty list means the course can be published."""
    return [f"{assignment.slug}: {line}" for assignment in course.assignments for line in check_assignment(assignment)]


def check_assignment(assignment: Assignment) -> list[str]:
    """Check points, rubrics, languages, markers and length of one assignment's notebooks."""
    cells = [cell for notebook in assignment.notebooks().values() for cell in notebook.cells]
    problems = [*_points(assignment, cells), *_rubrics(assignment, cells), *_length(assignment, cells)]
    for notebook in assignment.notebooks().values():
        problems += names_lent_too_late(notebook)
    for cell in cells:
        problems += [f"cell {cell.id}: {line}" for line in _cell_problems(cell)]
    return problems


def _points(assignment: Assignment, cells: list[nbformat.NotebookNode]) -> Iterator[str]:
    total = sum(_grade(cell).get("points", 0) for cell in cells)
    if abs(total - assignment.spec.points) > 1e-9:
        yield f"course.yaml says {assignment.spec.points:g} points, the notebooks have {total:g}"


def _rubrics(assignment: Assignment, cells: list[nbformat.NotebookNode]) -> Iterator[str]:
    """Every manually graded cell has a rubric of the same points, and no rubric hangs in the air."""
    manual = {_grade(c)["grade_id"]: _grade(c)["points"] for c in cells if _is_manual(c)}
    rubrics = {rubric.grade_id: rubric.points for rubric in assignment.spec.rubrics}
    for grade_id in sorted(set(manual) ^ set(rubrics)):
        yield f"{grade_id}: " + ("no rubric in course.yaml" if grade_id in manual else "a rubric without a cell")
    for grade_id in sorted(set(manual) & set(rubrics)):
        if manual[grade_id] != rubrics[grade_id]:
            yield f"{grade_id}: {manual[grade_id]:g} points, but its rubric adds up to {rubrics[grade_id]:g}"


def _length(assignment: Assignment, cells: list[nbformat.NotebookNode]) -> Iterator[str]:
    limit = MAX_CELLS_PER_HOUR * assignment.spec.hours
    if len(cells) > limit:
        yield f"{len(cells)} cells are too many for {assignment.spec.hours:g} hours (at most {limit:g})"


def _cell_problems(cell: nbformat.NotebookNode) -> Iterator[str]:
    if cell.cell_type == "markdown" and not _grade(cell):
        yield from _missing_language(cell.source)
    if cell.cell_type == "code":
        yield from _code_problems(cell)
    for begin, end in MARKER_PAIRS:
        if cell.source.count(begin) != cell.source.count(end):
            yield f"{begin} and {end} don't match"


def _missing_language(source: str) -> Iterator[str]:
    if not HANGUL.search(source):
        yield "no Korean text"
    if not LATIN_WORDS.search(source):
        yield "no English text"


def _code_problems(cell: nbformat.NotebookNode) -> Iterator[str]:
    try:
        ast.parse(cell.source)
    except SyntaxError as error:
        yield f"line {error.lineno}: {error.msg} (plain Python only: no % or ! commands)"
    grade = _grade(cell)
    if grade.get("solution") and MARKER_PAIRS[0][0] not in cell.source:
        yield "a solution cell without ### BEGIN SOLUTION"
    if grade.get("grade") and not grade.get("solution") and MARKER_PAIRS[1][0] not in cell.source:
        yield "a test cell without hidden tests: what students see does not decide"


def _grade(cell: nbformat.NotebookNode) -> dict[str, Any]:
    return dict(cell.metadata.get("nbgrader", {}))


def _is_manual(cell: nbformat.NotebookNode) -> bool:
    grade = _grade(cell)
    return bool((grade.get("grade") and grade.get("solution")) or grade.get("task"))
