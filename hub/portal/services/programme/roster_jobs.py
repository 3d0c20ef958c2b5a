"""Applying a large roster in the background: watched and cancelled until it commits, all of it or nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.errors import DomainError
from hub.portal.models import Job, JobState, RosterImport
from hub.portal.services.audit import Actor
from hub.portal.services.job_context import JobContext, JobStoppedError
from hub.portal.services.job_signals import JobSignals
from hub.portal.services.jobs import JobOrder, enqueue_job
from hub.portal.services.programme.roster_imports import Application, apply_roster

APPLY_ROSTER = "apply_roster"
#: Rosters of at most so many lines that do something are applied in the request.
AT_ONCE = 300
UNFINISHED = (JobState.QUEUED, JobState.RUNNING)


def order_apply(
    session: Session, actor: Actor, upload: RosterImport, expected: str, invites: bool, now: datetime
) -> Job:
    """Ask for the application of the plan with digest ``expected``; one that was asked for already is returned."""
    found = find_apply(session, upload)
    if found is not None and found.state in UNFINISHED:
        return found
    who = {"name": actor.name, "person_id": actor.person_id, "ip": actor.ip}
    params = {"upload_id": upload.id, "expected": expected, "invites": invites, "actor": who}
    return enqueue_job(session, JobOrder(APPLY_ROSTER, params, actor.person_id, upload.university_id), now)


def find_apply(session: Session, upload: RosterImport) -> Job | None:
    """Return the newest job that applies an upload; None if none was asked for."""
    same = Job.params["upload_id"].as_integer() == upload.id
    query = sa.select(Job).where(Job.kind == APPLY_ROSTER, same).order_by(Job.id.desc()).limit(1)
    return session.scalars(query).one_or_none()


def signals_of(folder: Path, job_id: int) -> JobSignals:
    """Return the files by which a job is watched; ``folder`` is the installation's ``run``."""
    return JobSignals(folder / "jobs", job_id)


def apply_in_background(context: JobContext) -> dict[str, Any]:
    """The job: one transaction, given up if somebody asks before it commits. A refusal is a result, not a failure."""
    assert context.settings is not None
    params, signals = context.params, signals_of(context.settings.run, context.job_id)

    def look(done: int, total: int) -> None:
        signals.show(done, total)
        if signals.should_stop() or _is_cancelled(context):
            raise JobStoppedError

    try:
        with context.database.writing() as session:
            upload = session.get_one(RosterImport, int(params["upload_id"]), with_for_update=True)
            actor = Actor(**params["actor"])
            how = Application(look, bool(params["invites"]))
            counts = apply_roster(session, actor, upload, str(params["expected"]), context.clock(), how)
            total = sum(counts.values())
            look(total, total)
    except DomainError as error:
        return {"refused": error.text.model_dump()}
    finally:
        signals.forget()
    return {"counts": counts}


def _is_cancelled(context: JobContext) -> bool:
    with context.database.reading() as session:
        asked = sa.select(Job.cancel_requested_at).where(Job.id == context.job_id)
        return session.scalar(asked) is not None
