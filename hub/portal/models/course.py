"""Courses, assignments, their immutable versions, and the rules about time."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.portal.models.base import Base, CreatedAt, PrimaryKey, Slug, Title, closed_set, reference


class VersionState(StrEnum):
    """Life of an assignment version: the content never changes, only this word does."""

    STAGED = "staged"  # uploaded, release and bundle built
    CHECKING = "checking"
    READY = "ready"  # checked: one click publishes
    REJECTED = "rejected"  # the check found real faults
    LIVE = "live"  # what students fetch
    RETIRED = "retired"  # was live; its attempts and grades stay


class CountingRule(StrEnum):
    """Which attempt counts."""

    LAST_ON_TIME = "last_on_time"
    LAST = "last"
    BEST = "best"


class FeedbackPolicy(StrEnum):
    """When a student sees a score or the results of hidden tests; visible checks are always shown at once."""

    IMMEDIATE = "immediate"
    AFTER_DUE = "after_due"
    AFTER_CLOSE = "after_close"
    ON_RELEASE = "on_release"


class Course(Base):
    """A course owned by one university and taken by cohorts of any."""

    __tablename__ = "course"

    id: Mapped[PrimaryKey]
    slug: Mapped[Slug] = mapped_column(unique=True)
    title_ko: Mapped[Title]
    title_en: Mapped[Title]
    university_id: Mapped[int] = reference("university")
    created_at: Mapped[CreatedAt]


class Assignment(Base):
    """A piece of work in a course; what is handed out is its live version."""

    __tablename__ = "assignment"
    __table_args__ = (sa.UniqueConstraint("course_id", "slug"),)

    id: Mapped[PrimaryKey]
    course_id: Mapped[int] = reference("course")
    university_id: Mapped[int] = reference("university")
    slug: Mapped[Slug]
    title_ko: Mapped[Title]
    title_en: Mapped[Title]
    position: Mapped[int] = mapped_column(default=0)
    weight: Mapped[float] = mapped_column(default=1.0)
    counting_rule: Mapped[CountingRule] = mapped_column(closed_set(CountingRule), default=CountingRule.LAST_ON_TIME)
    feedback_policy: Mapped[FeedbackPolicy] = mapped_column(
        closed_set(FeedbackPolicy), default=FeedbackPolicy.AFTER_DUE
    )
    score_policy: Mapped[FeedbackPolicy] = mapped_column(
        closed_set(FeedbackPolicy, "scorepolicy"), default=FeedbackPolicy.IMMEDIATE
    )
    is_team_work: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    max_attempts: Mapped[int | None]  # of a person, or of a team
    attempts_per_day: Mapped[int | None]
    pass_percent: Mapped[float] = mapped_column(default=60.0)  # of the automatic points
    hours: Mapped[float] = mapped_column(default=0.0)
    profile: Mapped[str] = mapped_column(sa.String(80), default="cpu")  # notebook server it is meant for
    default_schedule: Mapped[dict[str, Any]] = mapped_column(default=dict)  # services.timetable.Schedule
    created_at: Mapped[CreatedAt]

    course: Mapped[Course] = relationship()
    versions: Mapped[list[AssignmentVersion]] = relationship(
        back_populates="assignment", order_by="AssignmentVersion.number"
    )


class AssignmentVersion(Base):
    """One immutable content of an assignment: source, student's release and grading bundle, each a file set."""

    __tablename__ = "assignment_version"
    __table_args__ = (
        sa.UniqueConstraint("assignment_id", "number"),
        sa.Index(
            "uq_assignment_version_live",
            "assignment_id",
            unique=True,
            sqlite_where=sa.text("state = 'live'"),
            postgresql_where=sa.text("state = 'live'"),
        ),
    )

    id: Mapped[PrimaryKey]
    assignment_id: Mapped[int] = reference("assignment")
    university_id: Mapped[int] = reference("university")
    number: Mapped[int]
    state: Mapped[VersionState] = mapped_column(closed_set(VersionState), default=VersionState.STAGED)
    source_digest: Mapped[str] = reference("file_set.digest")
    release_digest: Mapped[str] = reference("file_set.digest")
    bundle_digest: Mapped[str] = reference("file_set.digest")
    max_score: Mapped[float]
    manual_max_score: Mapped[float] = mapped_column(default=0.0)
    limits: Mapped[dict[str, Any]] = mapped_column(default=dict)  # graders.contract.Limits
    check_report: Mapped[dict[str, Any] | None]
    created_by_id: Mapped[int | None] = reference("person", nullable=True)
    created_at: Mapped[CreatedAt]
    published_by_id: Mapped[int | None] = reference("person", nullable=True)
    published_at: Mapped[datetime | None]

    assignment: Mapped[Assignment] = relationship(back_populates="versions")
    replacement: Mapped[VersionReplacement | None] = relationship(
        foreign_keys="VersionReplacement.version_id", viewonly=True
    )


