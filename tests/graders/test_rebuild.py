"""Whatever a student did to the notebook, the instructor's structure runs with the student's answers in it."""

import json

import pytest

from graders.bundle import load_bundle
from graders.files import FileSet
from graders.intake import accept
from graders.rebuild import rebuild, submit_warnings
from graders.release import ReleaseOptions, make_release
from tests.graders.notebooks import cell, given, graded, locked, manual, notebook, solution, task, text

TESTS = "assert f(1) == 2\n### BEGIN HIDDEN TESTS\nassert f(5) == 6\n### END HIDDEN TESTS"
SOURCE = notebook(
    given("import numpy as np"),
    solution("def f(x):\n    ### BEGIN SOLUTION\n    return x + 1\n    ### END SOLUTION", "sol-f"),
    graded(TESTS, "test-f"),
    text("## 2"),
    solution("g = 3", "sol-g"),
    graded("assert g == 3", "test-g"),
    manual("because", "why"),
)
RELEASE = make_release(FileSet({"a.ipynb": SOURCE}), assignment="c/a")
BUNDLE = load_bundle(RELEASE.bundle)
ANSWERS = {"sol-f": "def f(x):\n    return x + 1", "sol-g": "g = 3", "why": "왜냐하면"}


def released_cells():
    cells = json.loads(RELEASE.student.files["a.ipynb"])["cells"]
    return [each | {"source": "".join(each["source"])} for each in cells]


def name_of(each):
    return each["metadata"].get("nbgrader", {}).get("grade_id")


def solved_cells():
    return [each | {"source": ANSWERS.get(name_of(each), each["source"])} for each in released_cells()]


def submit(cells, path="a.ipynb", bundle=BUNDLE, **files):
    submission = accept({path: notebook(*cells), **files}, expected=[each.path for each in bundle.notebooks])
    return rebuild(bundle, submission)


def sources(rebuilt):
    return [each.source for each in rebuilt.notebooks[0].cells]


def codes(rebuilt):
    return [flag.code for flag in rebuilt.flags]


SOLVED = ["import numpy as np", ANSWERS["sol-f"], TESTS, "## 2", "g = 3", "assert g == 3", "왜냐하면"]


def test_an_untouched_notebook_with_answers_runs_as_the_instructors_with_hidden_tests():
    rebuilt = submit(solved_cells())
    assert sources(rebuilt) == SOLVED
    assert codes(rebuilt) == []


def test_the_students_own_cells_keep_their_places():
    cells = solved_cells()
    cells[1:1] = [given("import math", "own-1"), text("메모", "own-2")]
    cells.append(given("print(g)", "own-3"))
    assert sources(submit(cells)) == [SOLVED[0], "import math", "메모", *SOLVED[1:], "print(g)"]


def test_cells_before_the_first_one_stay_before_it():
    assert sources(submit([given("import os", "own"), *solved_cells()]))[0] == "import os"


def test_an_edited_test_cell_is_the_instructors_again():
    cells = solved_cells()
    cells[2]["source"] = "assert True"
    rebuilt = submit(cells)
    assert sources(rebuilt) == SOLVED
    assert codes(rebuilt) == ["locked_edited"]


def test_a_deleted_test_cell_comes_back():
    rebuilt = submit([each for each in solved_cells() if name_of(each) != "test-f"])
    assert sources(rebuilt) == SOLVED
    assert codes(rebuilt) == ["cell_restored"]


def test_points_and_roles_are_never_the_students():
    cells = solved_cells()
    for each in cells:
        each["metadata"] = {"nbgrader": {"grade_id": name_of(each), "points": 100, "grade": True, "solution": True}}
    assert [each.origin.points for each in submit(cells).notebooks[0].cells if each.origin.points] == [1, 1, 2]


def test_a_deleted_answer_is_empty_so_that_an_answer_elsewhere_still_counts():
    cells = [each for each in solved_cells() if name_of(each) != "sol-g"]
    cells.insert(4, given("g = 3", "own") | {"cell_type": "code"})
    rebuilt = submit([*cells[:3], given("g = 3", "own"), *cells[5:]])
    assert "raise NotImplementedError()" not in "".join(sources(rebuilt))


