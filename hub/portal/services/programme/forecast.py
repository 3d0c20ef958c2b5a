"""How many people will count at the programme's end: expected number, interval, chance of the goal. Closed form.

Everybody who still takes part completes or not. How likely that is, is learnt from cohorts that have ended: of those
who were still there at the same point of their time, which share completed. Cohorts differ more than chance alone
explains, so each cohort's share is Beta-distributed around that mean (concentration k, estimated from the ended
cohorts); what a running cohort has already decided itself moves its own. The number that still comes is then a sum of
Beta-binomials with a common uncertain mean; its first two moments are exact up to first order in that mean, and the
interval is that of the one Beta-binomial with those moments. No random numbers: the same data give the same forecast.

While little has ended, published figures stand in (KIAT 2021-22: 2,704 of 3,057 completed, 69 to 100 % by industry),
worth as much as ``PRIOR_PEOPLE`` people of our own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import exp, lgamma, sqrt

PRIOR_RATE = 2704 / 3057
PRIOR_PEOPLE = 10.0
#: Concentration that the published spread by industry (standard deviation about 0.1) amounts to.
PRIOR_SPREAD = 9.0
SPREAD_COHORTS = 4.0  # the prior of the concentration weighs as much as so many cohorts
LEAST_SPREAD, MOST_SPREAD = 3.0, 400.0
COVERAGE = 0.8
LIKELY, UNLIKELY = 0.8, 0.5


class Verdict(StrEnum):
    """What the forecast means for the goal."""

    REACHED = "reached"
    ON_TRACK = "on_track"  # chance of at least 80 %
    UNSURE = "unsure"  # 50 to 80 %
    AT_RISK = "at_risk"  # less than 50 %


@dataclass(frozen=True)
class CohortRecord:
    """One cohort in people. ``left_at``: of who ended without completing before its end, after which share (0 to 1)
    of its time; who was there at the end and did not complete is in ``failed``."""

    name: str
    ends_on: date
    elapsed: float
    completed: int
    failed: int
    left_at: tuple[float, ...]
    open: int

    @property
    def is_ended(self) -> bool:
        """Whether its outcome is known: nobody takes part any more, and its time is over."""
        return self.open == 0 and self.elapsed >= 1

    def still_there(self, elapsed: float) -> int:
        """How many took part after that share of its time."""
        return self.completed + self.failed + sum(left > elapsed for left in self.left_at)


@dataclass(frozen=True)
class Interval:
    """People at the end: expected, and where it lies in 8 of 10 cases; ``day`` says by when."""

    day: date
    expected: float
    low: int
    high: int


@dataclass(frozen=True)
class CohortOutlook:
    """What is expected of one running cohort."""

    name: str
    open: int
    rate: float
    ends_on: date


@dataclass(frozen=True)
class Forecast:
    """The end, the way there by each cohort's end, and what it rests on."""

    counted: int
    open: int
    end: Interval
    path: tuple[Interval, ...]
    chance: float | None
    verdict: Verdict | None
    cohorts: tuple[CohortOutlook, ...]
    ended_cohorts: int
    ended_people: int


@dataclass(frozen=True)
class _Outlook:
    """Moments of what one running cohort still brings: mean, variance given the mean rate, pull of that rate."""

    record: CohortRecord
    rate: float
    mean: float
    variance: float
    pull: float


def forecast(records: Sequence[CohortRecord], counted: int, target: int | None, days: tuple[date, date]) -> Forecast:
    """Forecast from ``counted`` people today to the programme's end (``days``: today, last day).

    Cohorts that end after the last day bring nothing: their completions lie outside the programme's period.
    """
    today, last_day = days
    ended = [record for record in records if record.is_ended and record.still_there(0.0)]
    running = [record for record in records if record.open and record.ends_on <= last_day]
    spread = concentration(ended)
    outlooks = sorted((_outlook(record, ended, spread) for record in running), key=lambda each: each.record.ends_on)
    path = _path(outlooks, counted, today)
    end = path[-1] if path else Interval(today, float(counted), counted, counted)
    chance = None if target is None else _chance(outlooks, target - counted)
    return Forecast(
        counted=counted,
        open=sum(record.open for record in running),
        end=end,
        path=tuple(path),
        chance=chance,
        verdict=None if target is None or chance is None else _verdict(counted >= target, chance),
        cohorts=tuple(
            CohortOutlook(each.record.name, each.record.open, each.rate, each.record.ends_on) for each in outlooks
        ),
        ended_cohorts=len(ended),
        ended_people=sum(record.still_there(-1.0) for record in ended),
    )


def _verdict(is_reached: bool, chance: float) -> Verdict:
    if is_reached:
        return Verdict.REACHED
    if chance >= LIKELY:
        return Verdict.ON_TRACK
    return Verdict.UNSURE if chance >= UNLIKELY else Verdict.AT_RISK


def concentration(ended: Sequence[CohortRecord]) -> float:
    """Estimate k from how much the ended cohorts' rates differ beyond chance (moments), pulled to the prior.

    For cohorts of n people with mean rate p the variance of rates is p(1-p)(1/n + (1-1/n)/(k+1)).
    """
    sizes = [record.still_there(-1.0) for record in ended]
    done = [record.completed for record in ended]
    prior = 1 / (PRIOR_SPREAD + 1)
    if len(ended) < 2:
        return PRIOR_SPREAD
    mean = min(max(sum(done) / sum(sizes), 0.02), 0.98)
    scale = mean * (1 - mean)
    shares = [
        ((made / size - mean) ** 2 / scale * len(ended) / (len(ended) - 1) - 1 / size) / (1 - 1 / size)
        for made, size in zip(done, sizes, strict=True)
        if size > 1
    ]
    pooled = (sum(shares) + SPREAD_COHORTS * prior) / (len(shares) + SPREAD_COHORTS)
    bounded = min(max(pooled, 1 / (MOST_SPREAD + 1)), 1 / (LEAST_SPREAD + 1))
    return 1 / bounded - 1


