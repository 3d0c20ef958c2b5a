import io
import math
import unittest
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from graders.contract import Outcome
from graders.engine.crossing import OddValue, ShownValue
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


@pytest.mark.parametrize("value", [(2, 3), [2], {}, np.ones(1), np.ones((2, 2)), object(), ShownValue()])
def test_what_nobody_can_mean_as_points_is_shown_where_the_reference_shows_something_too(value):
    ending = Ending(value=value, has_value=True)
    assert read_ending(ending, 2, lambda: True) == (Outcome.PASSED, 2, None)
    assert read_ending(ending, 2, lambda: False)[:2] == (Outcome.AUTHOR_ERROR, None)


@pytest.mark.parametrize("value", [True, np.bool_(False), math.nan, -1, 3, "2", b"2", 1j, Decimal(1), OddValue()])
def test_what_could_be_meant_as_points_is_never_just_shown(value):
    ending = Ending(value=value, has_value=True)
    assert read_ending(ending, 2, lambda: True)[:2] == (Outcome.AUTHOR_ERROR, None)


def holds(case):
    assert case


def fails(case):
    assert not case


def unittest_result(*methods):
    """What ``TextTestRunner`` gives for test methods with these bodies."""
    case = type("Case", (unittest.TestCase,), {f"test_{i}": body for i, body in enumerate(methods)})
    return unittest.TextTestRunner(io.StringIO()).run(unittest.defaultTestLoader.loadTestsFromTestCase(case))


@pytest.mark.parametrize(
    ("methods", "points"),
    [
        ([holds], 2),
        ([holds, fails], 0),
        ([lambda case: 1 / 0], 0),
        ([lambda case: case.skipTest("not today")], None),
        ([], None),
    ],
)
def test_a_result_of_unittest_is_all_or_nothing(methods, points):
    assert score_of(unittest_result(*methods), 2) == points


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
