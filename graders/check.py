"""Is this assignment ready for students? One answer for authors, continuous integration and the portal.

The reference must get full marks, no answer and hollow answers must not, nothing hidden may be in the release, and
every test cell has a place to run. The bundle that comes out has the reference's profile in it: only it is published.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass

from graders.bundle import Bundle, helper_files, load_bundle
from graders.check_findings import Finding, Severity, make_finding
from graders.check_leaks import find_leaks
from graders.contract import CellReport, Frozen, GradeReport, GradeRequest, Isolation, Outcome
from graders.engine.zygote_pool import WarmProcesses
from graders.environment import environment_digest
from graders.files import FileSet
from graders.practice_submissions import empty_submission, hollow_submission, reference_submission
from graders.recording import RecordedTest, Recording, record_reference
from graders.release import Release, ReleaseError, ReleaseOptions, make_release
from graders.runners.base import Runner

_SEED, _HIDDEN_SEED = 1, 2


class CheckedTest(Frozen):
    """One test cell: where it runs, and what each kind of submission got."""

    notebook: str
    grade_id: str
    max_points: float
    isolation: Isolation
    reference: float | None
    empty: float | None
    hollow: float | None
    seconds: float
    bridge_seconds: float
    requests: int


class CheckReport(Frozen):
    """The result of a check; ``publishable`` if nothing blocks. Scores are automatic points."""

    report_version: int = 1
    assignment: str
    publishable: bool
    findings: tuple[Finding, ...] = ()
    tests: tuple[CheckedTest, ...] = ()
    max_score: float = 0
    manual_max_score: float = 0
    reference_score: float | None = None
    empty_score: float | None = None
    hollow_score: float | None = None
    reference_seconds: float = 0
    memory_bytes: int = 0
    seconds: float = 0
    bundle_digest: str | None = None


@dataclass(frozen=True)
class Checked:
    """A check report and, where a release could be made, the release with the profiled bundle."""

    report: CheckReport
    release: Release | None


@dataclass(frozen=True)
class _Trials:
    reference: GradeReport
    empty: GradeReport
    hollow: GradeReport


def check_assignment(
    source: FileSet,
    runner: Runner,
    *,
    assignment: str,
    options: ReleaseOptions | None = None,
    warm: WarmProcesses | None = None,
) -> Checked:
    """Release, record and try an assignment; never raises for anything that an author did.

    ``warm`` are processes to record in; whoever checks several assignments shares them.
    """
    began = time.monotonic()
    options = options or ReleaseOptions()
    try:
        release = make_release(source, assignment=assignment, options=options)
    except ReleaseError as error:
        finding = make_finding("not_releasable", detail=error.text.en, detail_ko=error.text.ko)
        return Checked(CheckReport(assignment=assignment, publishable=False, findings=(finding,)), None)
    with nullcontext(warm) if warm else WarmProcesses() as processes:
        recording = record_reference(release.bundle, processes, seed=_SEED, hidden_seed=_HIDDEN_SEED)
    bundle = load_bundle(recording.bundle)
    trials = _try(bundle, recording.bundle, runner)
    report = _report(release, bundle, recording, trials)
    report = report.model_copy(update={"seconds": time.monotonic() - began})
    return Checked(report, Release(**{**vars(release), "bundle": recording.bundle}))


def _try(bundle: Bundle, bundle_files: FileSet, runner: Runner) -> _Trials:
    helpers = helper_files(bundle_files)
    made = [write(bundle, helpers) for write in (reference_submission, empty_submission, hollow_submission)]
    return _Trials(*(grade_once(bundle_files, submission, runner) for submission in made))


def grade_once(bundle: FileSet, submission: FileSet, runner: Runner) -> GradeReport:
    """Grade with the check's fixed seeds and the bundle's own limits."""
    loaded = load_bundle(bundle)
    request = GradeRequest(
        assignment=loaded.assignment,
        bundle_digest=bundle.digest,
        submission_digest=submission.digest,
        seed=_SEED,
        hidden_seed=_HIDDEN_SEED,
        limits=loaded.limits,
        environment_digest=environment_digest(),
    )
    return runner.grade(request, bundle, submission)


def _report(release: Release, bundle: Bundle, recording: Recording, trials: _Trials) -> CheckReport:
    findings = (
        *(make_finding("release_warning", detail=text.en, detail_ko=text.ko) for text in release.warnings),
        *_about_reference(bundle, recording, trials),
        *_about_weak_tests(bundle, trials),
        *find_leaks(bundle, release.student),
        *_about_time(bundle, trials),
    )
    return CheckReport(
        assignment=bundle.assignment,
        publishable=all(finding.severity is not Severity.BLOCKS for finding in findings),
        findings=findings,
        tests=tuple(_checked(key, test, trials) for key, test in recording.tests.items()),
        max_score=release.max_score,
        manual_max_score=release.manual_max_score,
        reference_score=trials.reference.score,
        empty_score=trials.empty.score,
        hollow_score=trials.hollow.score,
        reference_seconds=trials.reference.seconds,
        memory_bytes=recording.memory_bytes,
        bundle_digest=recording.bundle.digest,
    )


def _checked(key: tuple[str, str], test: RecordedTest, trials: _Trials) -> CheckedTest:
    shown = [_cell_of(report, key) for report in (trials.reference, trials.empty, trials.hollow)]
    points = [None if cell is None else cell.points for cell in shown]
    return CheckedTest(
        notebook=key[0],
        grade_id=key[1],
        max_points=shown[0].max_points if shown[0] else 0,
        isolation=test.isolation,
        reference=points[0],
        empty=points[1],
        hollow=points[2],
        seconds=test.answer.seconds,
        bridge_seconds=test.answer.bridge_seconds,
        requests=test.answer.requests,
    )


def _cell_of(report: GradeReport, key: tuple[str, str]) -> CellReport | None:
    return next((cell for cell in report.cells if (cell.notebook, cell.grade_id) == key), None)


def _about_reference(bundle: Bundle, recording: Recording, trials: _Trials) -> Iterator[Finding]:
    for error in recording.errors:
        yield make_finding("reference_error", error.notebook, error.cell_id, detail=error.error)
    if not trials.reference.succeeded:
        reason = trials.reference.reason
        if reason is not None:
            yield make_finding("not_graded", detail=reason.en, detail_ko=reason.ko)
    for key, test in recording.tests.items():
        yield from _about_test(bundle, key, test, _cell_of(trials.reference, key))


def _about_test(
    bundle: Bundle, key: tuple[str, str], test: RecordedTest, graded: CellReport | None
) -> Iterator[Finding]:
    path, name = key
    cell = next(cell for cell in bundle.notebook(path).cells if cell.grade_id == name)
    # A reference that fails beside the student's code too fails by itself: nothing is wrong with crossing.
    ways_out = test.answer.cannot_cross if test.isolation is Isolation.IN_PROCESS else ()
    for line, way_out in ways_out:
        yield make_finding("cannot_cross", path, name, line, detail=way_out)
    if test.is_full and (test.answer.profile or {}).get("shows"):
        yield make_finding("shows_a_value", path, name)
    if test.answer.outcome is Outcome.AUTHOR_ERROR:
        yield make_finding("not_a_score", path, name)
    elif test.isolation is Isolation.IN_PROCESS:
        code = "in_process" if cell.in_process_allowed else "in_process_forbidden"
        yield make_finding(code, path, name, detail=_last_line(test.answer.staff_message))
    elif not test.is_full or graded is None or graded.points != graded.max_points:
        yield make_finding("reference_fails", path, name, detail=_last_line(test.answer.staff_message))


def _last_line(text: str | None) -> str:
    lines = (text or "").strip().splitlines()
    return lines[-1][:200] if lines else ""


def _about_weak_tests(bundle: Bundle, trials: _Trials) -> Iterator[Finding]:
    """Tests that nothing fails; whole assignments that nobody can fail block."""
    told: set[tuple[str, str]] = set()
    for report, code in ((trials.empty, "empty_passes"), (trials.hollow, "hollow_passes")):
        passed = [cell for cell in report.cells if cell.outcome is Outcome.PASSED and cell.max_points > 0]
        if report.succeeded and bundle.max_score > 0 and report.score == bundle.max_score:
            yield make_finding(code)
            return
        for cell in passed:
            if (cell.notebook, cell.grade_id) not in told:
                told.add((cell.notebook, cell.grade_id))
                yield make_finding(f"{code}_test", cell.notebook, cell.grade_id)


def _about_time(bundle: Bundle, trials: _Trials) -> Iterator[Finding]:
    if trials.reference.seconds > bundle.limits.submission_seconds / 2:
        yield make_finding("slow", detail=f"{trials.reference.seconds:.0f}")
