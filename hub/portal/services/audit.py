"""The audit log: who did what to whose data, when, from where; chained, so that a removed row shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from graders.files import canonical_json, sha256_hex
from hub.portal.models import AuditEvent

GENESIS = "0" * 64
_CHAIN_LOCK = 0x6178_6175  # advisory lock of PostgreSQL: one writer extends the chain at a time
_CHAINED = (
    *("actor_person_id", "actor", "action", "subject_type", "subject_id", "subject_person_id"),
    *("university_id", "detail", "reason", "ip", "request_id"),
)


@dataclass(frozen=True)
class Actor:
    """Who acts: a person through a log-in, or a process without a person."""

    name: str
    person_id: int | None = None
    ip: str | None = None


@dataclass(frozen=True)
class Subject:
    """What is acted on, and whose data that is."""

    kind: str
    id: str
    person_id: int | None = None
    university_id: int | None = None


@dataclass(frozen=True)
class Deed:
    """What was done: ``noun.verb``, the facts worth keeping, and the reason if one was asked for."""

    action: str
    subject: Subject
    detail: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None


def current_request_id() -> str | None:
    """Return the id that the request log bound to this thread, if any."""
    found = structlog.contextvars.get_contextvars().get("request_id")
    return str(found)[:40] if found else None


def record(session: Session, actor: Actor, deed: Deed, at: datetime) -> AuditEvent:
    """Append one event to the chain; it lives and dies with the caller's transaction."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_CHAIN_LOCK)))
    session.flush()
    event = AuditEvent(
        at=at,
        actor=actor.name[:200],
        actor_person_id=actor.person_id,
        ip=actor.ip,
        action=deed.action,
        subject_type=deed.subject.kind,
        subject_id=deed.subject.id,
        subject_person_id=deed.subject.person_id,
        university_id=deed.subject.university_id,
        detail=dict(deed.detail),
        reason=deed.reason,
        request_id=current_request_id(),
        previous_digest=_last_digest(session),
    )
    event.digest = digest_of(event)
    session.add(event)
    session.flush()
    return event


def _last_digest(session: Session) -> str:
    newest = sa.select(AuditEvent.digest).order_by(AuditEvent.id.desc()).limit(1)
    return session.scalar(newest) or GENESIS


def digest_of(event: AuditEvent) -> str:
    """SHA-256 of the row's facts and of the row before."""
    facts = {name: getattr(event, name) for name in _CHAINED}
    moment = event.at.astimezone(UTC).isoformat()
    return sha256_hex(canonical_json([event.previous_digest, moment, facts]))


def find_break(session: Session) -> int | None:
    """Return the id of the first row that does not follow from the one before; None if the chain holds."""
    expected = GENESIS
    for event in session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id).execution_options(yield_per=1000)):
        if event.previous_digest != expected or digest_of(event) != event.digest:
            return event.id
        expected = event.digest
    return None


def newest_events(session: Session, person_id: int, limit: int = 100) -> list[AuditEvent]:
    """Return the newest events about a person's data."""
    query = (
        sa.select(AuditEvent)
        .where(AuditEvent.subject_person_id == person_id)
        .order_by(AuditEvent.id.desc())
        .limit(limit)
    )
    return list(session.scalars(query))
