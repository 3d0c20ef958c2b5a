"""The forecast: its arithmetic as tables, and that its interval holds as often as it says on simulated programmes."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from math import comb, isclose

import pytest

from hub.portal.services.programme.forecast import (
    COVERAGE,
    PRIOR_RATE,
    BetaBinomial,
    CohortRecord,
    Verdict,
    concentration,
    forecast,
)

TODAY, LAST = date(2026, 9, 1), date(2026, 12, 31)
RUNNING = CohortRecord("running", date(2026, 11, 30), 0.5, completed=0, failed=0, left_at=(), open=40)
GOOD = CohortRecord("ended", date(2026, 6, 30), 1.2, completed=90, failed=5, left_at=(0.1, 0.2, 0.3, 0.4, 0.8), open=0)


def look(*records: CohortRecord, counted: int = 0, target: int | None = 300):
    return forecast(records, counted, target, (TODAY, LAST))


@pytest.mark.parametrize(("n", "alpha", "beta"), [(1, 1.0, 1.0), (7, 2.5, 0.5), (40, 30.0, 4.0), (3000, 80.0, 9.0)])
def test_the_weights_of_a_beta_binomial_are_its_probabilities(n: int, alpha: float, beta: float):
    weights = BetaBinomial(n, alpha, beta).weights()
    assert isclose(sum(weights), 1, abs_tol=1e-6)
    assert isclose(sum(k * weight for k, weight in enumerate(weights)), n * alpha / (alpha + beta), rel_tol=1e-6)


def test_a_beta_binomial_of_a_sure_rate_is_the_binomial():
    weights = BetaBinomial.of(12, 9.0, 12 * 0.75 * 0.25).weights()
    for k, weight in enumerate(weights):
        assert isclose(weight, comb(12, k) * 0.75**k * 0.25 ** (12 - k), rel_tol=2e-3, abs_tol=1e-6)


@pytest.mark.parametrize(("n", "mean", "variance"), [(40, 35.0, 12.0), (40, 35.0, 30.0), (900, 700.0, 2500.0)])
def test_the_matched_distribution_has_the_moments_asked_for(n: int, mean: float, variance: float):
    weights = BetaBinomial.of(n, mean, variance).weights()
    got = sum(k * weight for k, weight in enumerate(weights))
    assert isclose(got, mean, rel_tol=1e-6)
    assert isclose(sum((k - got) ** 2 * weight for k, weight in enumerate(weights)), variance, rel_tol=1e-3)


@pytest.mark.parametrize(
    ("n", "mean", "variance", "k", "chance"), [(40, 30, 10, 0, 1), (40, 30, 10, -3, 1), (40, 30, 10, 41, 0)]
)
def test_the_chance_of_what_is_sure_or_impossible(n: int, mean: float, variance: float, k: int, chance: float):
    assert BetaBinomial.of(n, mean, variance).at_least(k) == chance


def test_with_nobody_left_the_forecast_is_what_is_counted():
    found = look(GOOD, counted=88)
    assert (found.end.low, found.end.expected, found.end.high) == (88, 88.0, 88)
    assert (found.path, found.chance, found.verdict) == ((), 0.0, Verdict.AT_RISK)


def test_with_no_history_published_figures_stand_in_and_the_interval_is_wide():
    found = look(RUNNING)
    assert isclose(found.end.expected, 40 * PRIOR_RATE, rel_tol=1e-9)
    assert found.end.high - found.end.low >= 8
    assert (found.ended_cohorts, found.ended_people) == (0, 0)


def test_history_narrows_the_interval():
    ended = [replace(GOOD, name=str(number)) for number in range(6)]
    narrow, wide = look(RUNNING, *ended).end, look(RUNNING).end
    assert narrow.high - narrow.low < wide.high - wide.low


def test_who_is_still_there_late_is_likelier_to_complete_than_who_has_just_begun():
    early, late = replace(RUNNING, elapsed=0.0), replace(RUNNING, elapsed=0.9)
    assert look(late, GOOD).end.expected > look(early, GOOD).end.expected


def test_dropouts_so_far_say_nothing_against_those_who_stayed():
    assert look(replace(RUNNING, left_at=(0.1, 0.2, 0.3)), GOOD).end.expected == look(RUNNING, GOOD).end.expected


def test_what_a_cohort_has_already_decided_moves_its_own_rate():
    worse = look(replace(RUNNING, elapsed=1.0, completed=5, failed=15, open=20), GOOD).cohorts[0].rate
    better = look(replace(RUNNING, elapsed=1.0, completed=20, failed=0, open=20), GOOD).cohorts[0].rate
    assert worse < 0.6
    assert better > 0.9


def test_a_cohort_that_ends_after_the_programme_brings_nothing():
    found = look(replace(RUNNING, ends_on=date(2027, 1, 31)), counted=7)
    assert (found.open, found.end.expected) == (0, 7.0)


@pytest.mark.parametrize(
    ("counted", "target", "verdict"),
    [
        (300, 300, Verdict.REACHED),
        (270, 300, Verdict.ON_TRACK),
        (264, 300, Verdict.UNSURE),
        (255, 300, Verdict.AT_RISK),
        (270, None, None),
    ],
)
def test_the_verdict_follows_the_chance_of_the_goal(counted: int, target: int | None, verdict: Verdict | None):
    assert look(RUNNING, GOOD, counted=counted, target=target).verdict is verdict


def test_the_way_there_never_falls_and_ends_at_the_end():
    others = [replace(RUNNING, name=str(n), ends_on=TODAY + timedelta(days=20 * n)) for n in range(-1, 5)]
    found = look(GOOD, *others, counted=90)
    assert [each.day for each in found.path] == sorted({each.day for each in found.path})
    assert found.path[0].day == TODAY  # what ended before today is decided any day now
    for earlier, later in zip(found.path, found.path[1:], strict=False):
        assert earlier.low <= later.low
        assert earlier.expected < later.expected
    assert found.path[-1] == found.end
    assert found.end.low <= found.end.expected <= found.end.high


def test_the_same_data_give_the_same_forecast_in_any_order():
    others = [replace(RUNNING, name=str(n), open=n) for n in range(1, 9)]
    first, second = look(GOOD, *others), look(*reversed(others), GOOD)
    assert isclose(first.end.expected, second.end.expected)
    assert (first.end.low, first.end.high) == (second.end.low, second.end.high)


@pytest.mark.parametrize(("spread", "least", "most"), [(4.0, 3.0, 9.0), (200.0, 15.0, 400.0)])
def test_the_concentration_is_found_again_from_many_cohorts(spread: float, least: float, most: float):
    chance = random.Random(5)
    ended = []
    for number in range(60):
        rate = chance.betavariate(0.85 * spread, 0.15 * spread)
        done = sum(chance.random() < rate for _ in range(60))
        ended.append(CohortRecord(str(number), TODAY, 1.0, done, 60 - done, (), 0))
    assert least <= concentration(ended) <= most


def simulate(chance: random.Random, cohorts: tuple[int, int], spread: float) -> tuple[list[CohortRecord], int]:
    """A programme as the model says: ended and running cohorts, and how many of who is still there will complete."""
    mean = chance.uniform(0.7, 0.95)
    records, comes = [], 0
    for number in range(sum(cohorts)):
        is_running = number >= cohorts[0]
        rate = chance.betavariate(mean * spread, (1 - mean) * spread)
        elapsed = chance.uniform(0.1, 0.95) if is_running else 1.1
        completed = failed = 0
        left: list[float] = []
        for _ in range(chance.randint(25, 50)):
            if chance.random() < rate:
                completed += 1
            elif chance.random() < 0.6:
                left.append(chance.random())
            else:
                failed += 1
        ends = TODAY + timedelta(days=30) if is_running else TODAY - timedelta(days=90)
        if not is_running:
            records.append(CohortRecord(str(number), ends, elapsed, completed, failed, tuple(left), 0))
            continue
        gone = tuple(at for at in left if at <= elapsed)
        comes += completed
        still = completed + failed + len(left) - len(gone)
        records.append(CohortRecord(str(number), ends, elapsed, 0, 0, gone, still))
    return records, comes


@pytest.mark.parametrize(
    ("cohorts", "spread"), [((8, 4), 9.0), ((8, 4), 40.0), ((3, 5), 15.0), ((20, 8), 100.0), ((1, 4), 9.0)]
)
def test_the_interval_holds_about_as_often_as_it_says(cohorts: tuple[int, int], spread: float):
    chance, runs = random.Random(20261122), 400
    inside = 0
    for _ in range(runs):
        records, comes = simulate(chance, cohorts, spread)
        end = forecast(records, 0, 300, (TODAY, LAST)).end
        inside += end.low <= comes <= end.high
    assert COVERAGE - 0.06 <= inside / runs <= COVERAGE + 0.14  # whole people make it a little wider


def test_a_chance_of_so_much_comes_true_about_so_often():
    chance, hits = random.Random(7), {True: [0, 0], False: [0, 0]}
    for _ in range(600):
        records, comes = simulate(chance, (8, 4), 15.0)
        still = sum(record.open for record in records)
        target = round(still * chance.uniform(0.7, 1.0))
        said = forecast(records, 0, target, (TODAY, LAST)).chance or 0.0
        if 0.2 <= said < 0.4 or 0.6 <= said < 0.8:
            pair = hits[said >= 0.5]
            pair[0] += comes >= target
            pair[1] += 1
    assert all(tried > 40 for _, tried in hits.values())
    assert 0.15 <= hits[False][0] / hits[False][1] <= 0.45
    assert 0.55 <= hits[True][0] / hits[True][1] <= 0.85
