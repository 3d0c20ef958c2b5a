"""``axcampus grade``: grade submissions of any nbgrader course on this machine."""

from __future__ import annotations

import os
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from graders.batch import PreparedAssignment, Seeds, grade_paths, prepare_assignment
from graders.cli_output import LiveTable, report_line, summary
from graders.contract import GradeReport
from graders.course_folder import CourseFolder, CourseFolderError, load_course_folder
from graders.feedback import FeedbackOptions, feedback_files
from graders.feedback_words import Language
from graders.release import ReleaseError
from graders.runners.base import Progress
from graders.runners.local import LocalRunner

#: Exit status after Ctrl-C, as shells have it.
STOPPED = 130


@dataclass(frozen=True)
class Wishes:
    """What the command line asked for."""

    root: Path
    assignment: str
    as_json: bool
    jobs: int
    isolated_only: bool
    feedback: Path | None
    language: Language
    seed: int
    paths: tuple[Path, ...]

    @property
    def seeds(self) -> Seeds:
        """Seeds of this batch."""
        return Seeds(learner=self.seed)


@click.command()
@click.option("--course", "root", required=True, type=click.Path(path_type=Path), help="nbgrader course folder")
@click.option("--assignment", required=True, help="name of the folder below source/")
@click.option("--json", "as_json", is_flag=True, help="one JSON object a line instead of a table")
@click.option("--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, show_default=True, help="graded at once")
@click.option("--isolated-only", is_flag=True, help="never run a test in the student's process")
@click.option(
    "--feedback", type=click.Path(path_type=Path), help="write a student's HTML page for each path below here"
)
@click.option("--language", type=click.Choice(["ko", "en"]), default="ko", show_default=True, help="of the feedback")
@click.option("--seed", type=int, default=1, show_default=True, help="learner's seed")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
def grade(**chosen: Any) -> None:
    """Grade PATHS (notebooks or submission folders) of an nbgrader course. Needs no hub, portal or database.

    nbgrader 과제 폴더로 제출물을 채점합니다. 허브, 포털, 데이터베이스가 없어도 됩니다.
    """
    wishes = Wishes(**chosen)
    course = _open(wishes.root)
    try:
        _grade(course, wishes)
    except KeyboardInterrupt:
        click.echo(
            "중단했습니다. 여기까지의 결과만 유효합니다.\nStopped: only what is shown above was graded.", err=True
        )
        raise SystemExit(STOPPED) from None


def _grade(course: CourseFolder, wishes: Wishes) -> None:
    with Console(stderr=True).status("예시 답안을 실행하는 중 / running the reference solution"):
        prepared = _prepare(course, wishes)
    _tell_about_reference(prepared)
    with LocalRunner(min(wishes.jobs, len(wishes.paths)), modules=prepared.bundle.preload) as runner:
        if wishes.as_json:
            _grade_as_json(prepared, runner, wishes)
        else:
            _grade_as_table(prepared, runner, wishes)


def _open(root: Path) -> CourseFolder:
    try:
        return load_course_folder(root)
    except CourseFolderError as error:
        raise click.ClickException(str(error)) from error


def _prepare(course: CourseFolder, wishes: Wishes) -> PreparedAssignment:
    try:
        source = course.read_assignment(wishes.assignment)
        options = course.release_options(wishes.assignment, in_process_allowed=not wishes.isolated_only)
        return prepare_assignment(source, f"{course.name}/{wishes.assignment}", options, wishes.seeds)
    except CourseFolderError as error:
        raise click.ClickException(str(error)) from error
    except ReleaseError as error:
        raise click.ClickException(f"{error.text.ko}\n{error.text.en}") from error


def _tell_about_reference(prepared: PreparedAssignment) -> None:
    """On standard error: tests that the author's own solution does not pass can't be fair to students."""
    for (notebook, name), test in prepared.recording.tests.items():
        if not test.is_full:
            click.echo(
                f"{notebook} {name}: 예시 답안이 이 테스트에서 만점을 받지 못합니다 / "
                "the reference does not get full marks at this test",
                err=True,
            )


def _grade_as_json(prepared: PreparedAssignment, runner: LocalRunner, wishes: Wishes) -> None:
    def ignore(_path: Path, _progress: Progress) -> None:
        """Lines are written when a submission is done."""

    graded = grade_paths(prepared, wishes.paths, runner, jobs=runner.size, seeds=wishes.seeds, on_progress=ignore)
    with closing(graded):
        for path, report in graded:
            click.echo(report_line(path, report))
            _write_feedback(path, report, wishes)


def _grade_as_table(prepared: PreparedAssignment, runner: LocalRunner, wishes: Wishes) -> None:
    began = time.monotonic()
    reports = []
    with LiveTable(wishes.paths, Console()) as table:
        progress = table.show_progress
        graded = grade_paths(prepared, wishes.paths, runner, jobs=runner.size, seeds=wishes.seeds, on_progress=progress)
        with closing(graded):
            for path, report in graded:
                table.show_report(path, report)
                _write_feedback(path, report, wishes)
                reports.append(report)
    click.echo(f"\n{summary(reports, time.monotonic() - began)}")


def _write_feedback(path: Path, report: GradeReport, wishes: Wishes) -> None:
    if wishes.feedback is None:
        return
    below = wishes.feedback / "_".join(part for part in path.parts if part.strip("/."))
    below.mkdir(parents=True, exist_ok=True)
    for name, data in feedback_files(report, FeedbackOptions(wishes.assignment, wishes.language)).files.items():
        (below / name).write_bytes(data)


if __name__ == "__main__":
    grade()
