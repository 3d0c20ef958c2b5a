"""From start to completion: how many of the people of a programme came at least so far."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import AssignmentFetch, Grade
from hub.portal.services.attempt_owners import people_with_attempts
from hub.portal.services.programme.kpi_people import Scope, people, same_person

PASS_SHARE = 0.6


@dataclass(frozen=True)
class Stage:
    """One step of the funnel: distinct people who came at least so far."""

    name: str
    people: int


def funnel_of(session: Session, scope: Scope) -> tuple[Stage, ...]:
    """Count the stages; who has handed in has opened an assignment, whatever the log of fetches says."""
    found = people(scope)
    submitted = found.c.person_id.in_(_real(people_with_attempts()))
    opened = found.c.person_id.in_(_real(sa.select(AssignmentFetch.person_id).distinct()))
    passed = found.c.person_id.in_(
        _real(sa.select(Grade.person_id).where(Grade.score >= PASS_SHARE * Grade.max_score).distinct())
    )
    stages = {
        "started": sa.true(),
        "fetched": sa.or_(submitted, opened),
        "submitted": submitted,
        "passed": passed,
        "completed": found.c.decision_id.is_not(None),
    }
    query = sa.select(*(sa.func.count(sa.case((reached, 1))).label(name) for name, reached in stages.items()))
    row = session.execute(query.select_from(found)).one()
    return tuple(Stage(name, getattr(row, name)) for name in stages)


def _real(ids: sa.Select[int] | sa.CompoundSelect[int]) -> sa.Select[int]:
    """Follow merged people in a query of person ids."""
    same, wanted = same_person(), ids.subquery()
    person = wanted.c.person_id
    return sa.select(sa.func.coalesce(same.c.root_id, person)).select_from(
        wanted.outerjoin(same, same.c.person_id == person)
    )
