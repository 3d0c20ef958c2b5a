"""The deadline rules as tables."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.portal.models import CountingRule
from hub.portal.services.deadlines import (
    Admission,
    Candidate,
    Deadline,
    LateKind,
    Lateness,
    LatePolicy,
    admission,
    apply_penalty,
    choose,
    explain_admission,
    explain_lateness,
    explain_policy,
    extend,
    judge,
)

DUE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PER_DAY = LatePolicy(kind=LateKind.PER_DAY, percent_per_day=10, cap_percent=50)
LATE = Lateness(is_late=True, late_by=HOUR, penalty_percent=10)


def deadline(policy: LatePolicy = PER_DAY, grace: timedelta = timedelta(0)) -> Deadline:
    return Deadline(opens_at=DUE - 7 * DAY, due_at=DUE, closes_at=DUE + 7 * DAY, grace=grace, late=policy)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (DUE - 8 * DAY, Admission.NOT_YET),
        (DUE - 7 * DAY, Admission.OPEN),
        (DUE, Admission.OPEN),
        (DUE + 7 * DAY, Admission.OPEN),
        (DUE + 7 * DAY + timedelta(microseconds=1), Admission.CLOSED),
    ],
)
def test_both_ends_belong_to_the_open_time(at: datetime, expected: Admission) -> None:
    assert admission(deadline(), at) is expected


def test_grace_is_not_cut_off_by_a_close_at_the_deadline() -> None:
    strict = Deadline(due_at=DUE, closes_at=DUE, grace=10 * timedelta(minutes=1))
    assert admission(strict, DUE + timedelta(minutes=10)) is Admission.OPEN


def test_without_times_everything_is_open_and_on_time() -> None:
    assert admission(Deadline(), DUE) is Admission.OPEN
    assert judge(Deadline(), DUE) == Lateness()


@pytest.mark.parametrize(
    ("policy", "late_by", "percent"),
    [
        (PER_DAY, timedelta(0), 0),
        (PER_DAY, timedelta(microseconds=1), 10),
        (PER_DAY, 18 * HOUR, 10),
        (PER_DAY, DAY, 10),
        (PER_DAY, DAY + timedelta(seconds=1), 20),
        (PER_DAY, 6 * DAY, 50),
        (LatePolicy(kind=LateKind.NONE), 6 * DAY, 0),
        (LatePolicy(kind=LateKind.ZERO), timedelta(seconds=1), 100),
        (LatePolicy(kind=LateKind.PER_DAY, percent_per_day=60), 6 * DAY, 100),
    ],
)
def test_what_lateness_costs(policy: LatePolicy, late_by: timedelta, percent: float) -> None:
    assert judge(deadline(policy), DUE + late_by).penalty_percent == percent


def test_after_grace_lateness_counts_from_the_deadline() -> None:
    rule = deadline(grace=timedelta(minutes=10))
    assert not judge(rule, DUE + timedelta(minutes=10)).is_late
    assert judge(rule, DUE + timedelta(minutes=11)).late_by == timedelta(minutes=11)


def test_an_extension_moves_due_and_close_and_never_takes_time_away() -> None:
    longer = extend(deadline(), DUE + 9 * DAY, None)
    assert (longer.due_at, longer.closes_at) == (DUE + 9 * DAY, DUE + 9 * DAY)
    assert extend(deadline(), DUE - DAY, DUE - DAY).due_at == DUE


@pytest.mark.parametrize(
    ("rule", "attempts", "number"),
    [
        (CountingRule.LAST, [(1, 9, Lateness()), (2, 3, LATE)], 2),
        (CountingRule.LAST_ON_TIME, [(1, 9, Lateness()), (2, 3, LATE)], 1),
        (CountingRule.LAST_ON_TIME, [(1, 9, LATE), (2, 3, LATE)], 2),
        (CountingRule.BEST, [(1, 9, Lateness()), (2, 9.5, LATE)], 1),
        (CountingRule.BEST, [(2, 9, Lateness()), (1, 9, Lateness())], 1),
    ],
)
def test_which_attempt_counts(rule: CountingRule, attempts: list[tuple[int, float, Lateness]], number: int) -> None:
    chosen = choose(rule, [Candidate(*attempt) for attempt in attempts])
    assert chosen is not None
    assert chosen.number == number


def test_nothing_counts_before_anything_is_scored() -> None:
    assert choose(CountingRule.LAST, []) is None


def test_the_rule_explains_itself() -> None:
    late = explain_lateness(judge(deadline(), DUE + 18 * HOUR))
    assert (late.ko, late.en) == ("18시간 늦음: −10 %", "18 h late: −10 %")
    assert "at most 50 %" in explain_policy(deadline()).en
    assert "연장" in explain_admission(deadline(), DUE + 8 * DAY).ko


@given(
    late=st.timedeltas(min_value=timedelta(0), max_value=30 * DAY),
    more=st.timedeltas(min_value=timedelta(0), max_value=DAY),
    score=st.floats(0, 100),
    percent=st.floats(0, 100),
    cap=st.floats(0, 100),
)
def test_later_never_scores_more_and_never_less_than_the_cap_allows(
    late: timedelta, more: timedelta, score: float, percent: float, cap: float
) -> None:
    rule = deadline(LatePolicy(kind=LateKind.PER_DAY, percent_per_day=percent, cap_percent=cap))
    sooner, later = (apply_penalty(score, judge(rule, DUE + span)) for span in (late, late + more))
    assert 0 <= score * (100 - cap) / 100 - 1e-9 <= later + 1e-9 <= sooner + 2e-9 or score * (100 - cap) / 100 <= 1e-9


def test_a_clock_that_steps_back_does_not_reorder_attempts() -> None:
    first = Candidate(1, 2.0, judge(deadline(), DUE - HOUR))
    second = Candidate(2, 5.0, judge(deadline(), DUE - 2 * HOUR))
    chosen = choose(CountingRule.LAST_ON_TIME, [second, first])
    assert chosen is second
