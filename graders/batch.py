"""Grade many submissions of one assignment of a course folder, with no hub, portal or database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from graders.bundle import Bundle, load_bundle
from graders.contract import GradeReport, GradeRequest
from graders.engine.zygote_pool import WarmProcesses
from graders.environment import environment_digest
from graders.files import FileSet
from graders.folders import read_submission
from graders.grade import refused_report
from graders.intake_refusals import Refusal
from graders.recording import Recording, record_reference
from graders.release import ReleaseOptions, make_release
from graders.runners.base import Progress, Runner

PathProgress = Callable[[Path, Progress], None]


@dataclass(frozen=True)
class Seeds:
    """The learner's seed and the seed of hidden data for a whole batch."""

    learner: int = 1
    hidden: int = 2


@dataclass(frozen=True)
class PreparedAssignment:
    """An assignment ready to grade with: bundle with the reference's profile, and what the recording saw."""

    bundle_files: FileSet
    bundle: Bundle
    recording: Recording


def prepare_assignment(source: FileSet, assignment: str, options: ReleaseOptions, seeds: Seeds) -> PreparedAssignment:
    """Release an assignment in memory and run its reference once; ReleaseError if it can't be released."""
    release = make_release(source, assignment=assignment, options=options)
    with WarmProcesses() as warm:
        recording = record_reference(release.bundle, warm, seed=seeds.learner, hidden_seed=seeds.hidden)
    return PreparedAssignment(recording.bundle, load_bundle(recording.bundle), recording)


def grade_paths(
    prepared: PreparedAssignment,
    paths: Sequence[Path],
    runner: Runner,
    *,
    jobs: int,
    seeds: Seeds,
    on_progress: PathProgress,
) -> Generator[tuple[Path, GradeReport], None, None]:
    """Yield one report for each path, in the paths' order; ``jobs`` are graded at once.

    Whoever stops asking (Ctrl-C, ``close``) also stops what is being graded: nobody waits for an endless loop.
    """
    stop = threading.Event()
    pool = ThreadPoolExecutor(jobs)
    try:
        grade = partial(_grade_path, prepared, runner=runner, seeds=seeds, on_progress=on_progress, cancel=stop)
        yield from zip(paths, pool.map(grade, paths), strict=True)
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _grade_path(
    prepared: PreparedAssignment,
    path: Path,
    *,
    runner: Runner,
    seeds: Seeds,
    on_progress: PathProgress,
    cancel: threading.Event,
) -> GradeReport:
    submission = read_submission(path)
    if isinstance(submission, Refusal):
        return refused_report(prepared.bundle, _request(prepared, "0" * 64, seeds), submission)
    request = _request(prepared, submission.digest, seeds)
    progress = partial(on_progress, path)
    return runner.grade(request, prepared.bundle_files, submission, on_progress=progress, cancel=cancel)


def _request(prepared: PreparedAssignment, submission_digest: str, seeds: Seeds) -> GradeRequest:
    return GradeRequest(
        assignment=prepared.bundle.assignment,
        bundle_digest=prepared.bundle_files.digest,
        submission_digest=submission_digest,
        seed=seeds.learner,
        hidden_seed=seeds.hidden,
        limits=prepared.bundle.limits,
        environment_digest=environment_digest(),
    )
