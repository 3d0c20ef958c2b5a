"""Who stands behind a number: everybody counted, with the decision by which, masked, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import (
    Cohort,
    Company,
    CompletionDecision,
    CompletionRule,
    DecisionKind,
    Person,
    Track,
    University,
)
from hub.portal.services.paging import Paged
from hub.portal.services.privacy.masking import masked_name
from hub.portal.services.programme.kpi_people import Scope, people
from hub.portal.services.programme.regions import REGIONS

PAGE_ROWS = 50
NONE = "none"


@dataclass(frozen=True)
class Filter:
    """Which of a breakdown's lines: ``by`` university, company, region or track, and its address."""

    by: str = ""
    key: str = ""


@dataclass(frozen=True)
class Counted:
    """One person counted; the name comes masked. ``completions``: how many of theirs count."""

    person_id: int
    name: str
    university: University
    cohort: Cohort
    enrolment_id: int
    track: Track
    company: str | None
    region: str | None
    counted_at: datetime
    kind: DecisionKind
    rule_number: int
    completions: int


@dataclass(frozen=True)
class CountedPage(Paged):
    """One page of people counted, as ``macros.pages`` wants it."""

    page_rows = PAGE_ROWS
    rows: tuple[Counted, ...]
    total: int
    page: int


def counted_people(session: Session, scope: Scope, wanted: Filter, page: int) -> CountedPage:
    """Return a page of the people behind a number, who counted last first; what isn't a line of it gives nobody."""
    found = people(scope)
    chosen = sa.and_(found.c.decision_id.is_not(None), _chosen(found, wanted))
    total = session.scalar(sa.select(sa.func.count()).select_from(found).where(chosen)) or 0
    number = min(max(page, 1), max(1, -(-total // PAGE_ROWS)))
    query = (
        sa.select(
            *(found, Person.name, University, Cohort),
            Company.name.label("company"),
            CompletionDecision.kind,
            CompletionRule.number.label("rule_number"),
        )
        .join(Person, Person.id == found.c.person_id)
        .join(University, University.id == found.c.university_id)
        .join(Cohort, Cohort.id == found.c.cohort_id)
        .join(CompletionDecision, CompletionDecision.id == found.c.decision_id)
        .join(CompletionRule, CompletionRule.id == CompletionDecision.rule_id)
        .outerjoin(Company, Company.id == found.c.company_id)
        .where(chosen)
        .order_by(found.c.counted_at.desc(), found.c.decision_id.desc())
        .limit(PAGE_ROWS)
        .offset((number - 1) * PAGE_ROWS)
    )
    return CountedPage(tuple(_row(row) for row in session.execute(query)), total, number)


def _row(row: sa.Row[*tuple[object, ...]]) -> Counted:
    found = row._mapping
    return Counted(
        person_id=found["person_id"],
        name=masked_name(found["name"]),
        university=found["University"],
        cohort=found["Cohort"],
        **{
            name: found[name]
            for name in (
                "enrolment_id",
                "track",
                "company",
                "region",
                "counted_at",
                "kind",
                "rule_number",
                "completions",
            )
        },
    )


def _chosen(found: sa.Subquery, wanted: Filter) -> sa.ColumnElement[bool]:
    if not wanted.by:
        return sa.true()
    is_none, key = wanted.key == NONE, wanted.key
    if wanted.by == "university":
        return found.c.university_id.in_(sa.select(University.id).where(University.slug == key))
    if wanted.by == "company":
        number = int(key) if key.isascii() and key.isdigit() and len(key) < 16 else -1
        return found.c.company_id.is_(None) if is_none else found.c.company_id == number
    if wanted.by == "region":
        return found.c.region.is_(None) if is_none else found.c.region == (key if key in REGIONS else "")
    if wanted.by == "track" and key in set(Track):
        return found.c.track == Track(key)
    return sa.false()
