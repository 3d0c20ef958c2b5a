"""What the page's header says about where the visitor belongs."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import Cohort, Course, Enrolment, Programme, RoleGrant, University
from hub.portal.services.access import OUTSIDE


@dataclass(frozen=True)
class Header:
    """A name in both languages."""

    name_ko: str
    name_en: str


def header_of(session: Session, person_id: int) -> Header | None:
    """Return the one university that the visitor belongs to, or the programme if there are several or none."""
    names = session.execute(
        sa.select(University.name_ko, University.name_en).where(University.id.in_(_university_ids(person_id))).limit(2)
    ).all()
    if len(names) == 1:
        return Header(*names[0])
    programme = session.execute(sa.select(Programme.name_ko, Programme.name_en).limit(1)).one_or_none()
    return Header(*programme) if programme else None


def _university_ids(person_id: int) -> sa.CompoundSelect[int]:
    mine = sa.and_(RoleGrant.person_id == person_id, RoleGrant.revoked_at.is_(None))
    return sa.union(
        sa.select(Cohort.university_id)
        .join(Enrolment, Enrolment.cohort_id == Cohort.id)
        .where(Enrolment.person_id == person_id, Enrolment.state.not_in(OUTSIDE)),
        sa.select(Course.university_id).join(RoleGrant, RoleGrant.course_id == Course.id).where(mine),
        sa.select(RoleGrant.university_id).where(mine, RoleGrant.university_id.is_not(None)),
    )
