"""The outbox: mail is a row in its cause's transaction; one process takes it, and a cause is never mailed twice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from graders.contract import Text
from hub.portal.models import Job, JobState, MailMessage, MailState, Person, utc_now
from hub.portal.services.jobs import JobOrder, enqueue_job
from hub.portal.services.mail.kinds import KINDS

SEND_MAIL = "send_mail"
#: Waiting times after the first, second … failed try; after the last one the mail has failed.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))
#: A mail that has been on its way for this long belongs to a process that died.
SENDING_TAKES_AT_MOST = timedelta(minutes=10)
#: As many rows as every database takes in one statement.
_CHUNK = 500


@dataclass(frozen=True)
class Letter:
    """One mail to ask for: to whom, for which cause, with which facts."""

    person_id: int
    cause: str
    context: Mapping[str, Any]


def queue_mail(
    session: Session,
    kind: str,
    person: Person | int,
    cause: str,
    context: Mapping[str, Any],
    *,
    now: datetime | None = None,
) -> bool:
    """Have one person mailed once for ``cause``; False if it was queued before. See the package for the contract."""
    person_id = person if isinstance(person, int) else person.id
    return bool(queue_mails(session, kind, (person_id,), cause, context, now=now))


def queue_mails(
    session: Session,
    kind: str,
    person_ids: Collection[int],
    cause: str,
    context: Mapping[str, Any],
    *,
    now: datetime | None = None,
) -> int:
    """Have several people mailed once for the same cause; returns how many were not queued before.

    Raises KeyError for a kind that does not exist. Two callers at once queue it once: the database decides.
    """
    return queue_letters(session, kind, [Letter(person_id, cause, context) for person_id in person_ids], now=now)


def queue_letters(session: Session, kind: str, letters: Sequence[Letter], *, now: datetime | None = None) -> int:
    """As ``queue_mails``, each with a cause and facts of its own."""
    at = now or utc_now()
    facts = {"kind": KINDS[kind].name, "state": MailState.WAITING, "created_at": at, "next_try_at": at}
    rows = [
        {**facts, "person_id": letter.person_id, "cause": letter.cause, "context": dict(letter.context)}
        for letter in letters
    ]
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(MailMessage).on_conflict_do_nothing().returning(MailMessage.id)
    added = sum(
        len(session.scalars(statement, rows[start : start + _CHUNK]).all()) for start in range(0, len(rows), _CHUNK)
    )
    if added:
        wake(session, at)
    return added


def wake(session: Session, now: datetime) -> None:
    """Have the jobs process send what waits, unless that is asked for already."""
    asked = sa.select(Job.id).where(Job.kind == SEND_MAIL, Job.state == JobState.QUEUED).limit(1)
    if session.scalar(asked) is None:
        enqueue_job(session, JobOrder(SEND_MAIL), now)


def is_due(session: Session, now: datetime) -> bool:
    """Whether something waits whose time has come: what failed before is tried again by a duty."""
    return session.scalar(_due(now).limit(1)) is not None


def _due(now: datetime) -> sa.Select[MailMessage]:
    query = sa.select(MailMessage).where(MailMessage.state == MailState.WAITING, MailMessage.next_try_at <= now)
    return query.order_by(MailMessage.next_try_at, MailMessage.id)


def claim_mail(session: Session, now: datetime) -> MailMessage | None:
    """Take the mail that has waited longest; from here on it is sent at most once."""
    message = session.scalars(_due(now).limit(1).with_for_update(skip_locked=True)).one_or_none()
    if message is not None:
        message.state, message.tries = MailState.SENDING, message.tries + 1
        message.next_try_at = now + SENDING_TAKES_AT_MOST
    return message


def end_mail(message: MailMessage, state: MailState, now: datetime, problem: str | None = None) -> None:
    """Write down how a mail ended."""
    message.state, message.ended_at = state, now
    message.problem = problem and problem[:200]


def put_back(message: MailMessage, now: datetime, problem: str) -> None:
    """Let a mail that could not be sent wait for its next try; after the last one it has failed."""
    if message.tries > len(BACK_OFF):
        end_mail(message, MailState.FAILED, now, problem)
        return
    message.state, message.problem = MailState.WAITING, problem[:200]
    message.next_try_at = now + BACK_OFF[message.tries - 1]


def give_up_lost(session: Session, now: datetime) -> int:
    """Mark what a dead process had been sending: whether it arrived is not known, so it is not sent again."""
    query = (
        sa.update(MailMessage)
        .where(MailMessage.state == MailState.SENDING, MailMessage.next_try_at < now)
        .values(state=MailState.LOST, ended_at=now)
        .returning(MailMessage.id)
    )
    return len(session.execute(query, execution_options={"synchronize_session": False}).all())


def words(korean: str, english: str) -> dict[str, str]:
    """Return a text for a context: it is mailed in the person's language."""
    return Text(ko=korean, en=english).model_dump()