def test_a_deleted_answer_is_told():
    rebuilt = submit([each for each in solved_cells() if name_of(each) != "why"])
    assert codes(rebuilt) == ["answer_missing"]
    assert rebuilt.notebooks[0].cells[-1].answered is False


def test_of_two_copies_the_edited_one_is_the_answer():
    cells = solved_cells()
    stub = released_cells()[1]
    rebuilt = submit([cells[0], cells[1], stub | {"id": "copy"}, *cells[2:]])
    assert rebuilt.notebooks[0].cells[1].origin.grade_id == "sol-f"
    assert rebuilt.notebooks[0].cells[1].source == ANSWERS["sol-f"]
    assert "cell_copied" in codes(rebuilt)


def test_a_copy_at_the_end_does_not_replace_the_answer_at_its_place():
    cells = solved_cells()
    experiment = cells[1] | {"source": "def f(x):\n    return 0", "id": "copy"}
    rebuilt = submit([*cells, experiment])
    assert sources(rebuilt) == [*SOLVED, experiment["source"]]


def test_both_halves_of_a_split_answer_run_in_order():
    cells = solved_cells()
    first = cells[1] | {"source": "def helper(x):\n    return x", "id": "half"}
    second = cells[1] | {"source": "def f(x):\n    return helper(x) + 1"}
    rebuilt = submit([cells[0], first, second, *cells[2:]])
    assert sources(rebuilt)[1:3] == [first["source"], second["source"]]


def without_names(cells):
    return [each | {"metadata": {}} for each in cells]


def without_ids(cells):
    return [{key: value for key, value in each.items() if key != "id"} for each in cells]


def renumbered(cells):
    return [each | {"id": f"new-{index}"} for index, each in enumerate(cells)]


@pytest.mark.parametrize("change", [without_names, without_ids, renumbered])
def test_lost_names_or_ids_cost_nothing(change):
    assert sources(submit(change(solved_cells()))) == SOLVED


def test_lost_names_and_ids_are_found_by_text_and_place_and_told():
    rebuilt = submit(renumbered(without_names(solved_cells())))
    assert sources(rebuilt) == SOLVED
    assert "cell_recognised" in codes(rebuilt)


def test_with_own_cells_around_an_answer_is_found_by_what_it_defines():
    cells = renumbered(without_names(solved_cells()))
    rebuilt = submit([cells[0], given("print('hello')", "own"), *cells[1:]])
    answer = next(each for each in rebuilt.notebooks[0].cells if each.origin and each.origin.grade_id == "sol-f")
    assert answer.source == ANSWERS["sol-f"]


def test_a_moved_answer_runs_at_its_place():
    cells = solved_cells()
    rebuilt = submit([cells[0], *cells[2:], cells[1]])
    assert sources(rebuilt) == SOLVED
    assert "cell_moved" in codes(rebuilt)


def test_an_answer_turned_into_text_runs_as_code_again():
    cells = solved_cells()
    cells[1] = {key: value for key, value in cells[1].items() if key not in ("outputs", "execution_count")}
    rebuilt = submit([cells[0], cells[1] | {"cell_type": "markdown"}, *cells[2:]])
    assert rebuilt.notebooks[0].cells[1].cell_type == "code"
    assert codes(rebuilt) == ["cell_type_changed"]


def test_an_import_added_to_an_open_given_cell_is_run():
    cells = solved_cells()
    cells[0]["source"] += "\nimport math"
    rebuilt = submit(cells)
    assert sources(rebuilt)[0] == "import numpy as np\nimport math"
    assert codes(rebuilt) == ["given_edited"]


def test_a_locked_given_cell_stays_the_instructors():
    made = make_release(FileSet({"a.ipynb": notebook(locked("x = 1", "ro"), task("Do"))}), assignment="c/a")
    cells = json.loads(made.student.files["a.ipynb"])["cells"]
    rebuilt = submit([cells[0] | {"source": "x = 99"}, cells[1]], bundle=load_bundle(made.bundle))
    assert sources(rebuilt) == ["x = 1", "Do"]


