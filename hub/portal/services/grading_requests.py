"""From an attempt to the canonical grade request: everything that can change its score, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session, joinedload
from sqlalchemy.sql.base import ExecutableOption

from graders.contract import GradeRequest, Limits
from hub.portal.models import Assignment, AssignmentVersion, GradeRequestRow, VersionReplacement, utc_now
from hub.portal.services.blobs import insert_missing
from hub.portal.services.seeds import SeedKeys, SeedSubject


@dataclass(frozen=True)
class GradingTerms:
    """What the installation adds to every request: the seed keys and the environment that grades."""

    keys: SeedKeys
    environment_digest: str


def assignment_name(assignment: Assignment) -> str:
    """``course/assignment``, the name in requests, logs and seeds."""
    return f"{assignment.course.slug}/{assignment.slug}"


def seed_subject(person_id: int, version: AssignmentVersion, team_id: int | None = None) -> SeedSubject:
    """Return whose seed an attempt at ``version`` is graded with: the person's, or the team's."""
    return SeedSubject(person_id, assignment_name(version.assignment), version.number, team_id)


def with_replacement() -> ExecutableOption:
    """Return the option that loads, with a version, the one whose tests replace its own: no question of its own."""
    return joinedload(AssignmentVersion.replacement).joinedload(VersionReplacement.by_version)


def make_request(terms: GradingTerms, version: AssignmentVersion, subject: SeedSubject, digest: str) -> GradeRequest:
    """Return the request to grade the submission of ``digest`` that ``subject`` made for ``version``.

    Tests that were mended since grade it, on the data that the learner worked on.
    """
    grading = version if version.replacement is None else version.replacement.by_version
    return GradeRequest(
        assignment=subject.assignment,
        bundle_digest=grading.bundle_digest,
        submission_digest=digest,
        seed=terms.keys.learner_seed(subject),
        hidden_seed=terms.keys.hidden_seed(subject),
        limits=Limits.model_validate(grading.limits or {}),
        environment_digest=terms.environment_digest,
    )


def put_request(session: Session, request: GradeRequest) -> str:
    """Store a request under its digest, once."""
    row = {"digest": request.digest, "request": request.model_dump(mode="json"), "created_at": utc_now()}
    insert_missing(session, GradeRequestRow, [row])
    return request.digest


def load_request(session: Session, digest: str) -> GradeRequest:
    """Return a stored request; KeyError if there is none."""
    row = session.get(GradeRequestRow, digest)
    if row is None:
        raise KeyError(digest)
    return GradeRequest.model_validate(row.request)
