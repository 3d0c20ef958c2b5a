"""What comes from a student's process is kept only where it is an output of nbformat 4."""

import json
from typing import Any

import nbformat
import pytest

from graders.engine.outputs import MAX_OUTPUTS, OutputBudget, clean_outputs

STREAM = {"output_type": "stream", "name": "stdout", "text": "1\n"}
RESULT = {"output_type": "execute_result", "data": {"text/plain": "1"}, "metadata": {}, "execution_count": 1}
ERROR = {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["line"]}


@pytest.mark.parametrize("output", [STREAM, RESULT, ERROR])
def test_a_valid_output_stays_as_it_is(output: dict[str, Any]) -> None:
    assert clean_outputs([output], 1000) == [output]


@pytest.mark.parametrize(
    "output",
    [
        7,
        {},
        {"output_type": "stream", "name": "secret", "text": ""},
        {"output_type": "stream", "name": "stdout", "text": ["a"]},
        {"output_type": "error", "traceback": "x"},
        {"output_type": "display_data", "data": [], "metadata": {}},
        {"output_type": "display_data", "data": {"text/html": 7}, "metadata": {}},
    ],
)
def test_an_invalid_output_becomes_a_note(output: object) -> None:
    assert "unreadable" in clean_outputs([output], 1000)[0]["text"]


@pytest.mark.parametrize("raw", [None, "text", {"a": 1}])
def test_what_is_no_list_has_no_outputs(raw: object) -> None:
    assert clean_outputs(raw, 1000) == []


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 10**5000], ids=["nan", "inf", "huge"])
def test_numbers_that_cannot_be_stored_become_a_note(number: float) -> None:
    output = {"output_type": "display_data", "data": {"application/json": number}, "metadata": {}}
    assert "unreadable" in clean_outputs([output], 1000)[0]["text"]


def test_deep_nesting_becomes_a_note() -> None:
    deep: object = 1
    for _ in range(900):
        deep = [deep]
    output = {"output_type": "display_data", "data": {"application/json": deep}, "metadata": {}}
    assert "unreadable" in clean_outputs([output], 1000)[0]["text"]


def test_keys_that_the_format_does_not_know_are_dropped() -> None:
    assert clean_outputs([{**STREAM, "evil": 1}], 1000) == [STREAM]


def test_half_a_surrogate_pair_can_be_stored_afterwards() -> None:
    cleaned = clean_outputs([{**STREAM, "text": "\ud800"}], 1000)
    assert json.dumps(cleaned, ensure_ascii=False).encode()


def test_the_budget_is_kept() -> None:
    cleaned = clean_outputs([{**STREAM, "text": "x" * 1000}] * MAX_OUTPUTS, 1000)
    assert len(json.dumps(cleaned)) < 20_000


def test_a_notebook_has_a_budget_too_and_small_outputs_still_fit_after_a_large_one_was_dropped() -> None:
    budget = OutputBudget(300)
    assert "unreadable" in budget.keep([{**STREAM, "text": "x" * 400}])[0]["text"]
    assert budget.keep([STREAM]) == [STREAM]


def test_cleaned_outputs_are_valid_in_a_notebook() -> None:
    outputs = clean_outputs([STREAM, RESULT, ERROR, 7], 1000)
    cell = nbformat.v4.new_code_cell("1", outputs=[nbformat.from_dict(output) for output in outputs])
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))
