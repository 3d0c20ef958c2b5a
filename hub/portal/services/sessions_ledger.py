"""The ledger of notebook servers, fed by hub events that come at least once and perhaps late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import Enrolment, Login, ServerSession

EventName = Literal["started", "ready", "failed", "stopped"]


@dataclass(frozen=True)
class ServerFact:
    """One event of one notebook server's life."""

    event: EventName
    session_key: str
    username: str
    server_name: str
    profile: str
    at: datetime


def apply_event(session: Session, fact: ServerFact) -> ServerSession:
    """Write an event into the ledger; the same event again changes nothing."""
    query = sa.select(ServerSession).where(ServerSession.session_key == fact.session_key).with_for_update()
    row = session.scalars(query).one_or_none() or _begin(session, fact)
    if fact.event == "started":
        row.started_at = min(row.started_at, fact.at)
    elif fact.event == "ready":
        row.ready_at = row.ready_at or fact.at
    elif row.stopped_at is None:
        row.stopped_at = fact.at
        row.stop_reason = fact.event
    row.last_activity_at = max(row.last_activity_at or fact.at, fact.at)
    session.flush()
    return row


def _begin(session: Session, fact: ServerFact) -> ServerSession:
    login = sa.select(Login.person_id).where(Login.issuer == "hub", Login.subject == fact.username)
    person_id = session.scalar(login)
    newest = sa.select(Enrolment.university_id).where(Enrolment.person_id == person_id).order_by(Enrolment.id.desc())
    row = ServerSession(
        person_id=person_id,
        university_id=session.scalar(newest.limit(1)) if person_id is not None else None,
        session_key=fact.session_key,
        hub_username=fact.username,
        server_name=fact.server_name,
        profile=fact.profile,
        started_at=fact.at,
    )
    session.add(row)
    return row
