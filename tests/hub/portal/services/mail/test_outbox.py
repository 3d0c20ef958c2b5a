"""The outbox: queued with its cause, once, and taken by one sender only."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from hub.portal.models import Job, JobState, MailMessage, MailState
from hub.portal.services.mail.outbox import (
    BACK_OFF,
    SENDING_TAKES_AT_MOST,
    claim_mail,
    give_up_lost,
    put_back,
    queue_mail,
    queue_mails,
)

FACTS = {"title": "t", "body": "b", "course": {"ko": "가", "en": "a"}, "path": "/"}


def queue(campus, person_id: int, cause: str = "announcement:1") -> bool:
    with campus.database.writing() as session:
        return queue_mail(session, "announcement", person_id, cause, FACTS, now=campus.now)


def test_one_cause_is_queued_once_for_each_person(campus) -> None:
    kim, lee = campus.person("kim"), campus.person("lee")
    assert [queue(campus, kim), queue(campus, kim), queue(campus, lee)] == [True, False, True]
    with campus.database.writing() as session:
        assert queue_mails(session, "announcement", [kim, lee, kim], "announcement:2", FACTS, now=campus.now) == 2
    assert campus.count(MailMessage) == 4


def test_mail_lives_and_dies_with_its_cause(campus) -> None:
    kim = campus.person("kim")
    with campus.database.writing() as session:
        queue_mail(session, "announcement", kim, "c", FACTS, now=campus.now)
        session.rollback()
    assert (campus.count(MailMessage), campus.count(Job)) == (0, 0)


def test_a_kind_that_does_not_exist_is_refused(sqlite_campus) -> None:
    with pytest.raises(KeyError), sqlite_campus.database.writing() as session:
        queue_mail(session, "newsletter", 1, "c", {})


def test_many_mails_ask_for_one_job(campus) -> None:
    people = [campus.person(f"student{number}") for number in range(3)]
    for person in people:
        queue(campus, person)
    assert campus.get(Job).state is JobState.QUEUED


def test_callers_at_once_queue_it_once(campus) -> None:
    kim = campus.person("kim")
    threads = [threading.Thread(target=queue, args=(campus, kim)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert campus.count(MailMessage) == 1


def claim(campus, after: timedelta = timedelta(0)) -> MailMessage | None:
    with campus.database.writing() as session:
        return claim_mail(session, campus.now + after)


def test_a_mail_is_taken_by_one_sender(campus) -> None:
    queue(campus, campus.person("kim"))
    assert claim(campus) is not None
    assert claim(campus) is None


def test_what_failed_waits_longer_and_longer_and_then_has_failed(campus) -> None:
    queue(campus, campus.person("kim"))
    at, waits = campus.now, []
    for _ in range(20):
        with campus.database.writing() as session:
            message = claim_mail(session, at)
            if message is None:
                break
            put_back(message, at, "SMTP 451")
            waits.append(message.next_try_at - at)
            at = message.next_try_at
    assert waits[:-1] == list(BACK_OFF)
    assert campus.get(MailMessage).state is MailState.FAILED


def test_what_a_dead_process_was_sending_is_lost_and_not_sent_again(campus) -> None:
    queue(campus, campus.person("kim"))
    claim(campus)
    later = SENDING_TAKES_AT_MOST + timedelta(seconds=1)
    with campus.database.writing() as session:
        assert give_up_lost(session, campus.now) == 0
        assert give_up_lost(session, campus.now + later) == 1
    assert campus.get(MailMessage).state is MailState.LOST
    assert claim(campus, later) is None
