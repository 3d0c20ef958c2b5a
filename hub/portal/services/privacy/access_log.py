"""Reviewing the access log: who looked at whose data, whether the chain of rows is whole, and the monthly sign-off.

The safety standard for personal data asks for a look at least once a month; the sign-off is itself a row of the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.errors import ConflictError, InvalidError
from hub.portal.models import AuditEvent
from hub.portal.services.audit import Actor, Deed, Subject, find_break, record
from hub.portal.services.paging import Paged
from hub.portal.services.timetable import KST

PAGE_ROWS = 50
REVIEWED = "access_log.reviewed"
#: Looks that deserve a second one: everything shown in full or taken away, and nights.
_NIGHT_ENDS, _NIGHT_BEGINS = 6, 22
TAKEN_AWAY = ("person.unmasked", "attempt.downloaded", "export.asked", "export.downloaded")


@dataclass(frozen=True)
class Filter:
    """What is looked for; empty fields say nothing."""

    actor: str = ""
    action: str = ""
    person_id: int | None = None
    day: date | None = None
    only_notable: bool = False


@dataclass(frozen=True)
class LogPage(Paged):
    """One page of the log, the newest first. ``person_id`` of rows is not searched: the log is about access itself."""

    page_rows = PAGE_ROWS
    rows: tuple[AuditEvent, ...]
    total: int
    page: int


def read_log(session: Session, wanted: Filter, page: int = 1) -> LogPage:
    """Return one page of the rows that fit."""
    query = sa.select(AuditEvent).where(*_conditions(wanted))
    total = session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
    rows = session.scalars(query.order_by(AuditEvent.id.desc()).limit(PAGE_ROWS).offset((page - 1) * PAGE_ROWS))
    return LogPage(tuple(rows), total, page)


def _conditions(wanted: Filter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.actor:
        found.append(AuditEvent.actor == wanted.actor)
    if wanted.action:
        found.append(AuditEvent.action == wanted.action)
    if wanted.person_id is not None:
        people = AuditEvent.detail["people"].as_string()
        listed = people.regexp_match(rf"(^|[^0-9]){wanted.person_id}([^0-9]|$)")
        found.append(sa.or_(AuditEvent.subject_person_id == wanted.person_id, listed))
    if wanted.day is not None:
        begins = datetime.combine(wanted.day, datetime.min.time(), KST).astimezone(UTC)
        found += [AuditEvent.at >= begins, AuditEvent.at < begins + timedelta(days=1)]
    if wanted.only_notable:
        found.append(AuditEvent.action.in_(TAKEN_AWAY))
    return found


def is_at_night(at: datetime) -> bool:
    """Whether something happened between ten in the evening and six in the morning, in Korea."""
    hour = at.astimezone(KST).hour
    return hour >= _NIGHT_BEGINS or hour < _NIGHT_ENDS


def actions_of(session: Session) -> list[str]:
    """Return the actions that the log has, for the filter."""
    return list(session.scalars(sa.select(AuditEvent.action).distinct().order_by(AuditEvent.action)))


def reviews(session: Session) -> list[AuditEvent]:
    """Return the sign-offs of the last year, the newest first."""
    query = sa.select(AuditEvent).where(AuditEvent.action == REVIEWED).order_by(AuditEvent.id.desc())
    return list(session.scalars(query.limit(12)))


def sign_off(session: Session, actor: Actor, month: str, findings: str, now: datetime) -> AuditEvent:
    """Write down that a month's log (``2026-11``) was looked through and what was found; the chain is checked with it.

    InvalidError for a month that has not begun or without a word about what was found, ConflictError if it was signed.
    """
    try:
        begins = datetime.strptime(month, "%Y-%m").replace(tzinfo=KST)
    except ValueError as error:
        raise _wrong_month() from error
    if begins > now:
        raise _wrong_month()
    if not 0 < len(findings.strip()) <= 2000:
        raise InvalidError(
            "findings",
            "점검 결과를 적어 주십시오. 예: 특이 사항 없음",
            "Please say what was found, for example: nothing unusual.",
        )
    if any(event.subject_id == month for event in reviews(session)):
        raise ConflictError("signed_already", "이미 점검을 마친 달입니다.", "That month was signed off already.")
    broken = find_break(session)
    facts = {"chain_broken_at": broken}
    return record(session, actor, Deed(REVIEWED, Subject("access_log", month), facts, findings.strip()), now)


def _wrong_month() -> InvalidError:
    return InvalidError("month", "달을 2026-11처럼 적어 주십시오.", "Please give a month such as 2026-11.")
