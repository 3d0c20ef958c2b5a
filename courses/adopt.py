"""Moves a finished draft into its course: ``entry.yaml`` of an assignment's folder becomes an entry of course.yaml.

A draft is an assignment folder with an ``entry.yaml`` (its entry of course.yaml, in a list of one): it can be tried and
calibrated, but no platform publishes it. It enters the course only with a fair calibration of its present sources.
"""

from __future__ import annotations

import re

import yaml
from pydantic import ValidationError

from courses.calibrate import CALIBRATION_FILE, Calibration
from courses.catalog import COURSE_FILE, Assignment, Course
from courses.drafts import ENTRY_FILE
from courses.errors import CourseError
from courses.origin import origin_digest
from courses.schema import CourseSpec

ASSIGNMENTS_LINE = "assignments:\n"
ENTRY_START = re.compile(r"(?m)^(?=  - id: )")


def adopt(course: Course, draft: Assignment) -> None:
    """Write the draft's entry into course.yaml, in order of deadlines, and remove its entry.yaml.

    Raises CourseError, and changes nothing, if its calibration is missing, old or not fair, or the course would not
    load with it.
    """
    _refuse_uncalibrated(draft)
    file, entry = course.folder / COURSE_FILE, draft.folder / ENTRY_FILE
    text = with_entry(file.read_text(encoding="utf-8"), entry.read_text(encoding="utf-8"))
    try:
        CourseSpec.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        raise CourseError(f"{entry}: {error.errors()[0]['msg']}") from error
    file.write_text(text, encoding="utf-8")
    entry.unlink()


def _refuse_uncalibrated(draft: Assignment) -> None:
    file = draft.folder / CALIBRATION_FILE
    how = f"run: axcampus course calibrate {draft.slug} --seeds 0-19 --write"
    if not file.is_file():
        raise CourseError(f"{draft.slug} was not calibrated; {how}")
    table = Calibration.model_validate_json(file.read_text(encoding="utf-8"))
    if table.origin_digest != origin_digest(draft):
        raise CourseError(f"{draft.slug} has changed since it was calibrated; {how}")
    if not table.is_fair:
        raise CourseError(f"{draft.slug} is not fair: {table.failures[0]}")


def with_entry(course_text: str, entry_text: str) -> str:
    """Insert an entry (comments above it are dropped) into the text of a course.yaml, later deadlines after it."""
    head, line, body = course_text.partition(ASSIGNMENTS_LINE)
    block = ENTRY_START.split(entry_text, maxsplit=1)[-1]
    if not line or not block.startswith("  - id: "):
        raise CourseError(f'{COURSE_FILE} and {ENTRY_FILE} must list assignments as lines that begin with "  - id: "')
    blocks = [each for each in ENTRY_START.split(body) if each.strip()]
    blocks.append(block.rstrip("\n") + "\n")
    return head + line + "".join(sorted(blocks, key=_deadline))


def _deadline(block: str) -> tuple[int, str]:
    """Return due day and name of an entry's text."""
    (entry,) = yaml.safe_load(block)
    return int(entry["due"]["day"]), str(entry["id"])
