"""The month's end closes itself: a background job makes the snapshot of the month that has just ended in Seoul."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import KpiSnapshot, Programme
from hub.portal.services.audit import Actor
from hub.portal.services.job_context import JobContext
from hub.portal.services.programme.snapshots import last_month_end, take_snapshot

CLOSE_MONTHS = "close_months"
ITSELF = Actor("platform")


def programmes_to_close(session: Session, now: datetime) -> list[Programme]:
    """Return the programmes that ran at the last month's end and were not closed on that day.

    Older months that nobody closed stay open: a person may close them, the platform does not rewrite the past.
    """
    day = last_month_end(now)
    closed = sa.select(KpiSnapshot.programme_id).where(KpiSnapshot.closing_date == day)
    query = sa.select(Programme).where(
        Programme.starts_on <= day, Programme.ends_on >= day.replace(day=1), Programme.id.not_in(closed)
    )
    return list(session.scalars(query.order_by(Programme.id)))


def is_month_open(session: Session, now: datetime) -> bool:
    """Whether a programme's last month is still to be closed."""
    return bool(programmes_to_close(session, now))


def close_months(context: JobContext) -> dict[str, Any]:
    """Close the last month of every programme that is not closed; run twice it changes nothing."""
    now = context.clock()
    with context.database.writing() as session:
        made = [
            take_snapshot(session, ITSELF, programme, last_month_end(now), now)
            for programme in programmes_to_close(session, now)
        ]
        return {"snapshots": [row.id for row in made]}
