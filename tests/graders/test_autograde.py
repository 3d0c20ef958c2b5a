"""``nbgrader autograde`` in a configured course runs our engine and fills nbgrader's gradebook."""

import csv
import subprocess
import sys

import pytest
from nbgrader.api import Gradebook

from graders.gradebook import read_grades
from tests.graders.course_on_disk import RIGHT, SOURCE, answered, make_course
from tests.graders.differential.stock import environment
from tests.graders.notebooks import manual, notebook

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
CONFIG = "from graders.autograde import configure\nconfigure(get_config())\n"
WARNS = {"f": RIGHT["f"], "g": "g = 3\nimport warnings; warnings.warn('harmless')"}
CHEATS = {
    "f": "class Any:\n    def __eq__(self, other):\n        return True\ndef f(x):\n    return Any()",
    "g": "g = 3",
}


def nbgrader(course, *words):
    command = [sys.executable, "-m", "nbgrader", *words]
    return subprocess.run(command, cwd=course, check=False, capture_output=True, text=True, env=environment())


@pytest.fixture(scope="module")
def graded_course(tmp_path_factory):
    course = make_course(tmp_path_factory.mktemp("course"), a=SOURCE, b=notebook(manual("why", "why")))
    (course / "nbgrader_config.py").write_text(CONFIG)
    submissions = {"kim": answered(RIGHT), "lee": answered(CHEATS), "park": answered(WARNS), "choi": b"{"}
    for student, data in {**submissions, "yoon": answered({})}.items():
        folder = course / "submitted" / student / "ps1"
        folder.mkdir(parents=True)
        (folder / "a.ipynb").write_bytes(data)
        why = {} if student == "yoon" else {"why": "왜냐하면"}
        (folder / "b.ipynb").write_bytes(answered(why, notebook(manual("why", "why")), "b.ipynb"))
    released = nbgrader(course, "generate_assignment", "ps1")
    assert released.returncode == 0, released.stderr
    return course, nbgrader(course, "autograde", "ps1")


def scores(graded_course, student):
    course, _ = graded_course
    found = read_grades(f"sqlite:///{course / 'gradebook.db'}", "ps1")
    return {row.grade_id: row.auto_score for row in found if row.student == student}


def test_a_right_submission_gets_its_points(graded_course):
    assert scores(graded_course, "kim") == {"test-f": 2, "test-g": 1, "why": None}


def test_a_cheating_submission_does_not(graded_course):
    assert scores(graded_course, "lee")["test-f"] == 0


def test_a_librarys_warning_costs_nothing(graded_course):
    assert scores(graded_course, "park") == {"test-f": 2, "test-g": 1, "why": None}


def test_a_broken_submission_is_an_error_of_its_own(graded_course):
    course, done = graded_course
    assert "choi" in done.stderr
    assert not (course / "autograded" / "choi").exists()


def test_answers_for_a_person_wait_for_one(graded_course):
    course, _ = graded_course
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        grade = gradebook.find_grade("why", "b", "ps1", "kim")
        assert grade.needs_manual_grade


def test_an_untouched_answer_for_a_person_is_worth_nothing_and_waits_for_nobody_as_in_nbgrader(graded_course):
    course, _ = graded_course
    assert scores(graded_course, "yoon")["why"] == 0
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        assert not gradebook.find_grade("why", "b", "ps1", "yoon").needs_manual_grade


def test_nbgraders_own_export_has_our_scores(graded_course):
    course, _ = graded_course
    assert nbgrader(course, "export").returncode == 0
    with (course / "grades.csv").open(newline="") as file:
        rows = {row["student_id"]: (float(row["raw_score"]), float(row["max_score"])) for row in csv.DictReader(file)}
    assert {name: rows[name] for name in ("kim", "lee", "park", "yoon")} == {
        "kim": (3, 5),
        "lee": (1, 5),
        "park": (3, 5),
        "yoon": (0, 5),
    }


def test_hidden_tests_are_not_in_the_autograded_notebook(graded_course):
    course, _ = graded_course
    assert "f(5)" not in (course / "autograded" / "lee" / "ps1" / "a.ipynb").read_text(encoding="utf-8")


def test_nbgraders_own_feedback_goes_on_working(graded_course):
    course, _ = graded_course
    assert nbgrader(course, "generate_feedback", "ps1", "--student=kim").returncode == 0
    assert (course / "feedback" / "kim" / "ps1" / "a.html").exists()
