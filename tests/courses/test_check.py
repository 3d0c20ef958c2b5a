from __future__ import annotations

from pathlib import Path

import pytest

from courses.catalog import COURSE_FILE, Catalog, load_catalog
from courses.check import check_course


def test_every_packaged_course_is_fine(catalog: Catalog) -> None:
    assert {course.slug: check_course(course) for course in catalog} == {course.slug: [] for course in catalog}


def test_a_scaffolded_course_is_fine(scaffold: Path) -> None:
    assert check_course(load_catalog(scaffold).course("fresh")) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("리스트의 평균을 돌려주는 함수를 쓰십시오.\n#\n", "", None),
        ("> Write a function that returns the mean of a list.", "", "no English text"),
        ("평균 구하기 · ", "", None),
        ("### END SOLUTION", "", "don't match"),
        ("    ### BEGIN SOLUTION\n", "", "without ### BEGIN SOLUTION"),
        ("### BEGIN HIDDEN TESTS", "", "without hidden tests"),
        ('"points": 2', '"points": 3', "course.yaml says 2 points, the notebooks have 3"),
        ("    return sum", "    %time return sum", "plain Python only"),
    ],
)
def test_a_flaw_in_a_notebook_is_named(scaffold: Path, old: str, new: str, problem: str | None) -> None:
    file = scaffold / "fresh" / "a01-first" / "a01-first.py"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    found = check_course(load_catalog(scaffold).course("fresh"))
    assert (problem is None and not found) or any(str(problem) in line for line in found), found


def test_a_notebook_without_korean_is_named(scaffold: Path) -> None:
    file = scaffold / "fresh" / "a01-first" / "a01-first.py"
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith(("# # ", "# 리"))]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert any("no Korean text" in line for line in check_course(load_catalog(scaffold).course("fresh")))


def test_a_manual_cell_needs_a_rubric_of_the_same_points(scaffold: Path) -> None:
    file = scaffold / "fresh" / "a01-first" / "a01-first.py"
    manual = '\n# %% [markdown] nbgrader={"grade_id": "why", "grade": true, "solution": true, "points": 1}\n# 답\n'
    file.write_text(file.read_text(encoding="utf-8") + manual, encoding="utf-8")
    assert any("why: no rubric" in line for line in check_course(load_catalog(scaffold).course("fresh")))
    rubric = "    rubrics: [{grade_id: why, items: [{name: {ko: 가, en: a}, points: 2}]}]\n"
    course = scaffold / "fresh" / COURSE_FILE
    course.write_text(course.read_text(encoding="utf-8") + rubric, encoding="utf-8")
    assert any("its rubric adds up to 2" in line for line in check_course(load_catalog(scaffold).course("fresh")))


def test_too_many_cells_for_the_hours_are_named(scaffold: Path) -> None:
    file = scaffold / "fresh" / "a01-first" / "a01-first.py"
    file.write_text(file.read_text(encoding="utf-8") + "\n# %%\nx = 1\n" * 30, encoding="utf-8")
    assert any("too many" in line for line in check_course(load_catalog(scaffold).course("fresh")))
