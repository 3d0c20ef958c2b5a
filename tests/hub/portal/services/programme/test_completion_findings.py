"""Rule arithmetic as tables, the awkward cases first."""

from decimal import Decimal
from fractions import Fraction

import pytest
from pydantic import ValidationError

from hub.portal.services.programme.completion_findings import attendance_share, judge, missing, round_half_up
from hub.portal.services.programme.completion_rules import (
    DEFAULT_RULES,
    AllOf,
    AnyOf,
    Attendance,
    AttendanceAtLeast,
    CapstonePassed,
    CompletionRules,
    Facts,
    ProgressAtLeast,
    ScoreAtLeast,
    SubmittedAtLeast,
    SurveyAnswered,
)

RULE = AttendanceAtLeast()


def days(scheduled: int, present: int, *, recognised: int = 0, interruptions: int = 0) -> Attendance:
    return Attendance(
        scheduled_days=scheduled,
        scheduled_hours=Decimal(scheduled * 8),
        present_days=present,
        recognised_days=recognised,
        interruptions=interruptions,
        attended_hours=Decimal(present * 8),
    )


@pytest.mark.parametrize(
    ("percent", "shown"),
    [("79.94", "79.9"), ("79.95", "80.0"), ("79.949999", "79.9"), ("80", "80.0"), ("0.05", "0.1"), ("99.95", "100.0")],
)
def test_a_share_is_rounded_half_up_to_one_decimal(percent, shown):
    assert str(round_half_up(Fraction(percent))) == shown


@pytest.mark.parametrize(
    ("attendance", "percent"),
    [
        (days(40, 32), "80.0"),
        (days(40, 31), "77.5"),
        (days(40, 31, recognised=1), "80.0"),
        (days(40, 32, interruptions=2), "80.0"),
        (days(40, 32, interruptions=3), "77.5"),  # three interruptions are one absence
        (days(40, 33, interruptions=5), "80.0"),
        (days(40, 33, interruptions=6), "77.5"),
        (days(40, 0, interruptions=9), "0.0"),  # never below nothing
        (days(40, 1, recognised=39, interruptions=9), "97.5"),  # what is recognised is not taken away again
    ],
)
def test_days_count_in_courses_of_ordinary_length(attendance, percent):
    exact, basis = attendance_share(attendance, RULE)
    assert (str(round_half_up(exact)), basis) == (percent, "days")


@pytest.mark.parametrize(
    ("scheduled_days", "scheduled_hours", "basis"),
    [(10, "40", "days"), (9, "72", "hours"), (10, "39.5", "hours"), (20, "39.5", "hours"), (12, "96", "days")],
)
def test_hours_count_below_ten_days_or_forty_hours(scheduled_days, scheduled_hours, basis):
    attendance = Attendance(scheduled_days=scheduled_days, scheduled_hours=Decimal(scheduled_hours))
    assert attendance_share(attendance, RULE)[1] == basis


@pytest.mark.parametrize(("hours", "is_met"), [("31.60", True), ("31.59", True), ("31.58", False)])
def test_a_course_of_39_and_a_half_hours(hours, is_met):
    """80 % of 39.5 h are 31.6 h; 31.58 h are 79.949...: 79.9 %; 31.59 h are 79.97: 80.0 %."""
    attendance = Attendance(scheduled_days=10, scheduled_hours=Decimal("39.5"), attended_hours=Decimal(hours))
    found = judge(CompletionRules(condition=RULE), Facts(attendance=attendance))
    assert found.is_met is is_met, found


@pytest.mark.parametrize(("rounding", "is_met"), [("tenth", True), ("exact", False)])
def test_the_rules_say_whether_the_rounded_share_counts(rounding, is_met):
    rules = CompletionRules(condition=ScoreAtLeast(minimum=Decimal("80.0")), rounding=rounding)
    found = judge(rules, Facts(score=Decimal("79.95")))
    assert (found.is_met, str(found.reached)) == (is_met, "80.0")


