"""The six kinds of student of a demonstration class: what each hands in, and what the platform must make of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import nbformat

from courses.build import notebook_bytes
from courses.catalog import Assignment
from courses.trial import answers_from_script, empty_answers
from graders.exchange.wire import AttemptStatus, Receipt
from graders.exchange.wire import Words as Sentence

#: Answers of all notebooks: notebook name without suffix -> grade_id of a solution cell -> source.
Answers = dict[str, dict[str, str]]

PASS_SHARE = 0.6
TOLERANCE = 1e-6


class Role(StrEnum):
    """How a student of the demonstration solves; in turn, so that six students are one of each."""

    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"
    BROKEN = "broken"
    ENDLESS = "endless"
    EMPTY = "empty"


@dataclass(frozen=True)
class Points:
    """Maximum of the automatic and of the manual points of an assignment."""

    automatic: float
    manual: float

    @property
    def passing(self) -> float:
        """Points that count as reached in the coordinator's funnel."""
        return PASS_SHARE * (self.automatic + self.manual)


@dataclass(frozen=True)
class Expectation:
    """What must hold for the score of a role; ``holds`` gets score and automatic maximum."""

    words: Sentence
    holds: Callable[[float, float], bool]


EXPECTATIONS: Mapping[Role, Expectation] = {
    Role.RIGHT: Expectation(
        Sentence(ko="자동 점수 만점", en="all automatic points"), lambda score, most: abs(score - most) < TOLERANCE
    ),
    Role.PARTLY: Expectation(
        Sentence(ko="0점과 만점 사이", en="between none and all"), lambda score, most: 0 < score < most
    ),
    Role.WRONG: Expectation(Sentence(ko="60 % 미만", en="below 60 %"), lambda score, most: score < PASS_SHARE * most),
    Role.BROKEN: Expectation(
        Sentence(ko="채점되고 만점 미만", en="graded, less than all"), lambda score, most: 0 <= score < most
    ),
    Role.ENDLESS: Expectation(
        Sentence(ko="시간 제한 뒤 채점, 만점 미만", en="cut off and graded, less than all"),
        lambda score, most: 0 <= score < most,
    ),
    Role.EMPTY: Expectation(Sentence(ko="60 % 미만", en="below 60 %"), lambda score, most: score < PASS_SHARE * most),
}


def role_of(number: int) -> Role:
    """The role of the ``number``-th student, counted from 0."""
    roles = list(Role)
    return roles[number % len(roles)]


def is_as_expected(role: Role, receipt: Receipt | None, points: Points) -> bool:
    """Whether the platform graded the attempt, and as the role deserves."""
    if receipt is None or receipt.status is not AttemptStatus.GRADED or receipt.score is None:
        return False
    return EXPECTATIONS[role].holds(receipt.score, points.automatic)


def points_of(assignment: Assignment) -> Points:
    """Add up the points of the instructor's notebooks; a graded cell that the student writes is graded by hand."""
    automatic = manual = 0.0
    for notebook in assignment.notebooks().values():
        for grade in (cell.metadata.get("nbgrader", {}) for cell in notebook.cells):
            if grade.get("task") or (grade.get("grade") and grade.get("solution")):
                manual += float(grade["points"])
            elif grade.get("grade"):
                automatic += float(grade["points"])
    return Points(automatic, manual)


def answers_for(role: Role, assignment: Assignment) -> Answers:
    """What a student in this role writes into the solution cells; a cell that is not named stays as fetched."""
    return {stem: _answers(role, assignment, notebook) for stem, notebook in assignment.notebooks().items()}


def _answers(role: Role, assignment: Assignment, notebook: nbformat.NotebookNode) -> dict[str, str]:
    right = _reference(notebook)
    names = list(right)
    last = names[-1] if names else ""
    answers: dict[Role, Callable[[], dict[str, str]]] = {
        Role.RIGHT: lambda: right,
        Role.PARTLY: lambda: {name: right[name] for name in names[: (len(names) + 1) // 2]},
        Role.WRONG: lambda: right | _wrong(assignment, notebook),
        Role.BROKEN: lambda: right | {last: "def half_an_answer(:\n"},
        Role.ENDLESS: lambda: right | {last: "while True:\n    pass\n"},
        Role.EMPTY: dict,
    }
    return answers[role]()


def _reference(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """The instructor's own answers to the code cells that tests look at."""
    return {
        cell.metadata["nbgrader"]["grade_id"]: cell.source
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    }


def _wrong(assignment: Assignment, notebook: nbformat.NotebookNode) -> dict[str, str]:
    """The course's own wrong variant; a course without one gets its stubs back, which is wrong enough."""
    script = assignment.solution_scripts().get("wrong")
    return answers_from_script(script, notebook, name="wrong") if script else empty_answers(notebook)


def write_answers(data: bytes, answers: Mapping[str, str]) -> bytes:
    """Put answers into the solution cells of a fetched notebook, as a student would by typing."""
    notebook = json.loads(data)
    for cell in notebook["cells"]:
        grade = cell["metadata"].get("nbgrader", {})
        if grade.get("solution") and grade["grade_id"] in answers:
            cell["source"] = answers[grade["grade_id"]]
    return notebook_bytes(notebook)
