"""A test cell beside the student's code, through the runner: it runs there, says so, can be forbidden, and what it
changes is there for later cells, as in nbgrader."""

import pytest

from graders.check import Checked, check_assignment, grade_once
from graders.contract import GradeReport, Isolation, ReportState
from graders.files import FileSet
from graders.release import ReleaseOptions
from graders.runners.local import LocalRunner
from tests.graders.differential.corpus import fill
from tests.graders.notebooks import graded, locked, notebook, solution

CLASS = "class Box:\n    count = 0\n    def __init__(self, x): self.x = x\nseen = []\nlimit = 10"

#: A test can't subclass a student's class from outside: the first and the last must run beside it.
FIRST = """import os, random
class Twice(Box):
    @property
    def double(self): return 2 * self.x
def halve(x): return x / 2
made = Twice(4)
assert made.double == 8
seen.append('first')
total = made.x + 1
del limit
os.environ['AXC_RUNG'] = 'third'
random.seed(5)
drawn = random.random()"""
BETWEEN = "half = halve(total)\nstill = 'limit' in globals()"
APART = "assert half == 2.5 and not still\nassert Box(3).x == 3"
SEES = "assert seen == ['first']"
LAST = """import os, random
assert os.environ['AXC_RUNG'] == 'third' and isinstance(made, Twice) and made.double == 8
random.seed(5)
assert random.random() == drawn
assert total == 5"""

SOURCE = FileSet(
    {
        "a.ipynb": notebook(
            solution(f"### BEGIN SOLUTION\n{CLASS}\n### END SOLUTION", "box"),
            graded(FIRST, "first", 1),
            locked(BETWEEN, "between"),
            graded(APART, "apart", 2),
            graded(SEES, "sees", 4),
            graded(LAST, "last", 8),
        )
    }
)


@pytest.fixture(scope="module")
def runner():
    with LocalRunner(1) as started:
        yield started


def checked(runner: LocalRunner, *, allowed: bool) -> Checked:
    return check_assignment(SOURCE, runner, assignment="c/a", options=ReleaseOptions(in_process_allowed=allowed))


@pytest.fixture(scope="module")
def imported(runner) -> Checked:
    return checked(runner, allowed=True)


def grade(made: Checked, runner: LocalRunner, answer: str) -> GradeReport:
    assert made.release is not None
    return grade_once(made.release.bundle, fill(made.release.student, {"box": answer}), runner)


def test_only_the_cells_that_need_it_run_beside_the_students_code(imported):
    assert {test.grade_id: test.isolation for test in imported.report.tests} == {
        "first": Isolation.IN_PROCESS,
        "apart": Isolation.ISOLATED,
        "sees": Isolation.ISOLATED,
        "last": Isolation.IN_PROCESS,
    }
    assert imported.report.publishable, imported.report.findings
    assert imported.report.reference_score == 15


def test_the_report_says_which_cells_did(imported, runner):
    report = grade(imported, runner, CLASS)
    assert {cell.grade_id: cell.isolation for cell in report.cells}["first"] is Isolation.IN_PROCESS
    assert (report.state, report.score) == (ReportState.GRADED, 15), [cell.staff_message for cell in report.cells]


def test_it_really_runs_in_the_students_process(imported, runner):
    """Student code that changes the names of its own process reaches a test beside it, and only that one."""
    tampering = f"{CLASS}\nBox.x = property(lambda self: 4, lambda self, x: None)"
    points = {cell.grade_id: cell.points for cell in grade(imported, runner, tampering).cells}
    assert (points["first"], points["apart"]) == (1, 0)


def test_a_test_that_ends_its_process_takes_nothing_with_it(imported, runner):
    ending = f"{CLASS}\nimport os\nclass Box(Box):\n    def __init_subclass__(cls): os._exit(0)"
    report = grade(imported, runner, ending)
    points = {cell.grade_id: cell.points for cell in report.cells}
    assert (report.state, points["first"], points["last"]) == (ReportState.GRADED, 0, 0)


def test_it_is_forbidden_unless_the_author_allows_it(runner):
    forbidden = checked(runner, allowed=False)
    assert not forbidden.report.publishable
    assert "in_process_forbidden" in {finding.code for finding in forbidden.report.findings}
    assert grade(forbidden, runner, CLASS).score < 15
    assert Isolation.IN_PROCESS not in {cell.isolation for cell in grade(forbidden, runner, CLASS).cells}


def test_forbidden_is_the_default():
    assert not ReleaseOptions().in_process_allowed


def test_a_test_reads_the_source_of_the_cell_before_it_as_in_nbgrader(runner):
    test = (
        "import sys, io\nbefore, sys.stdout = sys.stdout, io.StringIO()\nexec(In[-2])\n"
        "printed = sys.stdout.getvalue()\nsys.stdout = before\nassert printed == 'hello\\n'"
    )
    cells = solution("### BEGIN SOLUTION\nprint('hello')\n### END SOLUTION", "box"), graded(test, "first", 1)
    source = FileSet({"a.ipynb": notebook(*cells)})
    made = check_assignment(source, runner, assignment="c/a", options=ReleaseOptions(in_process_allowed=True))
    assert made.report.reference_score == 1, made.report.findings
    assert grade(made, runner, "print('hello')").score == 1
    assert grade(made, runner, "print('bye')").score == 0
