"""Invitations: one-time links by which a person of a roster gets a log-in."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.portal.models.base import Base, CreatedAt, PrimaryKey, reference
from hub.portal.models.people import Person


class Invitation(Base):
    """One person's invitation into one cohort. The link's token is made when its mail is sent and kept nowhere;
    ``token_digest`` is its SHA-256. Sending again makes a new token, so that the earlier link is dead."""

    __tablename__ = "invitation"
    __table_args__ = (
        sa.Index(
            "uq_invitation_open",
            "person_id",
            unique=True,
            sqlite_where=sa.text("used_at IS NULL AND revoked_at IS NULL"),
            postgresql_where=sa.text("used_at IS NULL AND revoked_at IS NULL"),
        ),
    )

    id: Mapped[PrimaryKey]
    person_id: Mapped[int] = reference("person")
    cohort_id: Mapped[int] = reference("cohort")
    university_id: Mapped[int] = reference("university")
    token_digest: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    sends: Mapped[int] = mapped_column(default=1, server_default=sa.text("1"))  # mails asked for; the newest counts
    sent_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    made_by_id: Mapped[int | None] = reference("person", nullable=True, index=False)
    made_at: Mapped[CreatedAt]

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
