"""Letting grading try again what it could not finish: staff's click, with its audit row."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.errors import ConflictError
from hub.portal.models import Attempt, GradingTask, TaskKind, TaskState
from hub.portal.services import queue
from hub.portal.services.access import require_teacher
from hub.portal.services.audit import Actor, Deed, Subject, record


def retry_attempt(session: Session, actor: Actor, attempt: Attempt, at: datetime) -> None:
    """Put an attempt that ended as not graded back into the queue; ConflictError if it did not end so."""
    require_teacher(session, actor.person_id or 0, attempt.assignment.course_id)
    query = sa.select(GradingTask.id).where(
        GradingTask.attempt_id == attempt.id,
        GradingTask.state == TaskState.NOT_GRADED,
        GradingTask.kind == TaskKind.LIVE,
    )
    task_id = session.scalar(query.order_by(GradingTask.id.desc()).limit(1))
    if task_id is None or not queue.retry(session, task_id):
        raise ConflictError(
            "nothing_to_retry",
            "다시 채점할 상태가 아닙니다. 이미 채점이 시작되었거나 끝났습니다.",
            "There is nothing to try again: grading is under way or has ended.",
        )
    subject = Subject("attempt", attempt.receipt_id, attempt.person_id, attempt.university_id)
    record(session, actor, Deed("grading.retried", subject), at)
