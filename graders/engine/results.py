"""The one table of what a test cell's end means: exceptions, partial credit, time, memory, a dead student side.

nbgrader's own reading gives full points for ``np.float64(0.0)``, ``nan`` and ``False`` and none for a
right answer with a warning on stderr; this table is why we don't use it.
"""

from __future__ import annotations

import math
import numbers
import unittest
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from graders.contract import Flag, Isolation, Outcome, Text
from graders.engine.crossing import OddValue
from graders.engine.wire import BridgeError, OutOfTimeError


class TestTimeout(BaseException):
    """The test cell's own time is over; not an ``Exception``, so that tests don't catch it."""

    __test__ = False


@dataclass(frozen=True)
class TestResult:
    """What one test cell gave. ``printed`` and ``staff_message`` are for staff only."""

    __test__ = False

    outcome: Outcome
    points: float | None
    max_points: float
    message: Text | None = None
    staff_message: str | None = None
    isolation: Isolation = Isolation.ISOLATED
    printed: str = ""
    seconds: float = 0.0
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True)
class Ending:
    """How a test cell ended, before the table is read. ``shown`` may be seen by the student."""

    error: BaseException | None = None
    value: Any = None
    has_value: bool = False
    shown: str | None = None


def _text(ko: str, en: str) -> Text:
    return Text(ko=ko, en=en)


TIMEOUT = _text(
    "테스트가 제한 시간 안에 끝나지 않았습니다. 끝나지 않는 반복이 있는지 확인하십시오.",
    "The test did not end in time. Look for a loop that does not end.",
)
MEMORY = _text(
    "테스트 중 메모리 한도를 넘었습니다.",
    "The memory limit was exceeded during the test.",
)
KILLED = _text(
    "테스트 중 작성하신 코드의 프로세스가 끝났거나 알 수 없는 응답을 보냈습니다.",
    "During the test the process of your code ended or sent an answer that cannot be read.",
)
AUTHOR = _text(
    "이 테스트는 점수로 볼 수 없는 값을 돌려주었습니다. 담당자가 확인합니다.",
    "This test returned something that is no score. A person will look at it.",
)
FAILED = _text("테스트가 요구하는 결과와 다릅니다.", "The result is not what the test asks for.")
NAME_ERROR = _text(
    "테스트에 필요한 이름이 정의되어 있지 않습니다: 해당 셀이 오류 없이 실행되었는지 확인하십시오.",
    "A name that the test needs is not defined: check that your cell ran without an error.",
)


def _never() -> bool:
    return False


def read_ending(
    ending: Ending, max_points: float, may_show: Callable[[], bool] = _never
) -> tuple[Outcome, float | None, Text | None]:
    """Turn the end of a test cell into (outcome, points, message for the student).

    ``may_show`` is asked only about a last value that nobody can mean as points (``x.shape``): whether the
    reference's was none either, so that the cell shows it and passes without an error, as in nbgrader.
    """
    if ending.error is not None:
        return _read_error(ending.error, ending.shown)
    if not ending.has_value or ending.value is None:
        return Outcome.PASSED, max_points, None
    points = score_of(ending.value, max_points)
    if points is None:
        is_shown = is_display(ending.value) and may_show()
        return (Outcome.PASSED, max_points, None) if is_shown else (Outcome.AUTHOR_ERROR, None, AUTHOR)
    if points == max_points:
        return Outcome.PASSED, points, None
    ko, en = f"{max_points:g}점 중 {points:g}점입니다.", f"{points:g} of {max_points:g} points."
    return (Outcome.PARTIAL if points else Outcome.FAILED), points, _text(ko, en)


def _read_error(error: BaseException, shown: str | None) -> tuple[Outcome, float, Text]:
    if isinstance(error, TestTimeout | OutOfTimeError):
        return Outcome.TIMEOUT, 0.0, TIMEOUT
    if isinstance(error, MemoryError):
        return Outcome.MEMORY, 0.0, MEMORY
    if isinstance(error, BridgeError):
        return Outcome.KILLED, 0.0, KILLED
    if isinstance(error, AssertionError):
        return Outcome.FAILED, 0.0, _with(FAILED, shown)
    if isinstance(error, NameError):
        return Outcome.ERROR, 0.0, _with(NAME_ERROR, shown)
    kind = _public_name(error)
    general = _text(f"테스트 중 오류가 났습니다: {kind}", f"The test met an error: {kind}")
    return Outcome.ERROR, 0.0, _with(general, shown)


def _public_name(error: BaseException) -> str:
    """Name of the nearest class of the standard library or an installed library, never a student's text."""
    name = type(error).__name__
    return name if name.isidentifier() and len(name) <= 60 else "Exception"


def _with(text: Text, shown: str | None) -> Text:
    return text if not shown else _text(f"{text.ko}\n{shown}", f"{text.en}\n{shown}")


def score_of(value: Any, max_points: float) -> float | None:
    """Points of a test's last value, or None where it is no score: only a real finite number in 0..max is one.

    A result of ``unittest`` is all or nothing (nbgrader gives nothing at all: its runner writes to stderr).
    """
    tests = value.result if type(value) is unittest.TestProgram else value
    if issubclass(type(tests), unittest.TestResult):
        return _points_of_tests(tests, max_points)
    number = _real_number(value)
    if number is None or not math.isfinite(number) or not 0 <= number <= max_points:
        return None
    return number


def _points_of_tests(tests: unittest.TestResult, max_points: float) -> float | None:
    """No test at all is the author's mistake, and so is one that was skipped."""
    if not tests.wasSuccessful():
        return 0.0
    return max_points if tests.testsRun and not tests.skipped else None


def is_display(value: Any) -> bool:
    """Whether nobody can mean this last value as points: no number, truth value or text."""
    kind = type(value)
    if issubclass(kind, bool | numbers.Number | np.generic | str | bytes | unittest.TestResult | OddValue):
        return False
    return kind is not unittest.TestProgram and not _is_scalar_array(value)


def _is_scalar_array(value: Any) -> bool:
    return type(value).__module__ in ("numpy", "torch") and getattr(value, "ndim", None) == 0


def _real_number(value: Any) -> float | None:
    if isinstance(value, bool | np.bool_):
        return None
    if isinstance(value, numbers.Real | np.integer | np.floating):
        return _as_float(value)
    if _is_scalar_array(value):
        return _real_number(value.item())
    return None


def _as_float(value: Any) -> float | None:
    try:
        return float(value)
    except (OverflowError, ValueError):
        return None
