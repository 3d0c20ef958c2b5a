"""The grading queue in the database: claims with a lease, three tries, then "not graded" and never a score of 0.

A worker that dies may have been killed by one of the tasks it held: nobody knows which. Those that were lost together
lose no try; what was lost so twice is a suspect and runs alone from then on, so that the next loss names the guilty.

Order: live work before regrades, a person's newest attempt before the older ones, courses in turn. A worker proves
that a task is still its own by the claim's token; whoever comes late is told so and changes nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from graders.contract import Fault, GradeReport, ReportState, Text
from hub.portal.models import Attempt, Course, GradeReportRow, GradingTask, TaskKind, TaskState
from hub.portal.services.attempt_owners import newer_attempt_ids, older_attempt_ids, team_id_of
from hub.portal.services.audit import current_request_id
from hub.portal.services.results import attach_result, put_report
from hub.portal.services.workbench.regrade_trials import note_trial

logger = structlog.stdlib.get_logger(__name__)

Conditions = tuple[sa.ColumnElement[bool], ...]

LEASE = timedelta(seconds=60)
#: Lost with its worker and others beside it this often, a task is only run alone.
SUSPECT_AFTER = 2
#: Waiting before the next try, by the number of tries made: a machine that is being restarted gets its time.
BACKOFF = (timedelta(0), timedelta(seconds=2), timedelta(seconds=20))
LIVE, OLDER_LIVE, REGRADE = 0, 10, 20
#: When work that has not been tried yet may be claimed. Not "now": the portal's clock is not the workers', and may
#: step back; new work must not wait until a clock has caught up.
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)

LOST = Text(
    ko="채점하던 프로그램이 끝나지 않고 사라졌습니다.",
    en="The program that was grading went away before it finished.",
)
WRONG_REPORT = Text(
    ko="다른 채점 요청의 결과가 돌아왔습니다.", en="The report that came back belongs to another request."
)


@dataclass(frozen=True)
class Claim:
    """One task in one worker's hands; the token proves it. ``is_known``: another task had the same request.
    ``kind`` decides which pods of a cluster grade it; ``is_suspect``: nothing else may run in the worker meanwhile.

    ``request_id``: of the request that asked for the grading, for the worker's log.
    """

    task_id: int
    token: str
    request_digest: str
    attempt_id: int
    tries: int
    is_known: bool = False
    request_id: str | None = None
    kind: TaskKind = TaskKind.LIVE
    is_suspect: bool = False


@dataclass(frozen=True)
class Failure:
    """Why a try came to nothing: a sentence for people, and the detail for staff."""

    text: Text
    staff: str = ""

    def as_json(self) -> dict[str, Any]:
        """As the task's row keeps it."""
        return {"ko": self.text.ko, "en": self.text.en, "staff": self.staff}


def enqueue(session: Session, attempt: Attempt, request_digest: str, kind: TaskKind = TaskKind.LIVE) -> GradingTask:
    """Put an attempt in the queue; its owner's older waiting attempts step back. A known result is used at once."""
    task = GradingTask(
        attempt_id=attempt.id,
        assignment_id=attempt.assignment_id,
        course_id=attempt.assignment.course_id,
        university_id=attempt.university_id,
        request_digest=request_digest,
        kind=kind,
        priority=LIVE if kind is TaskKind.LIVE else REGRADE,
        available_at=AT_ONCE,
        request_id=current_request_id(),
        created_at=attempt.received_at,
    )
    session.add(task)
    session.flush()
    if kind is TaskKind.LIVE:
        _lower_older(session, attempt)
    if session.get(GradeReportRow, request_digest) is not None:
        _settle(session, task, attempt.received_at)
    return task


def _lower_older(session: Session, attempt: Attempt) -> None:
    team_id = team_id_of(session, attempt.id)
    if team_id is None and attempt.number == 1:
        return
    older = older_attempt_ids(attempt, team_id)
    session.execute(
        sa.update(GradingTask)
        .where(GradingTask.attempt_id.in_(older), GradingTask.state == TaskState.QUEUED, GradingTask.priority == LIVE)
        .values(priority=OLDER_LIVE)
    )


def claim(
    session: Session,
    worker: str,
    now: datetime,
    lease: timedelta = LEASE,
    kinds: Collection[TaskKind] = tuple(TaskKind),
    is_idle: bool = True,
) -> Claim | None:
    """Take the next task of these kinds for ``worker``; None if nothing waits. Two workers never get the same one.

    A worker that is not idle gets no suspect: while one is next, it gets nothing, and so becomes idle.
    """
    waiting = waiting_tasks(now, kinds)
    values = _claim_values(worker, now, lease)
    for course_id in _courses_in_turn(session, waiting):
        found = _claim_in(session, course_id, values, waiting, is_idle)
        if found is not None or not is_idle:
            return found
    return None


