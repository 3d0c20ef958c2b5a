"""Every assignment in the real, isolated engine: publishable, and honest and dishonest work score as calibrated."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest

from courses.catalog import Assignment, load_catalog
from courses.trial import answers_from_script
from graders.check import Checked, check_assignment
from graders.contract import GradeReport, GradeRequest, Isolation, Limits, ReportState
from graders.environment import environment_digest
from graders.files import FileSet
from graders.release import ReleaseOptions
from graders.runners.local import LocalRunner

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ASSIGNMENTS = {assignment.slug: assignment for course in load_catalog() for assignment in course.assignments}


@pytest.fixture(scope="module")
def runner() -> Iterator[LocalRunner]:
    made = LocalRunner(1)
    yield made
    made.close()


@pytest.fixture(scope="module", params=ASSIGNMENTS)
def checked(request: pytest.FixtureRequest, runner: LocalRunner) -> tuple[Assignment, Checked]:
    assignment = ASSIGNMENTS[request.param]
    limits = Limits(**assignment.spec.limits.model_dump())
    options = ReleaseOptions(limits=limits, preload=assignment.spec.preload)
    source = FileSet(assignment.source_fileset())
    return assignment, check_assignment(source, runner, assignment=assignment.slug, options=options)


def answered(student: FileSet, answers: Mapping[str, str]) -> FileSet:
    """Fill a learner's notebook: grade_id -> source."""
    files = dict(student.files)
    for path in [path for path in files if path.endswith(".ipynb")]:
        notebook = json.loads(files[path])
        for cell in notebook["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id")
            cell["source"] = answers.get(name, cell["source"])
        files[path] = json.dumps(notebook).encode()
    return FileSet(files)


def reference_answers(assignment: Assignment) -> dict[str, str]:
    cells = [cell for notebook in assignment.notebooks().values() for cell in notebook.cells]
    graded = [(cell.metadata["nbgrader"], cell.source) for cell in cells if "nbgrader" in cell.metadata]
    return {grade["grade_id"]: source for grade, source in graded if grade["solution"]}


def grade(assignment: Assignment, checked: Checked, runner: LocalRunner, variant: str) -> GradeReport:
    assert checked.release is not None
    script = assignment.solution_scripts()[variant]
    notebook = next(iter(assignment.notebooks().values()))
    answers = {**reference_answers(assignment), **answers_from_script(script, notebook, name=variant)}
    submission = answered(checked.release.student, answers)
    request = GradeRequest(
        assignment=assignment.slug,
        bundle_digest=checked.release.bundle.digest,
        submission_digest=submission.digest,
        seed=31337,
        hidden_seed=2**63 + 5,
        limits=Limits(**assignment.spec.limits.model_dump()),
        environment_digest=environment_digest(),
    )
    return runner.grade(request, checked.release.bundle, submission)


def test_the_assignment_can_be_published(checked: tuple[Assignment, Checked]) -> None:
    report = checked[1].report
    assert report.publishable, report.findings
    assert report.reference_score == report.max_score
    assert report.empty_score == report.hollow_score == 0


def test_every_test_cell_runs_isolated(checked: tuple[Assignment, Checked]) -> None:
    assert {test.isolation for test in checked[1].report.tests} == {Isolation.ISOLATED}


def test_an_honest_but_different_solution_gets_full_marks(
    checked: tuple[Assignment, Checked], runner: LocalRunner
) -> None:
    report = grade(*checked, runner, "alternative")
    assert report.state is ReportState.GRADED, report.staff_reason
    lost = [(cell.grade_id, cell.points, cell.staff_message) for cell in report.cells if cell.points != cell.max_points]
    assert report.score == report.max_score, lost


@pytest.mark.parametrize("variant", ["naive", "leaky", "wrong"])
def test_other_work_stays_below_the_pass_mark(
    checked: tuple[Assignment, Checked], runner: LocalRunner, variant: str
) -> None:
    assignment, _ = checked
    report = grade(*checked, runner, variant)
    assert report.state is ReportState.GRADED, report.staff_reason
    assert report.score is not None
    assert report.score < report.max_score * assignment.spec.pass_percent / 100
