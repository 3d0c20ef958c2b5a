"""Whoever sees somebody else's data leaves a row in the audit log: who, when, from where, whose, what."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from hub.portal import disclosure
from hub.portal.models import AuditEvent, Enrolment, Login, Person
from hub.portal.services.audit import find_break
from hub.portal.services.privacy.masking import masked_name as masked
from tests.hub.portal.web.papers import add_papers
from tests.hub.portal.web.test_access import PAPERS, ROUTES, ask

COURSE = "/teach/manufacturing-ai"
LOOKS = ("attempt.viewed", "attempt.downloaded", "feedback.viewed", "people.listed")


def looks(database, actor=None):
    with database.reading() as session:
        query = sa.select(AuditEvent).where(AuditEvent.action.in_(LOOKS)).order_by(AuditEvent.id)
        return [event for event in session.scalars(query) if actor in (None, event.actor)]


def person_id(database, username):
    with database.reading() as session:
        return session.scalars(sa.select(Login.person_id).where(Login.subject == username)).one()


@pytest.mark.parametrize(
    ("path", "action"),
    [
        ("/receipts/{}", "attempt.viewed"),
        ("/receipts/{}/files.zip", "attempt.downloaded"),
        ("/receipts/{}/feedback/0", "feedback.viewed"),
    ],
)
@pytest.mark.parametrize("username", ["instructor", "coordinator", "administrator"])
def test_staff_at_somebody_s_work_leave_a_row(sign_in, sqlite_database, campus, username, path, action):
    assert sign_in(username).get(path.format(campus.graded_receipt)).status_code == 200
    [event] = looks(sqlite_database)
    assert (event.actor, event.action) == (username, action)
    assert (event.actor_person_id, event.ip) == (person_id(sqlite_database, username), "127.0.0.1")
    assert (event.subject_id, event.subject_person_id) == (
        campus.graded_receipt,
        person_id(sqlite_database, "student0"),
    )
    with sqlite_database.reading() as session:
        assert find_break(session) is None


@pytest.mark.parametrize("path", ["/receipts/{}", "/receipts/{}/files.zip", "/learn", "/account", "/courses"])
def test_one_s_own_data_leaves_no_row(sign_in, sqlite_database, campus, path):
    assert sign_in("student0").get(path.format(campus.graded_receipt)).status_code == 200
    assert looks(sqlite_database) == []


def test_teammates_may_see_each_other_s_names_without_a_row_and_staff_leave_one_about_all(
    sign_in, sqlite_database, campus
):
    page = sign_in("student3").get(f"/receipts/{campus.team_receipt}")
    assert "최민준, 정하은" in page.text
    assert looks(sqlite_database) == []
    sign_in("instructor").get(f"/receipts/{campus.team_receipt}")
    [event] = looks(sqlite_database)
    assert event.detail["people"] == sorted(person_id(sqlite_database, name) for name in ("student3", "student4"))


@pytest.mark.parametrize("username", ["other-instructor", "student2"])
def test_what_was_refused_was_not_seen(sign_in, sqlite_database, campus, username):
    assert sign_in(username).get(f"/receipts/{campus.graded_receipt}").status_code == 404
    assert looks(sqlite_database) == []


def test_a_list_names_everybody_on_it(sign_in, sqlite_database):
    sign_in("instructor").get(f"{COURSE}/attempts?search=김서연")
    sign_in("coordinator").get("/programme/cohorts/gnu-1")
    one, many = looks(sqlite_database)
    kim = person_id(sqlite_database, "student0")
    assert (one.action, one.subject_id, one.subject_person_id) == ("people.listed", f"{COURSE}/attempts", kim)
    assert one.detail == {"people": [kim]}
    assert len(many.detail["people"]) == 7
    assert many.subject_person_id is None


@pytest.mark.parametrize("username", ["instructor", "coordinator", "administrator", "both"])
def test_no_page_names_a_student_without_a_row(sign_in, sqlite_database, campus, username):
    PAPERS.update(add_papers(sqlite_database))
    with sqlite_database.reading() as session:
        students = dict(session.execute(sa.select(Person.id, Person.name).join(Enrolment)).all())
    client = sign_in(username)
    for endpoint, (path, _) in ROUTES.items():
        before = len(looks(sqlite_database))
        page = ask(client, endpoint, path, campus)
        is_text = page.status_code == 200 and page.mimetype == "text/html"
        named = {key for key, name in students.items() if is_text and (name in page.text or masked(name) in page.text)}
        new = looks(sqlite_database)[before:]
        written = {person for event in new for person in event.detail.get("people", [event.subject_person_id])}
        assert named <= written, endpoint


def test_a_page_that_stays_open_is_one_look_and_opening_it_again_another(sign_in, sqlite_database, campus):
    client, page = sign_in("instructor"), f"/receipts/{campus.graded_receipt}"
    client.get(page)
    for _ in range(3):
        client.get(f"{page}?fragment=live")
    assert len(looks(sqlite_database)) == 1
    client.get(page)
    assert len(looks(sqlite_database)) == 2


def test_a_fragment_asked_for_by_itself_is_a_look_too(sign_in, sqlite_database, campus):
    sign_in("instructor").get(f"/receipts/{campus.graded_receipt}?fragment=live")
    assert [event.action for event in looks(sqlite_database)] == ["attempt.viewed"]


def test_without_its_row_nothing_is_shown(sign_in, campus, monkeypatch):
    def broken(*_):
        raise RuntimeError("log is full")

    monkeypatch.setattr(disclosure, "record_look", broken)
    answer = sign_in("instructor").get(f"/receipts/{campus.graded_receipt}")
    assert answer.status_code == 500
    assert "김서연" not in answer.text


def sessions_log(database):
    with database.reading() as session:
        query = sa.select(AuditEvent).where(AuditEvent.subject_type == "session").order_by(AuditEvent.id)
        return [(event.action, event.actor, event.ip) for event in session.scalars(query)]


def test_signing_in_and_out_is_written_down_once(sign_in, sqlite_database):
    client = sign_in("student0")
    client.post("/auth/logout")
    client.get("/auth/front-logout")
    assert sessions_log(sqlite_database) == [
        ("session.began", "student0", None),  # the fixture signs in without a browser
        ("session.ended", "student0", "127.0.0.1"),
    ]


def test_ending_a_session_by_hand_is_written_down(sign_in, sqlite_database):
    client, _elsewhere = sign_in("student0"), sign_in("student0")
    page = client.get("/account").text
    number = page.partition("/account/sessions/")[2].partition("/")[0]
    assert client.post(f"/account/sessions/{number}/revoke").status_code == 302
    assert sessions_log(sqlite_database)[-1] == ("session.revoked", "student0", "127.0.0.1")
