"""Reads assignments that are still drafts: folders of a course with an ``entry.yaml``, outside its course.yaml."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import ValidationError

from courses.catalog import Assignment, Course
from courses.errors import CourseError
from courses.schema import AssignmentSpec

ENTRY_FILE = "entry.yaml"


def drafts_of(course: Course) -> tuple[Assignment, ...]:
    """Return the drafts in a course's folder, by name; CourseError naming file and field if an entry is wrong."""
    return tuple(Assignment(_read_entry(file), file.parent) for file in sorted(course.folder.glob(f"*/{ENTRY_FILE}")))


def _read_entry(file: Path) -> AssignmentSpec:
    try:
        entries = yaml.safe_load(file.read_text(encoding="utf-8"))
        if not isinstance(entries, list) or len(entries) != 1:
            raise CourseError(f"{file}: must be a list of one assignment")
        spec = AssignmentSpec.model_validate(entries[0])
    except (yaml.YAMLError, ValidationError) as error:
        raise CourseError(f"{file}: {error}") from error
    if spec.id != file.parent.name:
        raise CourseError(f"{file}: id is {spec.id!r}, but the folder is {file.parent.name!r}: they must be the same")
    return spec
