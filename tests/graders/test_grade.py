"""Whole gradings: an assignment is released, answered and graded with real processes."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from graders.bundle import BUNDLE_FILE
from graders.contract import Fault, GradeReport, GradeRequest, Isolation, Limits, Outcome, ReportState
from graders.engine.zygote_pool import WarmProcesses
from graders.files import FileSet
from graders.grade import grade
from graders.release import ReleaseOptions, make_release
from graders.runners.base import Progress, Stage
from tests.graders.notebooks import cell, course, given, graded, manual, notebook, solution

pytestmark = pytest.mark.slow

SOURCE = course(
    given("import math\nK = 2"),
    solution("def area(r):\n    ### BEGIN SOLUTION\n    return math.pi * r ** K\n    ### END SOLUTION", "area"),
    graded("assert abs(area(1) - math.pi) < 1e-9", "visible", 1),
    graded("### BEGIN HIDDEN TESTS\nassert abs(area(3) - 28.27433388) < 1e-6\n### END HIDDEN TESTS", "hidden", 3),
    manual("Why?", "essay", 2),
)
RIGHT = "def area(r):\n    return math.pi * r ** K"
WRONG = "def area(r):\n    return 3"


@pytest.fixture(scope="session")
def warm() -> Iterator[WarmProcesses]:
    with WarmProcesses() as processes:
        yield processes


def answered(answer: str, source: FileSet = SOURCE) -> FileSet:
    """The student's notebook with the answer cell filled in."""
    body = json.loads(make_release(source, assignment="c/a").student.files["a.ipynb"])
    for each in body["cells"]:
        if each["metadata"].get("nbgrader", {}).get("grade_id") == "area":
            each["source"] = answer
    return FileSet({"a.ipynb": json.dumps(body).encode()})


def request_for(bundle: FileSet, submission: FileSet, **limits: object) -> GradeRequest:
    return GradeRequest(
        assignment="c/a",
        bundle_digest=bundle.digest,
        submission_digest=submission.digest,
        seed=11,
        hidden_seed=12,
        limits=Limits.model_validate(limits),
        environment_digest="0" * 64,
    )


def graded_report(warm: WarmProcesses, submission: FileSet, source: FileSet = SOURCE, **limits: object) -> GradeReport:
    bundle = make_release(source, assignment="c/a").bundle
    return grade(request_for(bundle, submission, **limits), bundle, submission, warm)


def outcomes(report: GradeReport) -> dict[str, Outcome]:
    return {cell.grade_id: cell.outcome for cell in report.cells}


def test_a_right_answer_gets_all_automatic_points(warm: WarmProcesses) -> None:
    report = graded_report(warm, answered(RIGHT))
    assert (report.state, report.score, report.max_score, report.manual_max_score) == (ReportState.GRADED, 4, 4, 2)
    assert report.fault is Fault.NOBODY


def test_a_wrong_answer_gets_none_and_it_is_the_students_fault(warm: WarmProcesses) -> None:
    report = graded_report(warm, answered(WRONG))
    assert (report.state, report.score, report.fault) == (ReportState.GRADED, 0, Fault.STUDENT)


def test_an_untouched_release_gets_none(warm: WarmProcesses) -> None:
    report = graded_report(warm, make_release(SOURCE, assignment="c/a").student)
    assert (report.score, outcomes(report)["visible"]) == (0, Outcome.ERROR)


def test_a_manual_cell_waits_for_a_person(warm: WarmProcesses) -> None:
    assert outcomes(graded_report(warm, answered(RIGHT)))["essay"] is Outcome.MANUAL


def test_the_report_names_the_layers_that_were_on(warm: WarmProcesses) -> None:
    layers = graded_report(warm, answered(RIGHT)).layers
    assert {"no_new_privs", "rlimits", "seccomp"} <= set(layers)


def test_the_rebuilt_notebook_has_the_answers_outputs_and_no_hidden_test(warm: WarmProcesses) -> None:
    report = graded_report(warm, answered("print('shown')\n" + RIGHT))
    assert "shown" in report.notebooks[0].content
    assert "28.27433388" not in report.model_dump_json(include={"notebooks", "cells"}).replace("staff", "")


def test_bytes_that_are_no_notebook_are_refused_with_a_reason(warm: WarmProcesses) -> None:
    report = graded_report(warm, FileSet({"a.ipynb": b"{"}))
    assert (report.state, report.gradable, report.score) == (ReportState.REFUSED, False, None)
    assert report.reason is not None


def test_an_answer_that_never_ends_costs_its_own_cell_only(warm: WarmProcesses) -> None:
    report = graded_report(warm, answered("while True: pass"), cell_seconds=0.5)
    assert (report.state, report.score) == (ReportState.GRADED, 0)


def test_a_function_that_never_ends_is_a_timeout_of_its_test(warm: WarmProcesses) -> None:
    answer = "def area(r):\n    while r > 2: pass\n    return math.pi * r ** K"
    report = graded_report(warm, answered(answer), test_cell_seconds=1)
    assert outcomes(report) == {"visible": Outcome.PASSED, "hidden": Outcome.TIMEOUT, "essay": Outcome.MANUAL}


def test_after_the_end_of_its_process_the_tests_say_killed(warm: WarmProcesses) -> None:
    report = graded_report(warm, answered("import os; os._exit(0)"))
    assert (outcomes(report)["visible"], report.score) == (Outcome.KILLED, 0)


