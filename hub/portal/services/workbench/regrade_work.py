"""Which attempts a regrade is about, and their places in the queue: each asked for once, behind all live work."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.contract import GradeRequest, Limits
from hub.portal.models import (
    Attempt,
    AttemptResult,
    Grade,
    GradeReportRow,
    GradeRequestRow,
    GradingTask,
    Regrade,
    RegradeItem,
    RegradeState,
    TaskKind,
    TaskState,
)
from hub.portal.services.blobs import insert_missing
from hub.portal.services.queue import AT_ONCE, REGRADE
from hub.portal.services.workbench.regrade_trials import compare

UNFINISHED = (TaskState.QUEUED, TaskState.CLAIMED)


@dataclass(frozen=True)
class Candidate:
    """An attempt that the regrade could be about: the request that graded it (or will) and what came out."""

    attempt: Attempt
    request: GradeRequest
    base_digest: str | None
    score: float | None
    counts: bool


def candidates(session: Session, regrade: Regrade) -> list[Candidate]:
    """Return the trainees' attempts that another bundle graded and that the regrade does not have yet, by id."""
    rows = session.execute(_attempts(regrade)).all()
    asked = _live_requests(session, regrade.assignment_id)
    requests = _requests(session, {base or asked.get(attempt.id, "") for attempt, base, *_ in rows})
    found = []
    for attempt, base, score, counting in rows:
        request = requests.get(base or asked.get(attempt.id, ""))
        if request is not None and request.bundle_digest != regrade.version.bundle_digest:
            found.append(Candidate(attempt, request, base, score, counting is not None))
    return found


def _attempts(regrade: Regrade) -> sa.Select[Attempt, str, float | None, int]:
    newest = newest_results(regrade.assignment_id).subquery()
    known = sa.select(RegradeItem.attempt_id).where(RegradeItem.regrade_id == regrade.id)
    counting = sa.and_(Grade.attempt_id == Attempt.id, Grade.person_id == Attempt.person_id)
    return (
        sa.select(Attempt, AttemptResult.request_digest, GradeReportRow.score, Grade.id)
        .outerjoin(newest, newest.c.attempt_id == Attempt.id)
        .outerjoin(AttemptResult, AttemptResult.id == newest.c.result_id)
        .outerjoin(GradeReportRow, GradeReportRow.request_digest == AttemptResult.request_digest)
        .outerjoin(Grade, counting)
        .where(Attempt.assignment_id == regrade.assignment_id, Attempt.enrolment_id.is_not(None))
        .where(Attempt.id.not_in(known))
        .order_by(Attempt.id)
    )


def newest_results(assignment_id: int) -> sa.Select[int, int]:
    """Return the query of (attempt_id, result_id): the result that counts of each attempt at an assignment."""
    return (
        sa.select(AttemptResult.attempt_id, sa.func.max(AttemptResult.id).label("result_id"))
        .join(Attempt, Attempt.id == AttemptResult.attempt_id)
        .where(Attempt.assignment_id == assignment_id)
        .group_by(AttemptResult.attempt_id)
    )


def _live_requests(session: Session, assignment_id: int) -> dict[int, str]:
    query = sa.select(GradingTask.attempt_id, GradingTask.request_digest).where(
        GradingTask.assignment_id == assignment_id, GradingTask.kind == TaskKind.LIVE
    )
    return {row.attempt_id: row.request_digest for row in session.execute(query.order_by(GradingTask.id))}


def _requests(session: Session, digests: Collection[str]) -> dict[str, GradeRequest]:
    query = sa.select(GradeRequestRow).where(GradeRequestRow.digest.in_(digests))
    return {row.digest: GradeRequest.model_validate(row.request) for row in session.scalars(query)}


def pick_sample(found: Sequence[Candidate], size: int) -> list[Candidate]:
    """Return attempts from the lowest to the highest score in even steps; those that count before others."""
    pool = [each for each in found if each.counts] or list(found)
    pool.sort(key=lambda each: (-1.0 if each.score is None else each.score, each.attempt.id))
    if len(pool) <= size:
        return pool
    step = (len(pool) - 1) / max(1, size - 1)
    return [pool[round(place * step)] for place in range(size)]


