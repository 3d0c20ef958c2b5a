"""Completion rules as data: conditions joined by and/or, and the facts of a trainee that they ask for."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from graders.contract import Frozen

#: Below either of these a course is short: attendance counts hours, not days (고용노동부고시 2026-39, Art. 35, 38).
SHORT_DAYS = 10
SHORT_HOURS = 40
_DEPTH_MAX = 4
_CONDITIONS_MAX = 30

Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=1)]
Count = Annotated[int, Field(ge=0, le=100_000)]
Hours = Annotated[Decimal, Field(ge=0, le=100_000, decimal_places=2)]


class Attendance(Frozen):
    """A trainee's attendance in sums. ``interruptions`` counts comings late, early leavings and goings out."""

    scheduled_days: Count
    scheduled_hours: Hours
    present_days: Count = 0
    recognised_days: Count = 0  # 출석인정: military duty, elections and the like
    interruptions: Count = 0
    attended_hours: Hours = Decimal(0)  # recognised hours included

    @model_validator(mode="after")
    def _fits(self) -> Attendance:
        if self.present_days + self.recognised_days > self.scheduled_days:
            raise ValueError("more days attended than scheduled")
        if self.attended_hours > self.scheduled_hours:
            raise ValueError("more hours attended than scheduled")
        return self

    @property
    def is_short(self) -> bool:
        """Whether the course is so short that hours count."""
        return self.scheduled_days < SHORT_DAYS or self.scheduled_hours < SHORT_HOURS


class Facts(Frozen):
    """What is known of one enrolment; None is not known yet. Percentages are of 100."""

    attendance: Attendance | None = None
    online_progress: Percent | None = None
    score: Decimal | None = Field(None, ge=0, le=200)  # mean of the assignments; bonus points may pass 100
    assignments: Count | None = None
    submitted: Count | None = None
    has_capstone: bool | None = None
    has_survey: bool | None = None


class AttendanceAtLeast(Frozen):
    """출석률. ``auto`` counts hours in short courses and days in others; three interruptions make one absence."""

    kind: Literal["attendance"] = "attendance"
    minimum: Percent = Decimal("80.0")
    basis: Literal["auto", "days", "hours"] = "auto"
    interruptions_per_absence: Annotated[int, Field(ge=1, le=100)] = 3


class ProgressAtLeast(Frozen):
    """Progress in online parts."""

    kind: Literal["online_progress"] = "online_progress"
    minimum: Percent = Decimal("80.0")


class ScoreAtLeast(Frozen):
    """Mean score of the assignments, late penalties and manual points included."""

    kind: Literal["score"] = "score"
    minimum: Percent = Decimal("60.0")


class SubmittedAtLeast(Frozen):
    """Share of the assignments that were handed in."""

    kind: Literal["submitted"] = "submitted"
    minimum: Percent = Decimal("80.0")


class CapstonePassed(Frozen):
    """The project on company data was done."""

    kind: Literal["capstone"] = "capstone"


class SurveyAnswered(Frozen):
    """The satisfaction survey was answered (만족도 조사)."""

    kind: Literal["survey"] = "survey"


class AllOf(Frozen):
    """Every condition must be met."""

    kind: Literal["all"] = "all"
    of: tuple[Condition, ...] = Field(min_length=1)


class AnyOf(Frozen):
    """One of the conditions must be met."""

    kind: Literal["any"] = "any"
    of: tuple[Condition, ...] = Field(min_length=1)


Share = AttendanceAtLeast | ProgressAtLeast | ScoreAtLeast | SubmittedAtLeast
Condition = Annotated[
    AttendanceAtLeast
    | ProgressAtLeast
    | ScoreAtLeast
    | SubmittedAtLeast
    | CapstonePassed
    | SurveyAnswered
    | AllOf
    | AnyOf,
    Field(discriminator="kind"),
]


class CompletionRules(Frozen):
    """The rules of a cohort. ``tenth`` compares the share rounded half up to one decimal, as Art. 36 does."""

    condition: Condition
    rounding: Literal["tenth", "exact"] = "tenth"

    @model_validator(mode="after")
    def _is_readable(self) -> CompletionRules:
        if _depth(self.condition) > _DEPTH_MAX or len(list(leaves(self.condition))) > _CONDITIONS_MAX:
            raise ValueError(f"at most {_DEPTH_MAX} levels and {_CONDITIONS_MAX} conditions")
        return self


def leaves(condition: Condition) -> Iterator[Condition]:
    """All conditions that are not themselves and/or."""
    if isinstance(condition, AllOf | AnyOf):
        for part in condition.of:
            yield from leaves(part)
    else:
        yield condition


def _depth(condition: Condition) -> int:
    return 1 + max(map(_depth, condition.of)) if isinstance(condition, AllOf | AnyOf) else 1


#: What a cohort has until its coordinator decides (DOMAIN.md A2).
DEFAULT_RULES = CompletionRules(condition=AllOf(of=(AttendanceAtLeast(), ScoreAtLeast(), SurveyAnswered())))
