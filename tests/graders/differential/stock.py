"""Stock ``nbgrader autograde`` over the corpus: a real course folder, its own commands, its own gradebook."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypedDict

from nbgrader.api import Gradebook

from graders.contract import HIDDEN_SEED_VARIABLE
from graders.files import FileSet
from tests.graders.differential.corpus import Assignment
from tests.graders.differential.course_cases import HIDDEN_SEED

_CONFIGURATION = """c = get_config()
c.CourseDirectory.course_id = 'differential'
c.Execute.timeout = 300
"""

STORED = Path(__file__).with_name("stock_scores.json")

#: answer -> test -> points
Scores = dict[str, dict[str, float | None]]


class Entry(TypedDict):
    """One exercise's scores by stock nbgrader; the digest says of which text."""

    digest: str
    scores: Scores


def load_stored() -> dict[str, Entry]:
    """Stock scores that are kept beside the corpus, by exercise."""
    stored: dict[str, Entry] = json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {}
    return stored


def store(entries: dict[str, Entry]) -> None:
    """Write stock scores in a form that is easy to compare by eye."""
    STORED.write_text(json.dumps(entries, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def is_current(entries: dict[str, Entry], assignment: Assignment) -> bool:
    """Whether an assignment was graded by stock nbgrader since it was last changed."""
    entry = entries.get(assignment.name)
    return entry is not None and entry["digest"] == assignment.digest


def grade_with_stock(found: Sequence[Assignment], folder: Path, processes: int = 2) -> dict[str, Entry]:
    """Grade every answer with stock nbgrader; each process has a course of its own (SQLite allows one writer)."""
    shares = [found[start::processes] for start in range(processes)]
    with ThreadPoolExecutor(processes) as pool:
        list(pool.map(_grade_share, shares, [folder / f"course-{number}" for number in range(processes)]))
    return read_courses(folder, found)


def read_courses(folder: Path, found: Sequence[Assignment]) -> dict[str, Entry]:
    """Collect the scores of all exercises whose every answer has been graded."""
    scores: dict[str, Scores] = {}
    for course in folder.glob("course-*"):
        scores |= read_gradebook(course)
    complete = [each for each in found if set(scores.get(each.name, ())) >= set(each.submissions)]
    return {each.name: {"digest": each.digest, "scores": scores[each.name]} for each in complete}


def _grade_share(found: Sequence[Assignment], course: Path) -> None:
    course.mkdir(parents=True)
    (course / "nbgrader_config.py").write_text(_CONFIGURATION)
    for assignment in found:
        name = assignment.name
        write(FileSet(assignment.course_files), course)
        write(assignment.source, course / "source" / name)
        for style, submission in assignment.submissions.items():
            write(submission, course / "submitted" / style / name)
        if assignment.is_old:
            nbgrader(course, "update", f"source/{name}")
        nbgrader(course, "generate_assignment", name, "--force")
        nbgrader(course, "autograde", name, "--force")


def write(files: FileSet, folder: Path) -> None:
    """Write a file set to disk."""
    for path, data in files.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def nbgrader(course: Path, *words: str) -> None:
    """Run one nbgrader command in a course folder; a submission that it fails on is left without a score."""
    command = [sys.executable, "-m", "nbgrader", *words]
    quiet = subprocess.DEVNULL
    subprocess.run(command, cwd=course, check=False, stdout=quiet, stderr=quiet, env=environment())


def environment() -> dict[str, str]:
    """Our environment with the programs beside our Python first: nbgrader calls ``alembic`` by name."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, HIDDEN_SEED_VARIABLE: str(HIDDEN_SEED)}


def read_gradebook(course: Path) -> dict[str, Scores]:
    """Automatic scores of every graded cell in a course's gradebook, by assignment; named with its notebook where
    there are several."""
    scores: dict[str, Scores] = {}
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        for assignment in gradebook.assignments:
            for submission in assignment.submissions:
                several = len(submission.notebooks) > 1
                cells = {
                    f"{book.name}/{grade.cell.name}" if several else grade.cell.name: grade.auto_score
                    for book in submission.notebooks
                    for grade in book.grades
                }
                scores.setdefault(assignment.name, {})[submission.student.id] = cells
    return scores
