"""The form of the rules and the rules say the same; what the form cannot say is not pretended."""

from decimal import Decimal

import pytest

from hub.portal.errors import InvalidError
from hub.portal.services.programme.completion_form import describe, fill_form, read_rules, typed_form
from hub.portal.services.programme.completion_rules import (
    DEFAULT_RULES,
    AllOf,
    AnyOf,
    AttendanceAtLeast,
    CapstonePassed,
    CompletionRules,
    ProgressAtLeast,
    ScoreAtLeast,
    SubmittedAtLeast,
    SurveyAnswered,
)

SAYABLE = {
    "usual": DEFAULT_RULES.condition,
    "one condition": AllOf(of=(SurveyAnswered(),)),
    "two marks of one kind": AllOf(
        of=(ScoreAtLeast(), AnyOf(of=(ScoreAtLeast(minimum=Decimal("85.5")), CapstonePassed())))
    ),
    "hours": AllOf(of=(AttendanceAtLeast(basis="hours", interruptions_per_absence=5),)),
    "two groups": AllOf(
        of=(
            AttendanceAtLeast(),
            AnyOf(of=(ProgressAtLeast(), SubmittedAtLeast())),
            AnyOf(of=(CapstonePassed(), SurveyAnswered())),
        )
    ),
}
TOO_MUCH = {
    "three of one kind": AllOf(of=(ScoreAtLeast(), ScoreAtLeast(), ScoreAtLeast())),
    "a group in a group": AnyOf(of=(SurveyAnswered(), AllOf(of=(CapstonePassed(), ScoreAtLeast())))),
    "all in all": AllOf(of=(SurveyAnswered(), AllOf(of=(CapstonePassed(),)))),
    "three groups": AllOf(
        of=(
            AnyOf(of=(AttendanceAtLeast(), ScoreAtLeast())),
            AnyOf(of=(CapstonePassed(), SurveyAnswered())),
            AnyOf(of=(ProgressAtLeast(), SubmittedAtLeast())),
        )
    ),
}


@pytest.mark.parametrize("name", SAYABLE)
@pytest.mark.parametrize("rounding", ["tenth", "exact"])
def test_rules_survive_the_form(name, rounding):
    rules = CompletionRules(condition=SAYABLE[name], rounding=rounding)
    form = fill_form(rules)
    assert form is not None
    assert sorted(map(str, describe(read_rules(form)))) == sorted(map(str, describe(rules)))
    assert read_rules(form).rounding == rounding


def test_the_usual_rules_come_back_exactly():
    form = fill_form(DEFAULT_RULES)
    assert form is not None
    assert read_rules(form) == DEFAULT_RULES


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_the_form_cannot_say_gives_no_form(name):
    assert fill_form(CompletionRules(condition=TOO_MUCH[name])) is None


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-1", "1e9", "", "60,5"])
def test_a_minimum_that_is_no_percentage_is_refused(text):
    with pytest.raises(InvalidError):
        read_rules(typed_form({"use-score": "all", "minimum-score": text}))


@pytest.mark.parametrize("use", ["maybe", "any3", ""])
def test_a_use_that_the_form_does_not_offer_counts_for_nothing(use):
    with pytest.raises(InvalidError):
        read_rules(typed_form({"use-survey": use}))


def test_rules_are_said_in_words():
    lines = describe(CompletionRules(condition=SAYABLE["two marks of one kind"]))
    assert [line.ko for line in lines] == ["평가 점수 60.0 % 이상", "평가 점수 85.5 % 이상 또는 기업 과제 완료"]
    assert lines[1].en == "score at least 85.5 % or company project done"
