"""What the platform itself leaves behind: audit, background jobs, notebook-server sessions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hub.portal.models.base import Base, CreatedAt, PrimaryKey, closed_set, reference


class JobState(StrEnum):
    """Life of a background job."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class AuditEvent(Base):
    """Who did what to whose data, when and from where. Appended only: a trigger refuses update and delete.

    ``digest`` chains each row to the one before, so that a row removed behind the trigger's back shows.
    """

    __tablename__ = "audit_event"
    __table_args__ = (sa.Index("ix_audit_event_subject", "subject_type", "subject_id"),)

    id: Mapped[PrimaryKey]
    at: Mapped[CreatedAt] = mapped_column(index=True)
    actor_person_id: Mapped[int | None] = reference("person", nullable=True)
    actor: Mapped[str] = mapped_column(sa.String(200))  # login subject, or the name of a process
    action: Mapped[str] = mapped_column(sa.String(80), index=True)
    subject_type: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[str] = mapped_column(sa.String(80))
    subject_person_id: Mapped[int | None] = reference("person", nullable=True)
    university_id: Mapped[int | None] = reference("university", nullable=True)
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reason: Mapped[str | None] = mapped_column(sa.Text)
    ip: Mapped[str | None] = mapped_column(sa.String(45))
    request_id: Mapped[str | None] = mapped_column(sa.String(40))
    previous_digest: Mapped[str] = mapped_column(sa.String(64))
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)


class Job(Base):
    """Long work in a process of its own: progress, cancel and result live here, so leaving a page stops nothing."""

    __tablename__ = "job"
    __table_args__ = (sa.CheckConstraint("done >= 0 AND (total IS NULL OR done <= total)", name="progress"),)

    id: Mapped[PrimaryKey]
    kind: Mapped[str] = mapped_column(sa.String(60), index=True)
    state: Mapped[JobState] = mapped_column(closed_set(JobState), default=JobState.QUEUED, index=True)
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    message_ko: Mapped[str | None] = mapped_column(sa.Text)
    message_en: Mapped[str | None] = mapped_column(sa.Text)
    result: Mapped[dict[str, Any] | None]
    cancel_requested_at: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = reference("person", nullable=True)
    university_id: Mapped[int | None] = reference("university", nullable=True)
    request_id: Mapped[str | None] = mapped_column(sa.String(40))
    created_at: Mapped[CreatedAt]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(sa.String(120))
    tries: Mapped[int] = mapped_column(default=0)


class ServerSession(Base):
    """One life of one notebook server, fed by hub events: evidence of training hours and GPU hours."""

    __tablename__ = "server_session"

    id: Mapped[PrimaryKey]
    person_id: Mapped[int | None] = reference("person", nullable=True)
    university_id: Mapped[int | None] = reference("university", nullable=True)
    session_key: Mapped[str] = mapped_column(sa.String(80), unique=True)  # the hub's name of this life
    hub_username: Mapped[str] = mapped_column(sa.String(200), index=True)
    server_name: Mapped[str] = mapped_column(sa.String(200), default="")
    profile: Mapped[str] = mapped_column(sa.String(80), default="cpu")
    started_at: Mapped[datetime] = mapped_column(index=True)
    ready_at: Mapped[datetime | None]
    last_activity_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    stop_reason: Mapped[str | None] = mapped_column(sa.String(80))
