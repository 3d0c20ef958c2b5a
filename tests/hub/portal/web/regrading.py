"""Regrades of the small campus: one that is ready to be published, one that has only tried a sample."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.database import Database
from hub.portal.models import Assignment, AssignmentVersion, Attempt, Login, Regrade, TaskState, VersionState
from hub.portal.services import queue
from hub.portal.services.audit import Actor
from hub.portal.services.workbench import regrades
from tests.hub.portal.web.campus import add_task, add_version, make_report

ENVIRONMENT = "f" * 64


def teacher(session: Session) -> Actor:
    person_id = session.scalars(sa.select(Login.person_id).where(Login.subject == "instructor")).one()
    return Actor("instructor", person_id)


def mended_version(session: Session, slug: str) -> AssignmentVersion:
    """Return version 2 of an assignment with a bundle of its own, made if there is none."""
    assignment = session.scalars(sa.select(Assignment).where(Assignment.slug == slug)).one()
    version = session.scalars(
        sa.select(AssignmentVersion).filter_by(assignment_id=assignment.id, number=2)
    ).one_or_none()
    return version or add_version(session, assignment, 2, VersionState.READY, datetime.now(UTC))


def start_regrade(database: Database, slug: str) -> int:
    """Begin with a sample, after everything that waits has been graded."""
    now = datetime.now(UTC)
    grade_waiting(database, (3, 1.5, 2.5))
    with database.writing() as session:
        version = mended_version(session, slug)
        return regrades.start_regrade(session, teacher(session), version, "기준을 고침", ENVIRONMENT, now).id


def grade_everybody(database: Database, regrade_id: int, points: tuple[float, float, float] = (3, 3, 4)) -> None:
    """Regrade all attempts and give each the same points."""
    now = datetime.now(UTC)
    with database.writing() as session:
        regrades.regrade_all(session, teacher(session), session.get_one(Regrade, regrade_id), ENVIRONMENT, now)
    grade_waiting(database, points)


def grade_waiting(database: Database, points: tuple[float, float, float]) -> None:
    """Empty the queue."""
    now = datetime.now(UTC)
    while True:
        with database.writing() as session:
            held = queue.claim(session, "worker", now)
            if held is None:
                return
            queue.finish(session, held, make_report(held.request_digest, points), "worker", now)


def open_regrades(database: Database) -> tuple[int, int]:
    """Open a whole regrade of the first assignment and a sample of the second; also a version 2 of the third."""
    with database.writing() as session:
        for slug in ("bearing", "tool-wear"):
            version = mended_version(session, slug)
        shared = session.scalars(sa.select(Attempt).filter_by(assignment_id=version.assignment_id)).one()
        add_task(session, shared, TaskState.QUEUED)
    whole = start_regrade(database, "milling")
    grade_everybody(database, whole)
    return whole, start_regrade(database, "bearing")
