"""Universities of the programme as rows, made from the catalogue's list of partners."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.schema import University as Partner
from hub.portal.models import University


def ensure_universities(session: Session, partners: Iterable[Partner]) -> dict[str, University]:
    """Return a row for each partner, made or renamed where needed: code -> university."""
    found = {university.slug: university for university in session.scalars(sa.select(University))}
    for partner in partners:
        university = found.setdefault(partner.code, University(slug=partner.code))
        university.name_ko, university.name_en = partner.name.ko, partner.name.en
        session.add(university)
    session.flush()
    return found
