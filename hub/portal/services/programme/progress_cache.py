"""A programme's progress is counted again when something that it is made of has changed, not for every look.

A few highest ids say so: of decisions, enrolments, their events, attributions, merges. In a small programme a look also
sees every hand-in and grade at once; in a large one these, and what has no id of its own (a company's region), are at
most five minutes old. The page's own clock moves in the same steps.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from hub.portal.models import (
    AssignmentFetch,
    Attempt,
    Cohort,
    CompletionDecision,
    Enrolment,
    EnrolmentEvent,
    Grade,
    KpiAttribution,
    Person,
)
from hub.portal.services.programme.kpi_people import Scope
from hub.portal.services.programme.progress import Progress, progress_of

ANEW_SECONDS = 300
#: Up to so many enrolments counting costs less than anybody notices.
SMALL = 2000
KEPT = 32
Stamp = tuple[Any, ...]
Key = tuple[int, frozenset[int] | None]

_kept: WeakKeyDictionary[Engine | Connection, OrderedDict[Key, tuple[Stamp, Progress]]] = WeakKeyDictionary()
_lock = Lock()


def progress_now(session: Session, scope: Scope) -> Progress:
    """Return a programme's progress, counted now or before if nothing has changed since."""
    stamp = stamp_of(session, scope)
    key = (scope.programme.id, scope.universities)
    with _lock:
        shelf = _kept.setdefault(session.get_bind(), OrderedDict())
        found = shelf.get(key)
    if found is not None and found[0] == stamp:
        return found[1]
    progress = progress_of(session, scope)
    with _lock:
        shelf[key] = (stamp, progress)
        shelf.move_to_end(key)
        while len(shelf) > KEPT:
            shelf.popitem(last=False)
    return progress


def stamp_of(session: Session, scope: Scope) -> Stamp:
    """Return what progress was counted from; a different stamp means that it may have changed."""
    programme = scope.programme
    newest = [sa.select(sa.func.max(model.id)).scalar_subquery() for model in _GROWING]
    merged = sa.select(sa.func.count(), sa.func.sum(Person.id + 7 * Person.merged_into_id)).where(
        Person.merged_into_id.is_not(None)
    )
    cohorts = sa.select(sa.func.count()).where(Cohort.counts_toward_programme).scalar_subquery()
    row = session.execute(sa.select(*newest, cohorts)).one()
    facts = (programme.target, programme.starts_on, programme.ends_on, *row, *session.execute(merged).one())
    step = int(scope.until.timestamp()) // ANEW_SECONDS
    if (row[0] or 0) > SMALL:
        return (*facts, step)
    moving = [sa.select(sa.func.max(column)).scalar_subquery() for column in _MOVING]
    return (*facts, step, *session.execute(sa.select(*moving)).one())


_GROWING = (Enrolment, CompletionDecision, EnrolmentEvent, KpiAttribution)
_MOVING = (Attempt.id, AssignmentFetch.id, Grade.updated_at, Enrolment.state_since)
