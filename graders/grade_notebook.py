"""Run one rebuilt notebook: the student's cells in their sandbox, each test cell apart from them, at its place."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from graders.bundle import BundleCell, BundleNotebook, CellKind
from graders.contract import CellReport, Flag, GradeRequest, Isolation, Outcome, Text
from graders.engine.outputs import Output, OutputBudget
from graders.engine.results import TestResult
from graders.engine.student import CellResult, StudentProcess, StudentSettings
from graders.engine.trusted import TrustedProcess
from graders.engine.trusted_model import InstructorCell, TestCell, TrustedNotebook
from graders.engine.zygote_pool import WarmProcesses
from graders.files import canonical_json, sha256_hex
from graders.grade_folders import GradingFolders
from graders.rebuild import CellToRun, NotebookToRun

Step = Callable[[str, str], None]

_LOOK_SECONDS = 0.2


class CancelledError(Exception):
    """Whoever asked for this grading no longer wants it."""


@dataclass(frozen=True)
class Place:
    """Everything that one grading shares between its notebooks."""

    request: GradeRequest
    warm: WarmProcesses
    modules: tuple[str, ...]
    folders: GradingFolders
    deadline: float  # time.monotonic() of the whole submission
    cancel: threading.Event
    on_step: Step


@dataclass
class NotebookRun:
    """What one notebook gave."""

    cells: list[CellReport] = field(default_factory=list)
    outputs: dict[str, list[Output]] = field(default_factory=dict)
    flags: list[Flag] = field(default_factory=list)
    layers: tuple[str, ...] = ()


#: What is said about the cells that come after the end of the student's process.
_ENDED = {
    Outcome.TIMEOUT: Text(
        ko="제한 시간이 지나 이 셀까지 채점하지 못했습니다. 앞의 셀에 오래 걸리는 코드가 있는지 확인하십시오.",
        en="The time limit passed before this cell. Look for slow code in the cells before it.",
    ),
    Outcome.MEMORY: Text(
        ko="메모리 한도를 넘어 실행이 중단되었습니다. 더 작은 데이터로 나누어 처리하십시오.",
        en="The run was ended because it exceeded the memory limit. Work on smaller pieces of data.",
    ),
    Outcome.KILLED: Text(
        ko="앞의 셀에서 노트북의 프로세스가 끝나 이 셀을 채점하지 못했습니다.",
        en="The notebook's process ended in a cell before this one.",
    ),
}


def run_notebook(notebook: NotebookToRun, place: Place) -> NotebookRun:
    """Run all code cells in order and return reports, outputs and flags."""
    with ExitStack() as stack:
        folders, request = place.folders, place.request
        settings = StudentSettings(folders.work, request.limits, request.seed, folders.home, folders.user)
        student = stack.enter_context(StudentProcess(place.warm.for_students(place.modules), settings))
        tests = stack.enter_context(
            place.warm.for_tests(place.modules).start(_trusted_notebook(notebook.bundle, place))
        )
        stack.enter_context(_killed_on(place.cancel, student))
        runner = _Runner(notebook, place, student, tests)
        runner.result.layers = (*student.layers, *tests.layers)  # both stand inside their walls before anything runs
        for cell in notebook.cells:
            runner.run(cell)
        return runner.result


@contextmanager
def _killed_on(cancel: threading.Event, student: StudentProcess) -> Iterator[None]:
    """Kill the student's process as soon as ``cancel`` is set, even in the middle of a cell."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_LOOK_SECONDS):
            if cancel.is_set():
                student.stop()
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


