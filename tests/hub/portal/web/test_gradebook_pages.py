from __future__ import annotations

import io

import openpyxl
import pytest
import sqlalchemy as sa

from hub.portal.models import Assignment, AuditEvent, Enrolment, Grade, Login, Person
from tests.hub.portal.web.campus import add_person, enrol
from tests.hub.portal.web.hand_grading import add_essays

COURSE = "/teach/manufacturing-ai"
BOOK = f"{COURSE}/gradebook"


def test_everybody_and_everything_is_on_one_page(sign_in):
    page = sign_in("instructor").get(BOOK).text
    assert "김서연" in page
    assert page.count('class="histogram"') == 3
    assert "70.0 %" in page  # student0: 7 of 10


def test_one_query_plan_serves_a_class_of_six_hundred(sign_in, sqlite_database):
    client = sign_in("instructor")
    engine, asked = client.application.extensions["axcampus_database"].engine, []
    sa.event.listen(engine, "before_cursor_execute", lambda *facts: asked.append(facts[2]))
    counts = []
    for more in (0, 600):
        with sqlite_database.writing() as session:
            cohort = session.scalars(sa.select(Enrolment)).first().cohort
            for number in range(more):
                enrol(session, add_person(session, f"many{number}", f"학생{number:03}"), cohort)
        del asked[:]
        assert client.get(f"{BOOK}?page=2").status_code == 200
        counts.append(len([statement for statement in asked if statement.startswith("SELECT")]))
    assert counts[1] == counts[0]


def test_a_name_becomes_no_formula_and_korean_opens_in_excel(sign_in, sqlite_database):
    with sqlite_database.writing() as session:
        person = session.scalars(sa.select(Person).join(Login).where(Login.subject == "student0")).one()
        person.name = "=HYPERLINK(1)"
    client = sign_in("instructor")
    data = client.get(f"{BOOK}.csv").data
    assert data.startswith(b"\xef\xbb\xbf")
    assert "'=HYPERLINK(1),student0,7,10," in data.decode("utf-8-sig")
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"{BOOK}.xlsx").data)).active
    [cell] = [row[0] for row in sheet.iter_rows() if row[1].value == "student0"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


def test_taking_the_file_is_a_look_at_everybody_s_data(sign_in, sqlite_database):
    sign_in("instructor").get(f"{BOOK}.csv")
    with sqlite_database.reading() as session:
        event = session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "people.listed")).one()
    assert len(event.detail["people"]) == 7


def test_what_a_person_still_grades_is_released_by_nobody(sign_in, sqlite_database):
    add_essays(sqlite_database, ("student0",), slug="milling")
    client, policy = sign_in("instructor"), f"{COURSE}/milling/policy"
    client.post(policy, data={"score": "on_release", "feedback": "on_release"})
    assert "그중 1건" in client.get(policy).text
    assert "성적 3건을 공개했습니다" in client.post(f"{policy}/release", follow_redirects=True).text
    with sqlite_database.reading() as session:
        held = session.scalars(sa.select(Grade).where(Grade.released_at.is_(None), Grade.needs_manual)).all()
        assert len(held) == 1
        assert session.scalar(sa.select(sa.func.count()).where(AuditEvent.action == "grades.released")) == 1


def test_a_student_sees_a_score_only_when_it_is_released(sign_in, sqlite_database):
    client, policy, work = (
        sign_in("instructor"),
        f"{COURSE}/milling/policy",
        "/courses/manufacturing-ai/assignments/milling",
    )
    client.post(policy, data={"score": "on_release", "feedback": "on_release"})
    assert "<b>10</b>" not in sign_in("student3").get(work).text
    client.post(f"{policy}/release")
    assert "<b>10</b>" in sign_in("student3").get(work).text


@pytest.mark.parametrize("form", [{}, {"score": "never", "feedback": "immediate"}])
def test_a_policy_that_is_none_changes_nothing(sign_in, sqlite_database, form):
    assert sign_in("instructor").post(f"{COURSE}/milling/policy", data=form).status_code == 422
    with sqlite_database.reading() as session:
        assert session.scalars(sa.select(Assignment.score_policy)).first() == "immediate"
