"""Both engines on one assignment: the author's own notebooks and the untouched release, cell by cell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.public_courses.clones import Found
from graders.batch import PreparedAssignment, Seeds, prepare_assignment
from graders.contract import CellReport, GradeReport, GradeRequest, Limits
from graders.engine.sandbox_paths import HOME_OF_OURS
from graders.environment import environment_digest
from graders.files import FileSet
from graders.release import Release, ReleaseError, ReleaseOptions, make_release
from graders.runners.base import Runner

REFERENCE, EMPTY = "reference", "released"

#: submission -> (notebook without suffix, grade id) -> points
Scores = dict[str, dict[tuple[str, str], float | None]]


@dataclass(frozen=True)
class Ours:
    """What our engine gave one assignment; ``error`` instead where it can't be released."""

    assignment: str
    reports: Mapping[str, GradeReport]
    error: str = ""


@dataclass(frozen=True)
class Compared:
    """One test cell of one submission."""

    assignment: str
    submission: str
    notebook: str
    cell: str
    ours: float | None
    stock: float | None
    report: CellReport

    @property
    def is_equal(self) -> bool:
        """Whether both gave the same points."""
        return self.ours == self.stock


def release_options() -> ReleaseOptions:
    """As ``axcampus grade`` takes a course from elsewhere: a test that can't cross may run beside the student."""
    return ReleaseOptions(in_process_allowed=True, limits=Limits())


def submissions_of(found: Found, release: Release) -> dict[str, FileSet]:
    """The author's own notebooks as a student would hand them in, and the untouched release."""
    return {REFERENCE: found.source, EMPTY: release.student}


def grade_with_ours(found: Found, runner: Runner) -> tuple[Ours, Release | None]:
    """Release, record, and grade both submissions."""
    try:
        release = make_release(found.source, assignment=f"public/{found.name}", options=release_options())
        prepared = prepare_assignment(found.source, f"public/{found.name}", release_options(), Seeds())
    except (ReleaseError, ValueError) as error:
        return Ours(found.name, {}, str(error).splitlines()[0][:200]), None
    made = submissions_of(found, release)
    return Ours(found.name, {name: _grade(prepared, files, runner) for name, files in made.items()}), release


def _grade(prepared: PreparedAssignment, submission: FileSet, runner: Runner) -> GradeReport:
    request = GradeRequest(
        assignment=prepared.bundle.assignment,
        bundle_digest=prepared.bundle_files.digest,
        submission_digest=submission.digest,
        seed=1,
        hidden_seed=2,
        limits=prepared.bundle.limits,
        environment_digest=environment_digest(),
    )
    return runner.grade(request, prepared.bundle_files, submission)


def grade_with_stock(found: Sequence[tuple[Found, Release]], course: Path) -> dict[str, Any]:
    """Stock nbgrader over all assignments of a clone; only ``course`` is writable for what runs there."""
    for each, release in found:
        _write(each.source, course / "source" / each.name)
        for student, files in submissions_of(each, release).items():
            _write(files, course / "submitted" / student / each.name)
    answer = course / "scores.json"
    ours = [f"--read={path}" for path in (HOME_OF_OURS, *map(Path, sys.path)) if path.is_dir()]
    guard = [sys.executable, "-m", "graders.engine.landlock", f"--write={course}", *ours, "--"]
    work = [sys.executable, "-m", "benchmarks.public_courses.stock_course", str(answer)]
    log = (course / "log.txt").open("wb")
    with log:
        subprocess.run(
            [*guard, *work], cwd=course, env=_environment(course), stdout=log, stderr=log, check=True, timeout=7200
        )
    answers: dict[str, Any] = json.loads(answer.read_text())
    return answers


def _environment(course: Path) -> dict[str, str]:
    folders = {name: str(course / name.lower()) for name in ("HOME", "TMPDIR", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR")}
    for folder in folders.values():
        Path(folder).mkdir(parents=True, exist_ok=True)
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # it calls alembic by name
    return {**folders, "PATH": programs, "PYTHONPATH": str(HOME_OF_OURS), "LANG": "C.UTF-8", "MPLBACKEND": "agg"}


def _write(files: FileSet, folder: Path) -> None:
    for path, data in files.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def compare(ours: Ours, stock: Mapping[str, Any]) -> list[Compared]:
    """Set the test cells of one assignment side by side."""
    return [
        Compared(ours.assignment, name, Path(cell.notebook).stem, cell.grade_id, cell.points, points, cell)
        for name, report in ours.reports.items()
        for cell in report.cells
        if cell.outcome != "manual"
        for points in [stock.get("scores", {}).get(name, {}).get(Path(cell.notebook).stem, {}).get(cell.grade_id)]
    ]
