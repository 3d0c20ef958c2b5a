"""What students fetch: the live version with their own seed in it; the fetch is what a later attempt is pinned to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.files import FileSet
from hub.portal.errors import ConflictError, NotFoundError
from hub.portal.models import Assignment, AssignmentFetch, AssignmentVersion
from hub.portal.services.acceptance import live_version
from hub.portal.services.access import enrolment_for, get_assignment, may_teach
from hub.portal.services.deadlines import Admission, admission, explain_admission
from hub.portal.services.file_sets import load_file_set
from hub.portal.services.grading_requests import seed_subject
from hub.portal.services.seeds import SeedKeys, with_learner_file
from hub.portal.services.team_work import own_team
from hub.portal.services.timetable import deadline_for


@dataclass(frozen=True)
class Fetch:
    """Who fetches what, when."""

    person_id: int
    course: str
    assignment: str
    at: datetime


@dataclass(frozen=True)
class Fetched:
    """A version and the files of this learner."""

    version: AssignmentVersion
    files: FileSet


def fetch_release(session: Session, fetch: Fetch, keys: SeedKeys) -> Fetched:
    """Return the live version for a person and write down that they have it."""
    assignment = get_assignment(session, fetch.person_id, fetch.course, fetch.assignment)
    version = live_version(session, assignment.id)
    if version is None:
        raise NotFoundError(
            "not_published",
            "아직 게시되지 않은 과제입니다.",
            "This assignment has not been published yet.",
        )
    _check_opened(session, fetch, assignment)
    _record(session, fetch, assignment, version)
    team = own_team(session, fetch.person_id, assignment)
    seed = keys.learner_seed(seed_subject(fetch.person_id, version, team.id if team else None))
    return Fetched(version, with_learner_file(load_file_set(session, version.release_digest), seed))


def _check_opened(session: Session, fetch: Fetch, assignment: Assignment) -> None:
    if may_teach(session, fetch.person_id, assignment.course_id):
        return
    enrolment = enrolment_for(session, fetch.person_id, assignment.course_id)
    team = own_team(session, fetch.person_id, assignment)
    deadline = deadline_for(session, enrolment, assignment.id, team.id if team else None)
    if admission(deadline, fetch.at) is Admission.NOT_YET:
        words = explain_admission(deadline, fetch.at)
        raise ConflictError("assignment_not_open", words.ko, words.en)


def _record(session: Session, fetch: Fetch, assignment: Assignment, version: AssignmentVersion) -> None:
    query = sa.select(AssignmentFetch).where(
        AssignmentFetch.person_id == fetch.person_id, AssignmentFetch.version_id == version.id
    )
    known = session.scalars(query).one_or_none()
    if known is not None:
        known.last_at = fetch.at
        return
    session.add(
        AssignmentFetch(
            person_id=fetch.person_id,
            version_id=version.id,
            university_id=assignment.university_id,
            first_at=fetch.at,
            last_at=fetch.at,
        )
    )
    session.flush()
