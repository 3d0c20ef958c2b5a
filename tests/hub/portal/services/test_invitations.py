"""Invitations: one-time links whose token is nowhere but in the mail, and what each state of them refuses."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.portal.errors import ConflictError, InvalidError
from hub.portal.models import (
    AuditEvent,
    Base,
    Cohort,
    Enrolment,
    EnrolmentState,
    Invitation,
    Login,
    MailMessage,
    MailState,
    Person,
    Role,
)
from hub.portal.services.audit import Actor
from hub.portal.services.invitation_links import LIFETIME, InvitationState, find_invitation, state_of
from hub.portal.services.invitations import accept_invitation, invite, invitees_of, revoke, send_again
from hub.portal.services.mail.sending import MailRun, PostOffice
from hub.portal.services.mail.transport import FolderTransport

OFFICE = PostOffice("http://campus", "AX Campus <no-reply@campus.example>")


class Post:
    """Sends what waits into a folder and reads the links in it."""

    def __init__(self, campus, folder: Path) -> None:
        self.campus, self.folder = campus, folder

    def tokens(self, after: timedelta = timedelta(0)) -> list[str]:
        before = set(self.folder.glob("*.eml"))
        run = MailRun(self.campus.database, OFFICE, FolderTransport(self.folder), lambda: self.campus.now + after)
        run.send_all()
        return [_token(file) for file in sorted(set(self.folder.glob("*.eml")) - before)]


def _token(file: Path) -> str:
    from email import message_from_bytes, policy

    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    found = re.search(r"/invitations\?token=([\w-]+)", mail.get_body(("plain",)).get_content())
    assert found is not None
    return found[1]


@pytest.fixture
def post(campus, tmp_path: Path) -> Post:
    return Post(campus, tmp_path / "mail")


def add(campus, name: str, email: str | None = "new@example.ac.kr") -> int:
    with campus.database.writing() as session:
        cohort = session.scalars(sa.select(Cohort).where(Cohort.slug == "gnu-1")).one()
        person = Person(name=name, email=email)
        session.add(person)
        session.flush()
        state = EnrolmentState.ADMITTED
        session.add(
            Enrolment(person_id=person.id, cohort_id=cohort.id, university_id=cohort.university_id, state=state)
        )
        return person.id


def ask(campus, *people: int) -> list[int]:
    with campus.database.writing() as session:
        cohort = session.scalars(sa.select(Cohort).where(Cohort.slug == "gnu-1")).one()
        return invite(session, Actor("coordinator"), cohort, people, campus.now)


def accept(campus, token: str, username: str = "minsu.kim", after: timedelta = timedelta(0)) -> int:
    with campus.database.writing() as session:
        return accept_invitation(session, token, username, campus.now + after)


def test_a_link_gives_its_person_a_login_once(campus, post) -> None:
    minsu = add(campus, "김민수")
    assert ask(campus, minsu) == [minsu]
    [token] = post.tokens()
    assert accept(campus, token) == minsu
    assert campus.get(Login, subject="minsu.kim").person_id == minsu
    with pytest.raises(InvalidError):
        accept(campus, token, "other.name")
    assert campus.count(AuditEvent, action="invitation.accepted", subject_person_id=minsu) == 1


def test_the_token_is_nowhere_in_the_database(sqlite_campus, tmp_path) -> None:
    campus = sqlite_campus
    ask(campus, add(campus, "김민수"))
    [token] = Post(campus, tmp_path / "mail").tokens()
    with campus.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            assert all(token not in str(row) for row in session.execute(sa.select(table)))


def test_only_those_with_an_address_and_without_a_login_are_asked_and_only_once(campus) -> None:
    minsu, nobody, known = add(campus, "김민수"), add(campus, "이무명", None), campus.person("known")
    assert ask(campus, minsu, nobody, known) == [minsu]
    assert ask(campus, minsu, nobody, known) == []
    assert campus.count(MailMessage) == 1


def test_sending_again_kills_the_earlier_link(campus, post) -> None:
    ask(campus, add(campus, "김민수"))
    [first] = post.tokens()
    with campus.database.writing() as session:
        send_again(session, Actor("coordinator"), session.scalars(sa.select(Invitation)).one(), campus.now)
    [second] = post.tokens()
    with pytest.raises(InvalidError):
        accept(campus, first)
    accept(campus, second)


def test_asked_twice_before_the_first_mail_went_only_the_newest_is_sent(campus, post) -> None:
    ask(campus, add(campus, "김민수"))
    with campus.database.writing() as session:
        send_again(session, Actor("coordinator"), session.scalars(sa.select(Invitation)).one(), campus.now)
    assert len(post.tokens()) == 1
    assert campus.count(MailMessage, state=MailState.DROPPED) == 1


def test_a_link_expires(campus, post) -> None:
    ask(campus, add(campus, "김민수"))
    [token] = post.tokens()
    with pytest.raises(InvalidError):
        accept(campus, token, after=LIFETIME)
    with campus.database.reading() as session:
        found = find_invitation(session, token)
        assert found is not None
        assert state_of(found, campus.now + LIFETIME) is InvitationState.EXPIRED
        assert state_of(found, campus.now + LIFETIME - timedelta(seconds=1)) is InvitationState.OPEN


def test_what_was_taken_back_is_worth_nothing_and_is_not_mailed(campus, post) -> None:
    minsu = add(campus, "김민수")
    ask(campus, minsu)
    with campus.database.writing() as session:
        revoke(session, Actor("coordinator"), session.scalars(sa.select(Invitation)).one(), campus.now)
    assert post.tokens() == []
    assert ask(campus, minsu) == [minsu], "whoever was taken back by mistake is asked anew"
    [token] = post.tokens()
    accept(campus, token)
    with campus.database.writing() as session, pytest.raises(ConflictError):
        revoke(
            session,
            Actor("c"),
            session.scalars(sa.select(Invitation).where(Invitation.used_at.is_not(None))).one(),
            campus.now,
        )


@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "한글"])
def test_a_token_that_nobody_sent_is_refused(sqlite_campus, token: str) -> None:
    with pytest.raises(InvalidError):
        accept(sqlite_campus, token)


@pytest.mark.parametrize("username", ["taken", "UPPER", "1st", "a", "x" * 40, "../etc", "a b"])
def test_a_name_that_is_taken_or_none_leaves_the_link_good(sqlite_campus, tmp_path, username: str) -> None:
    campus = sqlite_campus
    campus.person("taken")
    ask(campus, add(campus, "김민수"))
    [token] = Post(campus, tmp_path / "mail").tokens()
    with pytest.raises(ConflictError):
        accept(campus, token, username)
    accept(campus, token)


def test_the_list_says_where_everybody_is(campus, post) -> None:
    add(campus, "가무명", None), add(campus, "나초대"), campus.person("known", Role.STUDENT)
    late = add(campus, "다가입", "late@example.ac.kr")
    ask(campus, late)
    with campus.database.reading() as session:
        cohort = session.scalars(sa.select(Cohort).where(Cohort.slug == "gnu-1")).one()
        rows = {row.name: row for row in invitees_of(session, cohort, campus.now)}
    assert rows["나*대"].can_be_asked
    assert not rows["가*명"].can_be_asked
    assert rows["K***n"].has_login
    assert (rows["다*입"].state, rows["다*입"].mail) == (InvitationState.WAITING, MailState.WAITING)
    assert rows["다*입"].email == "la***@example.ac.kr"
