"""Has anything changed that a watcher sees? Answered by a few indexed rows, so that a waiting class costs little.

A stamp covers what moves by itself: fetches, attempts, tasks, places in the queue, grades. Everything slower (titles,
deadlines, extensions, policies that open with time) is covered by the time in it: every few minutes the page is made
anew, not for everybody at the same moment. Who opens or reloads a page always gets it new.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.files import canonical_json, sha256_hex
from hub.portal.models import AssignmentFetch, Attempt, AttemptMember, Grade, GradingTask, TaskKind, TaskState

#: Places further back than this are told apart by tens: nobody acts on being 143rd instead of 144th.
NEAR = 20
STAMP_CHARACTERS = 32
ANEW_SECONDS = 600

# A class looks a hundred times a second in all, and most looks find nothing new. What they cost is building statements
# and objects, not the rows: these statements are made once and give plain rows.
_attempt, _task, _grade = Attempt.__table__, GradingTask.__table__, Grade.__table__
_person: sa.BindParameter[int] = sa.bindparam("person")
_which: sa.BindParameter[int] = sa.bindparam("which")
_work: sa.BindParameter[int] = sa.bindparam("work")


def stamp_of_person(session: Session, person_id: int, now: datetime, assignment_id: int | None = None) -> str:
    """Return the stamp of a person's work, all of it or in one assignment."""
    scope: Scope = "person" if assignment_id is None else "assignment"
    return _stamp(session, scope, {"person": person_id, "work": assignment_id}, now)


def stamp_of_attempt(session: Session, person_id: int, attempt: Attempt, now: datetime) -> str:
    """Return the stamp of one attempt as ``person_id`` watches it; of staff it is the grade of who handed it in."""
    facts = {"person": person_id, "which": attempt.id, "work": attempt.assignment_id}
    return _stamp(session, "attempt", facts, now)


#: What a stamp is of: all of a person's work, that in one assignment, one attempt.
Scope = Literal["person", "assignment", "attempt"]


def _stamp(session: Session, scope: Scope, whose: Mapping[str, int | None], now: datetime) -> str:
    connection, queries = session.connection(), _queries(scope)
    person_id = whose["person"] or 0
    fetched, tasks, grades = (connection.execute(query, whose).all() for query in queries)
    facts: list[Any] = [person_id, int(now.timestamp() + 7 * person_id) // ANEW_SECONDS]
    facts += [_plain(row) for row in fetched]
    facts += [[*_plain(row), _shown(row.place)] for row in tasks]
    facts += [_plain(row) for row in grades]
    return sha256_hex(canonical_json(facts))[:STAMP_CHARACTERS]


def _plain(row: sa.Row[Any]) -> list[str]:
    return [str(value) for name, value in row._mapping.items() if name != "place"]


def _shown(place: int) -> int:
    return place if place <= NEAR else NEAR + (place - NEAR) // 10 * 10


@cache
def _queries(scope: Scope) -> tuple[sa.Select[Any], ...]:
    """Return the statements whose rows make a stamp: fetches, attempts with their tasks, grades."""
    fetch = AssignmentFetch.__table__
    attempts = sa.select(_attempt.c.id).where(_is_watched(scope))
    tasks = (
        sa.select(_attempt.c.id, _task.c.id, _task.c.state, _task.c.tries, _place())
        .select_from(_attempt.outerjoin(_task, _watched_task()))
        .where(_is_watched(scope))
        .order_by(_attempt.c.id, _task.c.id)
    )
    grades = (
        sa.select(_grade.c.assignment_id, _grade.c.updated_at, _grade.c.released_at)
        .where(sa.or_(_grade.c.person_id == _person, _grade.c.attempt_id.in_(attempts)))
        .order_by(_grade.c.id)
    )
    return (
        sa.select(sa.func.max(fetch.c.last_at)).where(fetch.c.person_id == _person),
        tasks,
        grades if scope == "person" else grades.where(_grade.c.assignment_id == _work),
    )


def _watched_task() -> sa.ColumnElement[bool]:
    """A regrade goes on behind the students' backs until it is published."""
    return sa.and_(_task.c.attempt_id == _attempt.c.id, _task.c.kind == TaskKind.LIVE)


def _is_watched(scope: Scope) -> sa.ColumnElement[bool]:
    if scope == "attempt":
        return _attempt.c.id == _which
    member = AttemptMember.__table__
    shared = sa.select(member.c.attempt_id).where(member.c.person_id == _person)
    own = sa.select(_attempt.c.id).where(_attempt.c.person_id == _person)
    theirs = _attempt.c.id.in_(sa.union(own, shared))
    return theirs if scope == "person" else sa.and_(theirs, _attempt.c.assignment_id == _work)


def _place() -> sa.Label[int]:
    """The place in the queue as ``queue.position`` counts it; 0 for what does not wait."""
    ahead = _task.alias("ahead")
    place = (
        sa.select(sa.func.count())
        .where(ahead.c.state == TaskState.QUEUED)
        .where(sa.tuple_(ahead.c.priority, ahead.c.id) <= sa.tuple_(_task.c.priority, _task.c.id))
        .correlate(_task)
        .scalar_subquery()
    )
    return sa.case((_task.c.state == TaskState.QUEUED, place), else_=0).label("place")


def seconds_until_next_look(queue_position: int | None) -> int:
    """Return how long a watcher may wait before looking again: longer while many are ahead."""
    return 3 if queue_position is None else min(3 + queue_position // 10, 20)
