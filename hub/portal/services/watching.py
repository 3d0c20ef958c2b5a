"""Has anything changed that a watcher sees? Answered by a few indexed rows, so that a waiting class costs little.

A stamp covers what moves by itself: fetches, attempts, tasks, places in the queue, grades. Everything slower (titles,
deadlines, extensions, policies that open with time) is covered by the time in it: every few minutes the page is made
anew, not for everybody at the same moment. Who opens or reloads a page always gets it new.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.files import canonical_json, sha256_hex
from hub.portal.models import AssignmentFetch, Attempt, Grade, GradingTask, TaskState
from hub.portal.services.attempt_owners import attempt_ids_of
from hub.portal.services.queue import position

#: Places further back than this are told apart by tens: nobody acts on being 143rd instead of 144th.
NEAR = 20
STAMP_CHARACTERS = 32
ANEW_SECONDS = 300


def stamp_of_person(session: Session, person_id: int, now: datetime, assignment_id: int | None = None) -> str:
    """Return the stamp of a person's work, all of it or in one assignment."""
    return _stamp(session, person_id, Attempt.id.in_(attempt_ids_of(person_id)), now, assignment_id)


def stamp_of_attempt(session: Session, person_id: int, attempt: Attempt, now: datetime) -> str:
    """Return the stamp of one attempt as ``person_id`` watches it; of staff it is the grade of who handed it in."""
    return _stamp(session, person_id, Attempt.id == attempt.id, now, attempt.assignment_id)


def _stamp(
    session: Session, person_id: int, which: sa.ColumnElement[bool], now: datetime, assignment_id: int | None
) -> str:
    tasks = sa.select(Attempt.id, GradingTask).outerjoin(GradingTask, GradingTask.attempt_id == Attempt.id).where(which)
    grades = sa.select(Grade.assignment_id, Grade.updated_at, Grade.released_at).where(
        sa.or_(Grade.person_id == person_id, Grade.attempt_id.in_(sa.select(Attempt.id).where(which)))
    )
    if assignment_id is not None:
        tasks = tasks.where(Attempt.assignment_id == assignment_id)
        grades = grades.where(Grade.assignment_id == assignment_id)
    fetched = sa.select(sa.func.max(AssignmentFetch.last_at)).where(AssignmentFetch.person_id == person_id)
    facts: list[Any] = [person_id, int(now.timestamp() + 7 * person_id) // ANEW_SECONDS, str(session.scalar(fetched))]
    facts += [[attempt_id, *_task_facts(session, task)] for attempt_id, task in session.execute(tasks)]
    facts += [
        [row.assignment_id, row.updated_at.isoformat(), row.released_at and row.released_at.isoformat()]
        for row in session.execute(grades.order_by(Grade.id))
    ]
    return sha256_hex(canonical_json(facts))[:STAMP_CHARACTERS]


def _task_facts(session: Session, task: GradingTask | None) -> list[Any]:
    if task is None:
        return []
    place = position(session, task) if task.state is TaskState.QUEUED else 0
    shown = place if place <= NEAR else NEAR + (place - NEAR) // 10 * 10
    return [task.id, task.state.value, task.tries, shown]


def seconds_until_next_look(queue_position: int | None) -> int:
    """Return how long a watcher may wait before looking again: longer while many are ahead."""
    return 3 if queue_position is None else min(3 + queue_position // 10, 15)
