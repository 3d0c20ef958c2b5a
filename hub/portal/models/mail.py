"""Mail: what is to be sent and was sent, and which kinds of it a person does not want."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.portal.models.base import Base, CreatedAt, PrimaryKey, closed_set, reference
from hub.portal.models.people import Person


class MailState(StrEnum):
    """Life of a mail. ``lost``: its process died while it was being sent, nobody knows whether it arrived."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"  # the address is no address, or was refused for good
    LOST = "lost"
    DROPPED = "dropped"  # its kind is switched off, by a setting or by the person, or its cause is gone


class MailMessage(Base):
    """One mail to one person for one cause: written in the transaction of its cause, sent by the jobs process.

    Address and language are the person's when it is sent. ``context`` holds facts for its words, never a secret.
    """

    __tablename__ = "mail_message"
    __table_args__ = (
        sa.UniqueConstraint("kind", "person_id", "cause"),
        sa.Index("ix_mail_message_due", "state", "next_try_at"),
    )

    id: Mapped[PrimaryKey]
    kind: Mapped[str] = mapped_column(sa.String(40))
    cause: Mapped[str] = mapped_column(sa.String(120))
    person_id: Mapped[int] = reference("person")
    context: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[MailState] = mapped_column(closed_set(MailState), default=MailState.WAITING)
    tries: Mapped[int] = mapped_column(default=0, server_default=sa.text("0"))
    next_try_at: Mapped[datetime]  # while sending: when it counts as lost
    ended_at: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(sa.String(200))  # the last one; without the address
    created_at: Mapped[CreatedAt]

    person: Mapped[Person] = relationship()


class MailRefusal(Base):
    """That a person does not want one kind of mail; wanting it again removes the row."""

    __tablename__ = "mail_refusal"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    since: Mapped[CreatedAt]
