from __future__ import annotations

import os
from pathlib import Path

import pytest

from courses.build import notebook_from_script
from courses.errors import CourseError
from courses.runtime import HIDDEN_SEED_VARIABLE
from courses.trial import Trial, answers_from_script, empty_answers, try_answers

SCRIPT = """\
# %%
from courses.runtime import hidden_seed, learner_seed

# %% nbgrader={"grade_id": "half", "solution": true}
### BEGIN SOLUTION
half = learner_seed() / 2
### END SOLUTION

# %% nbgrader={"grade_id": "half-test", "grade": true, "points": 2}
assert half == learner_seed() / 2
measured = {"half": half, "hidden": hidden_seed()}

# %% nbgrader={"grade_id": "partial-test", "grade": true, "points": 4}
min(half, 4) / 2
"""
NOTEBOOK = notebook_from_script(SCRIPT, name="trial")


def tried(folder: Path, answers: dict[str, str]) -> Trial:
    return try_answers(NOTEBOOK, answers, seed=6, hidden_seed=9, folder=folder)


def test_the_reference_gets_points_and_partial_points(tmp_path: Path) -> None:
    trial = tried(tmp_path, {})
    assert [cell.points for cell in trial.cells] == [2, 1.5]
    assert trial.max_points == 6


def test_test_cells_hand_over_what_they_measured(tmp_path: Path) -> None:
    assert tried(tmp_path, {}).cells[0].measured == {"half": 3, "hidden": 9}


def test_an_answer_replaces_the_reference(tmp_path: Path) -> None:
    trial = tried(tmp_path, {"half": "half = 100"})
    assert [cell.points for cell in trial.cells] == [0, 2]
    assert "AssertionError" in str(trial.cells[0].error)


def test_empty_work_gets_nothing_and_says_why(tmp_path: Path) -> None:
    trial = tried(tmp_path, empty_answers(NOTEBOOK))
    assert trial.points == 0
    assert "NotImplementedError" in trial.errors["half"]


def test_points_above_the_maximum_are_cut(tmp_path: Path) -> None:
    script = SCRIPT.replace("min(half, 4) / 2", "1e9")
    trial = try_answers(notebook_from_script(script, name="t"), {}, seed=6, hidden_seed=9, folder=tmp_path)
    assert trial.cells[1].points == 4


@pytest.mark.parametrize("ending", ["True", "float('nan')", "'4'", "__import__('numpy').int64(4)"])
def test_an_ending_that_is_no_score_is_the_authors_error(tmp_path: Path, ending: str) -> None:
    script = SCRIPT.replace("min(half, 4) / 2", ending)
    trial = try_answers(notebook_from_script(script, name="t"), {}, seed=6, hidden_seed=9, folder=tmp_path)
    assert trial.cells[1].points == 0
    assert "plain int or float" in str(trial.cells[1].error)


def test_the_process_is_left_as_it_was(tmp_path: Path) -> None:
    before = Path.cwd()
    tried(tmp_path, {})
    assert Path.cwd() == before
    assert HIDDEN_SEED_VARIABLE not in os.environ


def test_a_variant_that_names_a_test_cell_is_refused() -> None:
    script = '# %% nbgrader={"grade_id": "half-test"}\npass\n'
    with pytest.raises(CourseError, match=r"sly\.py: not a solution cell.*half-test"):
        answers_from_script(script, NOTEBOOK, name="sly.py")
