"""Honest submissions in odd styles get exactly the points they deserve: all."""

import pytest

from graders.bundle import load_bundle
from graders.contract import GradeRequest
from graders.engine.zygote_pool import WarmProcesses
from graders.environment import environment_digest
from graders.files import FileSet
from graders.recording import record_reference
from graders.release import make_release
from graders.runners.local import LocalRunner
from tests.graders.odd_styles import SOURCE, STYLES, solved

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def grading():
    """(the released notebook, a function that grades a submitted one)."""
    release = make_release(FileSet({"a.ipynb": SOURCE}), assignment="c/odd")
    with WarmProcesses() as warm:
        bundle = record_reference(release.bundle, warm).bundle
    with LocalRunner(1, modules=load_bundle(bundle).preload) as runner:
        yield release.student.files["a.ipynb"], lambda data: runner.grade(*job(bundle, data))


def job(bundle, data):
    submission = FileSet({"a.ipynb": data})
    request = GradeRequest(
        assignment="c/odd",
        bundle_digest=bundle.digest,
        submission_digest=submission.digest,
        seed=1,
        hidden_seed=2,
        environment_digest=environment_digest(),
    )
    return request, bundle, submission


def test_there_are_enough_styles():
    assert len(STYLES) >= 40


@pytest.mark.parametrize("style", STYLES)
def test_an_honest_submission_gets_all_its_points(grading, style):
    released, grade = grading
    report = grade(STYLES[style](solved(released)))
    assert (report.state, report.score) == ("graded", 3), [cell.staff_message for cell in report.cells]


def test_an_unsolved_notebook_gets_none(grading):
    released, grade = grading
    assert grade(released).score == 0
