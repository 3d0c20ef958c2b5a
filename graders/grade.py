"""Grade one request: intake, rebuild, run, read the results, report. The one function that every runner calls."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Sequence

from graders.bundle import Bundle, helper_files, load_bundle
from graders.contract import (
    CellReport,
    Fault,
    GradeReport,
    GradeRequest,
    Outcome,
    ReportState,
    Text,
)
from graders.engine.zygote_pool import WarmProcesses
from graders.files import FileSet
from graders.grade_folders import make_folders
from graders.grade_notebook import CancelledError, NotebookRun, Place, run_notebook
from graders.intake import Refusal, accept
from graders.rebuild import Rebuilt, rebuild
from graders.report_notebook import make_report_notebook
from graders.runners.base import Progress, ProgressListener, Stage, ignore_progress

log = logging.getLogger(__name__)

#: What a submission is told when somebody stopped its grading, wherever it ran.
CANCELLED = Text(ko="채점이 취소되었습니다.", en="The grading was cancelled.")
_OUR_FAULT = Text(
    ko="채점 시스템의 문제로 채점하지 못했습니다. 점수는 정해지지 않았으며, 다시 채점합니다.",
    en="A fault of the grading system kept this from being graded. There is no score yet; it will be graded again.",
)
_NEEDS_PERSON = Text(
    ko="테스트 하나 이상이 점수로 볼 수 없는 값을 돌려주어 담당자가 확인합니다.",
    en="At least one test returned something that is no score; a person will look at it.",
)


def grade(
    request: GradeRequest,
    bundle: FileSet,
    submission: FileSet,
    warm: WarmProcesses,
    *,
    on_progress: ProgressListener | None = None,
    cancel: threading.Event | None = None,
) -> GradeReport:
    """Return the report of one request. Never raises for anything that a submission or a test does."""
    began = time.monotonic()
    try:
        report = _grade(request, bundle, submission, warm, on_progress or ignore_progress, cancel or threading.Event())
    except CancelledError:
        report = not_graded(request, CANCELLED, "cancelled", Fault.NOBODY)
    except Exception:
        warm.forget_tests()  # if it was they that broke, the next submission gets fresh ones
        log.exception("grading of %s failed", request.digest)
        report = not_graded(request, _OUR_FAULT, traceback.format_exc()[-8000:], Fault.PLATFORM)
    return report.model_copy(update={"seconds": time.monotonic() - began})


def not_graded(request: GradeRequest, reason: Text, staff_reason: str, fault: Fault) -> GradeReport:
    """Return the report of a grading that did not come to its end: tried again, never a score."""
    return GradeReport(
        request_digest=request.digest,
        state=ReportState.NOT_GRADED,
        fault=fault,
        gradable=True,
        succeeded=False,
        score=None,
        max_score=0,
        reason=reason,
        staff_reason=staff_reason,
    )


def _grade(
    request: GradeRequest,
    bundle_files: FileSet,
    submission: FileSet,
    warm: WarmProcesses,
    on_progress: ProgressListener,
    cancel: threading.Event,
) -> GradeReport:
    bundle = load_bundle(bundle_files)
    accepted = accept(submission, expected={notebook.path for notebook in bundle.notebooks})
    if isinstance(accepted, Refusal):
        return refused_report(bundle, request, accepted)
    helpers = helper_files(bundle_files)
    rebuilt = rebuild(bundle, accepted, helpers)
    with make_folders(rebuilt.files, helpers, request.seed) as folders:
        steps = _Steps(on_progress, sum(len(notebook.cells) for notebook in rebuilt.notebooks))
        deadline = time.monotonic() + request.limits.submission_seconds
        place = Place(request, warm, bundle.preload, folders, deadline, cancel, steps.next)
        runs = [run_notebook(notebook, place) for notebook in rebuilt.notebooks]
    return _report(request, bundle, rebuilt, runs)


class _Steps:
    """Counts cells for whoever watches."""

    def __init__(self, listener: ProgressListener, total: int) -> None:
        self._listener, self._total, self._done = listener, total, 0
        listener(Progress(stage=Stage.STARTED, total=total))

    def next(self, notebook: str, cell: str) -> None:
        self._done += 1
        self._listener(Progress(stage=Stage.CELL, notebook=notebook, cell=cell, done=self._done, total=self._total))


def refused_report(bundle: Bundle, request: GradeRequest, refusal: Refusal) -> GradeReport:
    """The report of a submission that could not even be read."""
    return GradeReport(
        request_digest=request.digest,
        state=ReportState.REFUSED,
        fault=Fault.STUDENT,
        gradable=False,
        succeeded=False,
        score=None,
        max_score=bundle.max_score,
        manual_max_score=bundle.manual_max_score,
        reason=refusal.text,
        staff_reason=refusal.code,
    )


def _report(request: GradeRequest, bundle: Bundle, rebuilt: Rebuilt, runs: Sequence[NotebookRun]) -> GradeReport:
    cells = tuple(cell for run in runs for cell in run.cells)
    broken = any(cell.outcome is Outcome.AUTHOR_ERROR for cell in cells)
    notebooks = (
        make_report_notebook(notebook, run.outputs) for notebook, run in zip(rebuilt.notebooks, runs, strict=True)
    )
    return GradeReport(
        request_digest=request.digest,
        state=ReportState.NEEDS_PERSON if broken else ReportState.GRADED,
        fault=_fault(cells),
        gradable=True,
        succeeded=True,
        score=sum(cell.points or 0.0 for cell in cells if cell.outcome is not Outcome.MANUAL),
        max_score=bundle.max_score,
        manual_max_score=bundle.manual_max_score,
        cells=cells,
        flags=(*rebuilt.flags, *(flag for run in runs for flag in run.flags)),
        notebooks=tuple(notebooks),
        reason=_NEEDS_PERSON if broken else None,
        layers=runs[0].layers if runs else (),
    )


def _fault(cells: Sequence[CellReport]) -> Fault:
    if any(cell.outcome is Outcome.AUTHOR_ERROR for cell in cells):
        return Fault.TEST
    lost = any((cell.points or 0.0) < cell.max_points for cell in cells if cell.outcome is not Outcome.MANUAL)
    return Fault.STUDENT if lost else Fault.NOBODY
