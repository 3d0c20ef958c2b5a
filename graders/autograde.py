"""Our engine under nbgrader's own command: ``nbgrader autograde`` runs it and fills nbgrader's gradebook.

In the course's ``nbgrader_config.py``::

    from graders.autograde import configure
    configure(get_config())
"""

from __future__ import annotations

import atexit
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    LimitOutput,
    NbGraderPreprocessor,
    SaveAutoGrades,
)
from traitlets import Bool

from graders.batch import PreparedAssignment, Seeds, grade_paths, prepare_assignment
from graders.contract import GradeReport
from graders.course_folder import CourseFolder
from graders.files import FileSet
from graders.notebook_json import format_library
from graders.runners.base import Progress
from graders.runners.local import LocalRunner

#: Where a notebook's automatic points by grade id travel from one preprocessor to the next.
_POINTS = "axcampus_points"


class AutogradeRefusedError(RuntimeError):
    """A submission has no scores; nbgrader reports the text and goes on with the next student."""


@dataclass
class _Session:
    """What is kept between the notebooks of one ``nbgrader autograde``: prepared assignments, the warm runner."""

    prepared: dict[str, PreparedAssignment] = field(default_factory=dict)
    reports: dict[tuple[str, str], GradeReport] = field(default_factory=dict)
    runner: LocalRunner | None = None

    def get_runner(self, modules: tuple[str, ...]) -> LocalRunner:
        """Start the runner with the first submission; it ends with the command."""
        if self.runner is None:
            self.runner = LocalRunner(1, modules=modules)
            atexit.register(self.runner.close)
        return self.runner

    def get_assignment(self, name: str, source: FileSet, course: CourseFolder, in_process: bool) -> PreparedAssignment:
        """Release an assignment and run its reference, once for each state of its sources."""
        key = f"{name} {source.digest} {in_process}"
        if key not in self.prepared:
            options = course.release_options(name, in_process_allowed=in_process)
            self.prepared[key] = prepare_assignment(source, f"{course.name}/{name}", options, Seeds())
        return self.prepared[key]


_SESSION = _Session()


class IsolatedGrade(NbGraderPreprocessor):  # type: ignore[misc]
    """Takes the place of nbgrader's Execute: the whole submission is graded apart from its tests."""

    in_process_allowed = Bool(
        True, help="Whether a test that can't run apart from the student's code may run in its process"
    ).tag(config=True)

    def preprocess(self, _nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Return the graded notebook; nbgrader's sanitised copy is not used, because the engine does its own."""
        facts = resources["nbgrader"]
        report = self._report(facts["assignment"], facts["student"], facts["notebook"])
        path = f"{facts['notebook']}.ipynb"
        content = next((each.content for each in report.notebooks if each.path == path), None)
        if not report.succeeded or content is None:
            reason = report.reason.en if report.reason else f"the assignment has no notebook {path}"
            raise AutogradeRefusedError(f"{facts['student']}: {report.state}: {reason}")
        cells = {cell.grade_id: cell for cell in report.cells if cell.notebook == path}
        resources[_POINTS] = {name: cell.points for name, cell in cells.items()}
        graded: NotebookNode = format_library.reads(content, as_version=4)
        for cell in graded.cells:
            _tell(cell, cells.get(cell.metadata.get("nbgrader", {}).get("grade_id")))
        return graded, resources

    def _report(self, assignment: str, student: str, notebook: str) -> GradeReport:
        """Grade a student's whole submission with its first notebook; later ones take the same report."""
        course = CourseDirectory(parent=self)
        folder = Path(course.format_path(course.submitted_directory, student, assignment))
        source_folder = Path(course.format_path(course.source_directory, ".", assignment))
        root = CourseFolder(Path(course.root), self.config)
        prepared = _SESSION.get_assignment(
            assignment, root.read_assignment_at(source_folder), root, self.in_process_allowed
        )
        key = (str(folder), prepared.bundle_files.digest)
        is_first = prepared.bundle.notebooks[0].path == f"{notebook}.ipynb"
        if is_first or key not in _SESSION.reports:
            runner = _SESSION.get_runner(prepared.bundle.preload)
            graded = grade_paths(prepared, [folder], runner, jobs=1, seeds=Seeds(), on_progress=_ignore)
            _SESSION.reports[key] = next(report for _, report in graded)
        return _SESSION.reports[key]


def _ignore(_path: Path, _progress: Progress) -> None:
    """Nbgrader's own log says which submission is graded."""


def _tell(cell: NotebookNode, report: Any) -> None:
    """Put what the student is told into the test cell's output, where formgrader and nbgrader's feedback show it."""
    if report is not None and report.message is not None and cell.cell_type == "code":
        text = f"{report.message.ko}\n{report.message.en}\n"
        cell.outputs = [format_library.v4.new_output("stream", name="stdout", text=text), *cell.outputs]


class SaveIsolatedScores(SaveAutoGrades):  # type: ignore[misc]
    """Writes the engine's points into nbgrader's gradebook; nbgrader's reading of outputs is not used for tests."""

    def _add_score(self, cell: NotebookNode, resources: ResourcesDict) -> None:
        super()._add_score(cell, resources)
        name = cell.metadata["nbgrader"]["grade_id"]
        if cell.metadata["nbgrader"].get("solution"):
            return  # a person gives these points
        points = resources[_POINTS].get(name)
        grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
        grade.auto_score = points
        grade.needs_manual_grade = points is None or grade.manual_score is not None
        self.gradebook.db.commit()


#: Instead of nbgrader's Execute, IgnorePattern, ClearMetadata, LimitOutput, SaveAutoGrades and so on.
PREPROCESSORS = (IsolatedGrade, LimitOutput, SaveIsolatedScores, AssignLatePenalties, CheckCellMetadata)


def configure(config: Any) -> None:
    """Make ``nbgrader autograde`` of this course use our engine."""
    config.Autograde.autograde_preprocessors = list(PREPROCESSORS)
