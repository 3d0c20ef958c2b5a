"""Scores equal stock nbgrader's, cell by cell, wherever nbgrader is right."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from graders.engine.zygote_pool import WarmProcesses
from graders.runners.local import LocalRunner
from tests.graders.differential.compare import compare, share_apart, table
from tests.graders.differential.corpus import (
    EXERCISES,
    PARTS,
    WHOLE,
    Assignment,
    assignments,
    course_assignments,
    part_of,
)
from tests.graders.differential.differences import DIFFERENCES
from tests.graders.differential.stock import is_current, load_stored

HOW = "run: python -m tests.graders.differential stock"


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[LocalRunner, WarmProcesses]]:
    with LocalRunner(2) as runner, WarmProcesses() as warm:
        yield runner, warm


def test_the_corpus_is_large_enough():
    assert sum(len(each.answers) for each in EXERCISES) >= 120


def test_names_of_assignments_are_unique():
    names = [each.name for each in (*EXERCISES, *WHOLE)]
    assert len(set(names)) == len(names)


def test_every_known_difference_is_about_an_answer_of_the_corpus():
    answers = {(each.name, answer) for each in (*EXERCISES, *WHOLE) for answer in each.answers}
    assert {key[:2] for key in DIFFERENCES} <= answers


def test_every_exercise_was_graded_by_stock_nbgrader():
    """Cheap for the exercises; the slow tests below release all assignments and look at the text too."""
    stored = load_stored()
    assert [each.name for each in (*EXERCISES, *WHOLE) if each.name not in stored] == [], HOW


def test_stored_scores_are_of_the_corpus_text():
    stored = load_stored()
    (first, *_) = assignments()
    assert is_current(stored, first), HOW
    entry = stored[first.name] | {"digest": "of another text"}
    assert not is_current({first.name: entry}, first)
    assert not is_current({}, first)


def scores_agree(found: list[Assignment], running: tuple[LocalRunner, WarmProcesses]) -> None:
    stored = load_stored()
    assert [each.name for each in found if not is_current(stored, each)] == [], HOW
    compared = list(compare(found, stored, *running))
    assert all(each.is_explained for each in compared), table(compared)
    assert share_apart(compared) >= 0.99


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_scores_are_stock_nbgraders_but_for_its_known_mistakes(running):
    scores_agree(list(assignments()), running)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_our_own_assignments_score_as_in_stock_nbgrader(running):
    scores_agree(list(course_assignments()), running)


def page() -> str:
    return (Path(__file__).parents[2] / "docs/grading.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("part", PARTS[:2])
def test_the_page_on_grading_has_the_totals_of_the_corpus(part):
    """The third part is the courses': their texts change without this page."""
    scores = {name: entry["scores"] for name, entry in load_stored().items() if part_of(name) == part}
    notebooks = sum(map(len, scores.values()))
    cells = sum(len(tests) for answers in scores.values() for tests in answers.values())
    known = sum(part_of(name) == part for name, _, _ in DIFFERENCES)
    assert f"| {part} | {notebooks} | {cells} | {cells - known} | {known} | 0 | 100.0% |" in page()


def test_the_page_on_grading_names_every_known_difference():
    rows = [f"| {' | '.join(key)} | {stock} | {ours} | {why} |" for key, (stock, ours, why) in DIFFERENCES.items()]
    assert [row for row in rows if row not in page()] == []
