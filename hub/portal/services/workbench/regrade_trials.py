"""The results of a regrade, kept apart from the results that count: compared as they come, attached by nobody."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import RegradeItem
from hub.portal.services.results import load_report
from hub.portal.services.workbench.regrade_diff import changes_between


def note_trial(session: Session, attempt_id: int, request_digest: str, now: datetime) -> bool:
    """Compare a report that has come for a regrade; False if no regrade asked for it, so that it counts at once.

    A regrade that was thrown away meanwhile still owns what it asked for: its results never become grades.
    """
    query = sa.select(RegradeItem).where(
        RegradeItem.attempt_id == attempt_id, RegradeItem.request_digest == request_digest
    )
    items = session.scalars(query).all()
    for item in items:
        if item.compared_at is None:
            compare(session, item, now)
    return bool(items)


def compare(session: Session, item: RegradeItem, now: datetime) -> None:
    """Write down what the item's new report changes against its base; KeyError while there is no new report."""
    new = load_report(session, item.request_digest)
    old = load_report(session, item.base_digest) if item.base_digest else None
    changes = changes_between(old, new)
    item.old_score, item.new_score, item.new_state = (old.score if old else None), new.score, new.state
    item.changes = [change.model_dump(mode="json") for change in changes]
    item.is_changed = bool(changes) or item.old_score != item.new_score
    item.compared_at = now