def waiting_tasks(now: datetime, kinds: Collection[TaskKind] = tuple(TaskKind)) -> Conditions:
    """Return what is true of tasks that may be claimed now."""
    conditions = GradingTask.state == TaskState.QUEUED, GradingTask.available_at <= now
    return conditions if set(kinds) == set(TaskKind) else (*conditions, GradingTask.kind.in_(kinds))


def _courses_in_turn(session: Session, waiting: Conditions) -> list[int]:
    """Courses with waiting work: the most urgent kind first, then the one that was served longest ago."""
    urgent = (
        sa.select(GradingTask.priority)
        .where(GradingTask.course_id == Course.id, *waiting)
        .order_by(GradingTask.priority, GradingTask.id)
        .limit(1)
        .correlate(Course)
        .scalar_subquery()
    )
    served = sa.select(sa.func.max(GradingTask.started_at)).where(GradingTask.course_id == Course.id)
    rows = session.execute(sa.select(Course.id, urgent, served.correlate(Course).scalar_subquery()))
    turns = [
        (priority, turn.timestamp() if turn else 0.0, course) for course, priority, turn in rows if priority is not None
    ]
    return [course for _, _, course in sorted(turns)]


def _claim_values(worker: str, now: datetime, lease: timedelta) -> dict[str, Any]:
    return {
        "state": TaskState.CLAIMED,
        "claimed_by": worker,
        "claim_token": secrets.token_hex(16),
        "lease_until": now + lease,
        "started_at": now,
        "tries": GradingTask.tries + 1,
        "progress": None,
    }


