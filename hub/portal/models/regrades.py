"""Regrades: results of a mended version beside those that count, until somebody publishes or discards them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.portal.models.base import Base, CreatedAt, PrimaryKey, closed_set, reference
from hub.portal.models.course import Assignment, AssignmentVersion
from hub.portal.models.people import Person
from hub.portal.models.submission import Attempt


class RegradeState(StrEnum):
    """Life of a regrade; only publishing touches a grade."""

    SAMPLE = "sample"  # a few attempts are tried
    FULL = "full"  # all attempts
    PUBLISHED = "published"
    DISCARDED = "discarded"


class Regrade(Base):
    """The attempts at an assignment graded anew by one of its versions; one at a time is open (partial index)."""

    __tablename__ = "regrade"
    __table_args__ = (
        sa.Index(
            "uq_regrade_open",
            "assignment_id",
            unique=True,
            sqlite_where=sa.text("state IN ('sample', 'full')"),
            postgresql_where=sa.text("state IN ('sample', 'full')"),
        ),
    )

    id: Mapped[PrimaryKey]
    assignment_id: Mapped[int] = reference("assignment")
    university_id: Mapped[int] = reference("university")
    version_id: Mapped[int] = reference("assignment_version")
    state: Mapped[RegradeState] = mapped_column(closed_set(RegradeState))
    reason: Mapped[str] = mapped_column(sa.Text)
    made_by_id: Mapped[int] = reference("person", index=False)
    made_at: Mapped[CreatedAt]
    ended_by_id: Mapped[int | None] = reference("person", nullable=True, index=False)
    ended_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any] | None]  # what publishing changed, in numbers

    assignment: Mapped[Assignment] = relationship()
    version: Mapped[AssignmentVersion] = relationship()
    made_by: Mapped[Person] = relationship(foreign_keys="Regrade.made_by_id")
    ended_by: Mapped[Person | None] = relationship(foreign_keys="Regrade.ended_by_id")


class RegradeItem(Base):
    """One attempt of a regrade: its request, the result it is compared with, and what would change.

    ``compared_at`` is set as soon as the new report is there; scores and states are as they were then.
    """

    __tablename__ = "regrade_item"
    __table_args__ = (
        sa.UniqueConstraint("regrade_id", "attempt_id"),
        sa.Index("ix_regrade_item_work", "attempt_id", "request_digest"),
        sa.Index("ix_regrade_item_compared", "regrade_id", "compared_at"),
    )

    id: Mapped[PrimaryKey]
    regrade_id: Mapped[int] = reference("regrade", index=False)
    attempt_id: Mapped[int] = reference("attempt", index=False)
    university_id: Mapped[int] = reference("university")
    request_digest: Mapped[str] = reference("grade_request.digest", index=False)
    base_digest: Mapped[str | None] = reference("grade_report.request_digest", nullable=True, index=False)
    is_sample: Mapped[bool] = mapped_column(default=False)
    old_score: Mapped[float | None]
    new_score: Mapped[float | None]
    new_state: Mapped[str | None] = mapped_column(sa.String(40))
    changes: Mapped[list[Any]] = mapped_column(default=list)  # services.workbench.regrade_diff.CellChange
    is_changed: Mapped[bool] = mapped_column(default=False)
    compared_at: Mapped[datetime | None]

    attempt: Mapped[Attempt] = relationship()
