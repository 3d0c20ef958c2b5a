"""Exports: files with other people's data that somebody asked for, with the reason; made by background jobs."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.portal.models.base import Base, CreatedAt, PrimaryKey, closed_set, reference
from hub.portal.models.operations import Job
from hub.portal.models.people import Person


class ExportKind(StrEnum):
    """What can be asked for."""

    REPORT = "report"  # all tables of a programme in one workbook
    COMPLETIONS = "completions"  # 수료자 명단
    ENROLMENTS = "enrolments"
    KPI = "kpi"
    REGISTER = "register"  # 수료증 발급대장
    CERTIFICATES = "certificates"  # the certificates themselves, to print
    EVIDENCE = "evidence"  # a cohort's bundle for the settlement


class Export(Base):
    """One export: the register of exports keeps the row, the file itself goes after ``expires_at``."""

    __tablename__ = "export"

    id: Mapped[PrimaryKey]
    job_id: Mapped[int] = mapped_column(sa.ForeignKey("job.id", ondelete="RESTRICT"), unique=True)
    kind: Mapped[ExportKind] = mapped_column(closed_set(ExportKind))
    programme_id: Mapped[int] = reference("programme")
    cohort_id: Mapped[int | None] = reference("cohort", nullable=True)
    university_id: Mapped[int | None] = reference("university", nullable=True)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reason: Mapped[str] = mapped_column(sa.Text)
    asked_by_id: Mapped[int] = reference("person")
    asked_at: Mapped[CreatedAt]
    file_name: Mapped[str | None] = mapped_column(sa.String(200))
    digest: Mapped[str | None] = mapped_column(sa.String(64))
    size: Mapped[int | None] = mapped_column(sa.BigInteger)
    people: Mapped[int | None]  # whose data it holds, in number; the audit log names them
    content: Mapped[bytes | None] = mapped_column(sa.LargeBinary, deferred=True)
    made_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None] = mapped_column(index=True)
    downloads: Mapped[int] = mapped_column(default=0)

    job: Mapped[Job] = relationship()
    asked_by: Mapped[Person] = relationship()
