"""Wires the REST API into the portal: routes from the table, errors as JSON, no cookies, no form tokens."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Blueprint, Flask, Response, jsonify
from flask_wtf.csrf import CSRFProtect

from graders.environment import environment_digest
from hub.keys import ensure_keys
from hub.portal import web
from hub.portal.access import declare_token_blueprint
from hub.portal.api.context import API, ApiContext
from hub.portal.api.faults import install_faults
from hub.portal.api.hub_tokens import HubTokens
from hub.portal.api.openapi import make_document
from hub.portal.api.operations import OPERATIONS
from hub.portal.errors import not_found
from hub.portal.services.grading_requests import GradingTerms
from hub.portal.services.seeds import SeedKeys
from hub.settings import Settings

PREFIX = "/api/v1"


def install_api(app: Flask, csrf: CSRFProtect) -> None:
    """Register the API. It looks at bearer tokens only, never at a cookie, so there is no form token to check."""
    app.extensions[API] = make_context(app.extensions[web.SETTINGS])
    blueprint = make_blueprint()
    csrf.exempt(blueprint)
    app.register_blueprint(blueprint)


def make_context(settings: Settings) -> ApiContext:
    """Read the keys of the installation."""
    keys = ensure_keys(settings.secrets)
    return ApiContext(
        tokens=HubTokens(settings.hub_api_url),
        terms=GradingTerms(SeedKeys.from_hex(keys.seed_key, keys.hidden_seed_key), environment_digest()),
        service_token=keys.portal_service_token,
        portal_url=settings.portal_url,
        hub_api_url=settings.hub_api_url,
    )


def make_blueprint() -> Blueprint:
    """Return the blueprint ``api`` with a route for each operation of the table."""
    blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
    declare_token_blueprint(blueprint)
    install_faults(blueprint)
    for operation in OPERATIONS:
        rule = re.sub(r"{(\w+)}", r"<\1>", operation.path)
        _add(blueprint, rule, operation.name, operation.view, operation.method)
    _add(blueprint, "/openapi.json", "openapi", _openapi, "GET")
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        _add(blueprint, "/<path:rest>", f"nowhere_{method.lower()}", _nowhere, method)
    return blueprint


def _add(blueprint: Blueprint, rule: str, name: str, view: Callable[..., Response], method: str) -> None:
    blueprint.add_url_rule(rule, name, view, methods=[method])


def _openapi() -> Response:
    return jsonify(make_document())


def _nowhere(rest: str) -> Response:
    """Answer an unknown address as JSON: the pages' 404 would be HTML to a program."""
    del rest
    raise not_found()
