"""A person's own settings: language, role to look with, sessions, password (which the hub keeps)."""

from __future__ import annotations

from urllib.parse import urljoin

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.portal import access, web
from hub.portal.access import public
from hub.portal.i18n import LANGUAGE_COOKIE, LANGUAGES
from hub.portal.models import Language, Person
from hub.portal.oauth import safe_next
from hub.portal.security import YEAR_SECONDS, is_https
from hub.portal.sessions import list_sessions, remember_role, revoke_session
from hub.portal.sessions_cookie import lifetime

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("")
@access.access()
def show() -> Response:
    """Show who one is here and where one is signed in."""
    sessions = list_sessions(web.reading(), g.visitor.person_id, web.now(), lifetime())
    return web.page(
        "account.html",
        person=web.reading().get_one(Person, g.visitor.person_id),
        sessions=sessions,
        password_url=urljoin(web.settings().hub_url, "hub/password"),
    )


@blueprint.post("/language")
@public
def switch_language() -> Response:
    """Remember a language: with the person when signed in, in a cookie always."""
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        abort(400)
    if g.get("visitor") is not None:
        with web.writing() as session:
            session.get_one(Person, g.visitor.person_id).language = Language(language)
    answer = redirect(safe_next(request.form.get("next")))
    answer.set_cookie(
        LANGUAGE_COOKIE, language, max_age=YEAR_SECONDS, samesite="Lax", httponly=True, secure=is_https(web.settings())
    )
    return answer


@blueprint.post("/role")
@access.access()
def switch_role() -> Response:
    """Look with another of one's own roles. It changes what is offered, never what is allowed."""
    wanted = request.form.get("role", "")
    if wanted not in access.rights().roles:
        abort(403)
    with web.writing() as session:
        remember_role(session, g.visitor.session_id, wanted)
    return redirect(url_for("home.index"))


@blueprint.post("/sessions/<int:session_id>/revoke")
@access.access()
def revoke(session_id: int) -> Response:
    """End one of one's own sessions, such as one left open on a lab computer."""
    with web.writing() as session:
        is_ended = revoke_session(session, g.visitor.person_id, session_id, web.now(), request.remote_addr)
    if not is_ended:
        abort(404)
    flash(_("That session has ended."), "success")
    return redirect(url_for("account.show"))
