"""A class at its deadline passes; one person in a loop is told when to come back."""

import pytest

from hub.portal.api.context import API
from hub.portal.api.throttle import BURST, PER_SECOND, WRITE_COST, Throttle
from hub.portal.errors import TooManyError


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_three_hundred_people_submitting_in_a_minute_are_nobodys_abuse() -> None:
    clock = Clock()
    throttle = Throttle(clock=clock)
    for person in range(300):
        clock.now = person / 5
        for _ in range(3):
            throttle.take(person, WRITE_COST)


def test_a_panel_and_a_collection_of_a_class_pass() -> None:
    clock = Clock()
    throttle = Throttle(clock=clock)
    for _ in range(301):
        throttle.take(1)
    for second in range(600):
        clock.now = float(second)
        throttle.take(1)


def test_one_person_in_a_loop_is_stopped_and_may_go_on_after_the_time_given() -> None:
    clock = Clock()
    throttle = Throttle(clock=clock)
    for _ in range(int(BURST / WRITE_COST)):
        throttle.take(1, WRITE_COST)
    with pytest.raises(TooManyError) as caught:
        throttle.take(1, WRITE_COST)
    assert caught.value.details == {"retry_after_seconds": WRITE_COST / PER_SECOND}
    throttle.take(2, WRITE_COST)
    clock.now += WRITE_COST / PER_SECOND
    throttle.take(1, WRITE_COST)


def test_a_clock_that_steps_back_gives_nothing_and_takes_nothing() -> None:
    clock = Clock()
    throttle = Throttle(burst=2, per_second=1, clock=clock)
    throttle.take(1)
    clock.now = -100.0
    throttle.take(1)
    with pytest.raises(TooManyError):
        throttle.take(1)


def test_the_api_answers_429_with_retry_after_and_words(sqlite_api, monkeypatch) -> None:
    slow = Throttle(burst=1, per_second=0.1, clock=lambda: 0.0)
    object.__setattr__(sqlite_api.app.extensions[API], "throttle", slow)
    assert sqlite_api.get("/courses").status_code == 200
    answer = sqlite_api.get("/courses")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "10")
    assert "10초 뒤에" in answer.json["error"]["ko"]
    assert "10 s" in answer.json["error"]["en"]
