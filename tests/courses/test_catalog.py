from __future__ import annotations

import os
from pathlib import Path

import pytest

from courses.catalog import COURSE_FILE, Catalog, load_catalog
from courses.errors import CourseError, UnknownCourseError


def test_the_packaged_courses_load_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_catalog().course("manufacturing-ai").assignments


def test_the_four_partner_universities_are_known(catalog: Catalog) -> None:
    assert {university.code for university in catalog.universities} == {"gnu", "cwnu", "kyungnam", "inje"}


@pytest.mark.parametrize("ask", [lambda c: c.course("no"), lambda c: c.university("no")])
def test_an_unknown_name_is_refused(catalog: Catalog, ask: object) -> None:
    with pytest.raises(UnknownCourseError, match="no"):
        ask(catalog)  # type: ignore[operator]


def test_an_unknown_assignment_is_refused(catalog: Catalog) -> None:
    with pytest.raises(UnknownCourseError, match="a99"):
        catalog.course("manufacturing-ai").assignment("a99")


def test_helper_files_travel_with_the_notebook(scaffold: Path) -> None:
    helper = scaffold / "fresh" / "a01-first" / "files" / "data" / "parts.csv"
    helper.parent.mkdir(parents=True)
    helper.write_text("a\n1\n")
    files = load_catalog(scaffold).course("fresh").assignment("a01-first").source_fileset()
    assert set(files) == {"a01-first.ipynb", "data/parts.csv"}


def test_solutions_and_guides_stay_behind(catalog: Catalog) -> None:
    for course in catalog:
        for assignment in course.assignments:
            names = assignment.source_fileset()
            assert not [n for n in names if "solution" in n or n.endswith((".md", "calibration.json"))]


def change(root: Path, old: str, new: str) -> None:
    file = root / "fresh" / COURSE_FILE
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("hours: 4", "hours: -4", r"course\.yaml: hours: "),
        ("    hours: 1", "    hours: one", r"course\.yaml: assignments\[0\]\.hours: "),
        ("id: fresh", "id: stale", "must be the same"),
        ("university: gnu", "university: mars", "mars"),
        ("title: {", "title: {{", "not YAML"),
        ("id: a01-first", "id: a02-second", "no percent script"),
    ],
)
def test_a_broken_course_file_names_file_and_field(scaffold: Path, old: str, new: str, message: str) -> None:
    change(scaffold, old, new)
    with pytest.raises(CourseError, match=message):
        load_catalog(scaffold)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_course_file_is_named(scaffold: Path) -> None:
    (scaffold / "fresh" / COURSE_FILE).chmod(0)
    with pytest.raises(CourseError, match="can't be read"):
        load_catalog(scaffold)
