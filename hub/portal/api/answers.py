"""From what services return to the shapes on the wire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, request
from pydantic import BaseModel
from sqlalchemy.orm import Session

from graders.contract import Text
from graders.exchange import wire
from graders.files import sha256_hex
from hub.portal.api.context import context
from hub.portal.services.attempts import AttemptView, TeamWork
from hub.portal.services.file_sets import list_files


class ReceiptList(wire.Wire):
    """Answer of the attempts of an assignment."""

    attempts: tuple[wire.Receipt, ...]


class CollectionList(wire.Wire):
    """Answer of the collection of an assignment."""

    attempts: tuple[wire.CollectedAttempt, ...]


class CourseList(wire.Wire):
    """Answer of the list of courses."""

    courses: tuple[wire.Course, ...]


class AssignmentList(wire.Wire):
    """Answer of the list of assignments."""

    assignments: tuple[wire.Assignment, ...]


class FileList(wire.Wire):
    """Files as they travel."""

    files: tuple[wire.WireFile, ...]


class SubmissionBody(wire.Wire):
    """What a submission sends: only the bytes count, never who, when or which."""

    version: int | None = None
    files: tuple[wire.WireFile, ...]


class SourceBody(wire.Wire):
    """What an instructor's release sends: nbgrader's source folder of the assignment."""

    files: tuple[wire.WireFile, ...]


class Health(wire.Wire):
    """Whether the portal answers, and whether what it needs does."""

    status: str
    database: bool | None = None
    hub: bool | None = None


class Stored(wire.Wire):
    """Answer to an event: it is in the ledger."""

    session_id: str


def words(text: Text) -> wire.Words:
    """A text of the domain on the wire."""
    return wire.Words(ko=text.ko, en=text.en)


def team_work(team: TeamWork) -> wire.TeamWork:
    """A team and who handed in for it on the wire: names, which the members know of each other anyway."""
    members = tuple(member.name for member in team.members)
    return wire.TeamWork(name=team.name, submitted_by=team.submitted_by.name, members=members)


def receipt_url(receipt_id: str) -> str:
    """Address of a receipt's page."""
    return f"{context().portal_url}/receipts/{receipt_id}"


def receipt_facts(view: AttemptView, files: Sequence[wire.ReceivedFile]) -> dict[str, Any]:
    """The keys of a receipt."""
    return {
        "receipt_id": view.receipt_id,
        "course": view.course,
        "assignment": view.assignment,
        "version": view.version,
        "number": view.number,
        "received_at": view.received_at,
        "digest": view.digest,
        "files": tuple(files),
        "is_late": view.lateness.is_late,
        "late_text": words(view.late_text),
        "status": wire.AttemptStatus(view.status.value),
        "queue_position": view.queue_position,
        "score": view.score,
        "max_score": view.max_score,
        "manual_score": view.manual_score,
        "manual_max_score": view.manual_max_score,
        "manual_pending": view.manual_pending,
        "warnings": tuple(words(warning) for warning in view.warnings),
        "team": team_work(view.team) if view.team else None,
        "portal_url": receipt_url(view.receipt_id),
    }


def received_files(session: Session, views: Sequence[AttemptView]) -> dict[str, tuple[wire.ReceivedFile, ...]]:
    """Return the files of each attempt's submission by its digest, in one query."""
    return {
        digest: tuple(wire.ReceivedFile(path=file.path, digest=file.digest, size=file.size_bytes) for file in files)
        for digest, files in list_files(session, {view.digest for view in views}).items()
    }


def make_receipts(session: Session, views: Sequence[AttemptView]) -> tuple[wire.Receipt, ...]:
    """Return the receipts of attempts."""
    files = received_files(session, views)
    return tuple(wire.Receipt(**receipt_facts(view, files[view.digest])) for view in views)


def answer(model: BaseModel, status: int = 200, *, stamp: str | None = None) -> Response:
    """Return a model as JSON; what is read carries an ETag, so that asking again costs little.

    ``stamp`` says what the answer was made from, for ``unchanged``; without one the ETag is of the answer's text.
    """
    body = model.model_dump_json()
    response = Response(body, status=status, mimetype="application/json")
    if request.method not in ("GET", "HEAD"):
        return response
    response = _with_etag(response, stamp or sha256_hex(body.encode())[:32])
    response.make_conditional(request)
    return response


def unchanged(stamp: str) -> Response | None:
    """Return 304 if the asker has seen what ``stamp`` stands for, before anything is read for the answer."""
    if stamp not in request.if_none_match:
        return None
    return _with_etag(Response(status=304), stamp)


def _with_etag(response: Response, etag: str) -> Response:
    response.set_etag(etag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response