def _outlook(record: CohortRecord, ended: Sequence[CohortRecord], spread: float) -> _Outlook:
    """Learn a running cohort's rate from the ended ones at the same point of their time, then from itself."""
    elapsed = min(record.elapsed, 1.0)
    there = [(each.completed, each.still_there(elapsed)) for each in ended]
    weight = PRIOR_PEOPLE + sum(number for _, number in there)
    mean = (PRIOR_PEOPLE * PRIOR_RATE + sum(done for done, _ in there)) / weight
    # Ten people of one cohort tell less than ten of ten cohorts: the design effect.
    worth = PRIOR_PEOPLE / (1 + PRIOR_PEOPLE / (spread + 1)) + sum(
        number / (1 + (number - 1) / (spread + 1)) for _, number in there if number
    )
    uncertainty = mean * (1 - mean) / (worth + 1)
    own = record.completed + record.failed
    alpha, beta = mean * spread + record.completed, (1 - mean) * spread + record.failed
    rate = alpha / (alpha + beta)
    chance_alone = record.open * rate * (1 - rate) * (alpha + beta + record.open) / (alpha + beta + 1)
    pull = record.open * spread / (spread + own) * sqrt(uncertainty)
    return _Outlook(record, rate, record.open * rate, chance_alone, pull)


def _path(outlooks: Sequence[_Outlook], counted: int, today: date) -> list[Interval]:
    """Return the interval at each day on which a cohort ends; one whose end has passed is decided any day now."""
    days = sorted({max(each.record.ends_on, today) for each in outlooks})
    path = []
    for day in days:
        total = _total(each for each in outlooks if each.record.ends_on <= day)
        low, high = total.interval(COVERAGE)
        path.append(Interval(day, counted + total.mean, counted + low, counted + high))
    return path


def _chance(outlooks: Iterable[_Outlook], missing: int) -> float:
    return _total(outlooks).at_least(missing)


def _total(outlooks: Iterable[_Outlook]) -> BetaBinomial:
    chosen = list(outlooks)
    variance = sum(each.variance for each in chosen) + sum(each.pull for each in chosen) ** 2
    return BetaBinomial.of(sum(each.record.open for each in chosen), sum(each.mean for each in chosen), variance)


@dataclass(frozen=True)
class BetaBinomial:
    """Successes among ``n`` whose common rate is Beta(alpha, beta)."""

    n: int
    alpha: float
    beta: float

    @classmethod
    def of(cls, n: int, mean: float, variance: float) -> BetaBinomial:
        """Return the one with this mean and variance; a variance that no such one has is taken to the nearest."""
        if n == 0:
            return cls(0, 1.0, 1.0)
        rate = min(max(mean / n, 1e-6), 1 - 1e-6)
        binomial = n * rate * (1 - rate)
        # variance = binomial * (1 + (n - 1) * rho), rho = 1 / (alpha + beta + 1)
        rho = (variance / binomial - 1) / (n - 1) if n > 1 else 0.0
        rho = min(max(rho, 1e-6), 0.99)
        total = 1 / rho - 1
        return cls(n, rate * total, (1 - rate) * total)

    @property
    def mean(self) -> float:
        """Expected successes."""
        return self.n * self.alpha / (self.alpha + self.beta)

    def weights(self) -> list[float]:
        """Return the probabilities of 0 to n, worked out from the most likely on, so that nothing underflows first."""
        peak = min(max(round(self.mean), 0), self.n)
        weights = [0.0] * (self.n + 1)
        weights[peak] = exp(self._log_probability(peak))
        for k in range(peak, self.n):
            weights[k + 1] = weights[k] * ((self.n - k) * (k + self.alpha)) / ((k + 1) * (self.n - k - 1 + self.beta))
        for k in range(peak, 0, -1):
            weights[k - 1] = weights[k] * (k * (self.n - k + self.beta)) / ((self.n - k + 1) * (k - 1 + self.alpha))
        return weights

    def _log_probability(self, k: int) -> float:
        n, alpha, beta = self.n, self.alpha, self.beta
        choose = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
        return (
            choose
            + (lgamma(k + alpha) + lgamma(n - k + beta) - lgamma(n + alpha + beta))
            - (lgamma(alpha) + lgamma(beta) - lgamma(alpha + beta))
        )

    def interval(self, coverage: float) -> tuple[int, int]:
        """Return the central interval: at most half of what is left out lies on either side."""
        tail, below, low, high = (1 - coverage) / 2, 0.0, 0, self.n
        for k, weight in enumerate(self.weights()):
            if below <= tail:
                low = k
            below += weight
            if below >= 1 - tail:
                high = k
                break
        return low, high

    def at_least(self, k: int) -> float:
        """Return the chance of ``k`` or more."""
        if k <= 0:
            return 1.0
        return min(sum(self.weights()[k:]), 1.0) if k <= self.n else 0.0
