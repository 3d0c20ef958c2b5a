"""Runs a source notebook with somebody's answers in this very process, test cells included.

This is how authors try and calibrate an assignment; it trusts the answers and isolates nothing. Students' work is
graded by ``graders``.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import math
import os
import time
import traceback
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import nbformat
from nbgrader.preprocessors import ClearSolutions

from courses.build import notebook_from_script
from courses.errors import CourseError
from courses.runtime import HIDDEN_SEED_VARIABLE, LEARNER_FILE

REFERENCE = "reference"
EMPTY = "empty"
#: A test cell may leave its figures in a dictionary of this name, for the calibration table.
MEASURED_NAME = "measured"


@dataclass(frozen=True)
class CellTrial:
    """What happened at one test cell."""

    grade_id: str
    points: float
    max_points: float
    error: str | None = None
    measured: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Trial:
    """One notebook run top to bottom: its test cells, and the errors of all other cells by cell id."""

    cells: tuple[CellTrial, ...]
    errors: Mapping[str, str]
    seconds: float

    @property
    def points(self) -> float:
        """Sum of the automatic points."""
        return sum(cell.points for cell in self.cells)

    @property
    def max_points(self) -> float:
        """Maximum of the automatic points."""
        return sum(cell.max_points for cell in self.cells)


def answers_from_script(script: str, notebook: nbformat.NotebookNode, *, name: str) -> dict[str, str]:
    """Read a variant: grade_id of a solution cell -> source. Cells it does not name keep the reference.

    Raises CourseError if it names a cell that is no solution cell of the notebook.
    """
    cells = notebook_from_script(script, name=name).cells
    answers = {c.metadata["nbgrader"]["grade_id"]: c.source for c in cells if "nbgrader" in c.metadata}
    solutions = {c.metadata["nbgrader"]["grade_id"] for c in notebook.cells if _is(c, "solution")}
    strange = sorted(set(answers) - solutions)
    if strange:
        raise CourseError(f"{name}: not a solution cell of the notebook: {', '.join(strange)}")
    return answers


def empty_answers(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """Return what students start from: nbgrader's own stubs in place of the solutions."""
    released, _ = ClearSolutions().preprocess(nbformat.from_dict(json.loads(json.dumps(notebook))), {})
    return {c.metadata["nbgrader"]["grade_id"]: c.source for c in released.cells if _is(c, "solution")}


def try_answers(
    notebook: nbformat.NotebookNode, answers: Mapping[str, str], *, seed: int, hidden_seed: int, folder: Path
) -> Trial:
    """Run the notebook in ``folder`` with these answers; the process works there meanwhile."""
    (folder / LEARNER_FILE).write_text(json.dumps({"seed": seed}), encoding="utf-8")
    started = time.perf_counter()
    with _surroundings(folder, hidden_seed):
        cells, errors = _run_cells(notebook, answers)
    return Trial(tuple(cells), errors, time.perf_counter() - started)


@contextlib.contextmanager
def _surroundings(folder: Path, hidden_seed: int) -> Any:
    """Give the cells their working folder, the hidden seed and a Matplotlib without windows; undo it after."""
    before = os.environ.get(HIDDEN_SEED_VARIABLE)
    os.environ[HIDDEN_SEED_VARIABLE] = str(hidden_seed)
    mpl.use("agg")
    silent = contextlib.redirect_stdout(io.StringIO())
    with contextlib.chdir(folder), silent, warnings.catch_warnings(), mpl.rc_context():
        warnings.filterwarnings("ignore", message=".*non-interactive")
        try:
            yield
        finally:
            plt.close("all")
            os.environ.pop(HIDDEN_SEED_VARIABLE)
            if before is not None:
                os.environ[HIDDEN_SEED_VARIABLE] = before


def _run_cells(notebook: nbformat.NotebookNode, answers: Mapping[str, str]) -> tuple[list[CellTrial], dict[str, str]]:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    tests: list[CellTrial] = []
    errors: dict[str, str] = {}
    for cell in (c for c in notebook.cells if c.cell_type == "code"):
        name = cell.metadata.get("nbgrader", {}).get("grade_id", cell.id)
        source = answers.get(name, cell.source) if _is(cell, "solution") else cell.source
        if _is(cell, "grade") and not _is(cell, "solution"):
            tests.append(_run_test(cell, namespace))
            continue
        _, error = _run_source(source, name, namespace)
        errors.update({name: error} if error else {})
    return tests, errors


def _run_test(cell: nbformat.NotebookNode, namespace: dict[str, Any]) -> CellTrial:
    """Run a test cell; its last expression, if a number, is the points, as in nbgrader."""
    grade = cell.metadata["nbgrader"]
    maximum = float(grade["points"])
    namespace.pop(MEASURED_NAME, None)
    value, error = _run_source(cell.source, grade["grade_id"], namespace)
    points, flaw = (0.0, None) if error else _points(value, maximum)
    measured = {key: float(number) for key, number in namespace.get(MEASURED_NAME, {}).items()}
    return CellTrial(grade["grade_id"], points, maximum, error or flaw, measured)


def _points(value: object, maximum: float) -> tuple[float, str | None]:
    """Return points and, for a value that is no score (a truth value, a NumPy integer, NaN), what is wrong with it."""
    if value is None:
        return maximum, None
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return float(min(max(value, 0.0), maximum)), None
    return (
        0.0,
        f"AuthorError: the test cell ends in {value!r}, a {type(value).__name__}: end it in a plain int or float",
    )


def _run_source(source: str, name: str, namespace: dict[str, Any]) -> tuple[object, str | None]:
    """Execute statements, then evaluate a final expression; return its value and the error's last lines."""
    try:
        body, last = _compiled(source, name)
        exec(body, namespace)
        return (eval(last, namespace) if last else None), None
    except Exception:
        return None, "".join(traceback.format_exc(limit=-2))


def _compiled(source: str, name: str) -> tuple[CodeType, CodeType | None]:
    tree = ast.parse(source, filename=name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    body = compile(tree, name, "exec")
    return body, compile(ast.Expression(last.value), name, "eval") if isinstance(last, ast.Expr) else None


def _is(cell: nbformat.NotebookNode, key: str) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get(key))
