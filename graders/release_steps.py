"""nbgrader's own preprocessors, called as classes in the order of ``nbgrader generate_assignment``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator, SchemaTooNewError, ValidationError
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    InstantiateTests,
    LockCells,
    NbGraderPreprocessor,
)
from traitlets.config import Config

from graders.autotest import AutotestError, instantiate_tests
from graders.files import FileSet
from graders.notebook_json import format_library

#: Cell metadata that editors leave behind: run times, and in Colab the name of whoever ran the cell.
TRACES = ("execution", "executionInfo", "outputId", "scrolled", "ExecuteTime")
#: Notebook metadata that may hold results of the reference (widget states) or editors' settings.
NOTEBOOK_TRACES = ("widgets", "celltoolbar", "signature", "papermill")

TO_GRADED = (LockCells, ClearSolutions, ClearOutput, CheckCellMetadata, ComputeChecksums)
TO_STUDENT = (ClearHiddenTests, ClearMarkScheme, ComputeChecksums, CheckCellMetadata)


class ReleaseStepError(ValueError):
    """One of nbgrader's preprocessors refused the notebook; the text names the step."""


@dataclass(frozen=True)
class StepContext:
    """What the steps need beside the notebook: the folder's files, the course's own autotests.yml and settings."""

    source: FileSet
    path: str
    autotests: bytes | None
    config: Config


def upgrade_metadata(notebook: NotebookNode) -> NotebookNode:
    """Bring nbgrader's cell metadata to the newest schema, in memory; drop editors' traces."""
    for key in NOTEBOOK_TRACES:
        notebook.metadata.pop(key, None)
    for cell in notebook.cells:
        for key in TRACES:
            cell.metadata.pop(key, None)
    upgraded: NotebookNode = MetadataValidator().upgrade_notebook_metadata(notebook)
    return upgraded


def make_graded(notebook: NotebookNode, context: StepContext) -> NotebookNode:
    """Solutions cleared, tests instantiated, hidden tests still inside: what nbgrader keeps for grading."""
    notebook = _instantiate_tests(notebook, context)
    return _run(TO_GRADED, notebook, context)


def make_student(notebook: NotebookNode, context: StepContext) -> NotebookNode:
    """What the student gets: no hidden tests, no mark scheme, checksums of the final text."""
    return _run(TO_STUDENT, notebook, context)


def _run(steps: tuple[type[NbGraderPreprocessor], ...], notebook: NotebookNode, context: StepContext) -> NotebookNode:
    for step in steps:
        notebook = _run_step(step, notebook, context)
    return notebook


def _run_step(step: type[NbGraderPreprocessor], notebook: NotebookNode, context: StepContext) -> NotebookNode:
    changed: NotebookNode
    try:
        changed, _ = step(config=context.config)(notebook, ResourcesDict())
    except (ValidationError, SchemaTooNewError, RuntimeError, ValueError, KeyError, OSError) as error:
        raise ReleaseStepError(f"{step.__name__}: {_first_line(error)}") from error
    return changed


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def _instantiate_tests(notebook: NotebookNode, context: StepContext) -> NotebookNode:
    """Fill in AUTOTEST lines by running the reference; most assignments have none and start no process."""
    settings = context.config.get(InstantiateTests.__name__, {})
    delimiter = settings.get("autotest_delimiter", InstantiateTests.autotest_delimiter.default_value)
    if not any(cell.cell_type == "code" and delimiter in cell.source for cell in notebook.cells):
        return notebook
    try:
        made = instantiate_tests(notebook, _files(context), _plain(settings))
    except AutotestError as error:
        raise ReleaseStepError(f"{InstantiateTests.__name__}: {_first_line(error)}") from error
    changed: NotebookNode = format_library.from_dict(made)
    return changed


def _files(context: StepContext) -> dict[str, bytes]:
    """The assignment's files; the course's autotests.yml stands in where the assignment has none."""
    course = {} if context.autotests is None else {"autotests.yml": context.autotests}
    return {**course, **context.source.files}


def _plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Options that can travel to another process: no functions (sanitizers of other kernels)."""
    return {key: value for key, value in settings.items() if isinstance(value, str | bool | int)}
