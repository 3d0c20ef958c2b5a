"""Sending: real mail to a real server on loopback, and what a bad address, a lost answer or a dead server costs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from hub.jobs import JobRunner
from hub.portal.models import Job, Language, MailMessage, MailRefusal, MailState, Person
from hub.portal.services.duties import MAIL_DUTY, enqueue_due
from hub.portal.services.jobs import claim_job, end_job
from hub.portal.services.mail.outbox import queue_mail
from hub.portal.services.mail.sending import MailRun, PostOffice
from hub.portal.services.mail.transport import FolderTransport, SmtpTransport, Transport
from hub.settings import Settings
from tests.hub.portal.services.mail.smtp_server import Mailbox, smtp_server

OFFICE = PostOffice("http://campus", "AX Campus <no-reply@campus.example>")
FACTS = {"title": "휴강", "body": "내일은 쉽니다.", "course": {"ko": "가", "en": "a"}, "path": "/"}


def add(campus, name: str, email: str | None = "", language: Language | None = None) -> int:
    """A person with a mail that waits."""
    person_id = campus.person(name)
    with campus.database.writing() as session:
        person = session.get_one(Person, person_id)
        person.email, person.language = f"{name}@example.ac.kr" if email == "" else email, language
        queue_mail(session, "announcement", person_id, "announcement:1", FACTS, now=campus.now)
    return int(person_id)


def send(campus, transport: Transport, after: timedelta = timedelta(0), office: PostOffice = OFFICE) -> dict[str, int]:
    return MailRun(campus.database, office, transport, lambda: campus.now + after).send_all()


def to(box: Mailbox) -> SmtpTransport:
    return SmtpTransport("127.0.0.1", box.port, "none")


def test_each_gets_one_mail_in_the_own_language_over_one_connection(campus) -> None:
    add(campus, "kim")
    add(campus, "lee", language=Language.ENGLISH)
    with smtp_server(Mailbox()) as box:
        assert send(campus, to(box)) == {"sent": 2}
        assert send(campus, to(box)) == {}
    assert box.recipients == ["kim@example.ac.kr", "lee@example.ac.kr"]
    assert box.connections == 1
    assert [mail["Content-Language"] for mail in box.mails] == ["ko", "en"]


def test_a_bad_address_costs_only_its_own_mail(campus) -> None:
    add(campus, "kim", email="nonsense")
    add(campus, "none", email=None)
    add(campus, "gone")
    add(campus, "lee")
    with smtp_server(Mailbox(answers={"gone@example.ac.kr": "550 no such user gone@example.ac.kr"})) as box:
        assert send(campus, to(box)) == {"failed": 3, "sent": 1}
    assert [mail["To"].addresses[0].addr_spec for mail in box.mails] == ["lee@example.ac.kr"]
    assert campus.count(MailMessage, problem="SMTP 550") == 1
    assert campus.count(MailMessage, problem="not an address") == 1


def test_what_is_postponed_is_sent_later(campus) -> None:
    add(campus, "kim")
    with smtp_server(Mailbox(answers={"kim@example.ac.kr": "451 later"})) as box:
        assert send(campus, to(box)) == {"waiting": 1}
        box.answers.clear()
        assert send(campus, to(box)) == {}
        assert send(campus, to(box), timedelta(minutes=2)) == {"sent": 1}


def test_a_server_that_is_away_stops_the_run_and_loses_nothing(campus) -> None:
    for name in ("kim", "lee", "park"):
        add(campus, name)
    with smtp_server(Mailbox()) as box:
        pass
    assert send(campus, to(box)) == {"waiting": 1}
    with smtp_server(Mailbox()) as box:
        assert send(campus, to(box), timedelta(hours=1)) == {"sent": 3}


def test_an_answer_that_never_came_is_not_asked_for_twice(campus) -> None:
    add(campus, "kim")
    add(campus, "lee")
    with smtp_server(Mailbox(hangs_up_after=1)) as box:
        assert send(campus, to(box)) == {"lost": 2}
        assert send(campus, to(box), timedelta(days=3)) == {}
    assert len(box.mails) == 2


def test_kinds_can_be_switched_off_by_setting_and_by_the_person(campus) -> None:
    kim = add(campus, "kim")
    add(campus, "lee")
    with campus.database.writing() as session:
        session.add(MailRefusal(person_id=kim, kind="announcement"))
    with smtp_server(Mailbox()) as box:
        assert send(campus, to(box)) == {"dropped": 1, "sent": 1}
        add(campus, "park")
        assert send(campus, to(box), office=PostOffice("u", OFFICE.sender, frozenset({"announcement"}))) == {
            "dropped": 1
        }
    assert box.recipients == ["lee@example.ac.kr"]


def test_whoever_was_merged_is_written_to_as_the_one_they_are(sqlite_campus) -> None:
    campus = sqlite_campus
    kim = add(campus, "kim")
    lee = campus.person("lee")
    with campus.database.writing() as session:
        session.get_one(Person, lee).email = "lee@example.ac.kr"
        session.get_one(Person, kim).merged_into_id = lee
    with smtp_server(Mailbox()) as box:
        send(campus, to(box))
    assert box.recipients == ["lee@example.ac.kr"]


def test_words_that_are_missing_cost_only_that_mail(sqlite_campus) -> None:
    campus = sqlite_campus
    kim = campus_person(campus)
    with campus.database.writing() as session:
        queue_mail(session, "certificate", kim, "c", {}, now=campus.now)
    add(campus, "lee")
    with smtp_server(Mailbox()) as box:
        assert send(campus, to(box)) == {"failed": 1, "sent": 1}


def campus_person(campus) -> int:
    person_id = campus.person("kim")
    with campus.database.writing() as session:
        session.get_one(Person, person_id).email = "kim@example.ac.kr"
    return int(person_id)


def test_without_a_server_mail_is_a_file_that_only_its_owner_reads(sqlite_campus, tmp_path: Path) -> None:
    add(sqlite_campus, "kim")
    assert send(sqlite_campus, FolderTransport(tmp_path / "mail")) == {"sent": 1}
    files = list((tmp_path / "mail").iterdir())
    assert [file.suffix for file in files] == [".eml"]
    assert files[0].stat().st_mode & 0o077 == 0
    assert b"To: Kim <kim@example.ac.kr>" in files[0].read_bytes()


def test_the_jobs_process_sends_what_was_queued_and_a_duty_tries_again(sqlite_campus, tmp_path: Path) -> None:
    campus = sqlite_campus
    add(campus, "kim")
    settings = Settings(home=tmp_path)
    assert JobRunner(campus.database, None, (), settings).run_one()
    assert campus.get(Job).result == {"mails": {"sent": 1}, "server_away": False}
    assert [file.suffix for file in settings.mail.iterdir()] == [".eml"]
    add(campus, "lee")
    with campus.database.writing() as session:
        end_job(claim_job(session, "w", ["send_mail"], campus.now), "done", campus.now)
        assert len(enqueue_due(session, (MAIL_DUTY,), campus.now)) == 1
    assert JobRunner(campus.database, None, (), settings).run_one()
    with campus.database.writing() as session:
        assert enqueue_due(session, (MAIL_DUTY,), campus.now) == []
    assert campus.get(MailMessage, person_id=campus.person("lee")).state is MailState.SENT


@pytest.mark.parametrize("kind", ["announcement", "certificate"])
def test_a_person_is_named_in_no_log(sqlite_campus, caplog, kind: str) -> None:
    add(sqlite_campus, "kim")
    with smtp_server(Mailbox(answers={"kim@example.ac.kr": "550 kim@example.ac.kr unknown"})) as box:
        send(sqlite_campus, to(box))
    assert "kim@example" not in caplog.text
