"""A release is what nbgrader's own generate_assignment makes, and the bundle keeps what students must not see."""

import json

import psutil
import pytest
from traitlets.config import Config

from graders.bundle import CellKind, helper_files, load_bundle
from graders.contract import LEARNER_FILE
from graders.engine.landlock import abi_version
from graders.files import FileSet
from graders.release import ReleaseError, ReleaseOptions, make_release
from tests.graders.notebooks import cell, course, given, graded, locked, manual, notebook, solution, task, text

SOLUTION = "def f(x):\n    ### BEGIN SOLUTION\n    return x + 41 + 1\n    ### END SOLUTION"
TESTS = "assert f(0) == 42\n### BEGIN HIDDEN TESTS\nassert f(1) == 43\n### END HIDDEN TESTS"


def release(*cells, **options):
    return make_release(course(*cells), assignment="c/a", options=ReleaseOptions(**options))


def student_sources(made, path="a.ipynb"):
    return ["".join(each["source"]) for each in json.loads(made.student.files[path])["cells"]]


def bundle_cells(made):
    return load_bundle(made.bundle).notebooks[0].cells


def test_solutions_and_hidden_tests_are_not_in_the_students_version():
    made = release(solution(SOLUTION), graded(TESTS))
    assert student_sources(made) == [
        "def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()",
        "assert f(0) == 42",
    ]


def test_the_courses_header_and_footer_are_the_instructors_cells_around_the_assignment():
    header, footer = notebook(text("# Name:"), given("import math")), notebook(locked("del x", "last"))
    made = release(solution(SOLUTION), graded(TESTS), header=header, footer=footer)
    assert student_sources(made)[:2] == ["# Name:", "import math"]
    assert student_sources(made)[-1] == "del x"
    cells = bundle_cells(made)
    assert [each.kind for each in (cells[1], cells[-1])] == [CellKind.GIVEN, CellKind.GIVEN]
    assert len({each.cell_id for each in cells}) == len(cells) == 5


def test_a_header_that_is_no_notebook_is_refused():
    with pytest.raises(ReleaseError):
        release(solution(SOLUTION), header=b"{")


def test_the_bundle_keeps_hidden_tests_and_the_reference():
    answer, check = bundle_cells(release(solution(SOLUTION), graded(TESTS)))
    assert answer.reference == SOLUTION
    assert (check.source, check.hidden) == (TESTS, True)


@pytest.mark.parametrize(
    ("made", "kind", "is_locked"),
    [
        (given("x = 1"), CellKind.GIVEN, False),
        (locked("x = 1", "ro"), CellKind.GIVEN, True),
        (text("# 제목"), CellKind.MARKDOWN, False),
        (locked("# 제목", "ro", "markdown"), CellKind.MARKDOWN, True),
        (solution("x = 1"), CellKind.SOLUTION, False),
        (graded("assert x"), CellKind.TEST, True),
        (manual("answer"), CellKind.MANUAL, False),
        (manual("answer = 1", cell_type="code"), CellKind.MANUAL, False),
        (task("Describe"), CellKind.TASK, True),
        (cell("raw", cell_type="raw"), CellKind.RAW, False),
    ],
)
def test_every_kind_of_nbgrader_cell_is_known(made, kind, is_locked):
    found = bundle_cells(release(made))[0]
    assert (found.kind, found.locked) == (kind, is_locked)


def test_automatic_and_manual_points_are_summed_apart():
    made = release(solution("x = 1"), graded("assert x", points=2.5), manual("why", points=4), task("do", points=3))
    assert (made.max_score, made.manual_max_score) == (2.5, 7)


def test_several_notebooks_run_in_name_order():
    source = FileSet({name: notebook(graded("assert True")) for name in ("b.ipynb", "a.ipynb")})
    made = make_release(source, assignment="c/a")
    assert [each.path for each in load_bundle(made.bundle).notebooks] == ["a.ipynb", "b.ipynb"]


def test_metadata_of_older_nbgrader_versions_is_upgraded():
    old = {"nbgrader": {"grade": True, "grade_id": "t", "points": "3", "solution": False}}
    made = make_release(FileSet({"a.ipynb": notebook(cell("assert True", old), minor=0)}), assignment="c/a")
    assert made.max_score == 3
    assert json.loads(made.student.files["a.ipynb"])["cells"][0]["metadata"]["nbgrader"]["schema_version"] == 3


def test_notebooks_without_cell_ids_get_the_same_ids_each_time():
    source = FileSet({"a.ipynb": notebook(given("x = 1"), given("x = 1"), minor=2)})
    first, second = (make_release(source, assignment="c/a") for _ in range(2))
    assert first.bundle.digest == second.bundle.digest
    assert len({each.cell_id for each in bundle_cells(first)}) == 2


def test_helper_files_go_to_students_and_to_the_bundle():
    source = FileSet({"a.ipynb": notebook(given("x = 1")), "data/x.csv": b"1\n"})
    made = make_release(source, assignment="c/a")
    assert made.student.files["data/x.csv"] == helper_files(made.bundle).files["data/x.csv"] == b"1\n"


