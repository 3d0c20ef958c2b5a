"""The reference run under the recorder: where each test cell can be served, and what students are held to.

A test cell takes the first rung that gives the reference full marks: apart from the student's code; apart, with the
course's own modules beside it; in the student's process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graders.bundle import (
    Bundle,
    BundleCell,
    BundleNotebook,
    CellKind,
    helper_files,
    load_bundle,
    make_bundle_files,
)
from graders.contract import Isolation, Limits, Outcome
from graders.engine.student import StudentProcess, StudentSettings
from graders.engine.trusted import TrustedProcess
from graders.engine.trusted_model import CellAnswer, InstructorCell, TestCell, TrustedNotebook
from graders.engine.zygote_pool import WarmProcesses
from graders.files import FileSet
from graders.grade_folders import GradingFolders, make_folders
from graders.intake import Refusal, accept
from graders.practice_submissions import reference_submission
from graders.rebuild import NotebookToRun, rebuild

#: (path of the notebook, grade id) of a test cell.
TestKey = tuple[str, str]
#: After so many test cells were moved beside the student's code one by one, all others that fail are moved at once.
_ONE_BY_ONE = 8
_LOCAL_MODULES = {"local_modules_in_student": True}


@dataclass(frozen=True)
class RecordedTest:
    """What the reference gave at one test cell, on the rung that was chosen."""

    answer: CellAnswer
    isolation: Isolation
    is_full: bool


@dataclass(frozen=True)
class CellError:
    """A cell of the reference that is no test and ended with an error."""

    notebook: str
    cell_id: str
    error: str


@dataclass(frozen=True)
class Recording:
    """The bundle with profiles, and what was seen on the way."""

    bundle: FileSet
    tests: Mapping[TestKey, RecordedTest]
    errors: tuple[CellError, ...]
    memory_bytes: int


@dataclass(frozen=True)
class _Run:
    """One notebook run on one rung: test cells by grade id."""

    answers: dict[str, CellAnswer]
    errors: tuple[CellError, ...]


def record_reference(bundle_files: FileSet, warm: WarmProcesses, *, seed: int = 1, hidden_seed: int = 2) -> Recording:
    """Run the reference of every notebook; return the bundle with profiles and isolation filled in."""
    bundle, helpers = load_bundle(bundle_files), helper_files(bundle_files)
    accepted = accept(reference_submission(bundle, helpers))
    if isinstance(accepted, Refusal):
        raise ValueError(f"the reference itself is refused: {accepted.text.en}")
    rebuilt = rebuild(bundle, accepted, helpers)
    tests: dict[TestKey, RecordedTest] = {}
    errors: list[CellError] = []
    with make_folders(rebuilt.files, helpers, seed) as folders:
        recorder = _Recorder(bundle, warm, folders, seed, hidden_seed)
        recorded = [recorder.record(notebook, tests, errors) for notebook in rebuilt.notebooks]
    made = bundle.model_copy(update={"notebooks": tuple(recorded)})
    return Recording(make_bundle_files(made, helpers), tests, tuple(errors), recorder.peak_bytes)


class _Recorder:
    """Runs one notebook on one rung after the other until every test gives full marks."""

    def __init__(
        self, bundle: Bundle, warm: WarmProcesses, folders: GradingFolders, seed: int, hidden_seed: int
    ) -> None:
        self._bundle, self._warm, self._folders = bundle, warm, folders
        self._seed, self._hidden_seed = seed, hidden_seed
        self.peak_bytes = 0  # of the largest student's process so far

    @property
    def _limits(self) -> Limits:
        return self._bundle.limits

    def record(
        self, notebook: NotebookToRun, tests: dict[TestKey, RecordedTest], errors: list[CellError]
    ) -> BundleNotebook:
        """Choose a rung for each test cell of a notebook."""
        wanted = [cell for cell in notebook.bundle.cells if cell.kind is CellKind.TEST]
        apart = self._run(notebook, local=False)
        chosen, rung, profile = apart, Isolation.ISOLATED, None
        if _lost(wanted, apart) and _has_modules(self._bundle, self._folders):
            with_modules = self._run(notebook, local=True)
            if len(_lost(wanted, with_modules)) < len(_lost(wanted, apart)):
                chosen, rung, profile = with_modules, Isolation.LOCAL_MODULES, _LOCAL_MODULES
        local = rung is Isolation.LOCAL_MODULES
        chosen, beside = self._move_beside(notebook, wanted, chosen, local=local)
        errors += chosen.errors
        for cell in wanted:
            answer = chosen.answers[cell.grade_id or ""]
            where = Isolation.IN_PROCESS if cell.cell_id in beside else rung
            told = beside.get(cell.cell_id, answer)  # what kept it from running apart, for the author
            told = told.model_copy(update={"profile": answer.profile})
            tests[notebook.path, cell.grade_id or ""] = RecordedTest(told, where, _is_full(cell, answer))
        return self._with_profiles(notebook, tests, profile)

    def _move_beside(
        self, notebook: NotebookToRun, wanted: list[BundleCell], run: _Run, *, local: bool
    ) -> tuple[_Run, dict[str, CellAnswer]]:
        """Let test cells that can't be served apart run beside the student's code, one round after the other.

        Names that such a cell binds are no evidence on the trusted side, so tests that use them must follow it. Returns
        the last run and, by cell id, the answers that cells gave before they were moved.
        """
        ended = self._run_in_process(notebook) if _lost(wanted, run) else {}
        beside: dict[str, CellAnswer] = {}
        while moved := [cell for cell in _lost(wanted, run) if self._moves(cell, run, ended, beside)]:
            if len(beside) < _ONE_BY_ONE:
                moved = moved[:1]  # later ones may have failed only for what this one did not do
            beside |= {cell.cell_id: run.answers[cell.grade_id or ""] for cell in moved}
            run = self._run(notebook, local=local, beside=frozenset(beside))
        return run, beside

    @staticmethod
    def _moves(cell: BundleCell, run: _Run, ended: Mapping[str, bool], beside: Mapping[str, CellAnswer]) -> bool:
        """Whether nbgrader's own way serves a cell that failed; one that returns no score is wrong anywhere."""
        is_unreadable = run.answers[cell.grade_id or ""].outcome is Outcome.AUTHOR_ERROR
        return cell.cell_id not in beside and not is_unreadable and ended.get(cell.cell_id, False)

    def _with_profiles(
        self, notebook: NotebookToRun, tests: Mapping[TestKey, RecordedTest], profile: dict[str, Any] | None
    ) -> BundleNotebook:
        cells = []
        for cell in notebook.bundle.cells:
            test = tests.get((notebook.path, cell.grade_id or ""))
            found = {} if test is None else {"profile": test.answer.profile, "isolation": test.isolation}
            cells.append(cell.model_copy(update=found))
        return notebook.bundle.model_copy(update={"cells": tuple(cells), "profile": profile})

    def _student(self) -> StudentProcess:
        folders = self._folders
        settings = StudentSettings(folders.work, self._limits, self._seed, folders.home, folders.user)
        return StudentProcess(self._warm.for_students(self._bundle.preload), settings)

    def _run(self, notebook: NotebookToRun, *, local: bool, beside: frozenset[str] = frozenset()) -> _Run:
        """Run the reference apart from its tests, but for those whose cell ids are in ``beside``."""
        told = self._trusted_notebook(notebook.bundle, local=local)
        answers: dict[str, CellAnswer] = {}
        errors: list[CellError] = []
        indexes = {cell.cell_id: index for index, cell in enumerate(_code_cells(notebook.bundle))}
        with self._student() as student, self._warm.for_tests(self._bundle.preload).start(told) as tests:
            for cell in notebook.cells:
                if cell.origin and cell.origin.kind is CellKind.TEST:
                    test = self._test_cell(cell.origin, indexes[cell.cell_id], cell.cell_id in beside)
                    answers[test.grade_id] = _ask(student, tests, test)
                elif cell.cell_type == "code" and cell.source.strip() and student.alive:
                    done = student.run_cell(cell.source, cell.cell_id, self._limits.cell_seconds)
                    errors += [] if done.ok else [CellError(notebook.path, cell.cell_id, done.error or "ended")]
            self.peak_bytes = max(self.peak_bytes, student.close().peak_bytes)
        return _Run(answers, tuple(errors))

    def _run_in_process(self, notebook: NotebookToRun) -> dict[str, bool]:
        """Run everything in one process, as nbgrader does; True for test cells that end without an error."""
        ended: dict[str, bool] = {}
        with self._student() as student:
            for cell in notebook.cells:
                if cell.cell_type == "code" and cell.source.strip() and student.alive:
                    ended[cell.cell_id] = student.run_cell(cell.source, cell.cell_id, self._limits.cell_seconds).ok
        return ended

    def _test_cell(self, cell: BundleCell, index: int, in_process: bool) -> TestCell:
        return TestCell(
            grade_id=cell.grade_id or cell.cell_id,
            index=index,
            source=cell.source,
            released=cell.released,
            max_points=cell.points,
            seconds=self._limits.test_cell_seconds,
            in_process=in_process,
            record=True,
        )

    def _trusted_notebook(self, notebook: BundleNotebook, *, local: bool) -> TrustedNotebook:
        return TrustedNotebook(
            name=notebook.path,
            cells=tuple(map(_instructor_cell, _code_cells(notebook))),
            folder=str(self._folders.trusted),
            student_folder=str(self._folders.work),
            hidden_seed=self._hidden_seed,
            memory_bytes=self._limits.memory_bytes,
            local_modules_in_student=local,
        )


def _ask(student: StudentProcess, tests: TrustedProcess, test: TestCell) -> CellAnswer:
    answer = tests.run_cell(test, student.lend())
    student.take_back()
    return answer


def _lost(wanted: list[BundleCell], run: _Run) -> list[BundleCell]:
    return [cell for cell in wanted if not _is_full(cell, run.answers[cell.grade_id or ""])]


def _is_full(cell: BundleCell, answer: CellAnswer) -> bool:
    return answer.points == cell.points and not answer.cannot_cross


def _has_modules(_bundle: Bundle, folders: GradingFolders) -> bool:
    """Whether the course brings Python modules of its own: only then the second rung differs from the first."""
    return any(folders.trusted.rglob("*.py"))


def _code_cells(notebook: BundleNotebook) -> list[BundleCell]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _instructor_cell(cell: BundleCell) -> InstructorCell:
    if cell.kind is CellKind.TEST:
        return InstructorCell(role="test", source=cell.source)
    if cell.is_answer:
        return InstructorCell(role="solution", source=cell.source if cell.reference is None else cell.reference)
    return InstructorCell(role="given", source=cell.source)