def add_items(
    session: Session, regrade: Regrade, found: Sequence[Candidate], environment_digest: str, now: datetime
) -> None:
    """Ask for the grading of attempts by the regrade's version; reports that are there already are compared at once."""
    requests = {each.attempt.id: _request(session, regrade, each, environment_digest) for each in found}
    rows = [
        {"digest": request.digest, "request": request.model_dump(mode="json"), "created_at": now}
        for request in requests.values()
    ]
    if rows:
        insert_missing(session, GradeRequestRow, rows)
    items = [_item(regrade, each, requests[each.attempt.id].digest) for each in found]
    session.add_all(items)
    session.flush()
    _enqueue(session, regrade, items, now)


def _item(regrade: Regrade, each: Candidate, digest: str) -> RegradeItem:
    return RegradeItem(
        regrade_id=regrade.id,
        attempt_id=each.attempt.id,
        university_id=each.attempt.university_id,
        request_digest=digest,
        base_digest=each.base_digest,
        is_sample=regrade.state is RegradeState.SAMPLE,
        old_score=each.score,
        changes=[],
    )


def _request(session: Session, regrade: Regrade, each: Candidate, environment_digest: str) -> GradeRequest:
    """The learner's own data and files, the mended tests.

    An attempt may be graded by the same bundle twice with another in between (a fix that was none, taken back): the
    newest result counts and results are never moved, so the label names the round and makes it another request.
    """
    return each.request.model_copy(
        update={
            "assignment": f"{each.request.assignment.partition('@')[0]}@{_round(session, regrade)}",
            "bundle_digest": regrade.version.bundle_digest,
            "limits": Limits.model_validate(regrade.version.limits or {}),
            "environment_digest": environment_digest,
        }
    )


def _round(session: Session, regrade: Regrade) -> int:
    known: int | None = session.info.get(("regrade-round", regrade.id))
    if known is None:
        published = sa.select(sa.func.count()).where(
            Regrade.assignment_id == regrade.assignment_id, Regrade.state == RegradeState.PUBLISHED
        )
        known = session.info["regrade-round", regrade.id] = (session.scalar(published) or 0) + 1
    return known


def _enqueue(session: Session, regrade: Regrade, items: Sequence[RegradeItem], now: datetime) -> None:
    digests = [item.request_digest for item in items]
    reported = set(
        session.scalars(sa.select(GradeReportRow.request_digest).where(GradeReportRow.request_digest.in_(digests)))
    )
    earlier = {
        (task.attempt_id, task.request_digest): task
        for task in session.scalars(sa.select(GradingTask).where(GradingTask.request_digest.in_(digests)))
    }
    for item in items:
        task = earlier.get((item.attempt_id, item.request_digest))
        if item.request_digest in reported:
            compare(session, item, now)
        elif task is None:
            session.add(_task(regrade, item, now))
        elif task.state not in UNFINISHED:
            ask_again(task)
    session.flush()


def _task(regrade: Regrade, item: RegradeItem, now: datetime) -> GradingTask:
    return GradingTask(
        attempt_id=item.attempt_id,
        assignment_id=regrade.assignment_id,
        course_id=regrade.assignment.course_id,
        university_id=item.university_id,
        request_digest=item.request_digest,
        kind=TaskKind.REGRADE,
        priority=REGRADE,
        available_at=AT_ONCE,
        created_at=now,
    )


def ask_again(task: GradingTask) -> None:
    """Put a task that ended without a report back into the queue, with all its tries."""
    task.state, task.tries, task.losses, task.finished_at = TaskState.QUEUED, 0, 0, None
    task.available_at, task.failure = AT_ONCE, None


def tasks_of(regrade_id: int) -> sa.ColumnElement[bool]:
    """Return the condition for the queue's rows of a regrade."""
    mine = sa.exists().where(
        RegradeItem.regrade_id == regrade_id,
        RegradeItem.attempt_id == GradingTask.attempt_id,
        RegradeItem.request_digest == GradingTask.request_digest,
    )
    return sa.and_(GradingTask.kind == TaskKind.REGRADE, mine)


def cancel_tasks(session: Session, which: sa.ColumnElement[bool], now: datetime) -> int:
    """End what waits or runs; a worker that holds one notices at its next heartbeat, its report is ignored."""
    values = {"state": TaskState.CANCELLED, "finished_at": now, "claimed_by": None, "claim_token": None}
    values |= {"lease_until": None, "progress": None}
    ended = sa.update(GradingTask).where(which, GradingTask.state.in_(UNFINISHED)).values(**values)
    done = session.execute(ended.returning(GradingTask.id), execution_options={"synchronize_session": False})
    return len(done.all())