def test_a_process_that_ends_during_a_test_says_killed_too(warm: WarmProcesses) -> None:
    report = graded_report(warm, answered("import os\ndef area(r): os._exit(0)"))
    assert (outcomes(report)["visible"], report.score) == (Outcome.KILLED, 0)


def test_the_time_of_a_whole_notebook_is_limited(warm: WarmProcesses) -> None:
    report = graded_report(warm, answered("import time; time.sleep(60)"), notebook_seconds=1)
    assert outcomes(report)["hidden"] is Outcome.TIMEOUT


def test_partial_credit_is_the_last_value_of_a_test(warm: WarmProcesses) -> None:
    source = course(solution("x = 1", "x"), graded("0.5", "part", 2))
    report = graded_report(warm, make_release(source, assignment="c/a").student, source)
    assert (report.score, outcomes(report)) == (0.5, {"part": Outcome.PARTIAL})


def test_a_test_without_a_score_needs_a_person(warm: WarmProcesses) -> None:
    source = course(solution("x = 1", "x"), graded("float('nan')", "bad", 2))
    report = graded_report(warm, make_release(source, assignment="c/a").student, source)
    assert (report.state, report.fault) == (ReportState.NEEDS_PERSON, Fault.TEST)


def test_two_notebooks_run_in_name_order_in_one_folder(warm: WarmProcesses) -> None:
    first = notebook(given("open('made.txt', 'w').write('x')"), graded("1", "one", 1))
    second = notebook(given("text = open('made.txt').read()"), graded("assert text == 'x'", "two", 1))
    source = FileSet({"1.ipynb": first, "2.ipynb": second})
    report = graded_report(warm, make_release(source, assignment="c/a").student, source)
    assert (report.score, [book.path for book in report.notebooks]) == (2, ["1.ipynb", "2.ipynb"])


def test_the_learners_seed_is_in_the_folder_and_a_submitted_one_is_ignored(warm: WarmProcesses) -> None:
    source = course(
        given("import json; seed = json.load(open('learner.json'))['seed']"), graded("assert seed == 11", "s", 1)
    )
    student = make_release(source, assignment="c/a").student
    report = graded_report(warm, FileSet({**student.files, "learner.json": b'{"seed": 5}'}), source)
    assert report.score == 1


def test_students_own_cells_run_at_their_place(warm: WarmProcesses) -> None:
    source = course(solution("def f(): pass", "f"), graded("assert helper() == 7", "t", 1))
    own = notebook(cell("def helper(): return 7", cell_id="own"), *_cells_of(source))
    assert graded_report(warm, FileSet({"a.ipynb": own}), source).score == 1


def _cells_of(source: FileSet) -> list[dict[str, object]]:
    cells: list[dict[str, object]] = json.loads(make_release(source, assignment="c/a").student.files["a.ipynb"])[
        "cells"
    ]
    return cells


def test_progress_is_told_cell_by_cell(warm: WarmProcesses) -> None:
    bundle, told = make_release(SOURCE, assignment="c/a").bundle, list[Progress]()
    submission = answered(RIGHT)
    grade(request_for(bundle, submission), bundle, submission, warm, on_progress=told.append)
    assert [step.stage for step in told] == [Stage.STARTED, *[Stage.CELL] * 5]
    assert told[-1].done == told[-1].total


def test_a_cancelled_grading_has_no_score(warm: WarmProcesses) -> None:
    bundle, submission, cancel = make_release(SOURCE, assignment="c/a").bundle, answered(RIGHT), threading.Event()
    cancel.set()
    report = grade(request_for(bundle, submission), bundle, submission, warm, cancel=cancel)
    assert (report.state, report.score) == (ReportState.NOT_GRADED, None)


def test_a_broken_bundle_is_our_fault_and_never_a_score(warm: WarmProcesses) -> None:
    bundle, submission = FileSet({BUNDLE_FILE: b"{}"}), answered(RIGHT)
    report = grade(request_for(bundle, submission), bundle, submission, warm)
    assert (report.state, report.fault, report.score) == (ReportState.NOT_GRADED, Fault.PLATFORM, None)


def test_nothing_stays_in_the_temporary_folder(
    warm: WarmProcesses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    graded_report(warm, answered("import os; os.makedirs('a/b'); os.chmod('a', 0); os.symlink('/etc', 'link')"))
    assert list(tmp_path.iterdir()) == []


UNCROSSABLE = course(
    solution("class Part:\n    pass", "part"),
    graded("class Special(Part): pass\nassert isinstance(Special(), Part)", "subclass", 1),
)


@pytest.mark.parametrize(("allowed", "isolation"), [(True, Isolation.IN_PROCESS), (False, Isolation.ISOLATED)])
def test_a_test_runs_beside_the_students_code_only_where_the_course_allows_it(
    warm: WarmProcesses, allowed: bool, isolation: Isolation
) -> None:
    release = make_release(UNCROSSABLE, assignment="c/a", options=ReleaseOptions(in_process_allowed=allowed))
    body = json.loads(release.bundle.files[BUNDLE_FILE])
    body["notebooks"][0]["cells"][1]["isolation"] = Isolation.IN_PROCESS.value
    bundle = FileSet({BUNDLE_FILE: json.dumps(body).encode()})
    submission = FileSet({"a.ipynb": notebook(solution("class Part:\n    pass", "part"), graded("", "subclass", 1))})
    report = grade(request_for(bundle, submission), bundle, submission, warm)
    assert report.cells[0].isolation is isolation
    assert not allowed or report.score == 1
