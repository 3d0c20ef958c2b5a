"""The table of the API: every call with its address, its view and its shapes. Routes and the OpenAPI document are
both made from it, so the document can't be about another API than the one that answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response
from pydantic import BaseModel

from graders.exchange import wire
from hub.portal.api import answers, internal, invitations, overview, reading, submitting


@dataclass(frozen=True)
class Operation:
    """One call. ``token``: whose bearer token it wants; ``errors``: the statuses it may refuse with."""

    method: str
    path: str  # in OpenAPI's notation: /courses/{course}
    view: Callable[..., Response]
    answer: type[BaseModel]
    token: str | None = "person"  # noqa: S105 - whose token, not a token
    body: type[BaseModel] | None = None
    status: tuple[int, ...] = (200,)
    errors: tuple[int, ...] = (401, 403, 404, 503)
    query: tuple[str, tuple[str, ...]] | None = None
    headers: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name of the call in code and in the document."""
        return self.view.__name__


_ASSIGNMENT = "/courses/{course}/assignments/{assignment}"
_WRITES = (400, 401, 403, 404, 409, 413, 415, 422, 429, 503)

OPERATIONS = (
    Operation("GET", "/me", overview.me, wire.Me, errors=(401, 403, 503)),
    Operation("GET", "/courses", reading.list_courses, answers.CourseList, errors=(401, 403, 503)),
    Operation("GET", "/courses/{course}/assignments", reading.list_assignments, answers.AssignmentList),
    Operation("GET", f"{_ASSIGNMENT}/release", reading.release, wire.Release, errors=(401, 403, 404, 409, 503)),
    Operation(
        *("POST", f"{_ASSIGNMENT}/attempts", submitting.submit, wire.Receipt),
        body=answers.SubmissionBody,
        status=(201, 200),
        errors=_WRITES,
        headers=("Idempotency-Key",),
    ),
    Operation("GET", f"{_ASSIGNMENT}/attempts", reading.list_attempts, answers.ReceiptList),
    Operation(
        *("POST", f"{_ASSIGNMENT}/versions", submitting.stage, wire.StagedVersion),
        body=answers.SourceBody,
        status=(201,),
        errors=_WRITES,
    ),
    Operation(
        *("GET", f"{_ASSIGNMENT}/collection", submitting.collect, answers.CollectionList),
        query=("which", ("current", "all")),
        errors=(401, 403, 404, 422, 503),
    ),
    Operation("GET", "/receipts/{receipt_id}", reading.receipt, wire.Receipt),
    Operation("GET", "/receipts/{receipt_id}/files", reading.received, answers.FileList),
    Operation(
        "GET", "/receipts/{receipt_id}/feedback", reading.feedback, answers.FileList, errors=(401, 403, 404, 409, 503)
    ),
    Operation(
        *("POST", "/internal/hub-events", internal.hub_events, answers.Stored),
        token="hub",  # noqa: S106 - whose token, not a token
        body=internal.HubEvent,
        errors=(400, 401, 413, 415, 422, 503),
    ),
    Operation(
        *("GET", "/internal/hub-groups/{username}", internal.hub_groups_of, internal.HubGroups),
        token="hub",  # noqa: S106 - whose token, not a token
        errors=(401, 503),
    ),
    Operation(
        *("POST", "/internal/invitations", invitations.invitation_of, invitations.InvitationAnswer),
        token="hub",  # noqa: S106 - whose token, not a token
        body=invitations.InvitationCall,
        errors=(400, 401, 409, 413, 415, 422, 503),
    ),
    Operation("GET", "/health", internal.health, answers.Health, token=None, errors=()),
    Operation("GET", "/health/ready", internal.ready, answers.Health, token=None, status=(200, 503), errors=()),
)
