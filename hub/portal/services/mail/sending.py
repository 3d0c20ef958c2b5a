"""The job that empties the outbox: each mail is taken, written, sent and ended by itself; none holds up the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage

import structlog
from sqlalchemy.orm import Session

from hub.portal.database import Database
from hub.portal.models import Language, MailMessage, MailRefusal, MailState, Person
from hub.portal.services.mail.kinds import KINDS, MailKind
from hub.portal.services.mail.outbox import claim_mail, end_mail, give_up_lost, put_back
from hub.portal.services.mail.transport import (
    FolderTransport,
    PostponedMailError,
    RefusedMailError,
    ServerAwayError,
    SmtpTransport,
    Transport,
    UnknownFateError,
)
from hub.portal.services.mail.writing import AddressError, Envelope, WordsError, write_mail
from hub.settings import Settings

logger = structlog.stdlib.get_logger(__name__)

#: Where a person says which mail they want (the page "My data").
MY_DATA = "/account/data"


@dataclass(frozen=True)
class PostOffice:
    """What sending needs to know of the installation. ``off``: kinds that are switched off for everybody."""

    portal_url: str
    sender: str
    off: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: Settings) -> PostOffice:
        """Return the post office of an installation."""
        return cls(settings.portal_url, settings.mail_from, settings.mail_switched_off)


def make_transport(settings: Settings) -> Transport:
    """Return where an installation's mail goes: its SMTP server, or files where there is none."""
    if not settings.smtp_host:
        return FolderTransport(settings.mail)
    return SmtpTransport(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_user,
        settings.smtp_password_file,
    )


@dataclass
class MailRun:
    """One run over the outbox: takes what is due, one after the other."""

    database: Database
    office: PostOffice
    transport: Transport
    clock: Callable[[], datetime]
    counts: Counter[str] = field(default_factory=Counter)
    is_server_away: bool = False

    def send_all(self, progress: Callable[[int], None] = lambda _done: None) -> dict[str, int]:
        """Send all that is due; ends early when the server is away. Returns the mails by how they ended."""
        with self.database.writing() as session:
            self.counts.update({MailState.LOST.value: give_up_lost(session, self.clock())})
        with self.transport:
            while not self.is_server_away and self._send_next():
                progress(self.counts.total())
        found = {state: count for state, count in self.counts.items() if count}
        if found:
            logger.info("mail sent", server_away=self.is_server_away, **found)
        return found

    def _send_next(self) -> bool:
        """Take one mail to its end; False if none is due."""
        with self.database.writing() as session:
            message = claim_mail(session, self.clock())
            if message is None:
                return False
            mail = self._write(session, message)
        if mail is None:
            self.counts[message.state.value] += 1
            return True
        problem = self._hand_over(mail)
        with self.database.writing() as session:
            self._end(session.get_one(MailMessage, message.id), problem)
        return True

    def _write(self, session: Session, message: MailMessage) -> EmailMessage | None:
        """Write a mail, or end it here: switched off, not wanted, without an address, or without its cause."""
        kind, now = KINDS.get(message.kind), self.clock()
        person = session.get_one(Person, message.person_id)
        if person.merged_into_id is not None:
            person = session.get_one(Person, person.merged_into_id)
        if kind is None or kind.name in self.office.off or is_declined(session, kind, person.id):
            end_mail(message, MailState.DROPPED, now, "switched off")
            return None
        added = kind.prepare(session, message, now) if kind.prepare else {}
        if added is None:
            end_mail(message, MailState.DROPPED, now, "the cause is gone")
            return None
        facts = {"portal_url": self.office.portal_url, "my_data_url": self.office.portal_url + MY_DATA}
        try:
            return write_mail(
                self._envelope(message, kind, person), message.kind, {**facts, **message.context, **added}
            )
        except AddressError:
            end_mail(message, MailState.FAILED, now, "no address" if not person.email else "not an address")
        except WordsError as error:
            logger.exception("mail can't be written", mail_id=message.id)
            end_mail(message, MailState.FAILED, now, str(error))
        return None

    def _envelope(self, message: MailMessage, kind: MailKind, person: Person) -> Envelope:
        return Envelope(
            message_id=message.id,
            to_name=person.name,
            to_address=person.email or "",
            language=person.language or Language.KOREAN,
            sender=self.office.sender,
            at=self.clock(),
            unsubscribe_url=self.office.portal_url + MY_DATA if kind.may_be_declined else None,
        )

    def _hand_over(self, mail: EmailMessage) -> Exception | None:
        try:
            self.transport.send(mail, mail["To"].addresses[0].addr_spec)
        except (RefusedMailError, PostponedMailError, ServerAwayError, UnknownFateError) as error:
            return error
        return None

    def _end(self, message: MailMessage, problem: Exception | None) -> None:
        if problem is None:
            end_mail(message, MailState.SENT, self.clock())
        elif isinstance(problem, RefusedMailError):
            end_mail(message, MailState.FAILED, self.clock(), str(problem))
        elif isinstance(problem, UnknownFateError):
            end_mail(message, MailState.LOST, self.clock(), str(problem))
        else:
            self.is_server_away = isinstance(problem, ServerAwayError)
            put_back(message, self.clock(), str(problem))
        if problem is not None:
            logger.warning("mail not sent", mail_id=message.id, problem=str(problem), state=message.state.value)
        self.counts[message.state.value] += 1


def is_declined(session: Session, kind: MailKind, person_id: int) -> bool:
    """Whether the person does not want this kind, and may say so."""
    return kind.may_be_declined and session.get(MailRefusal, (person_id, kind.name)) is not None
