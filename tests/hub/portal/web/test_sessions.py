from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from hub.portal.models import Login, PortalSession, utc_now
from hub.portal.sessions import (
    Ending,
    Lifetime,
    Visitor,
    begin_session,
    find_login,
    find_visitor,
    list_sessions,
    revoke_session,
    revoke_token,
)

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LIFETIME = Lifetime()


@pytest.fixture
def begun(sqlite_database, campus):
    with sqlite_database.writing() as session:
        login = find_login(session, "student0")
        assert login is not None
        return login.id, begin_session(session, login, NOW, LIFETIME)


def look(database, token, at):
    with database.reading() as session:
        return find_visitor(session, token, at, LIFETIME)


def test_the_token_names_its_person_and_is_not_in_the_database(sqlite_database, begun):
    _, token = begun
    found = look(sqlite_database, token, NOW)
    assert isinstance(found, Visitor)
    assert found.subject == "student0"
    with sqlite_database.reading() as session:
        [digest] = session.scalars(sa.select(PortalSession.token_digest))
    assert token not in digest
    assert len(token) >= 43  # 256 bits


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (timedelta(hours=1, minutes=59), None),
        (timedelta(hours=2), Ending.IDLE),
        (timedelta(hours=12), Ending.EXPIRED),
    ],
)
def test_a_session_ends_by_idling_and_by_age(sqlite_database, begun, after, expected):
    found = look(sqlite_database, begun[1], NOW + after)
    assert (found if isinstance(found, Ending) else None) is expected


def test_a_guessed_token_is_worth_nothing(sqlite_database, begun):
    assert look(sqlite_database, "A" * 43, NOW) is Ending.UNKNOWN


def test_a_revoked_session_is_over_at_once(sqlite_database, begun):
    with sqlite_database.writing() as session:
        revoke_token(session, begun[1], NOW)
    assert look(sqlite_database, begun[1], NOW) is Ending.REVOKED


def test_disabling_a_login_ends_its_sessions(sqlite_database, begun):
    with sqlite_database.writing() as session:
        session.get_one(Login, begun[0]).disabled_at = NOW
    assert look(sqlite_database, begun[1], NOW) is Ending.REVOKED
    with sqlite_database.reading() as session:
        assert find_login(session, "student0") is None


def test_nobody_can_end_another_person_s_session(sqlite_database, begun):
    with sqlite_database.writing() as session:
        stranger = find_login(session, "student1")
        [row] = session.scalars(sa.select(PortalSession))
        assert not revoke_session(session, stranger.person_id, row.id, NOW)
    assert isinstance(look(sqlite_database, begun[1], NOW), Visitor)


def test_the_account_page_lists_only_live_sessions(sqlite_database, begun):
    with sqlite_database.writing() as session:
        login = find_login(session, "student0")
        old = begin_session(session, login, NOW - timedelta(hours=3), LIFETIME)
        assert old
    with sqlite_database.reading() as session:
        assert len(list_sessions(session, login.person_id, NOW, LIFETIME)) == 1


def test_the_cookie_of_an_ended_session_is_taken_back_and_reading_goes_to_sign_in(sign_in, sqlite_database):
    client = sign_in("student0")
    with sqlite_database.writing() as session:
        session.execute(sa.update(PortalSession).values(revoked_at=utc_now()))
    answer = client.get("/learn?x=1")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/auth/login?next=/learn?x%3D1"
    assert "axcampus_session=;" in answer.headers["Set-Cookie"]


def test_an_idle_session_ends_the_hub_s_session_too(sign_in, sqlite_database):
    client = sign_in("student0")
    with sqlite_database.writing() as session:
        session.execute(sa.update(PortalSession).values(last_seen_at=utc_now() - timedelta(hours=3)))
    answer = client.get("/auth/login?next=/learn")
    assert answer.headers["Location"] == "http://127.0.0.1:8001/hub/logout"
    assert "오랫동안 사용하지 않아" in client.get("/auth/front-logout").text


def test_a_visit_is_written_down_but_polling_is_not(sign_in, sqlite_database):
    client = sign_in("student0")
    before = utc_now() - timedelta(minutes=30)
    with sqlite_database.writing() as session:
        session.execute(sa.update(PortalSession).values(last_seen_at=before))

    def seen():
        with sqlite_database.reading() as session:
            return session.scalar(sa.select(PortalSession.last_seen_at))

    client.get("/learn?fragment=live")
    assert seen() == before
    client.get("/learn")
    assert seen() > before


def test_a_form_sent_without_a_session_is_not_replayed(client):
    assert client.post("/account/role", data={"role": "student"}).status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app, client):
    from hub.portal.sessions_cookie import cookie_name, set_cookie

    with app.test_request_context("/", base_url="http://localhost:8000"):
        response = app.make_response("")
        set_cookie(response, "token")
    assert response.headers["Set-Cookie"] == "axcampus_session=token; HttpOnly; Path=/; SameSite=Lax"
    assert cookie_name(app.extensions["axcampus_settings"]) == "axcampus_session"