@pytest.mark.parametrize(("basis", "percent"), [("days", "50.0"), ("hours", "75.0")])
def test_the_basis_can_be_set(basis, percent):
    attendance = Attendance(
        scheduled_days=20,
        scheduled_hours=Decimal(160),
        present_days=10,
        attended_hours=Decimal(120),
    )
    exact, counted = attendance_share(attendance, AttendanceAtLeast(basis=basis))
    assert (str(round_half_up(exact)), counted) == (percent, basis)


@pytest.mark.parametrize(
    ("submitted", "assignments", "is_met"), [(10, 12, True), (9, 12, False), (0, 0, False), (4, 5, True)]
)
def test_assignments_handed_in(submitted, assignments, is_met):
    found = judge(CompletionRules(condition=SubmittedAtLeast()), Facts(submitted=submitted, assignments=assignments))
    assert found.is_met is is_met
    assert f"{assignments}개 중 {submitted}개" in found.text.ko


YES, NO, OPEN = Facts(has_survey=True).has_survey, False, None


@pytest.mark.parametrize(
    ("survey", "capstone", "both", "either"),
    [
        (YES, YES, True, True),
        (YES, NO, False, True),
        (YES, OPEN, None, True),
        (NO, NO, False, False),
        (NO, OPEN, False, None),
        (OPEN, OPEN, None, None),
    ],
)
def test_what_is_not_known_decides_nothing(survey, capstone, both, either):
    facts = Facts(has_survey=survey, has_capstone=capstone)
    conditions = (SurveyAnswered(), CapstonePassed())
    assert judge(CompletionRules(condition=AllOf(of=conditions)), facts).is_met is both
    assert judge(CompletionRules(condition=AnyOf(of=conditions)), facts).is_met is either


def test_missing_names_what_is_open_and_what_failed_but_not_what_another_way_forgives():
    met_either_way = AnyOf(of=(ScoreAtLeast(minimum=Decimal(90)), CapstonePassed()))
    rules = CompletionRules(condition=AllOf(of=(RULE, met_either_way, SurveyAnswered(), ProgressAtLeast())))
    facts = Facts(score=Decimal(50), has_capstone=True, has_survey=False, online_progress=Decimal(80))
    assert [found.kind for found in missing(judge(rules, facts))] == ["attendance", "survey"]


def test_who_meets_everything_misses_nothing():
    facts = Facts(attendance=days(20, 16), score=Decimal(60), has_survey=True)
    found = judge(DEFAULT_RULES, facts)
    assert found.is_met is True
    assert missing(found) == []


def test_nothing_known_is_undecided_with_words_in_both_languages():
    found = judge(DEFAULT_RULES, Facts())
    assert found.is_met is None
    assert all("아직" in part.text.ko and "not known yet" in part.text.en for part in found.parts)


def test_rules_come_back_from_their_json():
    rules = CompletionRules(condition=AnyOf(of=(DEFAULT_RULES.condition, CapstonePassed())), rounding="exact")
    assert CompletionRules.model_validate_json(rules.model_dump_json()) == rules


NESTED = AllOf(of=(AllOf(of=(AllOf(of=(AllOf(of=(SurveyAnswered(),)),)),)),))


@pytest.mark.parametrize(
    "condition",
    [
        {"kind": "all", "of": []},
        {"kind": "attendance", "minimum": 101},
        {"kind": "attendance", "minimum": "79.95"},  # a rule has one decimal, as what is compared has
        {"kind": "attendance", "interruptions_per_absence": 0},
        {"kind": "score", "minimum": "NaN"},
        {"kind": "mood"},
        {"kind": "score", "secret": 1},
        NESTED,
        AllOf(of=tuple(SurveyAnswered() for _ in range(31))),
    ],
)
def test_rules_that_nobody_could_mean_are_refused(condition):
    with pytest.raises(ValidationError):
        CompletionRules.model_validate({"condition": condition})


@pytest.mark.parametrize(
    "facts",
    [
        {"scheduled_days": 10, "scheduled_hours": 80, "present_days": 9, "recognised_days": 2},
        {"scheduled_days": 10, "scheduled_hours": 80, "attended_hours": 81},
        {"scheduled_days": 10, "scheduled_hours": 80, "present_days": -1},
    ],
)
def test_attendance_that_cannot_be_is_refused(facts):
    with pytest.raises(ValidationError):
        Attendance.model_validate(facts)
