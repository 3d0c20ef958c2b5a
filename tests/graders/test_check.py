"""The check lets good assignments through and names what is wrong with others, by cell and line."""

import pytest

from graders.bundle import load_bundle
from graders.check import check_assignment
from graders.contract import Isolation
from graders.engine.zygote_pool import WarmProcesses
from graders.files import FileSet
from graders.release import ReleaseOptions
from graders.runners.local import LocalRunner
from tests.graders.notebooks import given, graded, manual, notebook, solution

ANSWER = "    factor = 2 + 1 - 1\n    shift = 1 * 1 + 0\n    return factor * x + shift\n"
F = f"def f(x):\n    ### BEGIN SOLUTION\n{ANSWER}    ### END SOLUTION"
GOOD = (
    solution(F, "f"),
    graded("assert f(1) == 3", "t1"),
    graded("### BEGIN HIDDEN TESTS\nassert [f(n) for n in (4, 5)] == [9, 11]\n### END HIDDEN TESTS", "t2"),
)


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def runner():
    with LocalRunner(slots=1) as made, WarmProcesses() as warm:
        made.warm = warm
        yield made


def check(runner, *cells, files=None, **options):
    source = FileSet({"a.ipynb": notebook(*cells), **(files or {})})
    return check_assignment(source, runner, assignment="c/a", options=ReleaseOptions(**options), warm=runner.warm)


def codes(checked):
    return [finding.code for finding in checked.report.findings]


def test_a_sound_assignment_may_be_published(runner):
    report = check(runner, *GOOD, manual("why", points=5)).report
    assert report.findings == ()
    assert report.publishable
    assert (report.reference_score, report.empty_score, report.hollow_score) == (2, 0, 0)
    assert (report.max_score, report.manual_max_score) == (2, 5)


def test_the_bundle_that_comes_out_holds_students_to_the_reference(runner):
    checked = check(runner, *GOOD)
    tests = [cell for cell in load_bundle(checked.release.bundle).notebooks[0].cells if cell.points]
    assert all(cell.profile for cell in tests)
    assert checked.report.bundle_digest == checked.release.bundle.digest


def test_time_and_place_of_every_test_are_measured(runner):
    tests = check(runner, *GOOD).report.tests
    assert [test.isolation for test in tests] == [Isolation.ISOLATED] * 2
    assert all(test.seconds > 0 for test in tests)


def test_memory_is_measured(runner):
    assert check(runner, *GOOD).report.memory_bytes > 2**20


def test_a_reference_that_fails_its_own_test_blocks(runner):
    checked = check(runner, solution("x = 1"), graded("assert x == 2", "t"))
    assert codes(checked) == ["reference_fails"]
    assert not checked.report.publishable


def test_a_reference_with_an_error_blocks(runner):
    assert "reference_error" in codes(check(runner, given("1 / 0"), *GOOD))


def test_a_test_that_gives_no_score_blocks(runner):
    assert "not_a_score" in codes(check(runner, solution("x = 1"), graded("x == 1", "t")))


def test_a_test_that_only_shows_something_at_its_end_is_told_and_runs(runner):
    checked = check(runner, solution("x = [1]"), graded("assert x[0] == 1\nx", "t"))
    assert codes(checked) == ["shows_a_value"]
    assert checked.report.publishable


def test_a_test_that_shows_something_beside_the_students_code_runs_too(runner):
    cells = solution("class Base:\n    x = 1"), graded("class Mine(Base): pass\nassert Mine.x == 1\n(Mine.x,)", "t")
    checked = check(runner, *cells, in_process_allowed=True)
    assert {"shows_a_value", "in_process"} <= set(codes(checked))
    assert checked.report.publishable, checked.report.findings


def test_tests_that_look_at_nothing_block(runner):
    assert "empty_passes" in codes(check(runner, solution("x = 1"), graded("assert True", "t")))


def test_tests_that_only_look_at_names_block(runner):
    assert "hollow_passes" in codes(check(runner, solution("x = 1"), graded("assert 'x' in globals()", "t")))


def test_one_weak_test_among_others_is_told_by_name(runner):
    checked = check(runner, *GOOD, graded("assert callable(f)", "weak"))
    assert [(each.code, each.cell) for each in checked.report.findings] == [("empty_passes_test", "weak")]
    assert checked.report.publishable


def test_a_helper_file_with_the_solution_blocks(runner):
    assert codes(check(runner, *GOOD, files={"answers.py": f"def f(x):\n{ANSWER}".encode()})) == ["solution_leaks"]


def test_a_helper_file_with_a_hidden_test_blocks(runner):
    assert codes(check(runner, *GOOD, files={"t.txt": b"assert [f(n) for n in (4, 5)] == [9, 11]"})) == [
        "hidden_test_leaks"
    ]


def test_an_assignment_that_cannot_be_released_is_told_and_not_run(runner):
    checked = check(runner, solution("### BEGIN SOLUTION\nx = 1"))
    assert codes(checked) == ["not_releasable"]
    assert checked.release is None


SUBCLASS = (
    solution("class Base:\n    def size(self):\n        return 1", "s"),
    graded("class Mine(Base):\n    pass\nassert Mine().size() == 1", "t"),
)


def test_a_test_that_cannot_cross_blocks_unless_it_is_allowed_beside_the_students_code(runner):
    assert "in_process_forbidden" in codes(check(runner, *SUBCLASS))
    allowed = check(runner, *SUBCLASS, in_process_allowed=True)
    assert "in_process" in codes(allowed)
    assert allowed.report.tests[0].isolation is Isolation.IN_PROCESS


def test_a_report_goes_through_json(runner):
    report = check(runner, *GOOD).report
    assert type(report).model_validate_json(report.model_dump_json()) == report
