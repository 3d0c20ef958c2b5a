"""The grading queue, reports stored once, and the grade that counts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from graders.contract import Fault, ReportState
from hub.portal.models.base import Base, CreatedAt, Digest, PrimaryKey, closed_set, reference
from hub.portal.models.submission import Attempt


class TaskState(StrEnum):
    """Where a piece of grading work is; ``not_graded`` is an end of its own, never a score of 0."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    DONE = "done"
    NOT_GRADED = "not_graded"
    CANCELLED = "cancelled"


class TaskKind(StrEnum):
    """Live submissions go before regrades."""

    LIVE = "live"
    REGRADE = "regrade"


class GradeRequestRow(Base):
    """A canonical ``graders.contract.GradeRequest`` under its digest."""

    __tablename__ = "grade_request"

    digest: Mapped[Digest] = mapped_column(primary_key=True)
    request: Mapped[dict[str, Any]]
    created_at: Mapped[CreatedAt]


class GradeReportRow(Base):
    """The report of a request: written once (trigger), whoever asks."""

    __tablename__ = "grade_report"

    request_digest: Mapped[str] = mapped_column(
        sa.ForeignKey("grade_request.digest", ondelete="RESTRICT"), primary_key=True
    )
    state: Mapped[ReportState] = mapped_column(closed_set(ReportState))
    fault: Mapped[Fault] = mapped_column(closed_set(Fault))
    score: Mapped[float | None]
    max_score: Mapped[float]
    report: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    worker: Mapped[str] = mapped_column(sa.String(120))
    created_at: Mapped[CreatedAt]


class GradingTask(Base):
    """One attempt waiting for, or having had, its grading."""

    __tablename__ = "grading_task"
    __table_args__ = (
        sa.UniqueConstraint("attempt_id", "request_digest"),
        sa.Index("ix_grading_task_claim", "course_id", "state", "priority", "id"),
        sa.Index("ix_grading_task_turn", "course_id", "started_at"),
        sa.Index("ix_grading_task_position", "state", "priority", "id"),
        sa.Index("ix_grading_task_lost_by", "lost_by"),
        sa.CheckConstraint("tries >= 0 AND tries <= max_tries", name="tries_within_limit"),
    )

    id: Mapped[PrimaryKey]
    attempt_id: Mapped[int] = reference("attempt")
    assignment_id: Mapped[int] = reference("assignment")
    course_id: Mapped[int] = reference("course", index=False)
    university_id: Mapped[int] = reference("university")
    request_digest: Mapped[str] = reference("grade_request.digest")
    kind: Mapped[TaskKind] = mapped_column(closed_set(TaskKind), default=TaskKind.LIVE)
    state: Mapped[TaskState] = mapped_column(closed_set(TaskState), default=TaskState.QUEUED)
    priority: Mapped[int] = mapped_column(default=0)  # smaller is sooner
    tries: Mapped[int] = mapped_column(default=0)
    max_tries: Mapped[int] = mapped_column(default=3)
    losses: Mapped[int] = mapped_column(default=0, server_default=sa.text("0"))  # with its worker, others beside it
    lost_by: Mapped[str | None] = mapped_column(sa.String(120))  # the worker that went silent with it last
    available_at: Mapped[CreatedAt]
    claimed_by: Mapped[str | None] = mapped_column(sa.String(120))
    claim_token: Mapped[str | None] = mapped_column(sa.String(40))
    lease_until: Mapped[datetime | None] = mapped_column(index=True)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    progress: Mapped[dict[str, Any] | None]  # what the runner said last, for the page only
    request_id: Mapped[str | None] = mapped_column(sa.String(40))  # of the request that asked for the grading
    failure: Mapped[dict[str, Any] | None]  # {"ko", "en", "staff"} of the last failed try
    created_at: Mapped[CreatedAt]

    attempt: Mapped[Attempt] = relationship()


class AttemptResult(Base):
    """That an attempt's result is this report; a regrade adds a row, history stays."""

    __tablename__ = "attempt_result"
    __table_args__ = (sa.UniqueConstraint("attempt_id", "request_digest"),)

    id: Mapped[PrimaryKey]
    attempt_id: Mapped[int] = reference("attempt")
    university_id: Mapped[int] = reference("university")
    request_digest: Mapped[str] = reference("grade_report.request_digest")
    created_at: Mapped[CreatedAt]

    attempt: Mapped[Attempt] = relationship()
    report: Mapped[GradeReportRow] = relationship()


class Grade(Base):
    """What a person has in an assignment now, and the attempt and result it comes from."""

    __tablename__ = "grade"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "assignment_id"),
        sa.Index("ix_grade_manual", "assignment_id", "needs_manual", "attempt_id"),
    )

    id: Mapped[PrimaryKey]
    person_id: Mapped[int] = reference("person")
    assignment_id: Mapped[int] = reference("assignment")
    university_id: Mapped[int] = reference("university")
    attempt_id: Mapped[int] = reference("attempt")
    result_id: Mapped[int] = reference("attempt_result")
    automatic_points: Mapped[float]
    manual_points: Mapped[float | None]
    penalty_percent: Mapped[float] = mapped_column(default=0.0)
    adjustment_points: Mapped[float] = mapped_column(default=0.0, server_default=sa.text("0"))  # GradeAdjustment
    score: Mapped[float]  # after the late penalty and the adjustment
    max_score: Mapped[float]
    needs_manual: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[CreatedAt]
    released_at: Mapped[datetime | None]

    attempt: Mapped[Attempt] = relationship()


class GradeAdjustment(Base):
    """Points that one member of a team gets more or less than the team, with the reason; ending it is a fact too."""

    __tablename__ = "grade_adjustment"
    __table_args__ = (
        sa.CheckConstraint("points <> 0", name="some_points"),
        sa.Index(
            "uq_grade_adjustment_active",
            "person_id",
            "assignment_id",
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[PrimaryKey]
    assignment_id: Mapped[int] = reference("assignment")
    team_id: Mapped[int] = reference("team")
    person_id: Mapped[int] = reference("person")
    university_id: Mapped[int] = reference("university")
    points: Mapped[float]
    reason: Mapped[str] = mapped_column(sa.Text)
    made_by_id: Mapped[int] = reference("person", index=False)
    made_at: Mapped[CreatedAt]
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = reference("person", nullable=True, index=False)
