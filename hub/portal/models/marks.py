"""Grading by hand: what people gave and wrote, cell by cell, revision by revision; rubrics; how it is done."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.portal.models.base import Base, CreatedAt, PrimaryKey, closed_set, reference
from hub.portal.models.people import Person


class MarkPart(StrEnum):
    """Whose opinion a mark is; where two people grade, they may agree on a third."""

    FIRST = "first"
    SECOND = "second"
    AGREED = "agreed"


class ManualMark(Base):
    """One saved opinion on one cell of an attempt. Never changes: a correction is the next revision (trigger).

    ``points`` None: only a comment. ``rubric`` is what was chosen, as it read then: [{"id", "label", "points"}].
    """

    __tablename__ = "manual_mark"
    __table_args__ = (
        sa.UniqueConstraint("attempt_id", "notebook", "grade_id", "part", "revision"),
        sa.CheckConstraint("revision > 0", name="revision_positive"),
        sa.CheckConstraint("points IS NULL OR points >= 0", name="points_positive"),
    )

    id: Mapped[PrimaryKey]
    attempt_id: Mapped[int] = reference("attempt", index=False)
    university_id: Mapped[int] = reference("university")
    notebook: Mapped[str] = mapped_column(sa.String(400))
    grade_id: Mapped[str] = mapped_column(sa.String(200))
    part: Mapped[MarkPart] = mapped_column(closed_set(MarkPart))
    revision: Mapped[int]
    points: Mapped[float | None]
    max_points: Mapped[float]
    comment: Mapped[str] = mapped_column(sa.Text)
    rubric: Mapped[list[Any]] = mapped_column(default=list)
    made_by_id: Mapped[int] = reference("person")
    made_at: Mapped[CreatedAt]

    made_by: Mapped[Person] = relationship()


class RubricItem(Base):
    """One line of a cell's rubric; points are added to (or, negative, taken from) what the cell gets."""

    __tablename__ = "rubric_item"
    __table_args__ = (sa.Index("ix_rubric_item_cell", "assignment_id", "notebook", "grade_id"),)

    id: Mapped[PrimaryKey]
    assignment_id: Mapped[int] = reference("assignment", index=False)
    university_id: Mapped[int] = reference("university")
    notebook: Mapped[str] = mapped_column(sa.String(400))
    grade_id: Mapped[str] = mapped_column(sa.String(200))
    label: Mapped[str] = mapped_column(sa.String(300))
    points: Mapped[float]
    made_by_id: Mapped[int] = reference("person", index=False)
    made_at: Mapped[CreatedAt]
    archived_at: Mapped[datetime | None]


class ManualGrading(Base):
    """How an assignment is graded by hand; no row: by one person who sees names."""

    __tablename__ = "manual_grading"

    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("assignment.id", ondelete="RESTRICT"), primary_key=True)
    university_id: Mapped[int] = reference("university")
    is_anonymous: Mapped[bool] = mapped_column(default=False)
    has_second_reader: Mapped[bool] = mapped_column(default=False)
