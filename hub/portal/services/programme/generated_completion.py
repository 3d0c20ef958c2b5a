"""Completion in a generated programme: each cohort's rules, what was entered, and the decisions that were confirmed.

A decision is what ``judge`` says of the facts of its day; a few are changed by an appeal or taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from hub.portal.models import CompletionDecision, CompletionInput, CompletionRule, DecisionKind, EnrolmentState
from hub.portal.services.programme.completion_facts import KNOWN_HERE, mean_score
from hub.portal.services.programme.completion_findings import judge
from hub.portal.services.programme.completion_rules import (
    AllOf,
    AnyOf,
    Attendance,
    AttendanceAtLeast,
    CapstonePassed,
    CompletionRules,
    Facts,
    ScoreAtLeast,
    SubmittedAtLeast,
    SurveyAnswered,
)
from hub.portal.services.programme.generated_plan import Fate, NewCohort, Stage
from hub.portal.services.programme.generated_rows import BulkRows

SCHEDULED_DAYS, HOURS_A_DAY = 32, 4
_USUAL = (AttendanceAtLeast(), ScoreAtLeast())
#: The universities' rules, in turn: all conditions, with submissions, with a company project instead of a high score.
RULES = (
    CompletionRules(condition=AllOf(of=(*_USUAL, SurveyAnswered()))),
    CompletionRules(condition=AllOf(of=(*_USUAL, SubmittedAtLeast(), SurveyAnswered()))),
    CompletionRules(
        condition=AllOf(
            of=(AttendanceAtLeast(), AnyOf(of=(ScoreAtLeast(minimum=Decimal("70.0")), CapstonePassed()))),
        )
    ),
    CompletionRules(condition=AllOf(of=(*_USUAL, SurveyAnswered())), rounding="exact"),
)
#: Of all who did not complete one in so many wins an appeal; of all who did one in so many loses it again.
_APPEALS, _REVOCATIONS = 12, 150
_APPEALED, _REVOKED = "병가 기간의 증빙이 확인되어 출석으로 인정함", "대리 출석이 확인됨"


@dataclass(frozen=True)
class Judging:
    """A cohort with its rules, and the coordinator who decides."""

    cohort: NewCohort
    university_id: int
    rule_id: int
    rules: CompletionRules
    coordinator_id: int


def add_rule(rows: BulkRows, cohort: NewCohort, cohort_id: int, university_id: int, coordinator_id: int) -> Judging:
    """Give a cohort the rules of its university, active before it starts."""
    rules, made_at = RULES[cohort.university % len(RULES)], _before(cohort)
    rule_id = rows.add(
        CompletionRule,
        cohort_id=cohort_id,
        university_id=university_id,
        number=1,
        rules=rules.model_dump(mode="json"),
        note="모집 공고의 수료 기준",
        made_by_id=coordinator_id,
        made_at=made_at,
        activated_by_id=coordinator_id,
        activated_at=made_at + timedelta(hours=1),
    )
    return Judging(cohort, university_id, rule_id, rules, coordinator_id)


def _before(cohort: NewCohort) -> datetime:
    return cohort.decided_at - timedelta(days=127)


def enter_facts(rows: BulkRows, random: Random, judging: Judging, enrolment_id: int, fate: Fate) -> Facts:
    """Enter what a coordinator knows of a trainee whose cohort is over; in one just over, something is missing."""
    is_missing = judging.cohort.stage is Stage.CLOSING and random.random() < 0.15
    facts = Facts(
        attendance=_attendance(random, fate),
        has_survey=None if is_missing else random.random() < 0.975,
        has_capstone=random.random() < fate.diligence - 0.25,
    )
    rows.add(
        CompletionInput,
        enrolment_id=enrolment_id,
        university_id=judging.university_id,
        facts=facts.model_dump(mode="json", exclude=set(KNOWN_HERE)),
        made_by_id=judging.coordinator_id,
        made_at=judging.cohort.decided_at - timedelta(days=1),
    )
    return facts


def _attendance(random: Random, fate: Fate) -> Attendance:
    present = sum(random.random() < fate.presence for _ in range(SCHEDULED_DAYS))
    recognised = min(random.choice((0, 0, 0, 1, 2)), SCHEDULED_DAYS - present)
    return Attendance(
        scheduled_days=SCHEDULED_DAYS,
        scheduled_hours=Decimal(SCHEDULED_DAYS * HOURS_A_DAY),
        present_days=present,
        recognised_days=recognised,
        interruptions=random.randrange(4),
        attended_hours=Decimal((present + recognised) * HOURS_A_DAY),
    )


@dataclass(frozen=True)
class Decided:
    """How a decision went and when; ``reason`` only where it went against the rules."""

    outcome: EnrolmentState
    at: datetime
    reason: str | None = None


def with_work(facts: Facts, weights: Mapping[int, float], shares: Mapping[int, Fraction | None]) -> Facts:
    """Return entered facts with those that the platform knows: assignment -> weight, and what was reached in it."""
    known = {"score": mean_score(dict(weights), dict(shares)), "assignments": len(weights), "submitted": len(shares)}
    return facts.model_copy(update=known)


def decide(rows: BulkRows, random: Random, judging: Judging, enrolment_id: int, facts: Facts) -> list[Decided]:
    """Confirm what the rules propose; a few are changed some days later. Returns the decisions in order."""
    finding = judge(judging.rules, facts)
    proposed = EnrolmentState.COMPLETED if finding.is_met else EnrolmentState.NOT_COMPLETED
    made: dict[str, Any] = {
        "enrolment_id": enrolment_id,
        "university_id": judging.university_id,
        "rule_id": judging.rule_id,
        "made_by_id": judging.coordinator_id,
        "proposed": proposed,
        "facts": facts.model_dump(mode="json"),
        "finding": finding.model_dump(mode="json"),
    }
    first = Decided(proposed, judging.cohort.decided_at + timedelta(seconds=random.randrange(3600)))
    _put(rows, made, DecisionKind.CONFIRMED, first)
    again = _change(random, first)
    if again is None:
        return [first]
    _put(rows, made, DecisionKind.APPEAL if again.reason == _APPEALED else DecisionKind.REVOKED, again)
    return [first, again]


def _change(random: Random, first: Decided) -> Decided | None:
    is_done = first.outcome is EnrolmentState.COMPLETED
    if random.random() >= 1 / (_REVOCATIONS if is_done else _APPEALS):
        return None
    later = first.at + timedelta(days=4)
    if is_done:
        return Decided(EnrolmentState.NOT_COMPLETED, later, _REVOKED)
    return Decided(EnrolmentState.COMPLETED, later, _APPEALED)


def _put(rows: BulkRows, made: dict[str, Any], kind: DecisionKind, decided: Decided) -> None:
    rows.add(CompletionDecision, kind=kind, outcome=decided.outcome, reason=decided.reason, made_at=decided.at, **made)
