"""Rosters that were uploaded: checked first, then applied as a whole or thrown away."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.portal.models.base import Base, CreatedAt, Digest, PrimaryKey, closed_set, reference
from hub.portal.models.organisation import Cohort


class RosterState(StrEnum):
    """Life of an upload."""

    CHECKED = "checked"
    APPLIED = "applied"
    DISCARDED = "discarded"


class RosterImport(Base):
    """One uploaded roster of a cohort. ``content`` goes as soon as it is applied or thrown away: a list of people is
    kept no longer than it is needed."""

    __tablename__ = "roster_import"

    id: Mapped[PrimaryKey]
    cohort_id: Mapped[int] = reference("cohort")
    university_id: Mapped[int] = reference("university")
    state: Mapped[RosterState] = mapped_column(closed_set(RosterState), default=RosterState.CHECKED)
    file_name: Mapped[str] = mapped_column(sa.String(200))
    file_digest: Mapped[Digest]
    content: Mapped[bytes | None] = mapped_column(sa.LargeBinary, deferred=True)
    columns: Mapped[dict[str, Any]]  # key of roster_columns -> index in the file
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # outcome -> rows, once applied
    made_by_id: Mapped[int] = reference("person", index=False)
    made_at: Mapped[CreatedAt]
    ended_at: Mapped[datetime | None]

    cohort: Mapped[Cohort] = relationship()
