from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner, Result

from courses.cli import course, parse_seeds
from courses.errors import CourseError


def run(*arguments: object) -> Result:
    return CliRunner().invoke(course, [str(argument) for argument in arguments])


def test_check_says_that_the_packaged_courses_are_fine() -> None:
    result = run("check")
    assert result.exit_code == 0
    assert "manufacturing-ai: 정상 / fine" in result.output


def test_check_exits_1_and_names_the_problem(scaffold: Path) -> None:
    file = scaffold / "fresh" / "a01-first" / "a01-first.py"
    file.write_text(file.read_text(encoding="utf-8").replace('"points": 2', '"points": 3'), encoding="utf-8")
    result = run("check", "--root", scaffold, "--json")
    assert result.exit_code == 1
    assert "3" in json.loads(result.stdout)["problems"]["fresh"][0]


def test_a_broken_course_file_is_a_message_and_no_traceback(scaffold: Path) -> None:
    (scaffold / "fresh" / "course.yaml").write_text("id: [")
    result = run("check", "--root", scaffold)
    assert result.exit_code == 1
    assert "not YAML" in result.output
    assert "Traceback" not in result.output


def test_new_then_build_gives_an_nbgrader_source_folder(tmp_path: Path) -> None:
    assert run("new", "fresh", tmp_path, "--university", "inje").exit_code == 0
    result = run("build", "fresh", tmp_path / "out", "--root", tmp_path, "--json")
    notebook = tmp_path / "out" / "source" / "a01-first" / "a01-first.ipynb"
    assert json.loads(result.stdout) == {"files": [str(notebook)]}
    nbformat.validate(nbformat.read(notebook, as_version=4))


def test_calibrate_writes_the_table_and_exits_0_when_fair(scaffold: Path) -> None:
    result = run("calibrate", "a01-first", "--seeds", "0", "--root", scaffold, "--write", "--json")
    assert result.exit_code == 0
    table = json.loads(result.stdout)[0]
    assert json.loads((scaffold / "fresh" / "a01-first" / "calibration.json").read_text()) == table


def test_calibrate_exits_1_when_a_wrong_solution_passes(scaffold: Path) -> None:
    (scaffold / "fresh" / "a01-first" / "solutions" / "wrong.py").write_text("# %%\n")
    result = run("calibrate", "--seeds", "0", "--root", scaffold)
    assert result.exit_code == 1
    assert "wrong on seed 0" in result.output


def test_calibrate_refuses_an_unknown_assignment() -> None:
    assert "no such assignment: a99" in run("calibrate", "a99").output


@pytest.mark.parametrize(("text", "seeds"), [("0-2", [0, 1, 2]), ("7", [7]), ("3,1-2, 3", [1, 2, 3])])
def test_seeds_are_ranges_and_lists(text: str, seeds: list[int]) -> None:
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "a", "1-", "-1", "1..3"])
def test_other_seeds_are_refused(text: str) -> None:
    with pytest.raises(CourseError, match="write them like"):
        parse_seeds(text)
