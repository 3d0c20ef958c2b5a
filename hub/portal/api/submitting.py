"""Calls that bring work: a student's submission, an instructor's version. Decoding and checking is done before the
transaction begins, so that writers wait for each other as briefly as possible."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import structlog
from flask import Response, request
from sqlalchemy.exc import IntegrityError

from graders.exchange import wire
from graders.files import FileSet
from hub.portal import web
from hub.portal.api import answers
from hub.portal.api.context import context, require_person
from hub.portal.errors import InvalidError
from hub.portal.models import Attempt
from hub.portal.services.acceptance import Accepted, Upload, accept, check_files
from hub.portal.services.access import get_assignment, get_course, require_teacher
from hub.portal.services.attempts import select_attempts, view_attempt
from hub.portal.services.audit import Actor
from hub.portal.services.collection import collect_attempts
from hub.portal.services.new_assignments import check_new_name, ensure_staged_assignment
from hub.portal.services.publishing import Prepared, prepare, stage_version
from hub.portal.services.warnings import find_warnings

logger = structlog.stdlib.get_logger(__name__)

IDEMPOTENCY_KEY = re.compile(r"[A-Za-z0-9._:-]{8,100}")
#: base64 grows bytes by a third; names and JSON come on top.
BODY_FACTOR = 1.4
BODY_SLACK = 2**20


def submit(course: str, assignment: str) -> Response:
    """Hand in. 201 with a new receipt, 200 with the one that the same key got before."""
    received_at = web.now()
    actor = require_person()
    key = _idempotency_key()
    body = answers.SubmissionBody.model_validate(_read_json())
    files = check_files(_unpack(body.files), context().limits)
    upload = Upload(actor.person_id or 0, course, assignment, files, key, received_at, body.version)
    warnings = find_warnings(web.reading(), upload, context().bundles, context().limits)
    accepted = _accept(replace(upload, warnings=warnings))
    logger.info("accepted", attempt_id=accepted.attempt.id, receipt_id=accepted.attempt.receipt_id, new=accepted.is_new)
    return _receipt(accepted, actor.person_id or 0)


def _accept(upload: Upload) -> Accepted:
    """Accept in one transaction. Two calls with one key at the same moment: the second finds what the first stored."""
    try:
        return _accept_once(upload)
    except IntegrityError:
        return _accept_once(upload)


def _accept_once(upload: Upload) -> Accepted:
    _ = upload.files.digest  # worked out now and kept: 25 MB are not hashed while everybody else waits
    with web.writing() as session:
        return accept(session, upload, context().terms)


def _receipt(accepted: Accepted, person_id: int) -> Response:
    session = web.reading()
    attempt = session.scalars(select_attempts().where(Attempt.id == accepted.attempt.id)).one()
    view = view_attempt(session, attempt, person_id, web.now())
    return answers.answer(answers.make_receipts(session, [view])[0], 201 if accepted.is_new else 200)


def stage(course: str, assignment: str) -> Response:
    """Upload a source folder: it becomes a version that is checked and that a click in the portal publishes.

    A name that the course doesn't have yet makes the assignment; students see it once a version is live.
    """
    actor = require_person()
    taught = get_course(web.reading(), actor.person_id or 0, course)
    require_teacher(web.reading(), actor.person_id or 0, taught.id)
    check_new_name(assignment)
    body = answers.SourceBody.model_validate(_read_json())
    source = check_files(_unpack(body.files), context().limits)
    prepared = prepare(source.files, f"{course}/{assignment}")
    version = _stage(actor, course, assignment, prepared)
    url = f"{context().portal_url}/teach/{course}/{assignment}/versions/{version.version}"
    return answers.answer(version.model_copy(update={"portal_url": url}), 201)


def _stage(actor: Actor, course: str, assignment: str, prepared: Prepared) -> wire.StagedVersion:
    """Stage in one transaction. Two calls that make the same assignment: the second finds what the first made."""
    try:
        return _stage_once(actor, course, assignment, prepared)
    except IntegrityError:
        return _stage_once(actor, course, assignment, prepared)


def _stage_once(actor: Actor, course: str, slug: str, prepared: Prepared) -> wire.StagedVersion:
    with web.writing() as session:
        found = get_course(session, actor.person_id or 0, course)
        assignment = ensure_staged_assignment(session, actor, found, slug, web.now())
        version = stage_version(session, actor, assignment, prepared, web.now())
        return wire.StagedVersion(version=version.number, state=version.state.value, portal_url="")


def collect(course: str, assignment: str) -> Response:
    """The newest (or all) attempts of the class; ``which`` is ``current`` or ``all``."""
    actor = require_person()
    which = request.args.get("which", "current")
    if which not in ("current", "all"):
        raise InvalidError("bad_which", "which는 current 또는 all이어야 합니다.", "which must be current or all.")
    with web.writing() as session:
        row = get_assignment(session, actor.person_id or 0, course, assignment)
        found = collect_attempts(session, actor, row, web.now(), newest_only=which == "current")
        files = answers.received_files(session, [view for _, view in found])
        attempts = tuple(
            wire.CollectedAttempt(username=name, **answers.receipt_facts(view, files[view.digest]))
            for name, view in found
        )
    return answers.answer(answers.CollectionList(attempts=attempts))


def _idempotency_key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not IDEMPOTENCY_KEY.fullmatch(key):
        raise InvalidError(
            "idempotency_key",
            "Idempotency-Key 헤더가 필요합니다(영문자, 숫자, . _ : - 8~100자).",
            "The header Idempotency-Key is needed (letters, digits, . _ : -, 8 to 100 characters).",
        )
    return key


def _read_json() -> object:
    request.max_content_length = int(context().limits.submission_bytes * BODY_FACTOR) + BODY_SLACK
    return request.get_json()


def _unpack(files: tuple[wire.WireFile, ...]) -> Mapping[str, bytes]:
    """Return the files by path; the same path twice is refused instead of one of them being lost."""
    unpacked = {file.path: file.content for file in files}
    if len(unpacked) != len(files):
        raise InvalidError("path_twice", "같은 경로의 파일이 두 번 들어 있습니다.", "A path appears twice.")
    return FileSet(unpacked).files
