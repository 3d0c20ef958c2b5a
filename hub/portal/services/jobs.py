"""Background jobs as rows: asked for by pages, done by a process of their own, watched and cancelled from anywhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.contract import Text
from hub.portal.models import Job, JobState
from hub.portal.services.audit import current_request_id

LEASE = timedelta(seconds=60)
MAX_TRIES = 3
#: Kinds that take seconds and that somebody waits for: a line of long checks or exports does not hold them up.
QUICK = ("send_mail", "apply_roster")
LOST = Text(ko="작업이 여러 번 중단되어 멈췄습니다.", en="The job was interrupted too often and was stopped.")


@dataclass(frozen=True)
class JobOrder:
    """What is to be done: ids and facts only, the job reads the rest itself."""

    kind: str
    params: Mapping[str, Any] = field(default_factory=dict)
    person_id: int | None = None
    university_id: int | None = None


def enqueue_job(session: Session, order: JobOrder, now: datetime) -> Job:
    """Ask for a job."""
    job = Job(
        kind=order.kind,
        params=dict(order.params),
        created_by_id=order.person_id,
        university_id=order.university_id,
        request_id=current_request_id(),
        created_at=now,
    )
    session.add(job)
    session.flush()
    return job


def is_waiting(session: Session, kinds: Collection[str], now: datetime) -> bool:
    """Whether ``claim_job`` would find something: asked without the write lock, an idle process holds up nobody."""
    return session.scalar(_waiting(kinds, now).limit(1)) is not None


def _waiting(kinds: Collection[str], now: datetime) -> sa.Select[Job]:
    waiting = sa.or_(Job.state == JobState.QUEUED, sa.and_(Job.state == JobState.RUNNING, Job.lease_until < now))
    return sa.select(Job).where(waiting, Job.kind.in_(kinds)).order_by(Job.kind.not_in(QUICK), Job.id)


def claim_job(session: Session, worker: str, kinds: Collection[str], now: datetime) -> Job | None:
    """Take the oldest waiting job of a kind that the worker knows, a quick one before the others; one that went silent
    counts as waiting."""
    query = _waiting(kinds, now).limit(1).with_for_update(skip_locked=True)
    job = session.scalars(query).one_or_none()
    if job is None:
        return None
    if job.tries >= MAX_TRIES:
        end_job(job, JobState.FAILED, now, LOST)
        return None
    job.state = JobState.RUNNING
    job.worker = worker
    job.started_at = job.started_at or now
    job.lease_until = now + LEASE
    job.tries += 1
    return job


def end_job(job: Job, state: JobState, now: datetime, text: Text | None = None) -> None:
    """End a job; ``text`` is for the person who waits."""
    job.state = state
    job.finished_at = now
    job.lease_until = None
    if text is not None:
        job.message_ko, job.message_en = text.ko, text.en


def requeue_job(job: Job, now: datetime, text: Text) -> None:
    """Let a job that broke be tried again; after the last try it has failed, with ``text`` for who waits."""
    if job.tries >= MAX_TRIES:
        end_job(job, JobState.FAILED, now, text)
        return
    job.state = JobState.QUEUED
    job.worker = job.lease_until = None


def report_progress(session: Session, job_id: int, worker: str, now: datetime, done: int, total: int | None) -> bool:
    """Write progress down and keep the job alive; False if it was cancelled or taken by another worker: stop."""
    query = (
        sa.update(Job)
        .where(Job.id == job_id, Job.worker == worker, Job.state == JobState.RUNNING)
        .where(Job.cancel_requested_at.is_(None))
        .values(done=done, total=total, lease_until=now + LEASE)
        .returning(Job.id)
    )
    return session.execute(query, execution_options={"synchronize_session": False}).one_or_none() is not None


def beat_job(session: Session, job_id: int, worker: str, now: datetime) -> None:
    """Keep a running job alive while it has no progress to tell."""
    session.execute(
        sa.update(Job)
        .where(Job.id == job_id, Job.worker == worker, Job.state == JobState.RUNNING)
        .values(lease_until=now + LEASE),
        execution_options={"synchronize_session": False},
    )


def cancel_job(session: Session, job_id: int, now: datetime) -> bool:
    """Ask a job to stop; one that waits is stopped at once. False if it has ended already."""
    job = session.get(Job, job_id, with_for_update=True)
    if job is None or job.state not in (JobState.QUEUED, JobState.RUNNING):
        return False
    job.cancel_requested_at = now
    if job.state is JobState.QUEUED:
        end_job(job, JobState.CANCELLED, now)
    return True
