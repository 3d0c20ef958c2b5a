"""Accepting a submission: bytes, digest, server time, number, receipt, request and queue row in one transaction.

Whoever calls commits; nobody is told "submitted" before that. Identity, time and number come from the server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from graders.contract import Text
from graders.files import FileSet
from graders.intake import IntakeLimits, check_paths
from hub.portal.errors import ConflictError, ForbiddenError, InvalidError, TooLargeError, TooManyError, not_found
from hub.portal.models import (
    Assignment,
    AssignmentFetch,
    AssignmentVersion,
    Attempt,
    Course,
    Enrolment,
    FileSetRow,
    Team,
    VersionState,
)
from hub.portal.services.access import TAKING_PART, enrolment_for, get_assignment
from hub.portal.services.attempt_owners import attempt_ids_of
from hub.portal.services.deadlines import Admission, admission, explain_admission
from hub.portal.services.file_sets import put_file_set
from hub.portal.services.grading_requests import GradingTerms, make_request, put_request, seed_subject, with_replacement
from hub.portal.services.queue import enqueue
from hub.portal.services.receipts import make_receipt_id
from hub.portal.services.results import lock_enrolment
from hub.portal.services.team_work import attempts_of_team, current_members, lock_team_of, own_team, share_attempt
from hub.portal.services.timetable import KST, deadline_for

#: A person's submissions in one assignment in a minute: a burst at the deadline passes, a loop does not.
PER_MINUTE = 10
#: What one person may hand in within 24 hours, in bytes: forty whole submissions of the largest size.
BYTES_PER_DAY = 1_000_000_000
_TOO_LARGE = frozenset({"too_many_files", "notebook_too_large", "submission_too_large"})


@dataclass(frozen=True)
class Upload:
    """What arrived: the files as sent, from whom, for what, when. ``version`` is only the client's word."""

    person_id: int
    course: str
    assignment: str
    files: FileSet
    idempotency_key: str
    received_at: datetime
    version: int | None = None
    warnings: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Accepted:
    """The attempt, and whether this call made it or an earlier one with the same key."""

    attempt: Attempt
    is_new: bool


def check_files(files: Mapping[str, bytes], limits: IntakeLimits) -> FileSet:
    """Return untrusted files as a file set; InvalidError or TooLargeError says what to change."""
    refusal = check_paths({path: len(data) for path, data in files.items()}, limits)
    if refusal is not None:
        kind = TooLargeError if refusal.code in _TOO_LARGE else InvalidError
        raise kind(refusal.code, refusal.text.ko, refusal.text.en)
    if not files:
        raise InvalidError("no_files", "제출할 파일이 없습니다.", "There are no files to submit.")
    return FileSet(files)


def accept(session: Session, upload: Upload, terms: GradingTerms) -> Accepted:
    """Store a submission, or find the one that the same key stored before.

    On SQLite nobody else writes meanwhile: as few questions as possible, and nothing that can be worked out before.
    IntegrityError: somebody else took the key or the receipt's number at the same moment; the same again helps.
    """
    assignment = _find_assignment(session, upload)
    lock_team_of(session, upload.person_id, assignment)
    enrolment = _lock_trainee(session, upload, assignment)
    known = _find_known(session, upload, assignment)
    if known is not None:
        return Accepted(known, is_new=False)
    team = own_team(session, upload.person_id, assignment)
    _check_open(session, enrolment, assignment, team, upload.received_at)
    _check_rate(session, assignment, upload, team)
    attempt = _store(session, upload, assignment, enrolment, team)
    subject = seed_subject(upload.person_id, attempt.version, team.id if team else None)
    request = make_request(terms, attempt.version, subject, attempt.submission_digest)
    enqueue(session, attempt, put_request(session, request))
    return Accepted(attempt, is_new=True)


