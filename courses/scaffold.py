"""Starts a new course folder: a small assignment that builds, runs and passes the check."""

from __future__ import annotations

import re
from pathlib import Path

from courses.catalog import COURSE_FILE, load_catalog
from courses.errors import CourseError

FIRST_ASSIGNMENT = "a01-first"

COURSE_YAML = """\
id: {course}
title: {{ko: 새 강좌, en: New course}}
summary: {{ko: 이 강좌에서 배우는 것을 한두 문장으로 쓰십시오., en: Say in a sentence or two what is learnt here.}}
university: {university}
authors:
  - {{name: {{ko: 이름, en: Name}}, university: {university}}}
licence: {{text: CC-BY-4.0, code: BSD-3-Clause}}
hours: 4
assignments:
  - id: {assignment}
    title: {{ko: 첫 과제, en: First assignment}}
    summary: {{ko: 평균 구하기, en: Computing a mean}}
    university: {university}
    authors:
      - {{name: {{ko: 이름, en: Name}}, university: {university}}}
    hours: 1
    points: 2
    opens: {{day: 0, time: "09:00"}}
    due: {{day: 7, time: "23:59"}}
    closes: {{day: 14, time: "23:59"}}
"""

NOTEBOOK = """\
# %% [markdown]
# # 평균 구하기 · Computing a mean
#
# 리스트의 평균을 돌려주는 함수를 쓰십시오.
#
# > Write a function that returns the mean of a list.

# %% nbgrader={"grade_id": "mean", "solution": true}
def mean(values):
    ### BEGIN SOLUTION
    return sum(values) / len(values)
    ### END SOLUTION

# %% nbgrader={"grade_id": "mean-test", "grade": true, "points": 2}
assert mean([1, 3]) == 2, "1과 3의 평균은 2입니다 · the mean of 1 and 3 is 2"
### BEGIN HIDDEN TESTS
assert abs(mean([0.5, 1.0, 4.5]) - 2) < 1e-9
### END HIDDEN TESTS
"""

WRONG = """\
# %% nbgrader={"grade_id": "mean"}
def mean(values):
    return sum(values)
"""


def scaffold_course(target: Path, course: str, university: str) -> list[Path]:
    """Write the folder ``target/course`` and return its files.

    Raises CourseError if the name is no slug, the university is unknown or the folder exists.
    """
    if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", course) is None:
        raise CourseError(f"course id {course!r}: use small letters, digits and single hyphens")
    load_catalog().university(university)
    folder = target / course
    if folder.exists():
        raise CourseError(f"{folder} exists already: choose another id or remove it")
    texts = {
        COURSE_FILE: COURSE_YAML.format(course=course, university=university, assignment=FIRST_ASSIGNMENT),
        f"{FIRST_ASSIGNMENT}/{FIRST_ASSIGNMENT}.py": NOTEBOOK,
        f"{FIRST_ASSIGNMENT}/solutions/wrong.py": WRONG,
    }
    return [_written(folder / name, text) for name, text in texts.items()]


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
