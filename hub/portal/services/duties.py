"""What the platform does by itself from time to time: a background job is asked for when the last one is old enough.

The jobs themselves are rows as any other, so a duty survives restarts, is watched and cancelled like them, and any
number of job processes may look: one of them finds it due.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from hub.portal.models import Job, JobState
from hub.portal.services.blob_sweep import KEEP
from hub.portal.services.job_kinds import SWEEP_BLOBS
from hub.portal.services.jobs import JobOrder, enqueue_job
from hub.portal.services.mail.outbox import SEND_MAIL, is_due
from hub.portal.services.programme.closing import CLOSE_MONTHS, is_month_open
from hub.portal.services.reminders import EVERY, REMIND_DEADLINES, is_any_due
from hub.portal.services.reports.exports import are_expired
from hub.portal.services.reports.making import REMOVE_EXPORTS

logger = structlog.stdlib.get_logger(__name__)

#: Any number that no other program uses as an advisory lock in our database.
DUTY_LOCK = 0x6178_6475
UNFINISHED = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True)
class Duty:
    """A kind of job that is due again ``every`` so long after it was asked for last, if ``is_needed`` finds work."""

    kind: str
    every: timedelta
    params: Mapping[str, Any] = field(default_factory=dict)
    is_needed: Callable[[Session, datetime], bool] | None = None


#: Mail asks for its job itself; what could not be sent is tried again by this one.
MAIL_DUTY = Duty(SEND_MAIL, timedelta(0), is_needed=is_due)
REMINDER_DUTY = Duty(REMIND_DEADLINES, EVERY, is_needed=is_any_due)
#: The month that has ended in Seoul is closed; one that broke is tried again an hour later.
CLOSING_DUTY = Duty(CLOSE_MONTHS, timedelta(hours=1), is_needed=is_month_open)
#: Files of exports go within the hour after their time.
EXPORTS_DUTY = Duty(REMOVE_EXPORTS, timedelta(hours=1), is_needed=are_expired)


def make_duties(sweep_hours: float, sweep_keep_days: float = KEEP.days) -> tuple[Duty, ...]:
    """Return the duties of an installation; no sweep for 0 hours."""
    if sweep_hours <= 0:
        return ()
    return (Duty(SWEEP_BLOBS, timedelta(hours=sweep_hours), {"keep_days": sweep_keep_days}),)


def enqueue_due(session: Session, duties: Collection[Duty], now: datetime) -> list[Job]:
    """Ask for the jobs that are due. What a person asked for is not counted: it may have been a count only."""
    due = [duty for duty in duties if _is_due(session, duty, now)]
    if not due:
        return []
    _lock(session)
    asked = [enqueue_job(session, JobOrder(duty.kind, duty.params), now) for duty in due if _is_due(session, duty, now)]
    for job in asked:
        logger.info("duty due", kind=job.kind, job_id=job.id)
    return asked


def _lock(session: Session) -> None:
    """Let one process at a time decide; on SQLite whoever writes is alone anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(DUTY_LOCK)))


def _is_due(session: Session, duty: Duty, now: datetime) -> bool:
    """Whether the last one has ended and is old enough; a clock that was ahead does not put it off for long."""
    if duty.is_needed is not None and not duty.is_needed(session, now):
        return False
    query = sa.select(Job.state, Job.created_at).where(Job.kind == duty.kind, Job.created_by_id.is_(None))
    last = session.execute(query.order_by(Job.id.desc()).limit(1)).one_or_none()
    if last is None:
        return True
    return last.state not in UNFINISHED and abs(now - last.created_at) >= duty.every
