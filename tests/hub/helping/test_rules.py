"""Only an instructor of a course that the student takes may be let in, and only for a time that is offered."""

from __future__ import annotations

import pytest

from hub.helping.rules import HelpError, asked_minutes, may_help

STUDENT = ["course:ai:student", "role:student"]


@pytest.mark.parametrize(
    ("helper", "may"),
    [
        (["course:ai:instructor"], True),
        (["course:other:instructor", "course:ai:instructor"], True),
        (["course:other:instructor", "role:instructor"], False),
        (["course:ai:student"], False),
        (["role:administrator", "role:coordinator"], False),
        ([], False),
    ],
)
def test_who_teaches_the_student_s_course_may_help(helper: list[str], may: bool) -> None:
    assert may_help(helper, STUDENT) is may


def test_who_takes_no_course_is_helped_by_nobody() -> None:
    assert not may_help(["course:ai:instructor"], ["course:ai:instructor"])


@pytest.mark.parametrize("text", ["", "0", "14", "600", "-15", "15 ", "1e1", "sixty"])
def test_a_time_that_is_not_offered_is_refused(text: str) -> None:
    with pytest.raises(HelpError):
        asked_minutes(text)


def test_a_time_that_is_offered_is_taken() -> None:
    assert asked_minutes("30") == 30