def _find_assignment(session: Session, upload: Upload) -> Assignment:
    """Return what was handed in for; whether the person may is asked with the enrolment, which is needed anyway."""
    query = (
        sa.select(Assignment)
        .join(Assignment.course)
        .options(contains_eager(Assignment.course))
        .where(Course.slug == upload.course, Assignment.slug == upload.assignment)
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise not_found()
    return found


def _lock_trainee(session: Session, upload: Upload, assignment: Assignment) -> Enrolment:
    enrolment = enrolment_for(session, upload.person_id, assignment.course_id)
    if enrolment is None:
        get_assignment(session, upload.person_id, upload.course, upload.assignment)  # to a stranger it is not there
        raise ForbiddenError(
            "not_enrolled",
            "이 과정의 수강생만 제출할 수 있습니다.",
            "Only trainees of this course can submit.",
        )
    if enrolment.state not in TAKING_PART:
        raise ForbiddenError(
            "enrolment_ended",
            "수강 상태가 수강중이 아니어서 제출할 수 없습니다. 담당자에게 문의해 주십시오.",
            "Your enrolment is not active, so you cannot submit. Please ask your coordinator.",
        )
    return lock_enrolment(session, enrolment.id)


def _find_known(session: Session, upload: Upload, assignment: Assignment) -> Attempt | None:
    query = sa.select(Attempt).where(
        Attempt.person_id == upload.person_id, Attempt.idempotency_key == upload.idempotency_key
    )
    known = session.scalars(query).one_or_none()
    if known is None:
        return None
    if known.assignment_id != assignment.id or known.submission_digest != upload.files.digest:
        raise ConflictError(
            "idempotency_key_reused",
            "같은 제출 키로 다른 내용이 이미 제출되었습니다. 새 키로 다시 제출해 주십시오.",
            "Other content was submitted with this key before. Submit again with a new key.",
        )
    return known


def _check_open(
    session: Session, enrolment: Enrolment, assignment: Assignment, team: Team | None, at: datetime
) -> None:
    deadline = deadline_for(session, enrolment, assignment.id, team.id if team else None)
    state = admission(deadline, at)
    if state is not Admission.OPEN:
        words = explain_admission(deadline, at)
        raise ConflictError(f"assignment_{'closed' if state is Admission.CLOSED else 'not_open'}", words.ko, words.en)


def _check_rate(session: Session, assignment: Assignment, upload: Upload, team: Team | None) -> None:
    """A person may not loop; how often an assignment may be handed in counts for the whole team."""
    alone = Attempt.person_id == upload.person_id
    _check_loop(session, assignment, upload, alone)
    whose = alone if team is None else Attempt.id.in_(attempts_of_team(team.id))
    _check_attempts(session, assignment, whose, upload.received_at)


def _check_loop(session: Session, assignment: Assignment, upload: Upload, alone: sa.ColumnElement[bool]) -> None:
    minute, size_bytes = _lately(session, assignment, alone, upload.received_at)
    if minute >= PER_MINUTE:
        raise TooManyError(
            "too_many_submissions",
            "제출이 너무 잦습니다. 1분 뒤에 다시 제출해 주십시오. 앞선 제출은 안전하게 보관되어 있습니다.",
            "You are submitting too often. Wait a minute; what you submitted before is safe.",
            details={"retry_after_seconds": 60},
        )
    if size_bytes > BYTES_PER_DAY:
        raise TooManyError(
            "too_many_bytes",
            "하루 동안 제출한 파일이 너무 큽니다. 큰 파일을 빼고 한 시간 뒤에 다시 제출해 주십시오. "
            "앞선 제출은 안전하게 보관되어 있습니다.",
            "You have submitted too much data today. Leave out large files and try again in an hour; "
            "what you submitted before is safe.",
            details={"retry_after_seconds": 3600},
        )


def _check_attempts(session: Session, assignment: Assignment, whose: sa.ColumnElement[bool], at: datetime) -> None:
    midnight = at.astimezone(KST).replace(hour=0, minute=0, second=0, microsecond=0)
    per_day = assignment.attempts_per_day
    if per_day is not None and _count(session, assignment, whose, midnight) >= per_day:
        raise TooManyError(
            "attempts_per_day",
            f"오늘 제출할 수 있는 횟수({per_day}회)를 모두 썼습니다. 내일 다시 제출해 주십시오.",
            f"You have used today's {per_day} submissions. Please submit again tomorrow.",
            details={"retry_after_seconds": int((midnight + timedelta(days=1) - at).total_seconds()) + 1},
        )
    most = assignment.max_attempts
    if most is not None and _count(session, assignment, whose, None) >= most:
        raise ConflictError(
            "max_attempts",
            f"이 과제는 {most}번까지 제출할 수 있고, 이미 모두 제출하셨습니다.",
            f"This assignment takes {most} submissions, and you have made them all.",
        )


def _lately(session: Session, assignment: Assignment, alone: sa.ColumnElement[bool], at: datetime) -> tuple[int, int]:
    """Return how often a person handed this assignment in within a minute, and the bytes of all within a day."""
    just_now = sa.and_(Attempt.assignment_id == assignment.id, Attempt.received_at > at - timedelta(minutes=1))
    query = (
        sa.select(sa.func.count(sa.case((just_now, 1))), sa.func.sum(FileSetRow.size_bytes))
        .join(FileSetRow, FileSetRow.digest == Attempt.submission_digest)
        .where(alone, Attempt.received_at > at - timedelta(days=1))
    )
    minute, size_bytes = session.execute(query).one()
    return minute, int(size_bytes or 0)


def _count(session: Session, assignment: Assignment, whose: sa.ColumnElement[bool], since: datetime | None) -> int:
    query = sa.select(sa.func.count()).where(whose, Attempt.assignment_id == assignment.id)
    if since is not None:
        query = query.where(Attempt.received_at > since)
    return session.scalar(query) or 0


def _store(
    session: Session, upload: Upload, assignment: Assignment, enrolment: Enrolment, team: Team | None
) -> Attempt:
    version = _pin_version(session, upload, assignment)
    if version is None:
        raise not_found()
    attempt = Attempt(
        receipt_id=make_receipt_id(),
        assignment_id=assignment.id,
        version=version,
        person_id=upload.person_id,
        enrolment_id=enrolment.id,
        university_id=enrolment.university_id,
        number=_next_number(session, assignment, _owner_ids(session, upload.person_id, team)),
        submission_digest=put_file_set(session, upload.files),
        idempotency_key=upload.idempotency_key,
        received_at=upload.received_at,
        warnings=[warning.model_dump() for warning in upload.warnings],
    )
    session.add(attempt)
    session.flush()
    if team is not None:
        share_attempt(session, attempt, team)
    return attempt


def _owner_ids(session: Session, person_id: int, team: Team | None) -> list[int]:
    members = [] if team is None else [member.person_id for member in current_members(session, team.id)]
    return sorted({person_id, *members})


def _next_number(session: Session, assignment: Assignment, people: list[int]) -> int:
    """Numbers count up for everybody whose attempt it becomes, whichever teams they were in before."""
    theirs = [Attempt.id.in_(attempt_ids_of(person_id)) for person_id in people]
    newest = sa.select(sa.func.max(Attempt.number)).where(sa.or_(*theirs), Attempt.assignment_id == assignment.id)
    return (session.scalar(newest) or 0) + 1


def find_version(session: Session, upload: Upload) -> AssignmentVersion | None:
    """Return the version that an upload will be pinned to, or None; whether it is accepted is another question."""
    return _pin_version(session, upload, _find_assignment(session, upload))


def _pin_version(session: Session, upload: Upload, assignment: Assignment) -> AssignmentVersion | None:
    """The version the client names if the person fetched it, else the one fetched last, else the live one."""
    fetched = (
        sa.select(AssignmentVersion)
        .join(AssignmentFetch, AssignmentFetch.version_id == AssignmentVersion.id)
        .where(AssignmentFetch.person_id == upload.person_id, AssignmentVersion.assignment_id == assignment.id)
        .options(with_replacement())
        .order_by(AssignmentFetch.last_at.desc(), AssignmentVersion.number.desc())
    )
    versions = list(session.scalars(fetched))
    named = [version for version in versions if version.number == upload.version]
    return next(iter(named or versions), None) or live_version(session, assignment.id)


def live_version(session: Session, assignment_id: int) -> AssignmentVersion | None:
    """Return what students fetch now."""
    query = sa.select(AssignmentVersion).where(
        AssignmentVersion.assignment_id == assignment_id, AssignmentVersion.state == VersionState.LIVE
    )
    return session.scalars(query.options(with_replacement())).one_or_none()
