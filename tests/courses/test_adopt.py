from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from courses.adopt import adopt, with_entry
from courses.calibrate import CALIBRATION_FILE, Calibration
from courses.catalog import COURSE_FILE, Assignment, Course, load_catalog
from courses.cli import course as command
from courses.drafts import ENTRY_FILE, drafts_of
from courses.errors import CourseError
from courses.origin import origin_digest


@pytest.fixture
def fresh(scaffold: Path) -> Course:
    """Return the scaffolded course with a draft ``a00-early``, due a day before its only assignment."""
    folder = scaffold / "fresh"
    shutil.copytree(folder / "a01-first", folder / "a00-early")
    (folder / "a00-early" / "a01-first.py").rename(folder / "a00-early" / "a00-early.py")
    (entry,) = yaml.safe_load((folder / COURSE_FILE).read_text(encoding="utf-8"))["assignments"]
    entry |= {"id": "a00-early", "due": {"day": 1, "time": "23:59"}}
    text = yaml.safe_dump([entry], allow_unicode=True, sort_keys=False, default_flow_style=None)
    indented = "".join(f"  {line}\n" for line in text.splitlines())
    (folder / "a00-early" / ENTRY_FILE).write_text(f"# a draft\n{indented}", encoding="utf-8")
    return load_catalog(scaffold).course("fresh")


def draft_of(course: Course) -> Assignment:
    (draft,) = drafts_of(course)
    return draft


def calibrated(draft: Assignment, **changes: object) -> None:
    """Write the table of a fair calibration, with ``changes``."""
    table = {
        "course": "fresh",
        "assignment": draft.slug,
        "origin_digest": origin_digest(draft),
        "pass_percent": 60,
        "max_points": 2,
        "seeds": [0],
        "variants": [],
        "metrics": [],
        "failures": [],
        **changes,
    }
    Calibration.model_validate(table)
    (draft.folder / CALIBRATION_FILE).write_text(json.dumps(table), encoding="utf-8")


def run(course: Course, *words: str) -> Result:
    return CliRunner().invoke(command, [*words, "--root", str(course.folder.parent)])


def test_a_draft_is_outside_the_course_until_it_is_adopted(fresh: Course) -> None:
    draft = draft_of(fresh)
    assert [each.slug for each in fresh.assignments] == ["a01-first"]
    calibrated(draft)
    adopt(fresh, draft)
    again = load_catalog(fresh.folder.parent).course("fresh")
    assert [each.slug for each in again.assignments] == ["a00-early", "a01-first"]
    assert drafts_of(again) == ()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"origin_digest": "older"}, "has changed since"),
        ({"failures": ["naive on seed 3: 2.00 of 2 points."]}, "not fair: naive on seed 3"),
    ],
)
def test_an_old_or_unfair_calibration_is_refused_and_nothing_changes(
    fresh: Course, changes: dict[str, object], why: str
) -> None:
    before = (fresh.folder / COURSE_FILE).read_bytes()
    calibrated(draft_of(fresh), **changes)
    with pytest.raises(CourseError, match=why):
        adopt(fresh, draft_of(fresh))
    assert (fresh.folder / COURSE_FILE).read_bytes() == before
    assert (draft_of(fresh).folder / ENTRY_FILE).is_file()


def test_a_draft_without_a_calibration_is_refused_with_the_command_to_run(fresh: Course) -> None:
    result = run(fresh, "adopt", "a00-early")
    assert result.exit_code == 1
    assert "axcampus course calibrate a00-early --seeds 0-19 --write" in result.output


def test_a_role_that_the_course_does_not_define_is_refused(fresh: Course) -> None:
    entry = draft_of(fresh).folder / ENTRY_FILE
    entry.write_text(entry.read_text(encoding="utf-8") + "    roles: [astronaut]\n", encoding="utf-8")
    calibrated(draft_of(fresh))
    with pytest.raises(CourseError, match="astronaut"):
        adopt(fresh, draft_of(fresh))


def test_the_command_adopts_a_draft_and_refuses_it_the_second_time(fresh: Course) -> None:
    calibrated(draft_of(fresh))
    assert run(fresh, "adopt", "a00-early").exit_code == 0
    again = run(fresh, "adopt", "a00-early")
    assert again.exit_code == 1
    assert "is in the course already" in again.output


def test_an_unknown_draft_is_named(fresh: Course) -> None:
    assert "no such assignment: a77" in run(fresh, "adopt", "a77").output


@pytest.mark.parametrize(
    ("text", "why"), [("[]", "a list of one"), ("- {id: a00-early}", "title"), ("- [", "entry.yaml")]
)
def test_a_damaged_entry_is_named(fresh: Course, text: str, why: str) -> None:
    (fresh.folder / "a00-early" / ENTRY_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match=why):
        drafts_of(fresh)


def test_an_entry_of_another_folder_is_refused(fresh: Course) -> None:
    shutil.move(fresh.folder / "a00-early", fresh.folder / "a09-other")
    with pytest.raises(CourseError, match="they must be the same"):
        drafts_of(fresh)


def test_texts_in_another_shape_are_refused() -> None:
    with pytest.raises(CourseError, match="must list assignments"):
        with_entry("id: x\n", "  - id: a\n")
