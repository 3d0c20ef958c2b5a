"""From the cookie to the visitor: looked up on every request, touched once a minute, cleared when worthless."""

from __future__ import annotations

from flask import Flask, Response, current_app, g, request
from werkzeug.wrappers import Response as WerkzeugResponse

from hub.portal import web
from hub.portal.security import is_https
from hub.portal.sessions import TOUCH_EVERY, Ending, Lifetime, Visitor, find_visitor, revoke_token, touch_session
from hub.settings import Settings

#: Settings may change it one day; tests do today.
LIFETIME = "PORTAL_SESSION_LIFETIME"


def cookie_name(settings: Settings, name: str = "axcampus_session") -> str:
    """Return the cookie's name; under https the prefix makes browsers refuse one set by another host or path."""
    return f"__Host-{name}" if is_https(settings) else name


def lifetime() -> Lifetime:
    """Return how long sessions of this app live."""
    found: Lifetime = current_app.config[LIFETIME]
    return found


def cookie_token() -> str | None:
    """Return the token that the browser sent."""
    return request.cookies.get(cookie_name(web.settings()))


def set_cookie(response: WerkzeugResponse, token: str) -> None:
    """Give the browser its token: out of reach of scripts, not sent along from other sites' forms."""
    response.set_cookie(
        cookie_name(web.settings()), token, httponly=True, samesite="Lax", secure=is_https(web.settings()), path="/"
    )


def clear_cookie(response: WerkzeugResponse) -> None:
    """Take the token back."""
    response.delete_cookie(
        cookie_name(web.settings()), httponly=True, samesite="Lax", secure=is_https(web.settings()), path="/"
    )


def _load_visitor() -> None:
    token = cookie_token()
    if token is None or (request.endpoint or "").startswith(("static", "api.")):
        return
    found = find_visitor(web.reading(), token, web.now(), lifetime())
    if isinstance(found, Ending):
        g.session_ending = found
        return
    g.visitor = found
    g.person_id = found.person_id
    g.person_language = found.language
    _touch(found)


def _touch(visitor: Visitor) -> None:
    """Write the visit down, at most once a minute; the page's own polling is no visit."""
    if request.args.get("fragment") or web.now() - visitor.last_seen_at < TOUCH_EVERY:
        return
    with web.writing() as session:
        touch_session(session, visitor.session_id, web.now())


def end_session() -> None:
    """Revoke the session of this request's cookie."""
    token = cookie_token()
    if token is not None:
        with web.writing() as session:
            revoke_token(session, token, web.now(), request.remote_addr)
    g.pop("visitor", None)


def _drop_worthless(response: Response) -> Response:
    if "session_ending" in g and "visitor" not in g:
        clear_cookie(response)
    return response


def install_sessions(app: Flask) -> None:
    """Find the visitor before every request."""
    app.config.setdefault(LIFETIME, Lifetime())
    app.before_request(_load_visitor)
    app.after_request(_drop_worthless)
