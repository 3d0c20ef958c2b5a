"""Error pages in plain words: what happened, that nothing was lost, what to do next; the request id small below."""

from __future__ import annotations

import structlog
from flask import Flask, Response, g, make_response, render_template, request
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from hub.portal import web
from hub.portal.errors import DomainError
from hub.portal.i18n import in_language

logger = structlog.stdlib.get_logger(__name__)

_WORDS = {
    400: (
        _l("We could not read that request"),
        _l("Nothing was changed. Open the page again from the portal's home and repeat the step."),
    ),
    401: (
        _l("Please sign in again"),
        _l("Your session has ended, so nothing was changed. Sign in and repeat the step."),
    ),
    403: (
        _l("This page is not open to you"),
        _l("It belongs to another role. If you need it, ask your coordinator; nothing was changed."),
    ),
    404: (
        _l("There is no such page"),
        _l("The address may be mistyped, or it belongs to somebody else. Start again from home."),
    ),
    409: (
        _l("That is not possible now"),
        _l("Nothing was changed. Open the page again: somebody may have changed it meanwhile."),
    ),
    405: (_l("That does not work here"), _l("Nothing was changed. Go back and use the button on the page.")),
    413: (_l("That is too large"), _l("Nothing was stored. Remove what is not needed and send it again.")),
    429: (_l("Too many tries"), _l("Wait a minute, then try again. Nothing was lost.")),
    500: (
        _l("Something went wrong on our side"),
        _l("What you submitted before is safe. Try again; if it happens twice, tell us the number below."),
    ),
    503: (
        _l("The portal is resting for a moment"),
        _l("What you submitted before is safe. Try again in a minute."),
    ),
}


def _page(status: int) -> Response:
    title, text = _WORDS.get(status, _WORDS[500 if status >= 500 else 400])
    template = "error.html"
    if status >= 500:  # the frame asks the database, which may be what failed
        web.close_reading()
        g.pop("visitor", None)
    response = make_response(render_template(template, status=status, title=title, text=text), status)
    if status in (429, 503):
        response.headers["Retry-After"] = "60"
    return response


def on_http_error(error: HTTPException) -> Response | HTTPException:
    """Answer an HTTP error: as a page to people; programs get theirs from the API's own handler."""
    if error.response is not None or error.code is None:
        return error
    return _page(error.code)


def on_csrf_error(error: CSRFError) -> Response:
    """A form without its token: changed nothing, and says so."""
    logger.warning("form refused", cause=error.description)
    return _page(400)


def on_domain_error(error: DomainError) -> Response:
    """A service refused: its own words say what to do."""
    if error.status >= 500:
        return _page(error.status)
    title = _WORDS.get(error.status, _WORDS[400])[0]
    text = in_language(error)
    return make_response(render_template("error.html", status=error.status, title=title, text=text), error.status)


def on_database_error(error: Exception) -> Response:
    """The database does not answer: ours to mend, nobody's work is lost."""
    logger.error("database does not answer", exc_info=error)
    return _page(503)


def on_any_error(error: Exception) -> Response:
    """Whatever nobody expected: logged with its traceback, never shown."""
    logger.error("unexpected error", exc_info=error, path=request.path)
    return _page(500)


def install_errors(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(CSRFError, on_csrf_error)
    app.register_error_handler(DomainError, on_domain_error)
    app.register_error_handler(OperationalError, on_database_error)
    app.register_error_handler(PoolTimeout, on_database_error)
    app.register_error_handler(Exception, on_any_error)
