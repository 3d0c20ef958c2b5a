"""Versions of assignments: staged by an upload, checked as a background job, published by one click, never removed.

Building a release runs nbgrader's preprocessors and takes seconds: ``prepare`` needs no database and is done before
the transaction begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.contract import Limits
from graders.files import FileSet
from graders.release import Release, ReleaseError, ReleaseOptions, make_release
from hub.portal.errors import ConflictError, InvalidError, forbidden
from hub.portal.models import Assignment, AssignmentVersion, Job, JobState, VersionState
from hub.portal.services.access import may_teach, require_teacher
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.file_sets import put_file_set
from hub.portal.services.jobs import JobOrder, enqueue_job

CHECK_VERSION = "check_version"


@dataclass(frozen=True)
class Prepared:
    """A source folder and the release made of it; ``check`` is what a check found whose profile is in the bundle."""

    source: FileSet
    release: Release
    limits: Limits
    check: Mapping[str, Any] | None = None


def prepare(source: Mapping[str, bytes], name: str, limits: Limits | None = None) -> Prepared:
    """Make the release of a source folder; InvalidError tells the author what to mend. Needs no database."""
    files = FileSet(source)
    wanted = limits or Limits()
    try:
        release = make_release(files, assignment=name, options=ReleaseOptions(limits=wanted))
    except ReleaseError as error:
        raise InvalidError("release_failed", error.text.ko, error.text.en) from error
    return Prepared(files, release, wanted)


def add_version(
    session: Session, assignment: Assignment, prepared: Prepared, now: datetime, person_id: int | None
) -> AssignmentVersion:
    """Store a new version in state staged; the next number is the server's."""
    session.get_one(Assignment, assignment.id, with_for_update={"key_share": True})
    newest = newest_version(session, assignment.id)
    release = prepared.release
    version = AssignmentVersion(
        assignment_id=assignment.id,
        university_id=assignment.university_id,
        number=newest.number + 1 if newest is not None else 1,
        state=VersionState.STAGED,
        source_digest=put_file_set(session, prepared.source),
        release_digest=put_file_set(session, release.student),
        bundle_digest=put_file_set(session, release.bundle),
        max_score=release.max_score,
        manual_max_score=release.manual_max_score,
        limits=prepared.limits.model_dump(mode="json"),
        check_report=dict(prepared.check or {"warnings": [warning.model_dump() for warning in release.warnings]}),
        created_by_id=person_id,
        created_at=now,
    )
    session.add(version)
    session.flush()
    return version


def newest_version(session: Session, assignment_id: int) -> AssignmentVersion | None:
    """Return the version with the highest number, whatever its state."""
    query = sa.select(AssignmentVersion).where(AssignmentVersion.assignment_id == assignment_id)
    return session.scalars(query.order_by(AssignmentVersion.number.desc()).limit(1)).one_or_none()


def stage_version(
    session: Session, actor: Actor, assignment: Assignment, prepared: Prepared, now: datetime
) -> AssignmentVersion:
    """Store an instructor's upload as a new version and have it checked; students see nothing of it yet.

    The bytes of the newest version uploaded again (a lost answer) give that version.
    """
    if actor.person_id is None:
        raise forbidden()
    require_teacher(session, actor.person_id, assignment.course_id)
    newest = newest_version(session, assignment.id)
    if newest is not None and newest.source_digest == prepared.source.digest:
        ensure_check(session, newest, actor.person_id, now)
        return newest
    version = add_version(session, assignment, prepared, now, actor.person_id)
    ensure_check(session, version, actor.person_id, now)
    record(session, actor, Deed("version.staged", _subject(version), {"number": version.number}), now)
    return version


def ensure_check(
    session: Session, version: AssignmentVersion, person_id: int | None, now: datetime, *, publish: bool = False
) -> None:
    """Have a version checked that is not, unless a check waits or runs; ``publish``: goes live when it passes."""
    if version.state not in (VersionState.STAGED, VersionState.CHECKING):
        return
    job = newest_check(session, version.id)
    if job is not None and job.state in (JobState.QUEUED, JobState.RUNNING):
        return
    params = {"version_id": version.id, "publish": publish}
    enqueue_job(session, JobOrder(CHECK_VERSION, params, person_id, version.university_id), now)


def publish_version(session: Session, actor: Actor, version: AssignmentVersion, now: datetime) -> AssignmentVersion:
    """Make a checked version the one that students fetch; the one before is retired, its grades stay."""
    if actor.person_id is None or not may_teach(session, actor.person_id, version.assignment.course_id):
        raise forbidden()
    session.refresh(version, with_for_update=True)
    if version.state not in (VersionState.READY, VersionState.RETIRED):
        raise ConflictError(
            "version_not_ready",
            f"{version.number}번 버전은 아직 게시할 수 없습니다(상태: {version.state.value}). 점검이 끝나야 합니다.",
            f"Version {version.number} can't be published yet (state: {version.state.value}). Its check must pass.",
        )
    _make_live(session, version, actor.person_id, now)
    record(session, actor, Deed("version.published", _subject(version), {"number": version.number}), now)
    return version


def _make_live(session: Session, version: AssignmentVersion, person_id: int | None, now: datetime) -> None:
    session.execute(
        sa.update(AssignmentVersion)
        .where(AssignmentVersion.assignment_id == version.assignment_id, AssignmentVersion.state == VersionState.LIVE)
        .values(state=VersionState.RETIRED)
    )
    version.state = VersionState.LIVE
    version.published_at = now
    version.published_by_id = person_id
    session.flush()


def publish_checked(session: Session, version: AssignmentVersion, now: datetime) -> None:
    """Publish a version of the catalogue whose check has passed, unless a person has published one meanwhile."""
    live = sa.select(AssignmentVersion).where(
        AssignmentVersion.assignment_id == version.assignment_id, AssignmentVersion.state == VersionState.LIVE
    )
    found = session.scalars(live).one_or_none()
    if found is not None and found.published_by_id is not None:
        return
    _make_live(session, version, None, now)
    actor = Actor("catalogue")
    record(session, actor, Deed("version.published", _subject(version), {"number": version.number}), now)


def publish_first(session: Session, assignment: Assignment, prepared: Prepared, now: datetime) -> AssignmentVersion:
    """Publish a version that ships with the platform.

    One that comes without the profile of a check goes live all the same, so that a first start is short; the same
    source is then checked as the next version, which takes its place when it passes.
    """
    version = add_version(session, assignment, prepared, now, None)
    publish_checked(session, version, now)
    if prepared.check is None:
        ensure_check(session, add_version(session, assignment, prepared, now, None), None, now, publish=True)
    return version


def newest_check(session: Session, version_id: int) -> Job | None:
    """Return the newest check of a version."""
    query = sa.select(Job).where(Job.kind == CHECK_VERSION).order_by(Job.id.desc()).limit(200)
    return next((job for job in session.scalars(query) if job.params.get("version_id") == version_id), None)


def _subject(version: AssignmentVersion) -> Subject:
    return Subject("assignment_version", str(version.id), university_id=version.university_id)