class _Runner:
    """Runs the cells of one notebook; knows why the student's process ended, if it did."""

    def __init__(self, notebook: NotebookToRun, place: Place, student: StudentProcess, tests: TrustedProcess) -> None:
        limits = place.request.limits
        self._notebook, self._place, self._student, self._tests = notebook, place, student, tests
        self._deadline = min(place.deadline, time.monotonic() + limits.notebook_seconds)
        self._indexes = {cell.cell_id: index for index, cell in enumerate(_code_cells(notebook.bundle))}
        self._ended: Outcome | None = None
        self._budget = OutputBudget()
        self.result = NotebookRun()

    def run(self, cell: CellToRun) -> None:
        """Run one cell, or say why it is not run."""
        if self._place.cancel.is_set():
            raise CancelledError
        origin = cell.origin
        if origin is not None and origin.kind is CellKind.TEST:
            self._report(origin, self._run_test(cell, origin))
        elif cell.cell_type == "code" and cell.source.strip():
            self._run_code(cell)
        if origin is not None and origin.is_manual:
            self.result.cells.append(self._manual(origin))
        self._place.on_step(self._notebook.path, cell.cell_id)

    def _run_code(self, cell: CellToRun) -> None:
        if self._ended is None and self._seconds_left() <= 0:
            self._end(Outcome.TIMEOUT)
        if self._ended is not None:
            return
        seconds = min(self._place.request.limits.cell_seconds, self._seconds_left())
        done = self._student.run_cell(cell.source, cell.cell_id, seconds)
        self.result.outputs[cell.cell_id] = self._budget.keep(done.outputs)
        self._look_at_end(done)

    def _run_test(self, cell: CellToRun, origin: BundleCell) -> TestResult:
        if self._ended is None and self._seconds_left() <= 0:
            self._end(Outcome.TIMEOUT)
        if self._ended is not None:
            return TestResult(self._ended, 0.0, origin.points, _ENDED[self._ended], isolation=Isolation.NONE)
        seconds = min(self._place.request.limits.test_cell_seconds, self._seconds_left())
        test = TestCell(
            grade_id=origin.grade_id or cell.cell_id,
            index=self._indexes[cell.cell_id],
            source=origin.source,
            released=origin.released,
            max_points=origin.points,
            seconds=seconds,
            profile=origin.profile,
            in_process=origin.isolation is Isolation.IN_PROCESS and origin.in_process_allowed,
        )
        result = self._tests.run_test(test, self._student.lend())
        self._look_at_end(self._student.take_back())
        return result

    def _look_at_end(self, done: CellResult) -> None:
        if self._place.cancel.is_set():
            raise CancelledError
        if done.killed:
            self._end(Outcome.TIMEOUT if done.timed_out else self._student.end_outcome())

    def _end(self, why: Outcome) -> None:
        self._ended = why
        self._student.close()

    def _seconds_left(self) -> float:
        return self._deadline - time.monotonic()

    def _report(self, origin: BundleCell, result: TestResult) -> None:
        name = origin.grade_id or origin.cell_id
        self.result.cells.append(
            CellReport(
                notebook=self._notebook.path,
                grade_id=name,
                points=result.points,
                max_points=origin.points,
                outcome=result.outcome,
                isolation=result.isolation,
                hidden=origin.hidden,
                message=result.message,
                staff_message=_staff_text(result),
                output_digest=sha256_hex(result.printed.encode("utf-8", "replace")) if result.printed else None,
                seconds=result.seconds,
            )
        )
        about = {"notebook": self._notebook.path, "cell": name}
        self.result.flags += [flag.model_copy(update=about) for flag in result.flags]

    def _manual(self, origin: BundleCell) -> CellReport:
        return CellReport(
            notebook=self._notebook.path,
            grade_id=origin.grade_id or origin.cell_id,
            points=None,
            max_points=origin.points,
            outcome=Outcome.MANUAL,
            isolation=Isolation.NONE,
            output_digest=self._digest_of_outputs(origin.cell_id),
        )

    def _digest_of_outputs(self, cell_id: str) -> str | None:
        outputs = self.result.outputs.get(cell_id)
        return sha256_hex(canonical_json(outputs)) if outputs else None


def _staff_text(result: TestResult) -> str | None:
    parts = [result.staff_message or "", f"printed:\n{result.printed}" if result.printed else ""]
    return "\n".join(filter(None, parts)) or None


def _trusted_notebook(notebook: BundleNotebook, place: Place) -> TrustedNotebook:
    return TrustedNotebook(
        name=notebook.path,
        cells=tuple(map(_instructor_cell, _code_cells(notebook))),
        folder=str(place.folders.trusted),
        student_folder=str(place.folders.work),
        hidden_seed=place.request.hidden_seed,
        memory_bytes=place.request.limits.memory_bytes,
        local_modules_in_student=wants_local_modules(notebook.profile),
    )


def wants_local_modules(profile: Any) -> bool:
    """Whether the publish check found that the course's own modules must run beside the student's code."""
    return isinstance(profile, dict) and profile.get("local_modules_in_student") is True


def _code_cells(notebook: BundleNotebook) -> Iterator[BundleCell]:
    return (cell for cell in notebook.cells if cell.cell_type == "code")


def _instructor_cell(cell: BundleCell) -> InstructorCell:
    if cell.kind is CellKind.TEST:
        return InstructorCell(role="test", source=cell.source)
    if cell.is_answer:
        return InstructorCell(role="solution", source=cell.source if cell.reference is None else cell.reference)
    return InstructorCell(role="given", source=cell.source)
