from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from hub.portal.models import Assignment, AssignmentVersion, Attempt, DeadlineRule, FeedbackPolicy, Grade
from tests.hub.portal.web.campus import grade

ASSIGNMENT = "/courses/manufacturing-ai/assignments/milling"


def pass_deadlines(database):
    """Move every deadline a month back."""
    with database.writing() as session:
        for rule in session.scalars(sa.select(DeadlineRule)):
            rule.due_at -= timedelta(days=30)
            rule.closes_at -= timedelta(days=30)


def test_home_answers_what_is_due_what_arrived_what_i_got_and_what_is_missing(sign_in, campus):
    page = sign_in("student0").get("/learn").text
    assert "누설 없는 베어링 진동 진단" in page.partition('id="receipt"')[0]
    assert campus.waiting_receipt in page
    assert "대기 중 · 1번째" in page
    assert "7 <span" in page.partition('id="score"')[2]
    assert "과제 3개 중 1개" in page
    assert "http://127.0.0.1:8001/hub/user-redirect/lab" in page


@pytest.mark.parametrize(
    ("manual", "words"), [(None, ("일부는 사람이 채점 중입니다", "5점")), (4.0, ("4 / 5", "반영 점수: 11 / 15"))]
)
def test_a_person_s_part_stands_beside_the_score_of_the_tests(sign_in, campus, sqlite_database, manual, words):
    with sqlite_database.writing() as session:
        session.execute(sa.update(AssignmentVersion).values(manual_max_score=5.0))
        session.execute(sa.update(Grade).values(max_score=15.0, manual_points=manual, score=7.0 + (manual or 0.0)))
    client = sign_in("student0")
    for path in ("/learn", ASSIGNMENT, "/courses/manufacturing-ai"):
        page = client.get(path).text
        assert "7" in page
        assert all(word in page for word in words), path
    assert words[0] in client.get(f"/receipts/{campus.graded_receipt}").text


def test_home_of_somebody_without_work_says_what_will_be_here(sign_in):
    assert "아직 할 일이 없습니다" in sign_in("student1").get("/learn").text


def test_the_live_part_alone_has_an_etag_and_is_not_sent_twice(sign_in):
    client = sign_in("student0")
    first = client.get(ASSIGNMENT + "?fragment=live")
    assert "<html" not in first.text
    again = client.get(ASSIGNMENT + "?fragment=live", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


def test_the_live_part_changes_when_the_score_arrives(sign_in, campus, sqlite_database):
    client = sign_in("student0")
    path = f"/receipts/{campus.waiting_receipt}?fragment=live"
    before = client.get(path)
    assert "data-settled" not in before.text
    with sqlite_database.writing() as session:
        attempt = session.scalars(sa.select(Attempt).where(Attempt.receipt_id == campus.waiting_receipt)).one()
        session.execute(sa.text("DELETE FROM grading_task WHERE attempt_id = :id"), {"id": attempt.id})
        session.execute(
            sa.text("DELETE FROM grade_request WHERE digest NOT IN (SELECT request_digest FROM grading_task)")
        )
        grade(session, attempt, datetime.now(UTC), (3, 3, 4))
    after = client.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert "채점 완료" in after.text
    assert "data-settled" in after.text


def test_the_live_part_is_closed_to_strangers(client):
    assert client.get("/learn?fragment=live").status_code == 401


def test_results_of_hidden_tests_wait_for_the_due_date(sign_in, campus, sqlite_database):
    client = sign_in("student0")
    before = client.get(f"/receipts/{campus.graded_receipt}").text
    assert "나중에 공개" in before
    assert "2.5 / 4" not in before
    assert client.get(f"/receipts/{campus.graded_receipt}/feedback/0").status_code == 404
    pass_deadlines(sqlite_database)
    assert "2.5 / 4" in client.get(f"/receipts/{campus.graded_receipt}").text
    assert client.get(f"/receipts/{campus.graded_receipt}/feedback/0").status_code == 200


def test_what_is_meant_for_staff_is_never_shown_to_the_student(sign_in, campus, sqlite_database):
    pass_deadlines(sqlite_database)
    with sqlite_database.reading() as session:
        failing = session.scalars(sa.select(Attempt.receipt_id).order_by(Attempt.id)).all()[3]
    assert "AssertionError" in sign_in("instructor").get(f"/receipts/{failing}").text
    assert "AssertionError" not in sign_in("student4").get(f"/receipts/{failing}").text


@pytest.mark.parametrize("path", ["/learn", ASSIGNMENT, "/courses/manufacturing-ai"])
def test_a_score_that_is_held_back_is_on_no_page(sign_in, sqlite_database, path):
    with sqlite_database.writing() as session:
        session.execute(sa.update(Assignment).values(score_policy=FeedbackPolicy.ON_RELEASE))
    page = sign_in("student0").get(path).text
    assert "<b>7</b>" not in page
    assert "<strong>7</strong>" not in page
    assert "7 <span" not in page


def test_the_files_come_back_exactly_as_they_were_sent(sign_in, campus):
    answer = sign_in("student0").get(f"/receipts/{campus.graded_receipt}/files.zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        [name] = archive.namelist()
        assert name == "milling.ipynb"
        assert archive.read(name).split()[-1] == b"1"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_text_from_the_database_never_becomes_markup(sign_in, sqlite_database):
    with sqlite_database.writing() as session:
        session.execute(sa.update(Assignment).values(title_ko="<img src=x onerror=alert(1)>"))
    page = sign_in("student0").get("/learn").text
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_a_late_attempt_says_so(sign_in, campus, sqlite_database):
    pass_deadlines(sqlite_database)
    assert "지각" in sign_in("student0").get(f"/receipts/{campus.graded_receipt}").text
