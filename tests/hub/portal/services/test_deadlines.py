"""The deadline rules as tables."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

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
    adjust,
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


BERLIN = ZoneInfo("Europe/Berlin")  # has clock changes; Korea has none


def berlin(month: int, day: int, hour: int, fold: int = 0) -> datetime:
    return datetime(2026, month, day, hour, 30, fold=fold, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("due", "received", "late_by", "percent"),
    [
        # autumn: 02:30 happens twice; 24 hours on the clock face are 25
        (berlin(10, 25, 0), berlin(10, 26, 0), 25 * HOUR, 20),
        (berlin(10, 25, 2), berlin(10, 25, 2, fold=1), HOUR, 10),
        # spring: 24 hours on the clock face are 23
        (berlin(3, 29, 0), berlin(3, 30, 0), 23 * HOUR, 10),
    ],
)
def test_a_clock_change_between_due_and_received_is_counted_in_real_hours(
    due: datetime, received: datetime, late_by: timedelta, percent: float
) -> None:
    found = judge(Deadline(due_at=due, late=PER_DAY), received)
    assert (found.late_by, found.penalty_percent) == (late_by, percent)


def test_grace_over_a_clock_change_is_real_time_too() -> None:
    due = berlin(10, 25, 1)
    rule = Deadline(due_at=due, closes_at=due, grace=2 * HOUR, late=PER_DAY)
    assert not judge(rule, berlin(10, 25, 2, fold=1)).is_late
    assert judge(rule, berlin(10, 25, 3)).is_late
    assert admission(rule, berlin(10, 25, 3)) is Admission.CLOSED


moments = st.timedeltas(timedelta(0), 700 * DAY).map(lambda span: DUE + span)
spans = st.timedeltas(timedelta(0), 20 * DAY)
deadlines = st.builds(
    lambda due, before, after, grace, late: Deadline(due - before, due, due + after, grace, late),
    *(moments, spans, spans, st.timedeltas(timedelta(0), DAY)),
    st.builds(
        LatePolicy, kind=st.sampled_from(LateKind), percent_per_day=st.floats(0, 100), cap_percent=st.floats(0, 100)
    ),
)


@given(rule=deadlines, at=moments, zone=st.sampled_from(["Asia/Seoul", "Europe/Berlin", "America/New_York"]))
def test_the_zone_in_which_a_moment_is_written_changes_nothing(rule: Deadline, at: datetime, zone: str) -> None:
    there = ZoneInfo(zone)
    moved = Deadline(
        rule.opens_at and rule.opens_at.astimezone(there),
        rule.due_at and rule.due_at.astimezone(there),
        rule.closes_at and rule.closes_at.astimezone(there),
        rule.grace,
        rule.late,
    )
    assert judge(moved, at.astimezone(there)) == judge(rule, at)
    assert admission(moved, at.astimezone(there)) is admission(rule, at)


@given(rule=deadlines, at=moments, more=spans)
def test_an_extension_never_makes_anything_worse(rule: Deadline, at: datetime, more: timedelta) -> None:
    longer = extend(rule, at + more, None)
    assert judge(longer, at).penalty_percent <= judge(rule, at).penalty_percent
    assert admission(rule, at) is not Admission.OPEN or admission(longer, at) is Admission.OPEN


@given(rule=deadlines, at=moments)
def test_whatever_is_on_time_is_taken_once_it_has_opened(rule: Deadline, at: datetime) -> None:
    if not judge(rule, at).is_late:
        assert admission(rule, at) is not Admission.CLOSED


@given(rule=deadlines, at=moments)
def test_what_is_said_about_lateness_is_what_it_costs(rule: Deadline, at: datetime) -> None:
    found = judge(rule, at)
    words = explain_lateness(found)
    assert (words.en == "on time") == (not found.is_late)
    assert (f"−{found.penalty_percent:g} %" in words.ko) == (found.penalty_percent > 0)


candidates = st.lists(st.tuples(st.floats(0, 10), st.booleans()), min_size=1, max_size=6).map(
    lambda rows: [
        Candidate(number, score, LATE if late else Lateness()) for number, (score, late) in enumerate(rows, 1)
    ]
)


@given(found=candidates, rule=st.sampled_from(CountingRule), order=st.randoms(use_true_random=False))
def test_the_order_in_which_attempts_are_read_decides_nothing(
    found: list[Candidate], rule: CountingRule, order
) -> None:
    shuffled = list(found)
    order.shuffle(shuffled)
    assert choose(rule, shuffled) == choose(rule, found)


@pytest.mark.parametrize(
    ("score", "points", "best", "expected"),
    [
        (8, 0, 10, 8),
        (8, 1.5, 10, 9.5),
        (8, 5, 10, 10),
        (8, -9, 10, 0),
        (11, 0, 10, 11),
        (11, 1, 10, 11),
        (11, -2, 10, 9),
    ],
)
def test_an_adjustment_stays_between_nothing_and_everything(
    score: float, points: float, best: float, expected: float
) -> None:
    assert adjust(score, points, best) == expected
