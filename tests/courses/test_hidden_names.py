from __future__ import annotations

import nbformat
import pytest

from courses.hidden_names import names_lent_too_late

TOP = "### BEGIN HIDDEN TESTS\nhelper = 1\n### END HIDDEN TESTS\nassert answer == 1\n"
LATE = "assert answer == 1\n### BEGIN HIDDEN TESTS\nhelper = 1\n### END HIDDEN TESTS\n"


def notebook(*cells: tuple[str, str]) -> nbformat.NotebookNode:
    """Make cells from (kind, source); kind is test, solution or given."""
    made = []
    for number, (kind, source) in enumerate(cells):
        grade = {"grade_id": f"cell-{number}", "grade": kind == "test", "solution": kind == "solution"}
        made.append(nbformat.v4.new_code_cell(source, metadata={} if kind == "given" else {"nbgrader": grade}))
    return nbformat.v4.new_notebook(cells=made)


def test_a_name_that_a_test_makes_after_asking_the_learner_is_named() -> None:
    found = list(names_lent_too_late(notebook(("test", LATE), ("test", "assert helper == 1"))))
    assert found == ["cell cell-1: uses what another test makes after asking the learner: helper (cell-0)"]


@pytest.mark.parametrize("use", ["def f():\n    return helper", "x = [helper for _ in range(3)]", "print(helper.name)"])
def test_it_is_found_wherever_it_is_read(use: str) -> None:
    assert list(names_lent_too_late(notebook(("test", LATE), ("test", use))))


@pytest.mark.parametrize(
    ("first", "between", "second"),
    [
        (TOP, "pass", "assert helper == 1"),
        (LATE, "helper = 2", "assert helper == 1"),
        (LATE, "pass", "helper = 3\nassert helper == 3"),
        (LATE, "pass", "assert [helper for helper in (1, 2)]"),
        (LATE, "pass", "def f(helper):\n    return helper"),
        (LATE, "%magic", "%magic helper"),
    ],
)
def test_what_the_top_or_a_given_cell_or_the_cell_itself_makes_is_fine(first: str, between: str, second: str) -> None:
    assert list(names_lent_too_late(notebook(("test", first), ("given", between), ("test", second)))) == []


def test_a_solution_may_make_the_name_too() -> None:
    assert list(names_lent_too_late(notebook(("test", LATE), ("solution", "helper = 1"), ("test", "helper")))) == []