class VersionReplacement(Base):
    """That attempts pinned to a version are graded with a later one since a published regrade: tests were mended."""

    __tablename__ = "version_replacement"

    version_id: Mapped[int] = mapped_column(
        sa.ForeignKey("assignment_version.id", ondelete="RESTRICT"), primary_key=True
    )
    by_version_id: Mapped[int] = reference("assignment_version", index=False)
    regrade_id: Mapped[int] = reference("regrade", index=False)

    by_version: Mapped[AssignmentVersion] = relationship(foreign_keys="VersionReplacement.by_version_id")


class AssignmentFetch(Base):
    """That a person fetched a version: what a later attempt may be pinned to."""

    __tablename__ = "assignment_fetch"
    __table_args__ = (sa.UniqueConstraint("person_id", "version_id"),)

    id: Mapped[PrimaryKey]
    person_id: Mapped[int] = reference("person")
    version_id: Mapped[int] = reference("assignment_version")
    university_id: Mapped[int | None] = reference("university", nullable=True)
    first_at: Mapped[CreatedAt]
    last_at: Mapped[CreatedAt]


class DeadlineRule(Base):
    """Opens, due, closes and the late policy of an assignment for one cohort. A change is a new revision."""

    __tablename__ = "deadline_rule"
    __table_args__ = (
        sa.UniqueConstraint("assignment_id", "cohort_id", "revision"),
        sa.CheckConstraint("due_at IS NULL OR closes_at IS NULL OR due_at <= closes_at", name="due_before_close"),
    )

    id: Mapped[PrimaryKey]
    assignment_id: Mapped[int] = reference("assignment")
    cohort_id: Mapped[int] = reference("cohort")
    university_id: Mapped[int] = reference("university")
    revision: Mapped[int] = mapped_column(default=1)
    opens_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    grace_seconds: Mapped[int] = mapped_column(default=0)
    late_policy: Mapped[dict[str, Any]] = mapped_column(default=dict)  # services.deadlines.LatePolicy
    created_by_id: Mapped[int | None] = reference("person", nullable=True, index=False)
    created_at: Mapped[CreatedAt]


class Extension(Base):
    """More time for one person or one team, with the reason; revoking is a fact too, not a deletion."""

    __tablename__ = "extension"
    __table_args__ = (sa.CheckConstraint("(person_id IS NULL) <> (team_id IS NULL)", name="person_or_team"),)

    id: Mapped[PrimaryKey]
    assignment_id: Mapped[int] = reference("assignment")
    person_id: Mapped[int | None] = reference("person", nullable=True)
    team_id: Mapped[int | None] = reference("team", nullable=True)
    university_id: Mapped[int] = reference("university")
    due_at: Mapped[datetime]
    closes_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(sa.Text)
    granted_by_id: Mapped[int] = reference("person", index=False)
    granted_at: Mapped[CreatedAt]
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = reference("person", nullable=True, index=False)
