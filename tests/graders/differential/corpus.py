"""The whole corpus: exercises as assignments, and every answer as a submission."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from graders.files import FileSet, canonical_json, sha256_hex
from graders.release import Release, make_release
from tests.graders.differential.exercise import Exercise, load_exercises

SUBJECTS = ("values", "calls", "state", "libraries", "scores", "mistakes")
EXERCISES: tuple[Exercise, ...] = tuple(each for subject in SUBJECTS for each in load_exercises(subject))
NOTEBOOK = "work.ipynb"


@dataclass(frozen=True)
class Assignment:
    """An exercise released, with its submissions by style."""

    exercise: Exercise
    source: FileSet
    release: Release
    submissions: dict[str, FileSet]


def make_assignment(exercise: Exercise) -> Assignment:
    """Release an exercise and put each answer into the released notebook."""
    source = FileSet({NOTEBOOK: exercise.source_notebook(), **exercise.files})
    release = make_release(source, assignment=f"differential/{exercise.name}")
    filled = {style: fill(release.student, answer) for style, answer in exercise.answers.items()}
    return Assignment(exercise, source, release, filled)


def fill(released: FileSet, answer: str) -> FileSet:
    """Write an answer into the released notebook's answer cell, as a student would."""
    body = json.loads(released.files[NOTEBOOK])
    for cell in body["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "answer":
            cell["source"] = answer
    return FileSet({**released.files, NOTEBOOK: json.dumps(body, ensure_ascii=False).encode()})


def assignments() -> Iterator[Assignment]:
    """Every assignment of the corpus."""
    return map(make_assignment, EXERCISES)


def exercise_digest(exercise: Exercise) -> str:
    """Names an exercise and its answers, so that stored scores are known to be of this text."""
    facts = [exercise.name, exercise.source_notebook().decode(), exercise.answers]
    return sha256_hex(canonical_json(facts))
