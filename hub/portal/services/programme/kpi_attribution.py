"""Where somebody with completions at several universities is counted: by rule the first one, else as put here."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.errors import InvalidError
from hub.portal.models import KpiAttribution, Programme, University
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.programme.kpi_people import Scope, ranked_enrolments

MAX_REASON = 2000


def universities_of(session: Session, programme: Programme, person_id: int, now: datetime) -> list[University]:
    """Return the universities at which a person has a completion that counts, the first one first."""
    ranked = ranked_enrolments(Scope(programme, now))
    query = (
        sa.select(University)
        .join(ranked, ranked.c.university_id == University.id)
        .where(ranked.c.person_id == person_id, ranked.c.decision_id.is_not(None))
        .order_by(ranked.c.counted_at, ranked.c.decision_id)
    )
    return list(dict.fromkeys(session.scalars(query)))


def attribute(
    session: Session,
    actor: Actor,
    programme: Programme,
    person_id: int,
    wanted: tuple[int | None, str],
    now: datetime,
) -> KpiAttribution:
    """Count a person at a university (``wanted``: its id, or None for the rule; the reason). InvalidError otherwise."""
    university_id, reason = wanted[0], wanted[1].strip()
    if not 1 <= len(reason) <= MAX_REASON:
        raise InvalidError("reason", "이유를 써 주십시오. 기록에 남습니다.", "Please give a reason. It is kept.")
    possible = {university.id for university in universities_of(session, programme, person_id, now)}
    if not possible or university_id not in possible | {None}:
        raise InvalidError(
            "attribution",
            "이 사람이 수료한 대학으로만 바꿀 수 있습니다.",
            "Somebody can only be counted at a university where they have completed.",
        )
    row = KpiAttribution(
        programme_id=programme.id,
        person_id=person_id,
        university_id=university_id,
        reason=reason,
        made_by_id=actor.person_id or 0,
        made_at=now,
    )
    session.add(row)
    session.flush()
    subject = Subject("programme", programme.slug, person_id, university_id)
    record(session, actor, Deed("kpi.attributed", subject, reason=reason), now)
    return row