def _claim_in(
    session: Session, course_id: int, values: dict[str, Any], waiting: Conditions, is_idle: bool
) -> Claim | None:
    """Take the head of one course's queue in one statement; rows that another worker is taking are skipped."""
    head = (
        sa.select(GradingTask.id)
        .where(GradingTask.course_id == course_id, *waiting)
        .order_by(GradingTask.priority, GradingTask.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    taken = (
        sa.update(GradingTask)
        .where(GradingTask.id == head, GradingTask.state == TaskState.QUEUED)
        .where(*(() if is_idle else (GradingTask.losses < SUSPECT_AFTER,)))
        .values(**values)
        .returning(
            *(GradingTask.id, GradingTask.request_digest, GradingTask.attempt_id, GradingTask.tries),
            *(GradingTask.request_id, GradingTask.kind, GradingTask.losses),
        )
    )
    row = session.execute(taken, execution_options={"synchronize_session": False}).one_or_none()
    if row is None:
        return None
    is_known = session.get(GradeReportRow, row.request_digest) is not None
    facts = (row.id, values["claim_token"], row.request_digest, row.attempt_id, row.tries)
    suspect = row.losses >= SUSPECT_AFTER
    return Claim(*facts, is_known=is_known, request_id=row.request_id, kind=row.kind, is_suspect=suspect)


def heartbeat(
    session: Session, held: Claim, now: datetime, *, lease: timedelta = LEASE, progress: dict[str, Any] | None = None
) -> bool:
    """Keep a claim alive; False if it is lost: stop, whatever comes out of it will be ignored."""
    values: dict[str, Any] = {"lease_until": now + lease}
    if progress is not None:
        values["progress"] = progress
    kept = sa.update(GradingTask).where(*_held(held)).values(**values).returning(GradingTask.id)
    return session.execute(kept, execution_options={"synchronize_session": False}).one_or_none() is not None


def _held(held: Claim) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        GradingTask.id == held.task_id,
        GradingTask.state == TaskState.CLAIMED,
        GradingTask.claim_token == held.token,
    )


def finish(session: Session, held: Claim, report: GradeReport, worker: str, now: datetime) -> TaskState | None:
    """Store a report once and end its task; a platform's fault is a failed try instead, never a result.

    Returns the task's new state, or None if the task was not the worker's any more: the report is ignored.
    """
    task = _find_held(session, held)
    if task is None:
        logger.warning("late report ignored", task_id=held.task_id, request_digest=report.request_digest, worker=worker)
        return None
    if report.request_digest != task.request_digest:
        return _fail(session, task, Failure(WRONG_REPORT, report.request_digest), now)
    if report.fault is Fault.PLATFORM or report.state is ReportState.NOT_GRADED:
        return _fail(session, task, Failure(report.reason or LOST, report.staff_reason or ""), now)
    if not put_report(session, report, worker, now):
        logger.warning("duplicate report ignored", task_id=task.id, request_digest=report.request_digest, worker=worker)
    return _settle(session, task, now)


def finish_known(session: Session, held: Claim, now: datetime) -> TaskState | None:
    """End a task whose request has a report already, without running anything."""
    task = _find_held(session, held)
    return None if task is None else _settle(session, task, now)


def fail(session: Session, held: Claim, failure: Failure, now: datetime) -> TaskState | None:
    """Say that a try came to nothing by no fault of the submission's."""
    task = _find_held(session, held)
    return None if task is None else _fail(session, task, failure, now)


def give_back(session: Session, held: Claim) -> None:
    """Return a task untouched because the worker is stopping: it counts as no try."""
    task = _find_held(session, held)
    if task is not None:
        _requeue(session, task, AT_ONCE)
        task.tries -= 1


def _find_held(session: Session, held: Claim) -> GradingTask | None:
    query = sa.select(GradingTask).where(*_held(held)).with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def _settle(session: Session, task: GradingTask, now: datetime) -> TaskState:
    task.state = TaskState.DONE
    task.finished_at = now
    task.failure = None
    _release(task)
    if task.kind is TaskKind.REGRADE and note_trial(session, task.attempt_id, task.request_digest, now):
        return task.state  # counts when the regrade is published
    attach_result(session, session.get_one(Attempt, task.attempt_id), task.request_digest, now)
    return task.state


def _fail(session: Session, task: GradingTask, failure: Failure, now: datetime) -> TaskState:
    logger.warning("grading try failed", task_id=task.id, tries=task.tries, cause=failure.text.en, staff=failure.staff)
    task.failure = failure.as_json()
    if task.tries >= task.max_tries:
        task.state = TaskState.NOT_GRADED
        task.finished_at = now
        _release(task)
    else:
        _requeue(session, task, now + BACKOFF[min(task.tries, len(BACKOFF) - 1)])
    return task.state


def _requeue(session: Session, task: GradingTask, available_at: datetime) -> None:
    task.state = TaskState.QUEUED
    task.available_at = available_at
    if task.priority == LIVE and _is_superseded(session, task.attempt_id):
        task.priority = OLDER_LIVE
    _release(task)


def _is_superseded(session: Session, attempt_id: int) -> bool:
    """Whether a newer attempt came while this one was in a worker's hands, where ``_lower_older`` left it alone."""
    attempt = session.get_one(Attempt, attempt_id)
    newer = newer_attempt_ids(attempt, team_id_of(session, attempt_id))
    return session.scalar(newer.limit(1)) is not None


def _release(task: GradingTask) -> None:
    task.claimed_by = task.claim_token = task.lease_until = task.progress = None


def sweep(session: Session, now: datetime) -> int:
    """Take back the tasks of workers that have gone silent; returns how many. Safe to run anywhere, any time."""
    query = (
        sa.select(GradingTask)
        .where(GradingTask.state == TaskState.CLAIMED, GradingTask.lease_until < now)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    abandoned = list(session.scalars(query))
    for task in abandoned:
        _take_back(session, task, now)
    return len(abandoned)


def _take_back(session: Session, task: GradingTask, now: datetime) -> None:
    """End a try whose worker is gone; it counts only where no other task can have been what ended the worker."""
    failure = Failure(LOST, f"worker {task.claimed_by} sent no heartbeat")
    counts = task.losses >= SUSPECT_AFTER or not _had_company(session, task)
    task.lost_by = task.claimed_by
    if counts:
        _fail(session, task, failure, now)
        return
    logger.warning("grading lost with others", task_id=task.id, worker=task.claimed_by, losses=task.losses + 1)
    task.failure = failure.as_json()
    task.losses += 1
    task.tries -= 1
    _requeue(session, task, AT_ONCE)


def _had_company(session: Session, task: GradingTask) -> bool:
    """Whether the worker of ``task`` held others when it went silent: they are still its own, or were taken back."""
    held = sa.and_(GradingTask.state == TaskState.CLAIMED, GradingTask.claimed_by == task.claimed_by)
    query = sa.select(GradingTask.id).where(
        GradingTask.id != task.id, sa.or_(held, GradingTask.lost_by == task.claimed_by)
    )
    return session.scalar(query.limit(1)) is not None


def retry(session: Session, task_id: int) -> bool:
    """Let a task that ended as not graded be tried anew; False if it did not end so."""
    task = session.get(GradingTask, task_id, with_for_update=True)
    if task is None or task.state is not TaskState.NOT_GRADED:
        return False
    task.tries = 0
    task.finished_at = None
    _requeue(session, task, AT_ONCE)
    return True


def position(session: Session, task: GradingTask) -> int:
    """Return how many waiting tasks are served until this one is, itself included."""
    ahead = sa.select(sa.func.count()).where(
        GradingTask.state == TaskState.QUEUED,
        sa.tuple_(GradingTask.priority, GradingTask.id) <= sa.tuple_(task.priority, task.id),
    )
    return session.scalar(ahead) or 0
