"""Scores, manual grades and comments survive the way into nbgrader's gradebook and back."""

import shutil

import pytest

from graders.bundle import load_bundle
from graders.contract import Outcome, ReportState
from graders.feedback import ManualMark
from graders.files import FileSet
from graders.gradebook import read_grades, write_assignment, write_report
from graders.release import make_release
from tests.graders import notebooks, reports

#: nbgrader's own way of adding a submission makes SQLAlchemy warn; nothing is lost by it.
pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted:sqlalchemy.exc.SAWarning")


def release(*cells):
    return load_bundle(make_release(FileSet({"a.ipynb": notebooks.notebook(*cells)}), assignment="c/ps1").bundle)


CELLS = (notebooks.solution("x = 1", "x"), notebooks.graded("assert x", "t", 2), notebooks.manual("why", "why", 3))


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A new gradebook with the assignment: made once, because nbgrader starts a program for it."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    write_assignment(f"sqlite:///{path}", "ps1", release(*CELLS))
    return path


@pytest.fixture
def url(empty, tmp_path):
    return f"sqlite:///{shutil.copy(empty, tmp_path)}"


REPORT = reports.report(
    reports.graded("t", 1.5, Outcome.PARTIAL), reports.graded("why", None, Outcome.MANUAL, max_points=3)
)


def rows(url):
    return {row.grade_id: row for row in read_grades(url, "ps1")}


def test_automatic_points_arrive(url):
    write_report(url, "ps1", "kim", REPORT)
    assert (rows(url)["t"].auto_score, rows(url)["t"].max_score) == (1.5, 2)


def test_cells_for_a_person_wait(url):
    write_report(url, "ps1", "kim", REPORT)
    assert [name for name, row in rows(url).items() if row.needs_person] == ["why"]


def test_a_persons_points_and_comment_arrive(url):
    write_report(url, "ps1", "kim", REPORT, {("a.ipynb", "why"): ManualMark(2.5, "좋습니다")})
    row = rows(url)["why"]
    assert (row.manual_score, row.comment, row.needs_person) == (2.5, "좋습니다", False)


def test_writing_twice_changes_nothing_more(url):
    for points in (1.5, 1):
        write_assignment(url, "ps1", release(*CELLS))
        write_report(url, "ps1", "kim", reports.report(reports.graded("t", points)))
    assert rows(url)["t"].auto_score == 1


def test_a_report_without_scores_is_refused(url):
    with pytest.raises(ValueError, match="refused"):
        write_report(url, "ps1", "kim", reports.report(state=ReportState.REFUSED))


def test_an_unknown_assignment_is_a_key_error(url):
    with pytest.raises(KeyError):
        read_grades(url, "ps9")
