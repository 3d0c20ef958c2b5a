import math
from fractions import Fraction

import numpy as np
import pytest

from graders.contract import Outcome
from graders.engine.results import Ending, TestTimeout, read_ending, score_of
from graders.engine.wire import GarbledError, GoneError, OutOfTimeError


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (AssertionError("x"), Outcome.FAILED),
        (ValueError("x"), Outcome.ERROR),
        (NameError("x"), Outcome.ERROR),
        (SystemExit(0), Outcome.ERROR),
        (KeyboardInterrupt(), Outcome.ERROR),
        (TestTimeout(), Outcome.TIMEOUT),
        (OutOfTimeError(), Outcome.TIMEOUT),
        (MemoryError(), Outcome.MEMORY),
        (GoneError(), Outcome.KILLED),
        (GarbledError(), Outcome.KILLED),
    ],
)
def test_every_exception_gives_no_points_and_says_why(error, outcome):
    got, points, message = read_ending(Ending(error=error), 2)
    assert (got, points) == (outcome, 0)
    assert message
    assert message.ko
    assert message.en


@pytest.mark.parametrize(
    ("value", "points", "outcome"),
    [
        (None, 2, Outcome.PASSED),
        (2, 2, Outcome.PASSED),
        (1.5, 1.5, Outcome.PARTIAL),
        (0, 0, Outcome.FAILED),
        (np.float64(0.0), 0, Outcome.FAILED),
        (np.float32(1), 1, Outcome.PARTIAL),
        (np.int64(2), 2, Outcome.PASSED),
        (np.array(1.0), 1, Outcome.PARTIAL),
        (Fraction(1, 2), 0.5, Outcome.PARTIAL),
    ],
)
def test_a_real_number_within_the_maximum_is_the_score(value, points, outcome):
    assert read_ending(Ending(value=value, has_value=True), 2)[:2] == (outcome, points)


@pytest.mark.parametrize(
    "value",
    [
        True,
        False,
        np.bool_(True),
        math.nan,
        math.inf,
        -1,
        2.1,
        10**400,
        "2",
        b"2",
        [2],
        (1,),
        1j,
        np.nan,
        np.ones(1),
        {},
    ],
)
def test_whatever_is_no_score_needs_a_person(value):
    outcome, points, message = read_ending(Ending(value=value, has_value=True), 2)
    assert (outcome, points) == (Outcome.AUTHOR_ERROR, None)
    assert message


def test_an_object_that_looks_like_a_number_is_no_score():
    class Number:
        def __float__(self):
            return 2.0

        def __repr__(self):
            return "2.0"

    assert score_of(Number(), 2) is None


def test_only_a_line_that_the_student_has_is_shown():
    _, _, shown = read_ending(Ending(error=AssertionError("secret"), shown="assert f(1) == 2"), 1)
    _, _, hidden = read_ending(Ending(error=AssertionError("secret")), 1)
    assert "assert f(1) == 2" in shown.en
    assert "secret" not in shown.en + shown.ko + hidden.en + hidden.ko
