"""Deadlines as pure functions over server times and attempt numbers; the same rule decides and explains itself.

Attempts are ordered by number, never by time: a clock that steps back does not reorder them. Spans are counted in UTC:
Python subtracts two times of one zone by their clock faces, which is an hour wrong where a clock change lies between.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from pydantic import Field

from graders.contract import Frozen, Text
from hub.portal.models import CountingRule

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


class LateKind(StrEnum):
    """What lateness costs."""

    NONE = "none"  # nothing
    ZERO = "zero"  # everything
    PER_DAY = "per_day"  # a share for each begun day, up to a cap


class LatePolicy(Frozen):
    """The price of being late, as the database keeps it."""

    kind: LateKind = LateKind.NONE
    percent_per_day: float = Field(default=10, ge=0, le=100)
    cap_percent: float = Field(default=100, ge=0, le=100)


@dataclass(frozen=True)
class Deadline:
    """The times of one assignment for one person; None means no such limit. Grace is how much late is not late."""

    opens_at: datetime | None = None
    due_at: datetime | None = None
    closes_at: datetime | None = None
    grace: timedelta = timedelta(0)
    late: LatePolicy = field(default_factory=LatePolicy)
    is_extended: bool = False


class Admission(StrEnum):
    """Whether a submission is taken now."""

    NOT_YET = "not_yet"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True)
class Lateness:
    """What the time of an attempt means: ``late_by`` counts from due, ``penalty_percent`` is taken off the score."""

    is_late: bool = False
    late_by: timedelta = timedelta(0)
    penalty_percent: float = 0.0


@dataclass(frozen=True)
class Candidate:
    """An attempt as the counting rule sees it; ``score`` is before the penalty."""

    number: int
    score: float
    lateness: Lateness = Lateness()

    @property
    def final_score(self) -> float:
        """The score after the penalty."""
        return apply_penalty(self.score, self.lateness)


def extend(deadline: Deadline, due_at: datetime, closes_at: datetime | None) -> Deadline:
    """Return the deadline with an extension, which never takes time away."""
    due = due_at if deadline.due_at is None else max(deadline.due_at, due_at)
    closes = deadline.closes_at and max(deadline.closes_at, closes_at or due, due)
    return replace(deadline, due_at=due, closes_at=closes, is_extended=True)


def last_moment(deadline: Deadline) -> datetime | None:
    """Return when the assignment closes; grace after due is never cut off by closing."""
    if deadline.closes_at is None or deadline.due_at is None:
        return deadline.closes_at
    return max(deadline.closes_at, _end_of_grace(deadline.due_at, deadline))


def _end_of_grace(due_at: datetime, deadline: Deadline) -> datetime:
    return due_at.astimezone(UTC) + deadline.grace


def admission(deadline: Deadline, at: datetime) -> Admission:
    """Whether a submission that reached the server at ``at`` is taken; both ends belong to the open time."""
    moment = at.astimezone(UTC)
    if deadline.opens_at is not None and moment < deadline.opens_at:
        return Admission.NOT_YET
    closes = last_moment(deadline)
    return Admission.CLOSED if closes is not None and moment > closes else Admission.OPEN


def judge(deadline: Deadline, received_at: datetime) -> Lateness:
    """Return what the time of a submission means for its score."""
    if deadline.due_at is None or received_at.astimezone(UTC) <= _end_of_grace(deadline.due_at, deadline):
        return Lateness()
    late_by = received_at.astimezone(UTC) - deadline.due_at.astimezone(UTC)
    return Lateness(is_late=True, late_by=late_by, penalty_percent=_penalty(deadline.late, late_by))


def _penalty(policy: LatePolicy, late_by: timedelta) -> float:
    if policy.kind is LateKind.NONE:
        return 0.0
    if policy.kind is LateKind.ZERO:
        return 100.0
    return min(math.ceil(late_by / DAY) * policy.percent_per_day, policy.cap_percent)


def apply_penalty(score: float, lateness: Lateness) -> float:
    """Return the score after the penalty."""
    return score * (100.0 - lateness.penalty_percent) / 100.0


def adjust(score: float, points: float, max_score: float) -> float:
    """Return a score with points added or taken off for one member of a team, kept between nothing and everything.

    A score that is above the maximum already (bonus points) is not cut by an adjustment of nothing.
    """
    return score if points == 0 else min(max(score + points, 0.0), max(max_score, score))


def choose(rule: CountingRule, candidates: Iterable[Candidate]) -> Candidate | None:
    """Return the attempt that counts; None if there is none. Of equally good ones the earlier counts."""
    found = sorted(candidates, key=lambda candidate: candidate.number)
    if not found:
        return None
    if rule is CountingRule.BEST:
        return max(found, key=lambda candidate: candidate.final_score)
    if rule is CountingRule.LAST:
        return found[-1]
    on_time = [candidate for candidate in found if not candidate.lateness.is_late]
    return (on_time or found)[-1]


def could_count(rule: CountingRule, numbers: Iterable[tuple[int, Lateness]]) -> frozenset[int]:
    """Return the numbers of the attempts that the rule could still choose, whatever their scores turn out to be.

    An attempt that can't be graded drops out, so with the "last" rules every earlier one could still count.
    """
    del rule  # every rule falls back to an earlier attempt when a later one can't be graded
    return frozenset(number for number, _ in numbers)


def describe_span(span: timedelta) -> Text:
    """``18:00:00`` -> "18시간" / "18 h"; the largest unit that keeps the number readable, rounded up."""
    if span >= 2 * DAY:
        days = math.ceil(span / DAY)
        return Text(ko=f"{days}일", en=f"{days} days")
    if span >= HOUR:
        hours = math.ceil(span / HOUR)
        return Text(ko=f"{hours}시간", en=f"{hours} h")
    minutes = max(1, math.ceil(span / MINUTE))
    return Text(ko=f"{minutes}분", en=f"{minutes} min")


def explain_lateness(lateness: Lateness) -> Text:
    """Say in words what the time of an attempt costs: "18시간 늦음: −10 %" / "18 h late: −10 %"."""
    if not lateness.is_late:
        return Text(ko="기한 내 제출", en="on time")
    span = describe_span(lateness.late_by)
    cost = f"−{lateness.penalty_percent:g} %" if lateness.penalty_percent else ""
    ko, en = (cost, cost) if cost else ("감점 없음", "no penalty")
    return Text(ko=f"{span.ko} 늦음: {ko}", en=f"{span.en} late: {en}")


def explain_policy(deadline: Deadline) -> Text:
    """Say in words what being late will cost."""
    policy = deadline.late
    if deadline.due_at is None:
        return Text(ko="마감이 없습니다.", en="There is no deadline.")
    if policy.kind is LateKind.NONE:
        ko, en = "늦게 제출해도 감점하지 않습니다.", "Late work costs nothing."
    elif policy.kind is LateKind.ZERO:
        ko, en = "마감이 지난 제출은 0점으로 처리합니다.", "Late work scores 0."
    else:
        ko = f"늦으면 하루마다 {policy.percent_per_day:g} %를 감점합니다(최대 {policy.cap_percent:g} %)."
        en = f"Late work loses {policy.percent_per_day:g} % for each begun day, at most {policy.cap_percent:g} %."
    if deadline.grace:
        span = describe_span(deadline.grace)
        ko += f" 마감 후 {span.ko}까지는 늦은 것으로 보지 않습니다."
        en += f" Up to {span.en} after the deadline is not late."
    return Text(ko=ko, en=en)


def explain_admission(deadline: Deadline, at: datetime) -> Text:
    """Say whether work is taken now."""
    state = admission(deadline, at)
    if state is Admission.NOT_YET:
        return Text(ko="아직 열리지 않은 과제입니다.", en="This assignment has not opened yet.")
    if state is Admission.CLOSED:
        return Text(
            ko="제출이 마감되었습니다. 사정이 있으면 담당 교수에게 기한 연장을 요청해 주십시오.",
            en="This assignment is closed. If you had a reason, please ask the instructor for an extension.",
        )
    if deadline.due_at is not None and at > _end_of_grace(deadline.due_at, deadline):
        late = explain_lateness(judge(deadline, at))
        return Text(ko=f"지금 제출하면 {late.ko}", en=f"If you submit now: {late.en}")
    return Text(ko="제출할 수 있습니다.", en="You can submit.")
