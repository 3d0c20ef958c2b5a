"""Scores equal stock nbgrader's, cell by cell, wherever nbgrader is right."""

import pytest

from graders.contract import Isolation
from graders.engine.zygote_pool import WarmProcesses
from graders.runners.local import LocalRunner
from tests.graders.differential.compare import compare, table
from tests.graders.differential.corpus import EXERCISES, assignments
from tests.graders.differential.differences import DIFFERENCES
from tests.graders.differential.stock import is_current, load_stored


def test_the_corpus_is_large_enough():
    assert sum(len(each.answers) for each in EXERCISES) >= 120


def test_names_of_exercises_are_unique():
    assert len({each.name for each in EXERCISES}) == len(EXERCISES)


def test_every_known_difference_is_about_an_exercise_of_the_corpus():
    answers = {(each.name, answer) for each in EXERCISES for answer in each.answers}
    assert {key[:2] for key in DIFFERENCES} <= answers


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_scores_are_stock_nbgraders_but_for_its_known_mistakes():
    stored = load_stored()
    found = [each for each in assignments() if is_current(stored, each)]
    with LocalRunner(2) as runner, WarmProcesses() as warm:
        compared = list(compare(found, stored, runner, warm))
    assert len({(each.exercise, each.answer) for each in compared}) >= 100
    assert all(each.is_explained for each in compared), table(compared)
    apart = sum(each.isolation in (Isolation.ISOLATED, Isolation.LOCAL_MODULES) for each in compared)
    assert apart / len(compared) >= 0.99
