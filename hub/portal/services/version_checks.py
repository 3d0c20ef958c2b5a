"""The check of a staged version: tried by the grading engine in a background job, then ready or rejected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from graders.check import Checked
from graders.contract import Limits
from graders.files import FileSet
from hub.portal.models import AssignmentVersion, VersionState
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.file_sets import load_file_set, put_file_set
from hub.portal.services.grading_requests import assignment_name


@dataclass(frozen=True)
class ToCheck:
    """What the check needs to know of a version."""

    version_id: int
    name: str
    source: FileSet
    limits: Limits


def begin_check(session: Session, version_id: int) -> ToCheck | None:
    """Mark a version as being checked; None if there is nothing to check any more."""
    version = session.get(AssignmentVersion, version_id, with_for_update=True)
    if version is None or version.state not in (VersionState.STAGED, VersionState.CHECKING):
        return None
    version.state = VersionState.CHECKING
    return ToCheck(
        version_id=version.id,
        name=assignment_name(version.assignment),
        source=load_file_set(session, version.source_digest),
        limits=Limits.model_validate(version.limits or {}),
    )


def end_check(session: Session, version_id: int, checked: Checked, now: datetime) -> AssignmentVersion:
    """Store what the check found and the bundle with its measurements: from now on the content is fixed."""
    version = session.get_one(AssignmentVersion, version_id, with_for_update=True)
    if version.state is not VersionState.CHECKING:
        return version
    if checked.release is not None:
        version.release_digest = put_file_set(session, checked.release.student)
        version.bundle_digest = put_file_set(session, checked.release.bundle)
    version.check_report = checked.report.model_dump(mode="json")
    session.flush()
    version.state = VersionState.READY if checked.report.publishable else VersionState.REJECTED
    subject = Subject("assignment_version", str(version.id), university_id=version.university_id)
    record(session, Actor("check"), Deed("version.checked", subject, {"state": version.state.value}), now)
    return version
