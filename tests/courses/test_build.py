from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.build import (
    build_notebook,
    complete_nbgrader,
    notebook_from_script,
    script_from_notebook,
    shorten_nbgrader,
)
from courses.catalog import Assignment, Catalog
from courses.errors import CourseError

SCRIPT = """\
# %% [markdown]
# # 제목 · Title

# %%
x = 1

# %%
x = 1

# %% nbgrader={"grade_id": "double", "solution": true}
def double(value):
    ### BEGIN SOLUTION
    return 2 * value
    ### END SOLUTION

# %% nbgrader={"grade_id": "double-test", "grade": true, "points": 2}
assert double(2) == 4
"""


def test_equal_scripts_give_equal_bytes() -> None:
    assert build_notebook(SCRIPT, name="a") == build_notebook(SCRIPT, name="b")


def test_cell_ids_are_unique_and_named_after_grade_ids() -> None:
    ids = [cell.id for cell in notebook_from_script(SCRIPT, name="a").cells]
    assert max(Counter(ids).values()) == 1
    assert ids[-2:] == ["double", "double-test"]


def test_a_new_cell_above_leaves_other_ids_alone() -> None:
    longer = SCRIPT.replace("# %%\nx = 1", "# %%\ny = 0\n\n# %%\nx = 1", 1)
    before = {cell.id for cell in notebook_from_script(SCRIPT, name="a").cells}
    assert before < {cell.id for cell in notebook_from_script(longer, name="a").cells}


def test_a_script_survives_the_way_through_a_notebook() -> None:
    data = build_notebook(SCRIPT, name="a")
    assert build_notebook(script_from_notebook(data), name="a") == data


def test_every_packaged_notebook_survives_the_way_back(catalog: Catalog) -> None:
    for course in catalog:
        for assignment in course.assignments:
            for stem, text in assignment.scripts.items():
                data = build_notebook(text, name=stem)
                assert build_notebook(script_from_notebook(data), name=stem) == data


def test_a_test_cell_is_locked_and_a_solution_cell_is_not(milling_assignment: Assignment) -> None:
    for notebook in milling_assignment.notebooks().values():
        grades = [cell.metadata["nbgrader"] for cell in notebook.cells if "nbgrader" in cell.metadata]
        assert all(grade["locked"] is not grade["solution"] for grade in grades)


def test_outputs_of_an_instructors_notebook_are_dropped() -> None:
    notebook = json.loads(build_notebook(SCRIPT, name="a"))
    notebook["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "secret"}]
    assert "secret" not in script_from_notebook(json.dumps(notebook).encode())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"points": 2', '"pionts": 2', "unknown nbgrader keys pionts"),
        (', "points": 2', "", "needs points"),
        ('"double-test"', '"double test"', "must be 1-64"),
        ('"double-test"', '"double"', "used twice: double"),
    ],
)
def test_metadata_nbgrader_would_trip_over_is_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        build_notebook(SCRIPT.replace(old, new), name="a.py")


@given(
    solution=st.booleans(),
    grade=st.booleans(),
    points=st.sampled_from([0, 1, 2.5]),
    locked=st.none() | st.booleans(),
)
def test_shortening_loses_nothing(solution: bool, grade: bool, points: float, locked: bool | None) -> None:
    short: dict[str, Any] = {"grade_id": "x", "solution": solution, "grade": grade}
    short |= {"points": points} if grade else {}
    short |= {} if locked is None else {"locked": locked}
    full = complete_nbgrader(short, "code")
    assert complete_nbgrader(shorten_nbgrader(full), "code") == full
