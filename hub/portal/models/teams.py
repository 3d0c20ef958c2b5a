"""Teams: people who hand in an assignment together. Membership is rows with times, so any moment can be asked."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, relationship

from hub.portal.models.base import Base, CreatedAt, PrimaryKey, Slug, reference
from hub.portal.models.people import Person


class Team(Base):
    """A team of one assignment and one university; a dissolved one keeps its attempts."""

    __tablename__ = "team"
    __table_args__ = (sa.UniqueConstraint("assignment_id", "university_id", "name"),)

    id: Mapped[PrimaryKey]
    assignment_id: Mapped[int] = reference("assignment", index=False)
    university_id: Mapped[int] = reference("university")
    name: Mapped[Slug]  # as people say it: "3조"
    created_by_id: Mapped[int] = reference("person", index=False)
    created_at: Mapped[CreatedAt]
    dissolved_at: Mapped[datetime | None]

    members: Mapped[list[TeamMember]] = relationship(back_populates="team", order_by="TeamMember.id")


class TeamMember(Base):
    """That a person belonged to a team from ``joined_at`` until ``left_at``; at most one team at a time."""

    __tablename__ = "team_member"
    __table_args__ = (
        sa.Index(
            "uq_team_member_active",
            "person_id",
            "assignment_id",
            unique=True,
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        ),
    )

    id: Mapped[PrimaryKey]
    team_id: Mapped[int] = reference("team")
    assignment_id: Mapped[int] = reference("assignment")
    person_id: Mapped[int] = reference("person")
    enrolment_id: Mapped[int] = reference("enrolment")
    university_id: Mapped[int] = reference("university")
    joined_at: Mapped[CreatedAt]
    left_at: Mapped[datetime | None]
    added_by_id: Mapped[int] = reference("person", index=False)
    removed_by_id: Mapped[int | None] = reference("person", nullable=True, index=False)

    team: Mapped[Team] = relationship(back_populates="members")
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
