from __future__ import annotations

import pytest
import sqlalchemy as sa

from hub.portal.models import AuditEvent, Grade, ManualMark
from tests.hub.portal.web.hand_grading import HOSTILE_HTML, add_essays

COURSE = "/teach/manufacturing-ai"
LIST = f"{COURSE}/tool-wear/marking"
CELL = {"cells": "1", "notebook-0": "milling.ipynb", "grade-id-0": "essay", "seen-0": "0"}


@pytest.fixture
def receipts(sqlite_database):
    return add_essays(sqlite_database, ("student0", "student2", "student4"))


def test_the_list_says_what_is_left_and_leads_to_the_next(sign_in, receipts):
    client = sign_in("instructor")
    page = client.get(LIST).text
    assert page.count("채점 전") == 3
    assert "3건 중 0건 채점" in page
    assert client.get(f"{LIST}/next").headers["Location"] == f"{COURSE}/marking/{receipts[0]}"


def test_saving_goes_on_to_the_next_until_nothing_is_left(sign_in, receipts, sqlite_database):
    client = sign_in("instructor")
    for receipt in receipts:
        answer = client.post(f"{COURSE}/marking/{receipt}", data={**CELL, "free-0": "3", "then": "next"})
        address = client.get(answer.headers["Location"]).headers["Location"]
    assert address == LIST
    assert "여기에서 채점하실 것이 남아 있지 않습니다" in client.get(address).text
    with sqlite_database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).where(Grade.manual_points == 3.0)) == 3
        assert session.scalar(sa.select(sa.func.count()).where(AuditEvent.action == "marks.saved")) == 3


def test_two_at_once_get_a_clear_message_and_both_texts(sign_in, receipts):
    one, other = sign_in("instructor"), sign_in("both")
    address = f"{COURSE}/marking/{receipts[0]}"
    one.post(address, data={**CELL, "free-0": "4", "comment-0": "먼저 저장한 글"})
    answer = other.post(address, data={**CELL, "free-0": "1", "comment-0": "나중에 쓴 글"})
    assert answer.status_code == 409
    assert "다른 사람이 이 문항을 저장했습니다" in answer.text
    assert "먼저 저장한 글" in answer.text
    assert ">나중에 쓴 글</textarea>" in answer.text
    assert 'name="seen-0" value="1"' in answer.text
    again = other.post(address, data={**CELL, "seen-0": "1", "free-0": "1", "comment-0": "나중에 쓴 글"})
    assert again.status_code == 302
    assert "먼저 저장한 글" in other.get(address).text


def test_what_is_typed_wrong_stays_in_the_form(sign_in, receipts, sqlite_database):
    address = f"{COURSE}/marking/{receipts[0]}"
    answer = sign_in("instructor").post(address, data={**CELL, "free-0": "9", "comment-0": "길게 쓴 글"})
    assert answer.status_code == 409
    assert "0점에서 4점 사이" in answer.text
    assert ">길게 쓴 글</textarea>" in answer.text
    with sqlite_database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(ManualMark.id))) == 0


def test_a_comment_is_markdown_that_can_do_nothing(sign_in, receipts):
    address = f"{COURSE}/marking/{receipts[0]}"
    client = sign_in("instructor")
    comment = "**굵게** <script>alert(1)</script> ![x](http://evil.example/x.png) [l](javascript:alert(1))"
    client.post(address, data={**CELL, "free-0": "1", "comment-0": comment})
    shown = client.get(address).text.partition('class="opinion')[2]
    assert "<strong>굵게</strong>" in shown
    assert "<script>" not in shown
    assert 'src="http' not in shown
    assert 'href="javascript' not in shown


def test_the_notebook_has_an_origin_of_its_own_and_may_load_nothing(sign_in, sqlite_database):
    [receipt] = add_essays(sqlite_database, ("student0",), HOSTILE_HTML)
    answer = sign_in("instructor").get(f"{COURSE}/marking/{receipt}/notebook/0")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox;")
    assert "allow-same-origin" not in policy
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    assert "<script" not in answer.text
    assert "text that stays" in answer.text


def test_without_names_no_page_of_grading_says_whose_it_is_but_the_log_does(sign_in, receipts, sqlite_database):
    client = sign_in("instructor")
    client.post(f"{LIST}/settings", data={"anonymous": "on"})
    for address in (LIST, f"{COURSE}/marking/{receipts[0]}"):
        assert "김서연" not in client.get(address).text
    with sqlite_database.reading() as session:
        people = session.scalars(sa.select(AuditEvent.subject_person_id)).all()
    assert any(people)


def test_the_student_reads_the_comment_once_results_are_open(sign_in, receipts, sqlite_database):
    sign_in("instructor").post(
        f"{COURSE}/marking/{receipts[0]}", data={**CELL, "free-0": "4", "comment-0": "참 잘했습니다"}
    )
    feedback = f"/receipts/{receipts[0]}/feedback/0"
    assert sign_in("student0").get(feedback).status_code == 404
    with sqlite_database.writing() as session:
        session.execute(sa.text("UPDATE assignment SET feedback_policy = 'immediate'"))
    assert "참 잘했습니다" in sign_in("student0").get(feedback).text


def test_rubric_lines_are_added_used_and_removed(sign_in, receipts, sqlite_database):
    client, address = sign_in("instructor"), f"{COURSE}/marking/{receipts[0]}"
    line = {"notebook": "milling.ipynb", "grade_id": "essay", "label": "단위가 있다", "points": "2"}
    assert "단위가 있다" in client.post(f"{address}/rubric", data=line, follow_redirects=True).text
    client.post(address, data={**CELL, "rubric-0": "1", "free-0": "0.5"})
    with sqlite_database.reading() as session:
        assert session.scalars(sa.select(ManualMark.points)).one() == 2.5
    assert 'value="0.5"' in client.get(address).text
    page = client.post(f"{address}/rubric/1/remove", follow_redirects=True).text
    assert 'type="checkbox" name="rubric-0"' not in page
    assert client.post(f"{address}/rubric", data={**line, "points": "x"}).status_code == 422


@pytest.mark.parametrize("path", [LIST, f"{COURSE}/marking/{{receipt}}", f"{COURSE}/marking/{{receipt}}/notebook/0"])
@pytest.mark.parametrize("who", ["student0", "student2", "other-instructor", "coordinator"])
def test_nobody_else_gets_in(sign_in, receipts, who, path):
    assert sign_in(who).get(path.format(receipt=receipts[0])).status_code in (403, 404)


def test_a_page_of_grading_asks_the_database_as_often_for_many_as_for_few(sign_in, sqlite_database):
    [receipt] = add_essays(sqlite_database, ("student0",))
    client = sign_in("instructor")
    asked: list[str] = []
    engine = client.application.extensions["axcampus_database"].engine
    sa.event.listen(engine, "before_cursor_execute", lambda *facts: asked.append(facts[2]))
    counts = []
    for more in ((), ("student2", "student4", "student5")):
        add_essays(sqlite_database, more)
        del asked[:]
        assert client.get(LIST).status_code == 200
        assert client.get(f"{COURSE}/marking/{receipt}").status_code == 200
        counts.append(len([statement for statement in asked if statement.startswith("SELECT")]))
    assert counts[1] <= counts[0] + 1
