"""People, the log-ins they use, what they may do, and their portal sessions."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.portal.models.base import Base, CreatedAt, PrimaryKey, Title, closed_set, reference


class Role(StrEnum):
    """What a person may do; a student's rights follow from enrolments, the others from grants."""

    STUDENT = "student"
    INSTRUCTOR = "instructor"
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"


class Language(StrEnum):
    """Languages that the platform speaks."""

    KOREAN = "ko"
    ENGLISH = "en"


class Person(Base):
    """A human being, once, however many log-ins and enrolments there are. No resident number, ever."""

    __tablename__ = "person"

    id: Mapped[PrimaryKey]
    name: Mapped[Title]  # one field, family name first; never split
    email: Mapped[str | None] = mapped_column(sa.String(254), index=True)
    phone: Mapped[str | None] = mapped_column(sa.String(20), index=True)  # digits only
    birth_date: Mapped[date | None]
    language: Mapped[Language | None] = mapped_column(closed_set(Language))
    merged_into_id: Mapped[int | None] = reference("person", nullable=True)
    created_at: Mapped[CreatedAt]

    logins: Mapped[list[Login]] = relationship(back_populates="person")


class Login(Base):
    """One way of signing in: a subject at an issuer. Locally the issuer is the hub and the subject its user name."""

    __tablename__ = "login"
    __table_args__ = (sa.UniqueConstraint("issuer", "subject"),)

    id: Mapped[PrimaryKey]
    person_id: Mapped[int] = reference("person")
    issuer: Mapped[str] = mapped_column(sa.String(200))
    subject: Mapped[str] = mapped_column(sa.String(200))
    created_at: Mapped[CreatedAt]
    last_used_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(back_populates="logins")


class RoleGrant(Base):
    """A staff role, for one university or course or (both empty) the whole programme."""

    __tablename__ = "role_grant"
    __table_args__ = (
        sa.CheckConstraint("role <> 'student'", name="students_are_enrolled_not_granted"),
        sa.CheckConstraint("role <> 'instructor' OR course_id IS NOT NULL", name="instructor_of_a_course"),
        sa.Index(
            "uq_role_grant_active",
            "person_id",
            "role",
            sa.text("coalesce(university_id, 0)"),
            sa.text("coalesce(course_id, 0)"),
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[PrimaryKey]
    person_id: Mapped[int] = reference("person")
    role: Mapped[Role] = mapped_column(closed_set(Role))
    university_id: Mapped[int | None] = reference("university", nullable=True)
    course_id: Mapped[int | None] = reference("course", nullable=True)
    granted_by_id: Mapped[int | None] = reference("person", nullable=True, index=False)
    granted_at: Mapped[CreatedAt]
    revoked_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id])


class PortalSession(Base):
    """A server-side portal session; the cookie holds a random token, this row only its digest."""

    __tablename__ = "portal_session"

    id: Mapped[PrimaryKey]
    token_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    login_id: Mapped[int] = reference("login")
    created_at: Mapped[CreatedAt]
    last_seen_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)

    login: Mapped[Login] = relationship()
