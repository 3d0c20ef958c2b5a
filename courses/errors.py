"""What can be wrong with a course folder, said so that its author knows which file and field to change."""

from __future__ import annotations


class CourseError(Exception):
    """A course folder can't be used as it is; the message names the file and what to do."""


class UnknownCourseError(CourseError):
    """No course, assignment or university has this code."""
