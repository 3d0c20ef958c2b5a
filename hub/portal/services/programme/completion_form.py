"""Completion rules as a form that works without script: each condition is left out, needed, or one of a group.

``read_rules`` and ``fill_form`` are each other's inverse for everything that the form can say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError

from graders.contract import Text
from hub.portal.errors import InvalidError
from hub.portal.services.programme.completion_rules import (
    AllOf,
    AnyOf,
    AttendanceAtLeast,
    CapstonePassed,
    CompletionRules,
    Condition,
    ProgressAtLeast,
    ScoreAtLeast,
    SubmittedAtLeast,
    SurveyAnswered,
)

NOT_USED, NEEDED, GROUPS = "none", "all", ("any1", "any2")
#: Name in the form -> kind of condition. A score may stand twice: needed, and as one of a group.
FIELDS: dict[str, type[Any]] = {
    "attendance": AttendanceAtLeast,
    "online_progress": ProgressAtLeast,
    "score": ScoreAtLeast,
    "score_too": ScoreAtLeast,
    "submitted": SubmittedAtLeast,
    "capstone": CapstonePassed,
    "survey": SurveyAnswered,
}
WITH_MINIMUM = frozenset({"attendance", "online_progress", "score", "score_too", "submitted"})
_BASES = ("auto", "days", "hours")
_DEFAULTS = {"attendance": "80.0", "online_progress": "80.0", "score": "60.0", "score_too": "80.0", "submitted": "80.0"}


@dataclass(frozen=True)
class RulesForm:
    """What the form shows: by field its use and minimum, as they were typed."""

    uses: Mapping[str, str]
    minimums: Mapping[str, str]
    basis: str = "auto"
    interruptions: str = "3"
    rounding: str = "tenth"
    note: str = ""


def typed_form(form: Mapping[str, str]) -> RulesForm:
    """Return what somebody typed, as it was typed."""
    return RulesForm(
        uses={name: form.get(f"use-{name}", NOT_USED) for name in FIELDS},
        minimums={name: form.get(f"minimum-{name}", "").strip() for name in sorted(WITH_MINIMUM)},
        basis=form.get("basis", "auto"),
        interruptions=form.get("interruptions", "3").strip(),
        rounding=form.get("rounding", "tenth"),
        note=form.get("note", ""),
    )


def read_rules(form: RulesForm) -> CompletionRules:
    """Return the rules that the form says; InvalidError says what to change."""
    needed: list[Condition] = [_condition(form, name) for name, use in form.uses.items() if use == NEEDED]
    needed += [_group(form, group) for group in GROUPS if group in form.uses.values()]
    if not needed:
        raise _refused("조건을 하나 이상 고르십시오.", "Please choose at least one condition.")
    if form.rounding not in ("tenth", "exact"):
        raise _refused("비교할 값을 다시 고르십시오.", "Please choose again what is compared.")
    return CompletionRules.model_validate({"condition": AllOf(of=tuple(needed)), "rounding": form.rounding})


def _group(form: RulesForm, group: str) -> Condition:
    members = [_condition(form, name) for name, use in form.uses.items() if use == group]
    if len(members) < 2:
        raise _refused(
            "'하나 이상' 묶음에는 조건이 둘 이상 있어야 합니다.",
            "A group of which one is enough needs two or more conditions.",
        )
    return AnyOf(of=tuple(members))


def _condition(form: RulesForm, name: str) -> Condition:
    facts: dict[str, Any] = {}
    if name in WITH_MINIMUM:
        facts["minimum"] = _minimum(form.minimums.get(name, ""))
    if name == "attendance":
        facts |= {"basis": form.basis, "interruptions_per_absence": form.interruptions}
    try:
        found: Condition = FIELDS[name].model_validate(facts)
    except ValidationError as error:
        raise _refused(
            "기준 값은 0~100 사이의 수(소수 첫째 자리까지), 결석 1일로 보는 횟수는 1~100이어야 합니다.",
            "A minimum is a number from 0 to 100 with one decimal; interruptions for an absence are 1 to 100.",
        ) from error
    return found


def _minimum(text: str) -> Decimal:
    try:
        found = Decimal(text.rstrip(" %"))
    except InvalidOperation as error:
        raise _refused(f"수가 아닙니다: {text[:20]}", f"This is no number: {text[:20]}") from error
    return found if found.is_finite() else Decimal(-1)


def _refused(korean: str, english: str) -> InvalidError:
    return InvalidError("rules_form", korean, english)


def fill_form(rules: CompletionRules) -> RulesForm | None:
    """Return the form of rules; None for rules that it can't say (deeper ones, or one condition too often)."""
    uses, minimums, others = dict.fromkeys(FIELDS, NOT_USED), dict(_DEFAULTS), {"basis": "auto", "interruptions": "3"}
    for use, condition in _places(rules.condition):
        name = _free_field(uses, condition)
        if use is None or name is None:
            return None
        uses[name] = use
        if name in WITH_MINIMUM:
            minimums[name] = f"{condition.minimum:.1f}"  # type: ignore[union-attr]
        if isinstance(condition, AttendanceAtLeast):
            others = {"basis": condition.basis, "interruptions": str(condition.interruptions_per_absence)}
    return RulesForm(uses, minimums, rounding=rules.rounding, **others)


def _places(condition: Condition) -> list[tuple[str | None, Condition]]:
    """Every condition with its use: needed or the name of its group; None where the form has no place for it."""
    top: Sequence[Condition] = condition.of if isinstance(condition, AllOf) else (condition,)
    found: list[tuple[str | None, Condition]] = []
    groups = list(GROUPS)
    for part in top:
        if isinstance(part, AnyOf):
            name = groups.pop(0) if groups else None
            found += [(name if not isinstance(each, AllOf | AnyOf) else None, each) for each in part.of]
        else:
            found.append((None if isinstance(part, AllOf) else NEEDED, part))
    return found


def _free_field(uses: Mapping[str, str], condition: Condition) -> str | None:
    return next((n for n, kind in FIELDS.items() if isinstance(condition, kind) and uses[n] == NOT_USED), None)


def describe(rules: CompletionRules) -> list[Text]:
    """Say the rules in lines, as people read them on every page."""
    top: Sequence[Condition] = rules.condition.of if isinstance(rules.condition, AllOf) else (rules.condition,)
    return [_line(condition) for condition in top]


_NAMES = {
    "attendance": Text(ko="출석률", en="attendance"),
    "online_progress": Text(ko="온라인 진도율", en="online progress"),
    "score": Text(ko="평가 점수", en="score"),
    "submitted": Text(ko="과제 제출률", en="assignments submitted"),
    "capstone": Text(ko="기업 과제 완료", en="company project done"),
    "survey": Text(ko="만족도 조사 응답", en="satisfaction survey answered"),
}


def _line(condition: Condition) -> Text:
    if isinstance(condition, AllOf | AnyOf):
        parts = [_line(part) for part in condition.of]
        korean, english = (" 그리고 ", " and ") if isinstance(condition, AllOf) else (" 또는 ", " or ")
        return Text(ko=korean.join(part.ko for part in parts), en=english.join(part.en for part in parts))
    name = _NAMES[condition.kind]
    if isinstance(condition, CapstonePassed | SurveyAnswered):
        return name
    return Text(
        ko=f"{name.ko} {condition.minimum:.1f} % 이상",
        en=f"{name.en} at least {condition.minimum:.1f} %",
    )
