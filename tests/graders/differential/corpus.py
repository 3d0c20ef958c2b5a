"""The whole corpus: exercises, whole notebooks and the courses' own assignments, with every answer as a submission."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from graders.contract import Limits
from graders.files import FileSet, canonical_json, sha256_hex
from graders.release import Release, ReleaseOptions, make_release
from tests.graders.differential.course_cases import CourseCase, course_cases
from tests.graders.differential.exercise import Exercise, load_exercises
from tests.graders.differential.whole_cases import WHOLE, WholeCase

SUBJECTS = ("values", "calls", "state", "libraries", "scores", "mistakes")
EXERCISES: tuple[Exercise, ...] = tuple(each for subject in SUBJECTS for each in load_exercises(subject))
NOTEBOOK = "work.ipynb"
PARTS = ("small exercises", "whole notebooks", "our own assignments")


def part_of(name: str) -> str:
    """Which part of the corpus an assignment belongs to."""
    if any(each.name == name for each in EXERCISES):
        return PARTS[0]
    return PARTS[1] if any(each.name == name for each in WHOLE) else PARTS[2]


@dataclass(frozen=True)
class Assignment:
    """An assignment released, with its submissions by style. ``digest`` names all that a score depends on;
    ``course_files`` lie beside ``source/`` in nbgrader's course folder."""

    name: str
    source: FileSet
    release: Release
    submissions: dict[str, FileSet]
    digest: str
    course_files: Mapping[str, bytes] = field(default_factory=dict)
    is_old: bool = False
    limits: Limits = field(default_factory=Limits)


def from_exercise(exercise: Exercise) -> Assignment:
    """Release an exercise and put each answer into the released notebook."""
    source = FileSet({NOTEBOOK: exercise.source_notebook(), **exercise.files})
    release = make_release(source, assignment=f"differential/{exercise.name}")
    filled = {style: fill(release.student, {"answer": answer}) for style, answer in exercise.answers.items()}
    facts = [exercise.name, exercise.source_notebook().decode(), exercise.answers]
    return Assignment(exercise.name, source, release, filled, sha256_hex(canonical_json(facts)))


def from_whole(case: WholeCase) -> Assignment:
    """Release a case of several cells, notebooks or files."""
    options = ReleaseOptions(autotests=case.autotests)
    release = make_release(case.source, assignment=f"differential/{case.name}", options=options)
    filled = {style: fill(release.student, answers) for style, answers in case.answers.items()}
    facts = [case.name, case.source.digest, sha256_hex(case.autotests or b""), case.answers]
    course_files = {"autotests.yml": case.autotests} if case.autotests else {}
    digest = sha256_hex(canonical_json(facts))
    return Assignment(case.name, case.source, release, filled, digest, course_files, case.is_old)


def from_course(case: CourseCase) -> Assignment:
    """Release one of our own assignments; its learner's seed is a file of the submission."""
    options = ReleaseOptions(limits=case.limits, preload=case.preload)
    release = make_release(case.source, assignment=f"differential/{case.name}", options=options)
    filled = {style: fill(release.student, answers) for style, answers in case.answers.items()}
    return Assignment(case.name, case.source, release, filled, case.digest, limits=case.limits)


def fill(released: FileSet, answers: Mapping[str, str]) -> FileSet:
    """Write answers (grade_id -> source) into released notebooks, as a student would; the others stay untouched."""
    files = dict(released.files)
    for path in [path for path in files if path.endswith(".ipynb")]:
        body = json.loads(files[path])
        for cell in body["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id")
            cell["source"] = answers.get(name, cell["source"])
        files[path] = json.dumps(body, ensure_ascii=False).encode()
    return FileSet(files)


def assignments() -> Iterator[Assignment]:
    """Every assignment of the corpus but the courses' own."""
    yield from map(from_exercise, EXERCISES)
    yield from map(from_whole, WHOLE)


def course_assignments() -> Iterator[Assignment]:
    """The courses' own assignments, whose texts change more often."""
    yield from map(from_course, course_cases())
