"""Signing in through the hub and signing out of both."""

from __future__ import annotations

import structlog
from flask import Blueprint, current_app, g, redirect, request, session
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.portal import oauth, web
from hub.portal.access import public
from hub.portal.errors import ConflictError, InvalidError
from hub.portal.models import Login
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.invitations import accept_invitation
from hub.portal.sessions import Ending, begin_session, find_login
from hub.portal.sessions_cookie import clear_cookie, end_session, lifetime, set_cookie

blueprint = Blueprint("authentication", __name__, url_prefix="/auth")
logger = structlog.stdlib.get_logger(__name__)

_NEXT, _FAREWELL = "next", "farewell"


@blueprint.get("/login")
@public
def login() -> Response:
    """Start signing in; where to go afterwards is remembered only if it is a page of ours.

    A session that ended by idling or by age ends the hub's too: otherwise the next person at a shared computer
    would be signed in by the hub's cookie without a password.
    """
    if g.get("session_ending") in (Ending.IDLE, Ending.EXPIRED):
        session.clear()
        session[_FAREWELL] = str(g.session_ending)
        return _leave()
    session[_NEXT] = oauth.safe_next(request.args.get("next"))
    return oauth.start_sign_in(web.settings())


@blueprint.get("/callback")
@public
def callback() -> Response:
    """Take the hub's word for who it is; a hub user without a person here is told what to do."""
    wanted = oauth.safe_next(session.get(_NEXT))
    try:
        subject = oauth.finish_sign_in(web.settings())
    except oauth.SignInFailedError as error:
        logger.warning("sign-in failed", cause=str(error))
        return _with_status(web.page("sign_in_failed.html"), 400)
    invitation = session.get("invitation", "")
    end_session()  # a token that was known before signing in is worth nothing after it
    session.clear()
    with web.writing() as database:
        found, address = find_login(database, subject), request.remote_addr
        if found is None and invitation:
            found = _accept(database, invitation, subject, address)
        if found is None:
            record(
                database,
                Actor(subject, None, address),
                Deed("sign_in.refused", Subject("login", subject[:80])),
                web.now(),
            )
        token = None if found is None else begin_session(database, found, web.now(), lifetime(), address)
    if token is None:
        logger.warning("hub user without a person", subject=subject)
        return _with_status(web.page("unknown_person.html", subject=subject), 403)
    answer = redirect(wanted)
    set_cookie(answer, token)
    return answer


def _accept(database: Session, token: str, subject: str, address: str | None) -> Login | None:
    """Give an account without a person to whom the browser's invitation is for; None if that is worth nothing."""
    try:
        accept_invitation(database, token, subject, web.now(), address)
    except (InvalidError, ConflictError) as error:
        logger.warning("invitation refused", cause=error.code)
        return None
    return find_login(database, subject)


@blueprint.post("/logout")
@public
def logout() -> Response:
    """Sign out here, then at the hub, which sends the browser back to ``front_logout``."""
    session.clear()
    return _leave()


@blueprint.get("/front-logout")
@public
def front_logout() -> Response:
    """End the portal's session because the hub's has ended. A GET, since the hub can only redirect.

    The cookie is SameSite=Lax: only a visible navigation brings it along, and all it can do is sign out.
    """
    end_session()
    farewell = session.get(_FAREWELL, "")
    session.clear()
    answer = web.page("signed_out.html", farewell=farewell)
    clear_cookie(answer)
    return answer


def _leave() -> Response:
    end_session()
    answer = redirect(oauth.hub_logout_url(web.settings()))
    clear_cookie(answer)
    return answer


def _with_status(answer: Response, status: int) -> Response:
    answer.status_code = status
    return answer


def throttled_views() -> tuple[str, ...]:
    """Return the endpoints that guessers would hammer."""
    return ("authentication.login", "authentication.callback")


def throttle_key() -> str:
    """Return what a throttle counts by: the peer's address."""
    return request.remote_addr or current_app.name
