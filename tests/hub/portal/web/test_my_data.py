"""My data: everything about oneself and nobody else, corrected with checks; and the administrator's review of looks."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from hub.portal.models import AuditEvent, Login, MailRefusal, Person

MINE = "/account/data"


def person(database, username: str) -> Person:
    with database.reading() as session:
        return session.scalars(sa.select(Login).where(Login.subject == username)).one().person


def test_the_file_holds_what_is_mine_and_names_nobody_else(sign_in, campus):
    client = sign_in("student0")
    answer = client.get(f"{MINE}/my-data.json")
    data = json.loads(answer.data)
    assert data["person"]["name"] == "김서연"
    assert [each["receipt_id"] for each in data["submissions"]] == [campus.graded_receipt, campus.waiting_receipt]
    assert data["grades"][0]["score"] == 7
    assert data["enrolments"][0]["cohort"] == "경상국립대학교 1기"
    assert "attachment" in answer.headers["Content-Disposition"]
    for other in ("박지우", "student2", "서유나"):
        assert other not in json.dumps(data, ensure_ascii=False)
    page = client.get(f"{MINE}/my-data.html")
    assert campus.graded_receipt in page.text
    assert "attachment" in page.headers["Content-Disposition"]


def test_who_looked_is_shown_without_their_name(sign_in, campus, sqlite_database):
    sign_in("instructor").get(f"/receipts/{campus.graded_receipt}")
    sign_in("coordinator").get("/programme/cohorts/gnu-1")
    page = sign_in("student0").get(MINE).text
    assert "제출물 열람" in page
    assert "목록 열람" in page
    assert "instructor" not in page


def test_corrections_are_checked_kept_and_logged(sign_in, sqlite_database):
    client = sign_in("student0")
    sent = {"name": "김서연", "phone": "010 2222 3333", "email": "Seoyeon@Example.ac.kr"}
    assert client.post(MINE, data=sent).status_code == 302
    found = person(sqlite_database, "student0")
    assert (found.phone, found.email) == ("01022223333", "seoyeon@example.ac.kr")
    with sqlite_database.reading() as session:
        event = session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "person.corrected")).one()
        assert event.detail["before"] == {"phone": None, "email": "student0@example.ac.kr"}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": ""}, "이름을 적어"),
        ({"name": "김\u202e서연"}, "이름을 적어"),
        ({"phone": "12"}, "전화번호를"),
        ({"email": "x"}, "이메일 주소를"),
        ({"email": "student2@example.ac.kr"}, "다른 사람이"),
        ({"phone": "900101-1234567"}, "주민등록번호로"),
        ({"name": "김 9001011234567"}, "주민등록번호로"),
    ],
)
def test_a_correction_that_is_wrong_changes_nothing(sign_in, sqlite_database, wrong, says):
    sent = {"name": "김서연", "phone": "", "email": ""} | wrong
    page = sign_in("student0").post(MINE, data=sent)
    assert page.status_code == 422
    assert says in page.text
    assert person(sqlite_database, "student0").email == "student0@example.ac.kr"


def test_mail_is_chosen(sign_in, sqlite_database):
    client = sign_in("student0")
    client.post(f"{MINE}/mail", data={"kind": ["certificate", "announcement"]})
    with sqlite_database.reading() as session:
        assert session.scalars(sa.select(MailRefusal.kind)).all() == ["deadline_reminder"]
    client.post(f"{MINE}/mail", data={"kind": ["deadline_reminder", "nonsense"]})
    with sqlite_database.reading() as session:
        assert set(session.scalars(sa.select(MailRefusal.kind))) == {"announcement", "certificate"}


RESIDENT = ["900101-1234567", "9001011234567", "９００１０１－１２３４５６７", "900101 1234567"]


@pytest.mark.parametrize("number", RESIDENT)
@pytest.mark.parametrize(
    ("username", "path", "field"),
    [
        ("student0", "/account/data", "name"),
        ("coordinator", "/programme/companies/new", "name"),
        ("instructor", "/teach/manufacturing-ai/milling/extensions", "reason"),
        ("instructor", "/teach/manufacturing-ai/tool-wear/teams", "name"),
        ("coordinator", "/programme/duplicates/1/3/merge", "reason"),
        ("administrator", "/administration/access-log/reviews", "findings"),
    ],
)
def test_no_form_takes_a_resident_number(sign_in, sqlite_database, number, username, path, field):
    answer = sign_in(username).post(path, data={field: f"번호 {number}"})
    assert answer.status_code == 422
    assert "주민등록번호" in answer.text
    assert number not in answer.text


def test_a_log_is_filtered_and_signed_off_once_a_month(sign_in, campus, sqlite_database):
    sign_in("instructor").get(f"/receipts/{campus.graded_receipt}")
    client = sign_in("administrator")
    page = client.get("/administration/access-log?action=attempt.viewed")
    assert campus.graded_receipt in page.text
    who = person(sqlite_database, "student0").id
    assert campus.graded_receipt in client.get(f"/administration/access-log?person={who}").text
    assert campus.graded_receipt not in client.get("/administration/access-log?actor=student5").text
    assert client.get("/administration/access-log?day=x&person=-1&page=-3").status_code == 200
    month = f"{datetime.now(UTC):%Y-%m}"
    sent = {"month": month, "findings": "특이 사항 없음"}
    assert client.post("/administration/access-log/reviews", data=sent).status_code == 302
    assert "특이 사항 없음" in client.get("/administration/access-log").text
    assert client.post("/administration/access-log/reviews", data=sent).status_code == 409


@pytest.mark.parametrize(
    "sent",
    [{"month": "2099-01", "findings": "x"}, {"month": "x", "findings": "x"}, {"month": "2026-01", "findings": " "}],
)
def test_a_sign_off_that_says_nothing_is_refused(sign_in, sent):
    assert sign_in("administrator").post("/administration/access-log/reviews", data=sent).status_code == 422
