"""What cannot cross the bridge, found by line when the reference runs, with the way out; and the last rung."""

from __future__ import annotations

import re
import traceback
from typing import Any

from graders.engine.exceptions import find_exception_class
from graders.engine.trusted_model import TestCell

#: What an error of the reference's run says about the test, and what its author can write instead.
_WAYS_OUT: tuple[tuple[str, str], ...] = (
    (r"PickleRefusedError", "a test does not unpickle students' files: let the solution load the file, test its data"),
    (r"subclass|metaclass", "a test cannot subclass a student's class: use an instance"),
    (r"pickle|deepcopy|__reduce", "an object of the student cannot be copied or pickled: test its attributes"),
    (r"NotAllowedError|not supported between", "compare plain data: ask for an attribute or for model.predict(X)"),
    (r"may come from the student", "a test does not run the solution's text: call its functions, test their results"),
    (r"CannotCrossError", "this magic does not run in a test cell: write plain Python"),
    (r"ModuleNotFoundError|ImportError", "the trusted side lacks this module: add it to the course's helper files"),
    (r"coroutine|await", "let the solution run the coroutine and return its value"),
    (r"TestTimeout|OutOfTimeError", "too many small questions or too slow: ask once for a whole list or array"),
    (r"NameError", "this name is not there when the reference has run: is it defined in a cell before the test?"),
)
_GENERAL = (
    "the value used here stays an object of the student's process: ask for plain data of it "
    "(numbers, lists, arrays, frames), as in model.predict(X) or list(result)"
)


class OddValue:
    """Stands for a last value that is no score: the table makes it an author error."""


class ShownValue:
    """Stands for a last value that can't be meant as points, such as a tuple."""


def test_filename(cell: TestCell) -> str:
    """The file name under which a test cell is compiled, as tracebacks show it."""
    return f"<test {cell.grade_id}>"


test_filename.__test__ = False  # type: ignore[attr-defined]  # pytest collects by name


def find_cannot_cross(error: BaseException | None, cell: TestCell) -> tuple[tuple[int, str], ...]:
    """``((line, way out),)`` for a test that the reference does not pass over the bridge; lines count from 1."""
    if error is None:
        return ()
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == test_filename(cell) and frame.lineno]
    return ((lines[-1] if lines else 1, way_out(error)),)


def way_out(error: BaseException) -> str:
    """What the author can write instead."""
    if isinstance(error, AssertionError):
        return _GENERAL
    text = f"{type(error).__name__}: {_text(error)}"
    return next((advice for pattern, advice in _WAYS_OUT if re.search(pattern, text)), _GENERAL)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001  # its text may ask an object of the student
        return ""


def value_beside(answer: Any) -> Any:
    """Last value of a test that ran beside the student's code; raises what it raised."""
    if type(answer) is not dict or "odd" in answer:
        return OddValue()
    if "shown" in answer:
        return ShownValue()
    if "value" in answer:
        value = answer["value"]
        return value if value is None or type(value) in (int, float) else OddValue()
    error = find_exception_class(answer.get("classes"))(str(answer.get("text"))[:2000])
    error.__axc_trace__ = str(answer.get("trace"))[:6000]  # type: ignore[attr-defined]
    raise error
