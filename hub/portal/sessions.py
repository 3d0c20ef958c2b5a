"""Portal sessions as rows: begun at sign-in, ended by idling, by age, by hand or by signing out.

The cookie holds 256 random bits, the row only their SHA-256: a copy of the database signs nobody in.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.files import sha256_hex
from hub.portal.models import Login, Person, PortalSession
from hub.portal.services.audit import Actor, Deed, Subject, record

#: The issuer of log-ins that come from our own hub.
HUB_ISSUER = "hub"
TOKEN_BYTES = 32
#: How often a visit is written down; more often would make every page view a write.
TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Lifetime:
    """How long a session lives without a visit, and at most."""

    idle: timedelta = timedelta(hours=2)
    absolute: timedelta = timedelta(hours=12)


class Ending(StrEnum):
    """Why a cookie that once was good is good no more."""

    UNKNOWN = "unknown"
    REVOKED = "revoked"
    IDLE = "idle"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Visitor:
    """Who is looking at a page: the facts of a valid session, detached from the database."""

    session_id: int
    person_id: int
    name: str
    subject: str
    language: str | None
    active_role: str | None
    last_seen_at: datetime


def token_digest(token: str) -> str:
    """Return what the database keeps of a session token."""
    return sha256_hex(token.encode())


def find_login(session: Session, subject: str) -> Login | None:
    """Return the usable log-in of a hub user name, or None: unknown, disabled or without a person."""
    query = sa.select(Login).where(Login.issuer == HUB_ISSUER, Login.subject == subject, Login.disabled_at.is_(None))
    return session.scalars(query).one_or_none()


#: Made once: every call of the API begins with it.
_PERSON_OF_LOGIN = (
    sa.select(sa.func.coalesce(Person.__table__.c.merged_into_id, Person.__table__.c.id))
    .join_from(Login.__table__, Person.__table__, Login.__table__.c.person_id == Person.__table__.c.id)
    .where(Login.__table__.c.issuer == HUB_ISSUER, Login.__table__.c.subject == sa.bindparam("subject"))
    .where(Login.__table__.c.disabled_at.is_(None))
)


def find_person_id(session: Session, subject: str) -> int | None:
    """Return who a usable log-in of a hub user name is, or None; see ``find_login``."""
    return session.connection().execute(_PERSON_OF_LOGIN, {"subject": subject}).scalar_one_or_none()


def begin_session(session: Session, login: Login, now: datetime, lifetime: Lifetime, ip: str | None = None) -> str:
    """Start a session for ``login`` and return its token, the only time that anybody sees it; the log says who."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    login.last_used_at = now
    row = PortalSession(
        token_digest=token_digest(token),
        login_id=login.id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + lifetime.absolute,
        data={},
    )
    session.add(row)
    session.flush()
    _write_down(session, "session.began", row, ip, now)
    return token


def _write_down(session: Session, action: str, row: PortalSession, ip: str | None, now: datetime) -> None:
    """Put a sign-in or sign-out into the audit log, in the transaction in which it happens."""
    login = session.get_one(Login, row.login_id)
    person_id = login.person.merged_into_id or login.person_id
    deed = Deed(action, Subject("session", str(row.id), person_id))
    record(session, Actor(login.subject, person_id, ip), deed, now)


def _find(session: Session, token: str) -> tuple[PortalSession, Login, Person] | None:
    query = (
        sa.select(PortalSession, Login, Person)
        .join(Login, Login.id == PortalSession.login_id)
        .join(Person, Person.id == Login.person_id)
        .where(PortalSession.token_digest == token_digest(token))
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def ending_of(row: PortalSession, login: Login, now: datetime, lifetime: Lifetime) -> Ending | None:
    """Return why ``row`` is over, or None while it is good."""
    if row.revoked_at is not None or login.disabled_at is not None:
        return Ending.REVOKED
    if now >= row.expires_at:
        return Ending.EXPIRED
    return Ending.IDLE if now - row.last_seen_at >= lifetime.idle else None


def find_visitor(session: Session, token: str, now: datetime, lifetime: Lifetime) -> Visitor | Ending:
    """Return who holds ``token``, or why it is worth nothing."""
    found = _find(session, token)
    if found is None:
        return Ending.UNKNOWN
    row, login, person = found
    ending = ending_of(row, login, now, lifetime)
    if ending is not None:
        return ending
    return Visitor(
        session_id=row.id,
        person_id=person.merged_into_id or person.id,
        name=person.name,
        subject=login.subject,
        language=person.language.value if person.language else None,
        active_role=row.data.get("role"),
        last_seen_at=row.last_seen_at,
    )


def touch_session(session: Session, session_id: int, now: datetime) -> None:
    """Write down a visit."""
    session.execute(sa.update(PortalSession).where(PortalSession.id == session_id).values(last_seen_at=now))


def revoke_token(session: Session, token: str, now: datetime, ip: str | None = None) -> None:
    """End the session of ``token``; nothing happens if it is over already."""
    query = sa.select(PortalSession).where(PortalSession.token_digest == token_digest(token))
    row = session.scalars(query).one_or_none()
    if row is not None and row.revoked_at is None:
        row.revoked_at = now
        _write_down(session, "session.ended", row, ip, now)


def revoke_session(session: Session, person_id: int, session_id: int, now: datetime, ip: str | None = None) -> bool:
    """End one of a person's own sessions; False if there is no such session of theirs."""
    logins = sa.select(Login.id).where(Login.person_id == person_id)
    query = sa.select(PortalSession).where(PortalSession.id == session_id, PortalSession.login_id.in_(logins))
    row = session.scalars(query).one_or_none()
    if row is None:
        return False
    if row.revoked_at is None:
        row.revoked_at = now
        _write_down(session, "session.revoked", row, ip, now)
    return True


def list_sessions(session: Session, person_id: int, now: datetime, lifetime: Lifetime) -> list[PortalSession]:
    """Return the live sessions of a person, the one seen last first."""
    query = (
        sa.select(PortalSession)
        .join(Login, Login.id == PortalSession.login_id)
        .where(
            Login.person_id == person_id,
            PortalSession.revoked_at.is_(None),
            PortalSession.expires_at > now,
            PortalSession.last_seen_at > now - lifetime.idle,
        )
        .order_by(PortalSession.last_seen_at.desc())
    )
    return list(session.scalars(query))


def remember_role(session: Session, session_id: int, role: str) -> None:
    """Keep which of their roles the person looks at the portal with."""
    row = session.get_one(PortalSession, session_id)
    row.data = {**row.data, "role": role}
