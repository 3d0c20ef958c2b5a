"""What the goal number was on a day: closed counts, corrections beside them, and where somebody is counted by hand.

None of these rows ever changes or goes (triggers of migration): what was reported stays what was reported.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.portal.models.base import Base, CreatedAt, Digest, PrimaryKey, closed_set, reference
from hub.portal.models.organisation import Programme, Track


class KpiSnapshot(Base):
    """A programme's count at the end of a day in Seoul (마감). ``figures``: ``snapshots.Figures``; ``rule_versions``:
    the completion rules by which its people were confirmed. ``digest`` covers all of it and the people."""

    __tablename__ = "kpi_snapshot"
    __table_args__ = (sa.UniqueConstraint("programme_id", "closing_date"),)

    id: Mapped[PrimaryKey]
    programme_id: Mapped[int] = reference("programme")
    closing_date: Mapped[date]  # the last day that is counted
    target: Mapped[int]
    headcount: Mapped[int]  # 실인원
    completions: Mapped[int]  # 연인원
    figures: Mapped[dict[str, Any]]
    rule_versions: Mapped[list[Any]]
    digest: Mapped[Digest]
    made_by_id: Mapped[int | None] = reference("person", nullable=True, index=False)  # empty: by itself
    made_at: Mapped[CreatedAt]

    programme: Mapped[Programme] = relationship()


class KpiSnapshotPerson(Base):
    """Somebody counted in a snapshot, with the decision that counted and what they are broken down by."""

    __tablename__ = "kpi_snapshot_person"

    snapshot_id: Mapped[int] = mapped_column(sa.ForeignKey("kpi_snapshot.id", ondelete="RESTRICT"), primary_key=True)
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    university_id: Mapped[int] = reference("university")
    enrolment_id: Mapped[int] = reference("enrolment", index=False)
    decision_id: Mapped[int] = reference("completion_decision", index=False)
    rule_id: Mapped[int] = reference("completion_rule", index=False)
    counted_at: Mapped[datetime]
    completions: Mapped[int]  # how many of this person's completions count
    track: Mapped[Track] = mapped_column(closed_set(Track))
    company_id: Mapped[int | None] = reference("company", nullable=True, index=False)
    region: Mapped[str | None] = mapped_column(sa.String(20))


class KpiAdjustment(Base):
    """A correction beside a snapshot: one person more or less, and why."""

    __tablename__ = "kpi_adjustment"
    __table_args__ = (sa.CheckConstraint("change IN (-1, 1)", name="one_person"),)

    id: Mapped[PrimaryKey]
    snapshot_id: Mapped[int] = reference("kpi_snapshot")
    person_id: Mapped[int] = reference("person")
    university_id: Mapped[int] = reference("university")
    change: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.Text)
    made_by_id: Mapped[int] = reference("person", index=False)
    made_at: Mapped[CreatedAt]


class KpiAttribution(Base):
    """At which university somebody is counted, where that is not the one of the first completion. The newest row
    is in force; one without a university goes back to the rule."""

    __tablename__ = "kpi_attribution"

    id: Mapped[PrimaryKey]
    programme_id: Mapped[int] = reference("programme")
    person_id: Mapped[int] = reference("person")
    university_id: Mapped[int | None] = reference("university", nullable=True)
    reason: Mapped[str] = mapped_column(sa.Text)
    made_by_id: Mapped[int] = reference("person", index=False)
    made_at: Mapped[CreatedAt]
