"""Who may open which page: declared on each view, enforced in one place, denied when nothing is declared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from flask import Flask, abort, current_app, g, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as WerkzeugResponse

from hub.portal import web
from hub.portal.disclosure import note_shown
from hub.portal.models import Role
from hub.portal.services.rights import Rights, rights_of

logger = structlog.stdlib.get_logger(__name__)

_RULE = "__portal_access__"
View = TypeVar("View", bound=Callable[..., Any])
Thing = TypeVar("Thing")


#: Finds what a route is about among what the person may see; None means: not theirs, so not there. It takes the
#: parts of the address that it uses out of the dict, so that a view only gets what is left.
Scope = Callable[[Session, Rights, dict[str, Any]], object | None]


@dataclass(frozen=True)
class Rule:
    """What a view declares. Public and roles exclude each other; no roles: any signed-in person."""

    is_public: bool = False
    is_token: bool = False
    roles: tuple[Role, ...] = ()
    scope: Scope | None = None


def _declare(view: View, rule: Rule) -> View:
    setattr(view, _RULE, rule)
    return view


def access(*roles: Role, scope: Scope | None = None) -> Callable[[View], View]:
    """Open a view to signed-in people who hold one of ``roles``, for what ``scope`` finds."""
    return lambda view: _declare(view, Rule(roles=roles, scope=scope))


def public(view: View) -> View:
    """Open a view to everybody; the list of these is short and held by a test."""
    return _declare(view, Rule(is_public=True))


def rule_of(app: Flask, endpoint: str) -> Rule | None:
    """Return what the view behind ``endpoint`` declares, or None."""
    if endpoint == "static":
        return Rule(is_public=True)
    blueprint = app.blueprints.get(endpoint.partition(".")[0])
    if blueprint is not None and getattr(blueprint, _RULE, None):
        found: Rule = getattr(blueprint, _RULE)
        return found
    return getattr(app.view_functions[endpoint], _RULE, None)


def declare_token_blueprint(blueprint: Any) -> None:
    """Say that a blueprint checks a bearer token itself and never looks at the session cookie."""
    setattr(blueprint, _RULE, Rule(is_token=True))


def rights() -> Rights:
    """Return the rights of the visitor, read once a request."""
    if "rights" not in g:
        g.rights = rights_of(web.reading(), g.visitor.person_id)
    found: Rights = g.rights
    return found


def scoped(kind: type[Thing]) -> Thing:
    """Return what the route's scope found."""
    found = g.scope
    if not isinstance(found, kind):
        raise TypeError(f"the route's scope is {type(found).__name__}, not {kind.__name__}")
    return found


def _enforce() -> WerkzeugResponse | None:
    if request.endpoint is None:  # no route: 404 or 405 follows
        return None
    rule = rule_of(current_app, request.endpoint)
    if rule is None:
        logger.error("access not declared", endpoint=request.endpoint)
        abort(403)
    if rule.is_public or rule.is_token:
        return None
    if g.get("visitor") is None:
        return _send_to_sign_in()
    if rule.roles and not set(rule.roles) & set(rights().roles):
        abort(403)
    if rule.scope is not None:
        _resolve(rule.scope)
    return None


def _resolve(scope: Scope) -> None:
    g.scope = scope(web.reading(), rights(), request.view_args if request.view_args is not None else {})
    if g.scope is None:
        abort(404)
    note_shown(g.scope)


def _send_to_sign_in() -> WerkzeugResponse:
    """Send readers to sign-in and back; a form that was sent without a session is not replayed."""
    if request.method not in ("GET", "HEAD") or request.args.get("fragment"):
        abort(401)
    wanted = request.full_path.rstrip("?")
    return redirect(url_for("authentication.login", next=wanted))


def install_access(app: Flask) -> None:
    """Check every request before its view."""
    app.before_request(_enforce)
