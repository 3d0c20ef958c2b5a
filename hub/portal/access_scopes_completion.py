"""What a completion page is about, found among what the coordinator may see: the ``scope`` of ``@access``."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.access_scopes import cohort_coordinated
from hub.portal.models import CompletionRule, Enrolment
from hub.portal.services.rights import Rights


def enrolment_coordinated(session: Session, rights: Rights, path: dict[str, Any]) -> Enrolment | None:
    """Find an enrolment of a cohort that the visitor coordinates."""
    cohort, enrolment_id = cohort_coordinated(session, rights, path), path.pop("enrolment_id")
    found = None if cohort is None else session.get(Enrolment, enrolment_id)
    return found if found is not None and cohort is not None and found.cohort_id == cohort.id else None


def rules_coordinated(session: Session, rights: Rights, path: dict[str, Any]) -> CompletionRule | None:
    """Find a version of the rules of a cohort that the visitor coordinates."""
    cohort, number = cohort_coordinated(session, rights, path), path.pop("number")
    if cohort is None:
        return None
    query = sa.select(CompletionRule).where(CompletionRule.cohort_id == cohort.id, CompletionRule.number == number)
    return session.scalars(query).one_or_none()
