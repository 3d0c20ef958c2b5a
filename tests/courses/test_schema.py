from __future__ import annotations

from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from courses.catalog import COURSE_FILE, PACKAGED_ROOT
from courses.schema import CourseSpec, Moment


def spec_data() -> dict[str, Any]:
    text = (PACKAGED_ROOT / "manufacturing-ai" / COURSE_FILE).read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def refusal(data: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as caught:
        CourseSpec.model_validate(data)
    return str(caught.value)


def test_an_unknown_key_is_refused_by_name() -> None:
    data = spec_data()
    data["assignments"][0]["dedline"] = 3
    assert "dedline" in refusal(data)


def test_a_missing_translation_is_refused() -> None:
    data = spec_data()
    data["title"] = {"ko": "제목"}
    assert "title.en" in refusal(data)


def test_an_unquoted_time_is_explained() -> None:
    data = spec_data()
    data["assignments"][0]["due"] = {"day": 3, "time": 1080}
    assert "in quotes" in refusal(data)


def test_due_before_opens_is_refused() -> None:
    data = spec_data()
    data["assignments"][0]["due"] = {"day": 0, "time": "08:00"}
    assert "opens must come before due" in refusal(data)


def test_a_reviewer_of_the_owning_university_is_refused() -> None:
    data = spec_data()
    data["assignments"][0]["reviewers"][0]["university"] = data["assignments"][0]["university"]
    assert "another university" in refusal(data)


def test_two_assignments_of_one_name_are_refused() -> None:
    data = spec_data()
    data["assignments"].append(data["assignments"][0])
    assert "appear twice" in refusal(data)


def test_a_role_the_course_does_not_define_is_refused() -> None:
    data = spec_data()
    data["assignments"][0]["roles"] = ["astronaut"]
    assert "astronaut" in refusal(data)


def test_moments_keep_korean_clock_time() -> None:
    assert Moment(day=3, time="18:30").clock.isoformat() == "18:30:00"
