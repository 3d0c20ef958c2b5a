"""Scores, points of people and comments make the round trip through a real nbgrader gradebook."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from nbgrader.api import Gradebook

from graders.files import FileSet
from graders.gradebook import read_grades
from graders.release import make_release
from hub.commands import gradebook as commands
from hub.portal.models import AssignmentVersion, Attempt, ManualMark
from hub.portal.services.file_sets import put_file_set
from tests.graders import notebooks
from tests.hub.portal.services.workbench.hand_graded import CODE, ESSAY, form, make_hand_graded

pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted:sqlalchemy.exc.SAWarning")

CELLS = (
    notebooks.solution("x = 1", "x"),
    notebooks.graded("assert x", "test-1", 3),
    notebooks.manual("why", ESSAY, 4),
    notebooks.manual("code", CODE, 6),
)


@pytest.fixture
def work(sqlite_campus):
    made = make_hand_graded(sqlite_campus)
    release = make_release(FileSet({"a.ipynb": notebooks.notebook(*CELLS)}), assignment="ai/a01")
    with sqlite_campus.database.writing() as session:
        digest = put_file_set(session, release.bundle)
        session.execute(sa.text("DROP TRIGGER assignment_version_fixed_content"))
        session.execute(sa.update(AssignmentVersion).values(bundle_digest=digest))
    first, _second = made.hand_in("kim"), made.hand_in("lee")
    made.mark(first, form(ESSAY, "3.5", comment="**좋습니다**"), form(CODE, "6"))
    return made


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'gradebook.db'}"


def facts(url):
    return {
        (row.student, row.grade_id): (row.auto_score, row.manual_score, row.comment) for row in read_grades(url, "a01")
    }


def test_what_goes_out_is_what_nbgrader_reads(work, url):
    assert commands.export_grades(work.campus.database, "ai", "a01", url) == 2
    assert facts(url)["kim", "test-1"] == (3.0, None, None)
    assert facts(url)["kim", ESSAY] == (None, 3.5, "**좋습니다**")
    with Gradebook(url) as book:
        assert book.find_submission("a01", "kim").score == 12.5
        assert book.find_submission("a01", "lee").needs_manual_grade


def test_what_a_person_graded_in_nbgrader_comes_in_and_goes_out_again_the_same(work, url, tmp_path):
    commands.export_grades(work.campus.database, "ai", "a01", url)
    with Gradebook(url) as book:
        grade = book.find_grade(ESSAY, "a", "a01", "lee")
        grade.manual_score, grade.needs_manual_grade = 2.25, False
        book.find_comment(ESSAY, "a", "a01", "lee").manual_comment = "단위를 쓰십시오"
        book.find_grade(CODE, "a", "a01", "lee").manual_score = 0.0
        book.db.commit()
    done = commands.import_grades(work.campus.database, "ai", "a01", url, "park")
    assert (done.cells, done.left_out) == (2, [])
    lee = work.campus.get(Attempt, person_id=work.campus.person("lee")).id
    assert work.grade(lee).manual_points == 2.25
    again = f"sqlite:///{tmp_path / 'again.db'}"
    commands.export_grades(work.campus.database, "ai", "a01", again)
    assert facts(again) == facts(url)


def test_bringing_in_the_same_twice_changes_nothing(work, url):
    commands.export_grades(work.campus.database, "ai", "a01", url)
    before = work.campus.count(ManualMark)
    assert commands.import_grades(work.campus.database, "ai", "a01", url, "park").cells == 0
    assert work.campus.count(ManualMark) == before


def test_what_can_t_be_kept_is_said(work, url):
    commands.export_grades(work.campus.database, "ai", "a01", url)
    with Gradebook(url) as book:
        book.find_grade("test-1", "a", "a01", "kim").manual_score = 1.0
        book.find_grade(ESSAY, "a", "a01", "lee").extra_credit = 1.0
        book.add_student("stranger")
        book.add_submission("a01", "stranger")
        book.db.commit()
    done = commands.import_grades(work.campus.database, "ai", "a01", url, "park")
    assert [line.partition(":")[0] for line in done.left_out] == ["kim", "lee", "stranger"]


def test_only_who_teaches_the_course_can_bring_grades_in(work, url):
    commands.export_grades(work.campus.database, "ai", "a01", url)
    home = {"AXCAMPUS_DATABASE_URL": str(work.campus.database.engine.url)}
    answer = CliRunner().invoke(
        commands.gradebook, ["import", "--course", "ai", "--assignment", "a01", "--as", "kim", url], env=home
    )
    assert answer.exit_code == 1
    assert "강사가 아닙니다" in answer.output


def test_an_assignment_that_is_not_there_is_said(work, url):
    home = {"AXCAMPUS_DATABASE_URL": str(work.campus.database.engine.url)}
    answer = CliRunner().invoke(commands.gradebook, ["export", "--course", "ai", "--assignment", "a99", url], env=home)
    assert answer.exit_code == 1
    assert "과제가 없습니다" in answer.output
