"""Certificates (수료증): what a cohort's say, the register of serial numbers, and what became of each certificate."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.portal.models.base import Base, CreatedAt, PrimaryKey, closed_set, reference
from hub.portal.models.completion import CompletionDecision
from hub.portal.models.organisation import Cohort, Enrolment


class CertificateDeed(StrEnum):
    """What happens to a certificate."""

    ISSUED = "issued"  # 발급
    REISSUED = "reissued"  # 재발급: the same serial number, a higher issue number
    REVOKED = "revoked"  # 취소: for good


class CertificateTerms(Base):
    """What the certificates of a cohort say beside the person: read when one is issued, never afterwards."""

    __tablename__ = "certificate_terms"

    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey("cohort.id", ondelete="RESTRICT"), primary_key=True)
    university_id: Mapped[int] = reference("university")
    terms: Mapped[dict[str, Any]]  # services.certificates.terms.Terms
    made_by_id: Mapped[int] = reference("person", index=False)
    made_at: Mapped[CreatedAt]

    cohort: Mapped[Cohort] = relationship()


class Certificate(Base):
    """One line of the register (발급대장). Serial numbers of a programme's year have no gap; rows never change or go
    (trigger). ``code`` is what the public check asks for: 100 random bits."""

    __tablename__ = "certificate"
    __table_args__ = (sa.UniqueConstraint("programme_id", "year", "number"),)

    id: Mapped[PrimaryKey]
    programme_id: Mapped[int] = reference("programme")
    university_id: Mapped[int] = reference("university")
    enrolment_id: Mapped[int] = reference("enrolment")
    person_id: Mapped[int] = reference("person")
    decision_id: Mapped[int] = mapped_column(sa.ForeignKey("completion_decision.id", ondelete="RESTRICT"), unique=True)
    year: Mapped[int]
    number: Mapped[int]
    serial: Mapped[str] = mapped_column(sa.String(40), unique=True)
    code: Mapped[str] = mapped_column(sa.String(24), unique=True)
    issued_on: Mapped[date]
    made_at: Mapped[CreatedAt]

    enrolment: Mapped[Enrolment] = relationship()
    decision: Mapped[CompletionDecision] = relationship()
    events: Mapped[list[CertificateEvent]] = relationship(
        back_populates="certificate", order_by="CertificateEvent.id", lazy="raise"
    )


class CertificateEvent(Base):
    """An issue, a reissue or the revocation of a certificate: appended, never changed or removed (trigger).

    ``content`` is all that the paper says (``services.certificates.content.Content``), None for a revocation.
    """

    __tablename__ = "certificate_event"
    __table_args__ = (
        sa.UniqueConstraint("certificate_id", "issue_number"),  # of a revocation it is null
        sa.CheckConstraint(
            "(deed = 'revoked') = (issue_number IS NULL) AND (deed = 'issued' OR reason IS NOT NULL)", name="complete"
        ),
        sa.Index(
            "uq_certificate_event_revoked",
            "certificate_id",
            unique=True,
            sqlite_where=sa.text("deed = 'revoked'"),
            postgresql_where=sa.text("deed = 'revoked'"),
        ),
    )

    id: Mapped[PrimaryKey]
    certificate_id: Mapped[int] = reference("certificate")
    university_id: Mapped[int] = reference("university")
    deed: Mapped[CertificateDeed] = mapped_column(closed_set(CertificateDeed))
    issue_number: Mapped[int | None]
    content: Mapped[dict[str, Any] | None]
    reason: Mapped[str | None] = mapped_column(sa.Text)
    made_by_id: Mapped[int] = reference("person", index=False)
    at: Mapped[datetime]

    certificate: Mapped[Certificate] = relationship(back_populates="events")
