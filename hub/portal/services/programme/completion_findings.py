"""How far a trainee's facts meet the rules. Pure functions.

A fact that is not known yet leaves a condition undecided, never met or failed. Shares are exact fractions; what is
compared is what the rules' ``rounding`` says, and the same figure is shown.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Literal

from graders.contract import Frozen, Text
from hub.portal.services.programme.completion_rules import (
    AllOf,
    AnyOf,
    Attendance,
    AttendanceAtLeast,
    CapstonePassed,
    CompletionRules,
    Condition,
    Facts,
    ProgressAtLeast,
    Share,
    SubmittedAtLeast,
    SurveyAnswered,
)


class Finding(Frozen):
    """How one condition stands: met, not met, or (None) not decided yet; ``reached`` and ``minimum`` in percent."""

    kind: str
    is_met: bool | None
    text: Text
    reached: Decimal | None = None
    minimum: Decimal | None = None
    parts: tuple[Finding, ...] = ()


def judge(rules: CompletionRules, facts: Facts) -> Finding:
    """Say how the facts stand to the rules, condition by condition."""
    return _judge(rules.condition, facts, rules)


def missing(finding: Finding) -> list[Finding]:
    """What keeps a trainee from completion: conditions not met or undecided, without those that an ``any`` forgives."""
    if finding.is_met:
        return []
    if not finding.parts:
        return [finding]
    return [each for part in finding.parts for each in missing(part)]


def share(part: Fraction | int, whole: Fraction | int) -> Fraction:
    """``part`` of ``whole`` in percent; nothing of nothing is nothing."""
    return Fraction(100) * Fraction(part) / Fraction(whole) if whole else Fraction(0)


def round_half_up(percent: Fraction) -> Decimal:
    """Percent to one decimal, halves up: 79.95 gives 80.0 (Art. 36; ``round`` would go to the even digit)."""
    tenths = (percent * 10 + Fraction(1, 2)).__floor__()
    return Decimal(tenths).scaleb(-1)


def attendance_share(attendance: Attendance, rule: AttendanceAtLeast) -> tuple[Fraction, Literal["days", "hours"]]:
    """Attendance in percent, and what was counted."""
    by_hours = rule.basis == "hours" or (rule.basis == "auto" and attendance.is_short)
    if by_hours:
        return share(Fraction(attendance.attended_hours), Fraction(attendance.scheduled_hours)), "hours"
    lost = attendance.interruptions // rule.interruptions_per_absence
    days = max(0, attendance.present_days - lost) + attendance.recognised_days
    return share(days, attendance.scheduled_days), "days"


def _judge(condition: Condition, facts: Facts, rules: CompletionRules) -> Finding:
    if isinstance(condition, AllOf | AnyOf):
        parts = tuple(_judge(part, facts, rules) for part in condition.of)
        is_met = _all([part.is_met for part in parts]) if isinstance(condition, AllOf) else _any(parts)
        return Finding(kind=condition.kind, is_met=is_met, text=_JOINED[condition.kind], parts=parts)
    if isinstance(condition, CapstonePassed | SurveyAnswered):
        done = facts.has_capstone if isinstance(condition, CapstonePassed) else facts.has_survey
        return Finding(kind=condition.kind, is_met=done, text=_done_text(condition.kind, done))
    return _judge_share(condition, facts, rules)


def _judge_share(condition: Share, facts: Facts, rules: CompletionRules) -> Finding:
    found = _reached(condition, facts)
    minimum = condition.minimum
    if found is None:
        words = _SHARES[condition.kind]
        text = Text(
            ko=f"{words.ko}: 아직 확인되지 않았습니다 (기준 {minimum:.1f} %).",
            en=f"{words.en}: not known yet (at least {minimum:.1f} % is needed).",
        )
        return Finding(kind=condition.kind, is_met=None, text=text, minimum=minimum)
    exact, note = found
    shown = round_half_up(exact)
    compared = Fraction(shown) if rules.rounding == "tenth" else exact
    text = _share_text(condition.kind, shown, minimum, note)
    return Finding(kind=condition.kind, is_met=compared >= Fraction(minimum), text=text, reached=shown, minimum=minimum)


def _reached(condition: Share, facts: Facts) -> tuple[Fraction, Text | None] | None:
    """The exact share and a note on how it was counted; None where the fact is not known."""
    if isinstance(condition, AttendanceAtLeast):
        if facts.attendance is None:
            return None
        percent, basis = attendance_share(facts.attendance, condition)
        return percent, _BASES[basis]
    if isinstance(condition, SubmittedAtLeast):
        if facts.assignments is None or facts.submitted is None:
            return None
        done, whole = facts.submitted, facts.assignments
        return share(done, whole), Text(ko=f"{whole}개 중 {done}개", en=f"{done} of {whole}")
    value = facts.online_progress if isinstance(condition, ProgressAtLeast) else facts.score
    return None if value is None else (Fraction(value), None)


def _all(states: list[bool | None]) -> bool | None:
    if False in states:
        return False
    return None if None in states else True


def _any(parts: tuple[Finding, ...]) -> bool | None:
    opposite = _all([None if part.is_met is None else not part.is_met for part in parts])
    return None if opposite is None else not opposite


_JOINED = {
    "all": Text(ko="다음 조건을 모두 채워야 합니다.", en="All of these are needed."),
    "any": Text(ko="다음 조건 가운데 하나를 채우면 됩니다.", en="One of these is enough."),
}
_SHARES = {
    "attendance": Text(ko="출석률", en="Attendance"),
    "online_progress": Text(ko="온라인 진도율", en="Online progress"),
    "score": Text(ko="평가 점수", en="Score"),
    "submitted": Text(ko="과제 제출률", en="Assignments submitted"),
}
_BASES = {
    "days": Text(ko="일수 기준", en="by days"),
    "hours": Text(ko="시간 기준", en="by hours"),
}
_DONE = {
    "capstone": (Text(ko="기업 과제", en="Company project"), Text(ko="완료", en="done")),
    "survey": (Text(ko="만족도 조사", en="Satisfaction survey"), Text(ko="응답함", en="answered")),
}


def _share_text(kind: str, shown: Decimal, minimum: Decimal, note: Text | None) -> Text:
    words = _SHARES[kind]
    korean, english = (f"{note.ko}, ", f"{note.en}, ") if note else ("", "")
    return Text(
        ko=f"{words.ko} {shown:.1f} % ({korean}기준 {minimum:.1f} %)",
        en=f"{words.en} {shown:.1f} % ({english}at least {minimum:.1f} % is needed)",
    )


def _done_text(kind: str, is_done: bool | None) -> Text:
    name, done = _DONE[kind]
    if is_done is None:
        return Text(ko=f"{name.ko}: 아직 확인되지 않았습니다.", en=f"{name.en}: not known yet.")
    return Text(
        ko=f"{name.ko}: {done.ko if is_done else '아직 하지 않았습니다.'}",
        en=f"{name.en}: {done.en if is_done else 'not done yet.'}",
    )
