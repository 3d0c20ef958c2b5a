from __future__ import annotations

import pytest

from spawner_config.access import Access, course_group, courses_of, may_use, role_group
from spawner_config.names import home_folder, person_slug
from spawner_config.profiles import allowed_profiles
from spawner_config.settings import REFERENCE_FILE, load_notebooks

STUDENT = course_group("manufacturing-ai", "student")
TEACHER = course_group("manufacturing-ai", "instructor")


@pytest.mark.parametrize(
    ("rule", "groups", "allowed"),
    [
        (Access(everyone=True), (), True),
        (Access(roles=("instructor",)), (STUDENT,), False),
        (Access(roles=("instructor",)), (TEACHER,), True),
        (Access(roles=("coordinator",)), (role_group("coordinator"),), True),
        (Access(courses=("manufacturing-ai",)), (STUDENT,), True),
        (Access(courses=("manufacturing-ai",)), (course_group("other", "student"),), False),
        (Access(groups=("gpu-full",)), ("gpu-full",), True),
        (Access(groups=("gpu-full",)), (STUDENT,), False),
        (Access(roles=("instructor",)), ("my-group:instructor", "instructor"), False),
        (Access(roles=("instructor",)), ("course:x:y:instructors",), False),
    ],
)
def test_a_rule_opens_for_these_groups_only(rule: Access, groups: tuple[str, ...], allowed: bool) -> None:
    assert may_use(rule, groups) is allowed


def test_courses_are_read_from_whole_group_names_only() -> None:
    assert courses_of([STUDENT, "course:a:b:c", "course:a:king", "xcourse:a:student"]) == ("manufacturing-ai",)


def test_a_student_is_not_offered_the_whole_gpu_and_an_instructor_is() -> None:
    settings = load_notebooks(REFERENCE_FILE)
    assert "gpu-full" not in allowed_profiles(settings, [STUDENT])
    assert "gpu-full" in allowed_profiles(settings, [TEACHER])


def test_a_slug_is_stable_says_no_name_and_differs_between_people() -> None:
    assert person_slug("minji.kim") == "u-yvfp4ycy3m7eoc7y"
    assert person_slug("minji.kim") != person_slug("minji-kim")


def test_only_a_slug_names_a_folder_of_a_shared_claim() -> None:
    with pytest.raises(ValueError, match="not a slug"):
        home_folder("../other")
