"""A coordinator invites a cohort; the page behind a link says what it is worth and gives an account its person."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from hub.portal import oauth
from hub.portal.models import Invitation, Login, Person
from hub.portal.services.mail.sending import MailRun, PostOffice, make_transport

LIST = "/programme/cohorts/gnu-1/invitations"


@pytest.fixture
def new_person(sign_in, campus, sqlite_database) -> int:
    """Somebody of the cohort without a log-in: the roster of the campus, applied."""
    plan = {"plan": campus.roster_plan}
    sign_in("coordinator").post(f"/programme/cohorts/gnu-1/rosters/{campus.roster}/apply", data=plan)
    with sqlite_database.writing() as session:
        person = session.scalars(sa.select(Person).where(Person.name == "고은별")).one()
        person.email = "new@example.ac.kr"
        return person.id


def send(database, settings) -> str:
    """Send what waits; returns the link's path."""
    office = PostOffice(settings.portal_url, "AX Campus <a@b.kr>")
    MailRun(database, office, make_transport(settings), lambda: datetime.now(UTC)).send_all()
    newest = max(settings.mail.glob("*.eml"), key=lambda file: int(file.stem))
    from email import message_from_bytes, policy

    text = message_from_bytes(newest.read_bytes(), policy=policy.default).get_body(("plain",)).get_content()
    return re.search(r"http://localhost:8000(/invitations\?token=[\w-]+)", text)[1]


def test_the_way_from_the_list_to_the_account(sign_in, client, sqlite_database, settings, new_person, monkeypatch):
    coordinator = sign_in("coordinator")
    assert "1명 초대하기" in coordinator.get(LIST).text
    assert coordinator.post(LIST).status_code == 302
    page = coordinator.get(LIST).text
    assert "보내는 중" in page
    assert "new@example" not in page
    link = send(sqlite_database, settings)
    page = client.get(link)
    assert page.status_code == 200
    assert "고*별" in page.text
    assert "고은별" not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "hub/invited?token=" in page.text

    monkeypatch.setattr(oauth, "finish_sign_in", lambda _settings: "eunbyeol")
    token = link.partition("=")[2]
    assert client.post("/invitations/sign-in", data={"token": token}).status_code == 302
    assert client.get("/auth/callback?code=x").status_code == 302
    with sqlite_database.reading() as session:
        assert session.scalars(sa.select(Login.person_id).where(Login.subject == "eunbyeol")).one() == new_person
    assert client.get(link).status_code == 410
    assert "로그인 가능" in coordinator.get(LIST).text


def test_an_account_that_belongs_to_somebody_is_never_given_away(
    client, sign_in, sqlite_database, settings, new_person, monkeypatch
):
    sign_in("coordinator").post(LIST)
    link = send(sqlite_database, settings)
    monkeypatch.setattr(oauth, "finish_sign_in", lambda _settings: "student0")
    client.post("/invitations/sign-in", data={"token": link.partition("=")[2]})
    client.get("/auth/callback?code=x")
    assert client.get(link).status_code == 200, "the link is still good"
    with sqlite_database.reading() as session:
        assert session.scalars(sa.select(Login.id).where(Login.person_id == new_person)).all() == []


def test_taken_back_and_sent_again(sign_in, client, sqlite_database, settings, new_person):
    coordinator = sign_in("coordinator")
    coordinator.post(LIST)
    first = send(sqlite_database, settings)
    with sqlite_database.reading() as session:
        invitation = session.scalars(sa.select(Invitation.id).where(Invitation.person_id == new_person)).one()
    coordinator.post(f"{LIST}/{invitation}/again")
    second = send(sqlite_database, settings)
    assert [client.get(link).status_code for link in (first, second)] == [410, 200]
    coordinator.post(f"{LIST}/{invitation}/revoke")
    assert client.get(second).status_code == 410
    assert coordinator.post(f"{LIST}/{invitation}/revoke").status_code == 409


def test_an_invitation_of_another_university_is_not_there(sign_in, sqlite_database, new_person):
    sign_in("coordinator").post(LIST)
    with sqlite_database.reading() as session:
        invitation = session.scalars(sa.select(Invitation.id).where(Invitation.person_id == new_person)).one()
    answer = sign_in("coordinator").post(f"/programme/cohorts/inje-1/invitations/{invitation}/revoke")
    assert answer.status_code == 404
    assert sign_in("gnu-coordinator").get("/programme/cohorts/inje-1/invitations").status_code == 404


@pytest.mark.parametrize("token", ["", "x", "%00", "한글", "x" * 5000])
def test_a_link_that_nobody_sent_says_what_to_do(client, token):
    page = client.get(f"/invitations?token={token}")
    assert page.status_code == 410
    assert "담당자에게" in page.text
