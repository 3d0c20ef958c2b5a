"""Programme, universities, cohorts and who is enrolled in them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.portal.models.base import Base, CreatedAt, PrimaryKey, Slug, Title, closed_set, reference, utc_now
from hub.portal.models.people import Person


class EnrolmentState(StrEnum):
    """신청, 선발, 입과, 수강중, then one of the endings."""

    APPLIED = "applied"  # 신청
    SELECTED = "selected"  # 선발
    ADMITTED = "admitted"  # 입과
    IN_PROGRESS = "in_progress"  # 수강중
    COMPLETED = "completed"  # 수료
    NOT_COMPLETED = "not_completed"  # 미수료
    WITHDRAWN = "withdrawn"  # 수강철회
    EXPELLED = "expelled"  # 제적
    EARLY_EMPLOYED = "early_employed"  # 조기취업


class Track(StrEnum):
    """What kind of learner: decides which statistics a person counts in."""

    STUDENT = "student"
    EMPLOYEE = "employee"
    JOB_SEEKER = "job_seeker"
    CEO = "ceo"


class CompanySize(StrEnum):
    """기업 규모."""

    SMALL_OR_MEDIUM = "small_or_medium"  # 중소
    MID_SIZED = "mid_sized"  # 중견
    LARGE = "large"  # 대


class Programme(Base):
    """A funded programme with a goal: the 300."""

    __tablename__ = "programme"
    __table_args__ = (sa.CheckConstraint("target > 0", name="target_positive"),)

    id: Mapped[PrimaryKey]
    slug: Mapped[Slug] = mapped_column(unique=True)
    name_ko: Mapped[Title]
    name_en: Mapped[Title]
    target: Mapped[int]
    funding_source: Mapped[Title]
    starts_on: Mapped[date]
    ends_on: Mapped[date]


class University(Base):
    """A partner university: the tenant to which most rows belong."""

    __tablename__ = "university"

    id: Mapped[PrimaryKey]
    slug: Mapped[Slug] = mapped_column(unique=True)
    name_ko: Mapped[Title]
    name_en: Mapped[Title]


class Cohort(Base):
    """People of one university who take courses together."""

    __tablename__ = "cohort"
    __table_args__ = (sa.CheckConstraint("starts_on <= ends_on", name="period"),)

    id: Mapped[PrimaryKey]
    slug: Mapped[Slug] = mapped_column(unique=True)
    name_ko: Mapped[Title]
    name_en: Mapped[Title]
    programme_id: Mapped[int] = reference("programme")
    university_id: Mapped[int] = reference("university")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    counts_toward_programme: Mapped[bool] = mapped_column(default=True)

    programme: Mapped[Programme] = relationship()
    university: Mapped[University] = relationship()


class CohortCourse(Base):
    """A course that a cohort takes."""

    __tablename__ = "cohort_course"

    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey("cohort.id", ondelete="RESTRICT"), primary_key=True)
    course_id: Mapped[int] = mapped_column(
        sa.ForeignKey("course.id", ondelete="RESTRICT"), primary_key=True, index=True
    )


class Company(Base):
    """An employer of trainees. ``business_number``: ten digits of the 사업자등록번호, None while nobody has told it."""

    __tablename__ = "company"

    id: Mapped[PrimaryKey]
    name: Mapped[Title] = mapped_column(index=True)
    business_number: Mapped[str | None] = mapped_column(sa.String(10), unique=True)
    size: Mapped[CompanySize | None] = mapped_column(closed_set(CompanySize))
    region: Mapped[str | None] = mapped_column(sa.String(20))
    is_supported: Mapped[bool] = mapped_column(default=False, server_default=sa.false())  # one of the 30 SMEs
    created_at: Mapped[CreatedAt]


class Enrolment(Base):
    """One person in one cohort; a person may have several."""

    __tablename__ = "enrolment"
    __table_args__ = (sa.UniqueConstraint("person_id", "cohort_id"),)

    id: Mapped[PrimaryKey]
    person_id: Mapped[int] = reference("person")
    cohort_id: Mapped[int] = reference("cohort")
    university_id: Mapped[int] = reference("university")
    track: Mapped[Track] = mapped_column(closed_set(Track), default=Track.STUDENT)
    state: Mapped[EnrolmentState] = mapped_column(closed_set(EnrolmentState), index=True)
    state_reason: Mapped[str | None] = mapped_column(sa.Text)
    state_since: Mapped[datetime] = mapped_column(default=utc_now)
    created_at: Mapped[CreatedAt]

    person: Mapped[Person] = relationship()
    cohort: Mapped[Cohort] = relationship()
    particulars: Mapped[EnrolmentParticulars | None] = relationship(back_populates="enrolment")


class EnrolmentParticulars(Base):
    """Where a trainee worked and lived at the start: what figures are broken down by (``programme.regions``)."""

    __tablename__ = "enrolment_particulars"

    enrolment_id: Mapped[int] = mapped_column(sa.ForeignKey("enrolment.id", ondelete="RESTRICT"), primary_key=True)
    university_id: Mapped[int] = reference("university")
    company_id: Mapped[int | None] = reference("company", nullable=True)
    work_region: Mapped[str | None] = mapped_column(sa.String(20))
    home_region: Mapped[str | None] = mapped_column(sa.String(20))

    enrolment: Mapped[Enrolment] = relationship(back_populates="particulars")
    company: Mapped[Company | None] = relationship()


class EnrolmentEvent(Base):
    """A change of an enrolment's state: appended, never rewritten (trigger)."""

    __tablename__ = "enrolment_event"

    id: Mapped[PrimaryKey]
    enrolment_id: Mapped[int] = reference("enrolment")
    university_id: Mapped[int] = reference("university")
    from_state: Mapped[EnrolmentState | None] = mapped_column(closed_set(EnrolmentState, "fromstate"))
    to_state: Mapped[EnrolmentState] = mapped_column(closed_set(EnrolmentState, "tostate"))
    reason: Mapped[str | None] = mapped_column(sa.Text)
    by_person_id: Mapped[int | None] = reference("person", nullable=True)
    at: Mapped[CreatedAt]

    enrolment: Mapped[Enrolment] = relationship()