def test_an_unanswered_release_is_told_cell_by_cell():
    rebuilt = submit(released_cells())
    assert [(flag.code, flag.cell) for flag in rebuilt.flags] == [
        ("unanswered", "sol-f"),
        ("unanswered", "sol-g"),
        ("unanswered", "why"),
    ]


def test_every_cell_of_a_rebuilt_notebook_has_an_id_of_its_own():
    cells = solved_cells()
    rebuilt = submit([*cells, *(each | {"id": "cell-0"} for each in cells), given("x", "ax"), given("x", "ax")])
    ids = [each.cell_id for each in rebuilt.notebooks[0].cells]
    assert len(ids) == len(set(ids))


def test_a_renamed_notebook_is_recognised():
    rebuilt = submit(solved_cells(), path="a (1) 김학생.ipynb")
    assert sources(rebuilt) == SOLVED
    assert codes(rebuilt) == ["notebook_renamed"]


def test_a_missing_notebook_is_empty_and_told():
    two = FileSet({"a.ipynb": SOURCE, "b.ipynb": notebook(solution("x = 1"), graded("assert x"))})
    bundle = load_bundle(make_release(two, assignment="c/a").bundle)
    rebuilt = submit(solved_cells(), bundle=bundle)
    assert [each.source for each in rebuilt.notebooks[1].cells] == ["", "assert x"]
    assert codes(rebuilt) == ["notebook_missing"]


def test_students_hear_of_repairs_in_both_languages():
    submission = accept({"a.ipynb": notebook(*released_cells())})
    warnings = submit_warnings(BUNDLE, submission)
    assert len(warnings) == 3
    assert all(each.ko and each.en for each in warnings)


def test_a_cell_that_claims_a_test_cells_name_does_not_become_the_test():
    cells = solved_cells()
    fake = cell("f = None", cells[2]["metadata"], cell_id="fake")
    assert sources(submit([*cells[:2], fake, *cells[2:]])).count(TESTS) == 1


HELPERS = FileSet({"helper.py": b"H", "data/x.csv": b"1", "lib/tools.py": b"T"})


def files_after(**submitted):
    bundle_files = {"a.ipynb": notebook(*solved_cells())} | submitted
    submission = accept({path.replace("__SLASH__", "/"): data for path, data in bundle_files.items()})
    return rebuild(BUNDLE, submission, HELPERS)


def test_the_instructors_files_win():
    rebuilt = files_after(**{"helper.py": b"mine"})
    assert rebuilt.files.files["helper.py"] == b"H"
    assert codes(rebuilt) == ["file_replaced"]


@pytest.mark.parametrize(
    "path",
    [
        "helper/__init__.py",
        "helper.pyw",
        "helper.cpython-311-x86_64-linux-gnu.so",
        "HELPER.py",
        "Data/x.csv",
        "data",
        "lib.py",
        "lib/__init__.py",
        "lib/tools/__init__.py",
        "lib/tools.so",
        "helper.py/x",
    ],
)
def test_nothing_of_the_student_hides_an_instructors_file(path):
    rebuilt = files_after(**{path: b"evil"})
    assert dict(rebuilt.files.files) == dict(HELPERS.files)
    assert codes(rebuilt) == ["file_shadows"]


@pytest.mark.parametrize(
    "path", ["mine.py", "data/mine.csv", "helper.csv", "helper/model.bin", "data.py", "lib/mine.py"]
)
def test_the_students_other_files_stay(path):
    rebuilt = files_after(**{path: b"x"})
    assert rebuilt.files.files[path] == b"x"
    assert codes(rebuilt) == []


def test_a_submitted_seed_file_is_ignored():
    assert "learner.json" not in files_after(**{"learner.json": b'{"seed": 1}'}).files.files


def test_a_file_that_students_are_meant_to_edit_stays_theirs():
    options = ReleaseOptions(student_files=("helper.py",))
    bundle = load_bundle(make_release(FileSet({"a.ipynb": SOURCE}), assignment="c/a", options=options).bundle)
    submission = accept({"a.ipynb": notebook(*solved_cells()), "helper.py": b"mine"})
    assert rebuild(bundle, submission, HELPERS).files.files["helper.py"] == b"mine"
