"""Two persons found to be one: what was moved, so that it can be undone exactly; and company and team of a capstone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.portal.models.base import Base, CreatedAt, PrimaryKey, reference
from hub.portal.models.organisation import Company
from hub.portal.models.people import Person


class PersonMerge(Base):
    """That ``merged`` is ``kept``: both rows stay. ``moved`` holds each row that was changed, with the values it had
    before: ``{table: [[primary key, {column: value}], ...]}``. Undone merges stay too."""

    __tablename__ = "person_merge"
    __table_args__ = (
        sa.CheckConstraint("kept_id <> merged_id", name="two_people"),
        sa.Index(
            "uq_person_merge_active",
            "merged_id",
            unique=True,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        ),
    )

    id: Mapped[PrimaryKey]
    kept_id: Mapped[int] = reference("person")
    merged_id: Mapped[int] = reference("person")
    moved: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(sa.Text)
    made_by_id: Mapped[int] = reference("person", index=False)
    made_at: Mapped[CreatedAt]
    undone_by_id: Mapped[int | None] = reference("person", nullable=True, index=False)
    undone_at: Mapped[datetime | None]

    kept: Mapped[Person] = relationship(foreign_keys=[kept_id])
    merged: Mapped[Person] = relationship(foreign_keys=[merged_id])


class DistinctPeople(Base):
    """That a coordinator looked at two likely duplicates and found two people; the smaller id first."""

    __tablename__ = "distinct_people"
    __table_args__ = (sa.CheckConstraint("one_id < other_id", name="ordered"),)

    one_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True)
    other_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True)
    made_by_id: Mapped[int] = reference("person", index=False)
    made_at: Mapped[CreatedAt]


class TeamCompany(Base):
    """The company for which a capstone team works."""

    __tablename__ = "team_company"

    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id", ondelete="RESTRICT"), primary_key=True)
    company_id: Mapped[int] = reference("company")
    university_id: Mapped[int] = reference("university")
    set_by_id: Mapped[int] = reference("person", index=False)
    set_at: Mapped[CreatedAt]

    company: Mapped[Company] = relationship()
