"""What each role of the demonstration class hands in, from the real course, and what must come of it."""

import json

import pytest

from courses.catalog import Assignment, load_catalog
from graders.exchange.wire import Receipt
from hub.demo_roles import Points, Role, answers_for, is_as_expected, points_of, role_of, write_answers

ALL = Points(automatic=20, manual=5)


@pytest.fixture(scope="module")
def assignment() -> Assignment:
    return load_catalog().course("manufacturing-ai").assignment("a03-milling")


def receipt(status: str, score: float | None) -> Receipt:
    values = {"receipt_id": "7F3K-2Q9M", "course": "c", "assignment": "a", "number": 1, "digest": "0" * 64}
    moment = "2026-11-22T09:00:00Z"
    return Receipt.model_validate({**values, "received_at": moment, "status": status, "score": score, "max_score": 20})


def test_six_students_are_one_of_each_role():
    assert [role_of(number) for number in range(6)] == list(Role)


def test_points_are_those_of_the_course(assignment: Assignment):
    assert points_of(assignment) == Points(automatic=20, manual=5)
    assert ALL.passing == 15


def test_the_right_student_answers_every_tested_cell_with_the_reference(assignment: Assignment):
    [answers] = answers_for(Role.RIGHT, assignment).values()
    assert len(answers) == 7
    assert all("BEGIN SOLUTION" in source or source.strip() for source in answers.values())


def test_the_partly_right_student_stops_halfway(assignment: Assignment):
    [partly], [right] = answers_for(Role.PARTLY, assignment).values(), answers_for(Role.RIGHT, assignment).values()
    assert list(partly) == list(right)[:4]


def test_broken_and_endless_work_differs_from_the_right_one_in_the_last_cell_only(assignment: Assignment):
    [right] = answers_for(Role.RIGHT, assignment).values()
    for role in (Role.BROKEN, Role.ENDLESS):
        [answers] = answers_for(role, assignment).values()
        assert [name for name in right if answers[name] != right[name]] == [list(right)[-1]]


def test_the_empty_student_writes_nothing(assignment: Assignment):
    assert list(answers_for(Role.EMPTY, assignment).values()) == [{}]


def test_answers_go_into_solution_cells_only():
    cells = [
        {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "x", "solution": True}}, "source": "old"},
        {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "x-test", "solution": False}}, "source": "test"},
        {"cell_type": "markdown", "metadata": {}, "source": "words"},
    ]
    written = json.loads(write_answers(json.dumps({"cells": cells}).encode(), {"x": "new", "x-test": "cheat"}))
    assert [cell["source"] for cell in written["cells"]] == ["new", "test", "words"]


@pytest.mark.parametrize(
    ("role", "score", "holds"),
    [
        (Role.RIGHT, 20.0, True),
        (Role.RIGHT, 19.5, False),
        (Role.PARTLY, 6.0, True),
        (Role.PARTLY, 0.0, False),
        (Role.PARTLY, 20.0, False),
        (Role.WRONG, 3.0, True),
        (Role.WRONG, 12.0, False),
        (Role.BROKEN, 15.0, True),
        (Role.BROKEN, 20.0, False),
        (Role.ENDLESS, 15.0, True),
        (Role.ENDLESS, 20.0, False),
        (Role.EMPTY, 0.0, True),
        (Role.EMPTY, 20.0, False),
    ],
)
def test_expectations_of_the_roles(role: Role, score: float, holds: bool):
    assert is_as_expected(role, receipt("graded", score), ALL) is holds


@pytest.mark.parametrize("status", ["received", "queued", "grading", "not_graded", "needs_person", "refused"])
def test_no_role_is_content_without_a_grade(status: str):
    assert not any(is_as_expected(role, receipt(status, None), ALL) for role in Role)
    assert not any(is_as_expected(role, None, ALL) for role in Role)
