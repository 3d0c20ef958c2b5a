from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.culling.policy import Decision, Notice, Reason, Rules, Server, Step, decide, is_working, lease_end, words

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RULES = Rules(idle=timedelta(minutes=15), session=timedelta(hours=4))


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def server(**facts: Any) -> Server:
    usual = {"started_at": ago(60), "last_activity": ago(1), "has_gpu": True, "kernel_busy": False, "gpu_percent": 0.0}
    return Server(**{**usual, **facts})


def told(reason: Reason, minutes: float) -> Notice:
    return Notice(reason, NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        ({}, Step.KEEP),
        ({"last_activity": ago(15)}, Step.NOTICE),
        ({"last_activity": ago(90)}, Step.NOTICE),  # first a notice, however late it is noticed
        ({"last_activity": ago(20), "notice": told(Reason.IDLE, 1)}, Step.NOTICE),
        ({"last_activity": ago(20), "notice": told(Reason.IDLE, 0)}, Step.STOP),
        ({"last_activity": ago(90), "kernel_busy": True}, Step.KEEP),
        ({"last_activity": ago(90), "gpu_percent": 80.0}, Step.KEEP),
        ({"last_activity": ago(90), "gpu_percent": None, "kernel_busy": None}, Step.KEEP),
        ({"last_activity": ago(90), "gpu_percent": None}, Step.NOTICE),  # the kernel is known to be idle
        ({"last_activity": ago(90), "kernel_busy": None, "has_gpu": False, "gpu_percent": None}, Step.NOTICE),
        ({"last_activity": ago(90), "lease_until": NOW + timedelta(minutes=1)}, Step.KEEP),
        ({"last_activity": ago(90), "lease_until": NOW}, Step.NOTICE),
        ({"started_at": ago(235)}, Step.NOTICE),
        ({"started_at": ago(240), "notice": told(Reason.SESSION_OVER, 0)}, Step.STOP),
        ({"started_at": ago(500), "notice": told(Reason.SESSION_OVER, -60), "gpu_percent": 90.0}, Step.NOTICE),
        ({"started_at": ago(240), "notice": told(Reason.IDLE, -1)}, Step.NOTICE),  # another reason: told anew
    ],
)
def test_a_server_is_kept_told_or_stopped(facts: dict[str, Any], step: Step) -> None:
    assert decide(server(**facts), RULES, NOW).step is step


def test_whoever_comes_back_keeps_the_server_and_the_notice_is_taken_back() -> None:
    assert decide(server(notice=told(Reason.IDLE, 2)), RULES, NOW) == Decision(Step.KEEP)


def test_a_notice_keeps_its_first_time() -> None:
    first = told(Reason.IDLE, 2)
    assert decide(server(last_activity=ago(30), notice=first), RULES, NOW).notice == first


minutes = st.integers(0, 2000)
percents = st.one_of(st.none(), st.floats(0, 100))
notices = st.one_of(st.none(), st.builds(told, st.sampled_from(Reason), st.integers(-500, 500)))
servers = st.builds(
    Server,
    started_at=minutes.map(ago),
    last_activity=minutes.map(ago),
    has_gpu=st.booleans(),
    kernel_busy=st.one_of(st.none(), st.booleans()),
    gpu_percent=percents,
    lease_until=st.one_of(st.none(), st.integers(-500, 500).map(lambda n: NOW + timedelta(minutes=n))),
    notice=notices,
)


@given(servers)
def test_nothing_is_ever_stopped_that_works_or_was_not_told(one: Server) -> None:
    if decide(one, RULES, NOW).step is Step.STOP:
        assert not is_working(one, RULES)
        assert one.notice is not None
        assert one.notice.stops_at <= NOW
        assert one.lease_until is None or one.lease_until <= NOW


def test_a_lease_never_runs_past_the_longest_session() -> None:
    hour = timedelta(hours=1)
    assert lease_end(server(), hour, 8 * hour, NOW) == NOW + hour
    assert lease_end(server(), 24 * hour, 8 * hour, NOW) == ago(60) + 8 * hour


@pytest.mark.parametrize("reason", Reason)
def test_a_notice_says_when_and_that_files_stay_in_both_languages(reason: Reason) -> None:
    korean, english = words(told(reason, 5), "12:05")
    assert all("12:05" in text for text in (korean, english))
    assert "파일은 그대로" in korean
    assert "files are kept" in english
