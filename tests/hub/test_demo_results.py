"""A class counts as shown only if every student, page and figure is as expected."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from hub.demo_enrolment import ClassMember
from hub.demo_results import ClassResult, print_result
from hub.demo_roles import Points, Role
from hub.demo_student import StudentRun
from tests.hub.test_demo_roles import receipt


def run_of(number: int, role: Role, score: float) -> StudentRun:
    member = ClassMember(number, f"demo-x-{number:03d}", "secret-password", "시연", "gnu", role)
    shown = receipt("graded", score).model_copy(update={"receipt_id": f"7F3K-{number:04d}"})
    return StudentRun(member, has_server=True, token="secret-token", receipt=shown, page_shows_receipt=True)


@pytest.fixture
def result() -> ClassResult:
    return ClassResult(
        runs=(run_of(1, Role.RIGHT, 20.0), run_of(2, Role.PARTLY, 6.0)),
        points=Points(20, 5),
        before={"started": 8, "fetched": 1, "submitted": 1, "passed": 0},
        after={"started": 10, "fetched": 3, "submitted": 3, "passed": 1},
        stranger_sees=False,
        seconds=12,
    )


def test_a_class_as_expected_has_no_failures(result: ClassResult):
    assert result.failures == []
    assert result.as_json()["ok"] is True


def test_figures_that_rose_too_little_are_a_failure(result: ClassResult):
    assert replace(result, after=result.before).failures == [
        "coordinator: started rose by 0, expected 2",
        "coordinator: fetched rose by 0, expected 2",
        "coordinator: submitted rose by 0, expected 2",
        "coordinator: passed rose by 0, expected 1",
    ]


def test_somebody_else_who_works_meanwhile_is_no_failure(result: ClassResult):
    assert replace(result, after={**result.after, "submitted": 5}).failures == []


def test_a_wrong_score_is_a_failure(result: ClassResult):
    [said] = replace(
        result, runs=(result.runs[0], run_of(2, Role.WRONG, 19.0)), after={**result.after, "passed": 2}
    ).failures
    assert said == "demo-x-002: wrong: expected below 60 %, got graded 19/20"


def test_a_page_without_the_receipt_is_a_failure(result: ClassResult):
    result.runs[0].page_shows_receipt = False
    assert result.failures == ["demo-x-001: the portal's page does not show the receipt"]


def test_a_receipt_that_a_stranger_can_read_is_a_failure(result: ClassResult):
    assert replace(result, stranger_sees=True).failures == ["a student could read another student's receipt"]


def test_no_secret_is_printed(result: ClassResult):
    console = Console(file=io.StringIO(), width=160)
    print_result(console, result)
    shown = console.file.getvalue() + str(result.as_json()) + repr(result)
    assert "secret" not in shown
    assert "7F3K-0001" in shown
