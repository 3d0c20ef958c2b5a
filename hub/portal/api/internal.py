"""Calls of the platform's own parts: the hub's events, and whether the portal is up."""

from __future__ import annotations

from typing import Literal

import requests
import sqlalchemy as sa
from flask import Response, request
from pydantic import AwareDatetime, Field
from sqlalchemy.exc import SQLAlchemyError

from graders.exchange import wire
from hub.portal import web
from hub.portal.api import answers
from hub.portal.api.context import context, require_hub
from hub.portal.services.hub_groups import hub_groups
from hub.portal.services.sessions_ledger import ServerFact, apply_event
from hub.portal.sessions import find_login

MAX_EVENT_BYTES = 16_384


class HubEvent(wire.Wire):
    """What happened to a notebook server; ``session_id`` joins the events of one life."""

    event: Literal["started", "ready", "failed", "stopped"]
    username: str = Field(min_length=1, max_length=200)
    session_id: str = Field(min_length=1, max_length=80)
    server_name: str = Field(default="", max_length=200)
    profile: str = Field(default="cpu", max_length=80)
    event_id: str = Field(default="", max_length=80)
    at: AwareDatetime


def hub_events() -> Response:
    """Take an event of the hub into the ledger; the same one again changes nothing."""
    require_hub()
    request.max_content_length = MAX_EVENT_BYTES
    event = HubEvent.model_validate(request.get_json())
    fact = ServerFact(event.event, event.session_id, event.username, event.server_name, event.profile, event.at)
    with web.writing() as session:
        apply_event(session, fact)
    return answers.answer(answers.Stored(session_id=event.session_id))


class HubGroups(wire.Wire):
    """The groups of the hub that somebody belongs to."""

    groups: tuple[str, ...]


def hub_groups_of(username: str) -> Response:
    """Say which groups the hub is to put a person in; nobody knows a stranger, who is in none."""
    require_hub()
    login = find_login(web.reading(), username)
    return answers.answer(HubGroups(groups=hub_groups(web.reading(), login.person_id) if login else ()))


def health() -> Response:
    """The process answers."""
    return answers.answer(answers.Health(status="ok"))


def ready() -> Response:
    """The process answers, and so do the database and the hub; 503 otherwise."""
    database, hub = _database_answers(), _hub_answers()
    is_ready = database and hub
    found = answers.Health(status="ok" if is_ready else "not_ready", database=database, hub=hub)
    return answers.answer(found, 200 if is_ready else 503)


def _database_answers() -> bool:
    try:
        web.reading().execute(sa.select(1))
    except SQLAlchemyError:
        return False
    return True


def _hub_answers() -> bool:
    try:
        return requests.get(f"{context().hub_api_url}/", timeout=(1, 2), allow_redirects=False).ok
    except requests.RequestException:
        return False
