"""Calls of the hub about invitations: whether a link is good, whether a user name is free, and that it was used."""

from __future__ import annotations

from flask import Response, request
from pydantic import Field

from graders.exchange import wire
from hub.portal import web
from hub.portal.api import answers
from hub.portal.api.context import require_hub
from hub.portal.errors import ConflictError
from hub.portal.models import Person
from hub.portal.services.invitation_links import InvitationState, find_invitation, state_of
from hub.portal.services.invitations import accept_invitation, is_free
from hub.portal.services.privacy.masking import masked_name

MAX_CALL_BYTES = 2_048


class InvitationCall(wire.Wire):
    """A link's token; ``accept``: the account ``username`` was made, give it to the person."""

    token: str = Field(max_length=200)
    username: str = Field(default="", max_length=32)
    accept: bool = False


class InvitationAnswer(wire.Wire):
    """Whether the link is good, and whom it is for, as far as a stranger who found it may know."""

    is_open: bool
    name: str


def invitation_of() -> Response:
    """Look at an invitation, or accept it; 409 for a user name that is taken, 422 for a link that is worth nothing."""
    require_hub()
    request.max_content_length = MAX_CALL_BYTES
    call = InvitationCall.model_validate(request.get_json())
    if call.accept:
        with web.writing() as session:
            accept_invitation(session, call.token, call.username, web.now(), request.remote_addr)
    elif call.username and not is_free(web.reading(), call.username):
        raise ConflictError(
            "username_taken",
            "이미 쓰고 있는 아이디입니다. 다른 아이디를 정해 주십시오.",
            "That user name is taken. Please choose another one.",
        )
    found = find_invitation(web.reading(), call.token)
    if found is None:
        return answers.answer(InvitationAnswer(is_open=False, name=""))
    is_open = state_of(found, web.now()) is InvitationState.OPEN
    name = web.reading().get_one(Person, found.person_id).name if is_open else ""
    return answers.answer(InvitationAnswer(is_open=is_open, name=masked_name(name) if name else ""))
