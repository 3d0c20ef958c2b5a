"""The one place that notices when staff are shown somebody else's data, for all pages and all calls of the API.

What a route is about (its scope) and what a page shows (its variables) pass through here; before the answer leaves,
one audit row says who saw whose data. An answer whose row can't be written is not given.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, g, request

from hub.portal import web
from hub.portal.models import Attempt
from hub.portal.services.audit import Actor
from hub.portal.services.disclosures import Look, is_written, people_in, record_look
from hub.portal.services.teams import teammates_of

#: What opening one attempt is called, by endpoint; everything else that shows people is a list.
ACTIONS = {
    "receipts.show": "attempt.viewed",
    "receipts.check": "attempt.viewed",
    "receipts.download": "attempt.downloaded",
    "receipts.feedback": "feedback.viewed",
    "api.receipt": "attempt.viewed",
    "api.received": "attempt.downloaded",
    "api.feedback": "feedback.viewed",
}
LISTED = "people.listed"


def act_as(actor: Actor) -> None:
    """Say who is asking, where it is not the visitor of a page."""
    g.actor = actor


def note_shown(shown: Any) -> None:
    """Remember whose data is about to be shown."""
    g.shown_people = g.get("shown_people", frozenset()) | people_in(shown)
    if isinstance(shown, Attempt):
        g.shown_attempt = shown


def _actor() -> Actor | None:
    if "actor" in g:
        found: Actor = g.actor
        return found
    visitor = g.get("visitor")
    return None if visitor is None else Actor(visitor.subject, visitor.person_id, request.remote_addr)


def _write_down(response: Response) -> Response:
    actor, people = _actor(), g.pop("shown_people", frozenset())
    attempt = g.pop("shown_attempt", None)
    if actor is None or response.status_code not in (200, 304):
        return response
    others = people - {actor.person_id}
    if others:  # teammates know each other: only what goes beyond that is a look at somebody else's data
        others -= teammates_of(web.reading(), actor.person_id or 0)
    if not others:
        return response
    action = ACTIONS.get(request.endpoint or "", LISTED)
    look = Look(action, request.path, others, attempt if action != LISTED else None)
    if not (request.args.get("fragment") and is_written(web.reading(), actor, look, web.now())):
        with web.writing() as session:
            record_look(session, actor, look, web.now())
    return response


def install_disclosure(app: Flask) -> None:
    """Write down what was shown after every request that showed somebody."""
    app.extensions[web.SHOWN] = note_shown
    app.after_request(_write_down)
