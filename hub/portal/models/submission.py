"""What was handed in: bytes, file sets, attempts. All of it immutable."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.portal.models.base import Base, CreatedAt, Digest, PrimaryKey, reference
from hub.portal.models.course import Assignment, AssignmentVersion
from hub.portal.models.people import Person
from hub.portal.models.teams import Team


class Blob(Base):
    """Bytes, stored once under their SHA-256."""

    __tablename__ = "blob"

    digest: Mapped[Digest] = mapped_column(primary_key=True)
    size_bytes: Mapped[int]
    data: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    created_at: Mapped[CreatedAt]


class FileSetRow(Base):
    """A ``graders.files.FileSet`` by digest; its entries name the blobs."""

    __tablename__ = "file_set"

    digest: Mapped[Digest] = mapped_column(primary_key=True)
    size_bytes: Mapped[int]
    created_at: Mapped[CreatedAt]

    entries: Mapped[list[FileSetEntry]] = relationship(order_by="FileSetEntry.path")


class FileSetEntry(Base):
    """One path of a file set."""

    __tablename__ = "file_set_entry"

    file_set_digest: Mapped[str] = mapped_column(
        sa.ForeignKey("file_set.digest", ondelete="RESTRICT"), primary_key=True
    )
    path: Mapped[str] = mapped_column(sa.String(400), primary_key=True)
    blob_digest: Mapped[str] = reference("blob.digest")


class Attempt(Base):
    """One accepted submission. Who, when and which number come from the server, never from the upload.

    ``person_id`` is who handed it in; a team's attempt belongs to everybody in ``members`` alike.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "assignment_id", "number"),
        sa.UniqueConstraint("person_id", "idempotency_key"),
        sa.Index("ix_attempt_assignment_received", "assignment_id", "received_at"),
        sa.CheckConstraint("number > 0", name="number_positive"),
    )

    id: Mapped[PrimaryKey]
    receipt_id: Mapped[str] = mapped_column(sa.String(20), unique=True)
    assignment_id: Mapped[int] = reference("assignment", index=False)
    version_id: Mapped[int] = reference("assignment_version")
    person_id: Mapped[int] = reference("person")
    enrolment_id: Mapped[int | None] = reference("enrolment", nullable=True)  # empty: staff trying an assignment
    university_id: Mapped[int] = reference("university")
    number: Mapped[int]
    submission_digest: Mapped[str] = reference("file_set.digest")
    idempotency_key: Mapped[str] = mapped_column(sa.String(100))
    received_at: Mapped[datetime]
    warnings: Mapped[list[Any]] = mapped_column(default=list)  # [{"ko", "en"}]: what the student was told on submit

    assignment: Mapped[Assignment] = relationship()
    version: Mapped[AssignmentVersion] = relationship()
    person: Mapped[Person] = relationship()
    team_attempt: Mapped[TeamAttempt | None] = relationship(back_populates="attempt")
    members: Mapped[list[AttemptMember]] = relationship(order_by="AttemptMember.person_id")


class TeamAttempt(Base):
    """That an attempt is a team's; its number counts up within the team. Never changes."""

    __tablename__ = "team_attempt"
    __table_args__ = (sa.UniqueConstraint("team_id", "number"),)

    attempt_id: Mapped[int] = mapped_column(sa.ForeignKey("attempt.id", ondelete="RESTRICT"), primary_key=True)
    team_id: Mapped[int] = reference("team", index=False)
    number: Mapped[int]
    university_id: Mapped[int] = reference("university")

    attempt: Mapped[Attempt] = relationship(back_populates="team_attempt")
    team: Mapped[Team] = relationship()


class AttemptMember(Base):
    """That a team's attempt is this person's too: who belonged to the team when it was handed in. Never changes."""

    __tablename__ = "attempt_member"

    attempt_id: Mapped[int] = mapped_column(sa.ForeignKey("attempt.id", ondelete="RESTRICT"), primary_key=True)
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    enrolment_id: Mapped[int] = reference("enrolment")
    university_id: Mapped[int] = reference("university")

    person: Mapped[Person] = relationship()
