"""Completion: a cohort's rules in versions, what is entered by hand, and the decisions that persons confirmed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.portal.models.base import Base, CreatedAt, PrimaryKey, closed_set, reference
from hub.portal.models.organisation import Cohort, Enrolment, EnrolmentState


class DecisionKind(StrEnum):
    """Why a decision was made."""

    CONFIRMED = "confirmed"  # the cohort's decision, as the rules propose it or against them
    APPEAL = "appeal"  # 이의신청
    REVOKED = "revoked"  # 수료 취소


class CompletionRule(Base):
    """One version of a cohort's rules (``completion_rules.CompletionRules``); the newest active one decides."""

    __tablename__ = "completion_rule"
    __table_args__ = (sa.UniqueConstraint("cohort_id", "number"),)

    id: Mapped[PrimaryKey]
    cohort_id: Mapped[int] = reference("cohort")
    university_id: Mapped[int] = reference("university")
    number: Mapped[int]
    rules: Mapped[dict[str, Any]]
    note: Mapped[str | None] = mapped_column(sa.Text)
    made_by_id: Mapped[int] = reference("person", index=False)
    made_at: Mapped[CreatedAt]
    activated_by_id: Mapped[int | None] = reference("person", nullable=True, index=False)
    activated_at: Mapped[datetime | None]

    cohort: Mapped[Cohort] = relationship()


class CompletionInput(Base):
    """What was entered or imported about one enrolment: all of it, newest row in force. Never changes (trigger)."""

    __tablename__ = "completion_input"

    id: Mapped[PrimaryKey]
    enrolment_id: Mapped[int] = reference("enrolment")
    university_id: Mapped[int] = reference("university")
    facts: Mapped[dict[str, Any]]  # completion_rules.Facts without scores and submissions, which the platform knows
    made_by_id: Mapped[int] = reference("person", index=False)
    made_at: Mapped[CreatedAt]


class CompletionDecision(Base):
    """What a person confirmed about one enrolment, with rule version, facts and findings of that moment. Never changes
    (trigger): an appeal or a revocation is a new row."""

    __tablename__ = "completion_decision"

    id: Mapped[PrimaryKey]
    enrolment_id: Mapped[int] = reference("enrolment")
    university_id: Mapped[int] = reference("university")
    rule_id: Mapped[int] = reference("completion_rule")
    kind: Mapped[DecisionKind] = mapped_column(closed_set(DecisionKind))
    outcome: Mapped[EnrolmentState] = mapped_column(closed_set(EnrolmentState, "outcome"))
    proposed: Mapped[EnrolmentState | None] = mapped_column(closed_set(EnrolmentState, "proposed"))  # by the rules
    facts: Mapped[dict[str, Any]]
    finding: Mapped[dict[str, Any]]
    reason: Mapped[str | None] = mapped_column(sa.Text)
    made_by_id: Mapped[int] = reference("person")
    made_at: Mapped[CreatedAt]

    enrolment: Mapped[Enrolment] = relationship()
    rule: Mapped[CompletionRule] = relationship()
