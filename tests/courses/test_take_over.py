from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from courses.catalog import Course, load_catalog
from courses.check import check_assignment
from courses.cli import course as command
from courses.errors import CourseError
from courses.origin import origin_digest
from courses.take_over import TakenOver, take_over
from graders.files import FileSet
from graders.release import make_release


def cell(kind: str, source: str | list[str], **grade: Any) -> dict[str, Any]:
    full = {"grade": False, "solution": False, "task": False, "locked": False, "schema_version": 3, **grade}
    made: dict[str, Any] = {"cell_type": kind, "metadata": {"nbgrader": full} if grade else {}, "source": source}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def notebook(*cells: dict[str, Any]) -> bytes:
    """Encode a notebook of the format before cell ids, as courses of some years ago have it."""
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}, indent=3).encode()


SQUARE = notebook(
    cell("markdown", ["# Squares\n", "Write one."]),
    cell("code", "### BEGIN SOLUTION\nsquare = lambda x: x * x\n### END SOLUTION", grade_id="square", solution=True),
    cell("code", "assert square(3) == 9", grade_id="square-test", grade=True, locked=True, points=2),
    cell("markdown", "Because.", grade_id="why", grade=True, solution=True, points=3),
)
PLAIN = notebook(cell("markdown", "Nothing to grade."))


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return a small nbgrader course as instructors have them: odd names, data, a configuration, leftovers."""
    folder = tmp_path / "old"
    files = {
        "nbgrader_config.py": b"raise SystemExit('the configuration was run')",
        "gradebook.db": b"",
        "source/header.ipynb": PLAIN,
        "source/Problem Set 1/Part A.ipynb": SQUARE,
        "source/Problem Set 1/helpers.py": b"x = 1\n",
        "source/Problem Set 1/data/parts.csv": b"a\n1\n",
        "source/Problem Set 1/.ipynb_checkpoints/Part A.ipynb": PLAIN,
        "source/Problem Set 1/__pycache__/helpers.pyc": b"",
        "source/진동/notes.ipynb": SQUARE,
        "source/welcome/read.ipynb": PLAIN,
    }
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def imported(old: Path) -> tuple[Course, TakenOver]:
    target = old.parent / "courses"
    target.mkdir()
    taken = take_over(old, target, "machines", "gnu")
    return load_catalog(target).course("machines"), taken


def test_the_course_loads_with_its_assignments_points_and_weekly_deadlines(old: Path) -> None:
    course, _ = imported(old)
    specs = [assignment.spec for assignment in course.assignments]
    assert [(spec.id, spec.points, spec.due.day) for spec in specs] == [("problem-set-1", 5, 6), ("a03", 5, 13)]
    assert [spec.title.ko for spec in specs] == ["Problem Set 1", "진동"]


def test_notebooks_and_helper_files_stay_byte_for_byte(old: Path) -> None:
    course, _ = imported(old)
    files = course.assignment("problem-set-1").source_fileset()
    assert files == {"Part A.ipynb": SQUARE, "helpers.py": b"x = 1\n", "data/parts.csv": b"a\n1\n"}


def test_a_cell_graded_by_hand_gets_a_rubric_and_old_cells_get_ids(old: Path) -> None:
    course, _ = imported(old)
    assignment = course.assignment("problem-set-1")
    assert {rubric.grade_id: rubric.points for rubric in assignment.spec.rubrics} == {"why": 3}
    cells = assignment.notebooks()["Part A"].cells
    assert [each.source.splitlines()[0] for each in cells[:1]] == ["# Squares"]
    assert len({each.id for each in cells}) == len(cells) == 4


def test_the_check_works_on_an_imported_notebook_and_finds_only_what_is_ours(old: Path) -> None:
    course, _ = imported(old)
    problems = check_assignment(course.assignment("problem-set-1"))
    assert any("without hidden tests" in line for line in problems)
    assert not [line for line in problems if "points" in line or "rubric" in line]


def test_an_imported_notebook_is_released_without_its_solution(old: Path) -> None:
    course, _ = imported(old)
    assignment = course.assignment("problem-set-1")
    release = make_release(FileSet(assignment.source_fileset()), assignment=assignment.slug)
    assert b"square = lambda" in SQUARE
    assert b"square = lambda" not in release.student.files["Part A.ipynb"]


def test_an_assignment_without_points_is_left_out_and_named(old: Path) -> None:
    _, taken = imported(old)
    assert taken.left_out == ("welcome: has no points",)


def test_a_link_is_never_followed(old: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_text("secret")
    (old / "source" / "Problem Set 1" / "more").symlink_to(tmp_path / "secret")
    (old / "source" / "Problem Set 1" / "key").symlink_to(tmp_path / "secret" / "key")
    (old / "source" / "other").symlink_to(tmp_path / "secret")
    _, taken = imported(old)
    assert {"Problem Set 1/key: a link", "Problem Set 1/more: a link", "other: a link"} <= set(taken.left_out)
    assert not [file for file in taken.files if b"secret" in file.read_bytes()]


def test_a_changed_notebook_changes_the_digest_that_calibration_keeps(old: Path) -> None:
    course, _ = imported(old)
    before = origin_digest(course.assignment("a03"))
    file = course.assignment("a03").folder / "notes.ipynb"
    file.write_bytes(SQUARE.replace(b"== 9", b"!= 8"))
    assert origin_digest(load_catalog(course.folder.parent).course("machines").assignment("a03")) != before


def test_a_script_and_a_notebook_of_one_name_are_refused(old: Path) -> None:
    course, _ = imported(old)
    (course.assignment("a03").folder / "notes.py").write_text("# %%\n")
    with pytest.raises(CourseError, match="same name in the folder of: a03"):
        load_catalog(course.folder.parent)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{", "is no notebook"),
        (b"[]", "is no notebook"),
        (b"\xff\xfe", "is no notebook"),
        (SQUARE.replace(b'"nbformat": 4', b'"nbformat": 3'), "format 3"),
        (SQUARE.replace(b'"schema_version": 3', b'"schema_version": 1'), "nbgrader update"),
        (SQUARE.replace(b'"why"', b'"square"'), "used twice: square"),
    ],
)
def test_a_notebook_that_cant_be_used_is_named_and_nothing_is_written(old: Path, data: bytes, message: str) -> None:
    (old / "source" / "진동" / "notes.ipynb").write_bytes(data)
    with pytest.raises(CourseError, match=message) as caught:
        take_over(old, old.parent, "machines", "gnu")
    assert "진동/notes.ipynb" in str(caught.value)
    assert not (old.parent / "machines").exists()


def test_two_names_that_become_one_are_refused(old: Path) -> None:
    (old / "source" / "problem-set 1").mkdir()
    with pytest.raises(CourseError, match="become the same: problem-set-1"):
        take_over(old, old.parent, "machines", "gnu")


def test_a_folder_without_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="give the folder of an nbgrader course"):
        take_over(tmp_path, tmp_path, "machines", "gnu")


@pytest.mark.parametrize(
    ("name", "university", "message"), [("../up", "gnu", "small"), ("fine", "mars", "mars"), ("old", "gnu", "exists")]
)
def test_a_bad_name_an_unknown_university_and_an_existing_folder_are_refused(
    old: Path, name: str, university: str, message: str
) -> None:
    with pytest.raises(CourseError, match=message):
        take_over(old, old.parent, name, university)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_the_command_lists_files_and_what_was_left_out(old: Path) -> None:
    result = run("import", old, old.parent, "--id", "machines", "--university", "gnu")
    assert result.exit_code == 0, result.output
    assert "machines/course.yaml" in result.output
    assert "뺐습니다 / left out: welcome: has no points" in result.output


def test_the_command_says_what_is_wrong_without_a_traceback(old: Path) -> None:
    result = run("import", old, old.parent, "--id", "old", "--university", "gnu")
    assert result.exit_code == 1
    assert "exists already" in result.output
    assert "Traceback" not in result.output
