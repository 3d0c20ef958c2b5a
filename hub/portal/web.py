"""What views share: the request's database session, its clock, and pages of which a live part can be fetched alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask_babel import get_locale
from sqlalchemy.orm import Session

from graders.files import sha256_hex
from hub.portal.database import Database
from hub.portal.models import utc_now
from hub.settings import Settings

DATABASE = "axcampus_database"
SETTINGS = "axcampus_settings"
#: What is told of everything that a page shows (``disclosure.note_shown``).
SHOWN = "axcampus_shown"
#: The query parameter and block by which the page's script fetches only what moves.
FRAGMENT = "live"


def database() -> Database:
    """Return the database of this app."""
    found: Database = current_app.extensions[DATABASE]
    return found


def settings() -> Settings:
    """Return the settings of this app."""
    found: Settings = current_app.extensions[SETTINGS]
    return found


def reading() -> Session:
    """Return the request's session for reading, opened when first asked for and closed with the request."""
    if "reading" not in g:
        g.reading = database().readers()
    found: Session = g.reading
    return found


@contextmanager
def writing() -> Iterator[Session]:
    """Give a session that commits at the end of the block. What was read before is let go first.

    A request that still holds its reading session open would read old rows after its own write.
    """
    close_reading()
    with database().writing() as session:
        yield session


def close_reading(_error: BaseException | None = None) -> None:
    """Give the reading session's connection back."""
    session = g.pop("reading", None)
    if session is not None:
        session.close()


def now() -> datetime:
    """Return the server's time, the same for the whole request: a page never disagrees with itself."""
    if "now" not in g:
        g.now = utc_now()
    found: datetime = g.now
    return found


def page(template: str, *, stamp: str | None = None, **context: Any) -> Response:
    """Render a page, or only its block ``live`` with an ETag when the page's own script asks for it.

    ``stamp`` says what the block was made from, for ``unchanged``; without one the ETag is of the block's text.
    """
    current_app.extensions[SHOWN](context)
    if request.args.get("fragment") != FRAGMENT:
        return make_response(render_template(template, **context))
    return _fragment(template, context, stamp)


def unchanged(stamp: str) -> Response | None:
    """Return 304 if the page's script has seen what ``stamp`` stands for, before anything is read for the page."""
    if request.args.get("fragment") != FRAGMENT or _etag(stamp) not in request.if_none_match:
        return None
    return _with_etag(make_response("", 304), _etag(stamp))


def _etag(stamp: str) -> str:
    """A stamp's ETag: the same facts read differently in another language."""
    return f"{stamp}-{get_locale() or ''}"


def _with_etag(response: Response, etag: str) -> Response:
    response.set_etag(etag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _fragment(template: str, context: dict[str, Any], stamp: str | None) -> Response:
    loaded = current_app.jinja_env.get_template(template)
    current_app.update_template_context(context)
    if FRAGMENT not in loaded.blocks:
        return make_response("", 204)
    body = "".join(loaded.blocks[FRAGMENT](loaded.new_context(context)))
    etag = sha256_hex(body.encode())[:32] if stamp is None else _etag(stamp)
    response = _with_etag(make_response(body), etag)
    response.make_conditional(request)
    return response


def install_web(app: Flask, settings_: Settings, database_: Database) -> None:
    """Attach settings and database to the app."""
    app.extensions[SETTINGS] = settings_
    app.extensions[DATABASE] = database_
    app.teardown_appcontext(close_reading)
    app.jinja_env.globals["now"] = now
