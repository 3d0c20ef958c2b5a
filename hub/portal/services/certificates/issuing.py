"""Issuing a whole cohort's certificates as a background job: in small steps, each whole, none twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.errors import ConflictError, InvalidError
from hub.portal.models import Cohort, Enrolment, Job
from hub.portal.services.access import may_coordinate
from hub.portal.services.audit import Actor
from hub.portal.services.certificates.overview import awaiting
from hub.portal.services.certificates.register import Office, issue
from hub.portal.services.job_context import JobContext, JobStoppedError
from hub.portal.services.jobs import JobOrder, enqueue_job

ISSUE_CERTIFICATES = "issue_certificates"


def ask_issuing(session: Session, office: Office, cohort: Cohort, now: datetime) -> Job:
    """Ask for certificates for everybody in the cohort who has completed and has none."""
    params = {"cohort_id": cohort.id, "portal_url": office.portal_url, "actor": office.actor.name}
    order = JobOrder(ISSUE_CERTIFICATES, params, office.actor.person_id, cohort.university_id)
    return enqueue_job(session, order, now)


def newest_issuing(session: Session, cohort: Cohort) -> Job | None:
    """Return the job that was asked for last for a cohort."""
    query = sa.select(Job).where(Job.kind == ISSUE_CERTIFICATES, Job.university_id == cohort.university_id)
    found = session.scalars(query.order_by(Job.id.desc()).limit(50))
    return next((job for job in found if job.params.get("cohort_id") == cohort.id), None)


def issue_certificates(context: JobContext) -> dict[str, Any]:
    """Issue one certificate after the other, each in its own transaction: what is issued stays, also when the job is
    cancelled or its process dies; begun again it goes on with who has none."""
    with context.database.reading() as session:
        waiting = awaiting(session, int(context.params["cohort_id"]))
    issued, refused = 0, []
    for done, enrolment_id in enumerate(waiting):
        context.progress(done, len(waiting))
        try:
            issued += _issue_one(context, enrolment_id)
        except (ConflictError, InvalidError) as error:
            refused.append({"enrolment_id": enrolment_id, "code": error.code, "ko": error.ko, "en": error.en})
    context.progress(len(waiting), len(waiting))
    return {"issued": issued, "refused": refused}


def _issue_one(context: JobContext, enrolment_id: int) -> int:
    with context.database.writing() as session:
        job = session.get_one(Job, context.job_id)
        enrolment = session.get_one(Enrolment, enrolment_id)
        if job.created_by_id is None or not may_coordinate(session, job.created_by_id, enrolment.university_id):
            raise JobStoppedError  # the right was taken away since it was asked for
        office = Office(Actor(str(context.params["actor"]), job.created_by_id), str(context.params["portal_url"]))
        issue(session, office, enrolment, context.clock())
    return 1