@pytest.mark.parametrize("path", [LEARNER_FILE, "__pycache__/h.pyc", ".ipynb_checkpoints/a.ipynb", "autotests.yml"])
def test_files_of_the_authors_machine_are_never_released(path):
    made = make_release(FileSet({"a.ipynb": notebook(given("x = 1")), path: b"{}"}), assignment="c/a")
    assert path not in made.student.files
    assert path not in helper_files(made.bundle).files


def test_outputs_and_editors_traces_are_cleared():
    shown = {"output_type": "stream", "name": "stdout", "text": "42"}
    traced = cell("1", {"executionInfo": {"user": {"displayName": "홍길동"}}}, outputs=[shown])
    made = release(traced)
    assert "홍길동" not in made.student.files["a.ipynb"].decode()
    assert json.loads(made.student.files["a.ipynb"])["cells"][0]["outputs"] == []


def test_mark_schemes_are_cleared_from_tasks():
    made = release(task("Draw.\n### BEGIN MARK SCHEME\nsecret\n### END MARK SCHEME"))
    assert "secret" not in made.student.files["a.ipynb"].decode()


def test_libraries_that_cells_import_are_listed_for_the_warm_process():
    made = release(given("import numpy as np\nimport os"), solution("%time\nfrom sklearn.svm import SVC"))
    assert load_bundle(made.bundle).preload == ("numpy", "sklearn", "sklearn.svm")


def test_an_nbgrader_courses_own_settings_are_used():
    config = Config({"ClearSolutions": {"code_stub": {"python": "pass  # 여기에"}}})
    assert student_sources(release(solution("x = 1"), nbgrader=config)) == ["pass  # 여기에"]


@pytest.mark.slow
def test_autotest_lines_become_nbgraders_tests():
    templates = (
        "python3:\n    setup: 'from hashlib import sha1'\n    dispatch: 'type({{snippet}})'\n"
        "    normalize: 'str({{snippet}})'\n    check: 'assert {{snippet}} == \"{{value}}\", \"{{message}}\"'\n"
        "    templates:\n        default:\n            - test: '{{snippet}}'\n              fail: 'wrong {{snippet}}'\n"
    )
    made = release(solution("x = 41 + 1"), graded("### AUTOTEST x"), autotests=templates.encode())
    assert 'assert str(x) == "42", "wrong x"' in bundle_cells(made)[1].source
    assert "AUTOTEST" not in "".join(student_sources(made))


def refusal(*cells):
    with pytest.raises(ReleaseError) as caught:
        release(*cells)
    return caught.value.text


def test_a_folder_without_notebooks_is_refused():
    with pytest.raises(ReleaseError, match="no notebook"):
        make_release(FileSet({"x.csv": b""}), assignment="c/a")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"nbformat": 4, "cells": [{}], "metadata": {}}',
        b"\xff",
        b'{"nbformat": 4}',
        b'{"nbformat": 4, "cells": [[]]}',
        b'{"nbformat": 4, "cells": 1}',
    ],
)
def test_a_source_that_is_no_notebook_is_refused(data):
    with pytest.raises(ReleaseError, match=r"a\.ipynb"):
        make_release(FileSet({"a.ipynb": data}), assignment="c/a")


@pytest.mark.parametrize(
    "cells",
    [
        (graded("1", "same"), graded("2", "same")),
        (given("### BEGIN SOLUTION\nx = 1\n### END SOLUTION"),),
        (solution("### BEGIN SOLUTION\nx = 1"),),
        (given("### BEGIN HIDDEN TESTS\nx\n### END HIDDEN TESTS"),),
        (graded("### BEGIN HIDDEN TESTS\nx"),),
    ],
)
def test_broken_markup_is_refused_in_both_languages(cells):
    said = refusal(*cells)
    assert "a.ipynb" in said.ko
    assert "a.ipynb" in said.en


def test_an_assignment_without_points_is_warned_about():
    assert "No cell carries points." in [each.en for each in release(given("x = 1")).warnings]


def test_a_notebook_in_a_subfolder_is_warned_about():
    source = FileSet({"a.ipynb": notebook(graded("assert True")), "extra/b.ipynb": b"{}"})
    assert "extra/b.ipynb" in make_release(source, assignment="c/a").warnings[0].en


@pytest.mark.slow
def test_a_reference_that_fails_under_autotest_is_told_and_leaves_no_process():
    before = set(psutil.Process().children(recursive=True))
    with pytest.raises(ReleaseError, match="ZeroDivisionError"):
        release(
            given("1 / 0"),
            graded("### AUTOTEST x"),
            autotests=b"python3: {dispatch: '', templates: {}, check: '', normalize: ''}",
        )
    assert set(psutil.Process().children(recursive=True)) == before


@pytest.mark.slow
@pytest.mark.skipif(abi_version() < 1, reason="this kernel has no Landlock")
def test_a_reference_under_autotest_cannot_read_files_of_this_machine(tmp_path):
    (tmp_path / "secret").write_text("secret")
    with pytest.raises(ReleaseError, match="PermissionError"):
        release(
            given(f"open({str(tmp_path / 'secret')!r})"),
            graded("### AUTOTEST x"),
            autotests=b"python3: {dispatch: '', templates: {}, check: '', normalize: ''}",
        )
