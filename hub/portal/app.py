"""The app factory: it only wires, every part installs itself.

The order of the ``install_`` calls is the order in which a request passes: log line, host name and headers, visitor,
language, access, then the view.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask_limiter import Limiter
from flask_wtf.csrf import CSRFProtect

from hub.keys import Keys, ensure_keys
from hub.portal.access import install_access
from hub.portal.api.blueprint import install_api
from hub.portal.database import Database
from hub.portal.disclosure import install_disclosure
from hub.portal.i18n import install_i18n
from hub.portal.i18n_dates import install_dates
from hub.portal.layout import install_layout
from hub.portal.layout_privacy import install_privacy_words
from hub.portal.oauth import install_oauth
from hub.portal.requests_log import configure_logging, install_request_log
from hub.portal.resident_numbers import install_resident_numbers
from hub.portal.security import install_security, is_https
from hub.portal.sessions_cookie import cookie_name, install_sessions
from hub.portal.views import certificates, install_views
from hub.portal.views.authentication import throttle_key, throttled_views
from hub.portal.web import install_web
from hub.settings import Settings

#: Nobody signs in by hand this often; whoever tries names or codes does.
SIGN_IN_RATE = "30 per minute"
MAX_PAGE_FORM_BYTES = 64 * 2**20


def create_app(settings: Settings) -> Flask:
    """Make the portal of one installation; its keys are made if there are none, its tables must exist."""
    configure_logging(settings.log_level)
    keys = ensure_keys(settings.secrets)
    app = Flask(__package__)
    _configure(app, settings, keys)
    install_request_log(app)
    install_security(app, settings)
    install_web(app, settings, Database.at(settings.database))
    install_sessions(app)
    install_i18n(app)
    install_dates(app)
    install_access(app)
    install_resident_numbers(app)
    install_disclosure(app)
    install_layout(app)
    install_privacy_words(app)
    install_oauth(app, settings, keys.portal_service_token)
    csrf = CSRFProtect(app)
    install_views(app)
    install_api(app, csrf)
    _throttle_sign_in(app)
    return app


def _configure(app: Flask, settings: Settings, keys: Keys) -> None:
    app.config.update(
        SECRET_KEY=keys.session_key,
        SESSION_COOKIE_NAME=cookie_name(settings, "axcampus_state"),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_https(settings),
        PREFERRED_URL_SCHEME=urlsplit(settings.portal_url).scheme,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a page left open overnight must not lose its form
        MAX_CONTENT_LENGTH=MAX_PAGE_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=2 * 2**20,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
    )
    app.jinja_options = {**app.jinja_options, "trim_blocks": True, "lstrip_blocks": True}


def _throttle_sign_in(app: Flask) -> None:
    """Slow down guessing. The counts are in this process's memory: there is one portal process a machine."""
    limiter = Limiter(throttle_key, app=app, storage_uri="memory://", headers_enabled=True)
    for endpoint in throttled_views():
        throttled: Any = limiter.limit(SIGN_IN_RATE)(app.view_functions[endpoint])
        app.view_functions[endpoint] = throttled
    for endpoint in certificates.throttled_views():  # anybody may ask there, also who tries codes
        throttled = limiter.limit(certificates.CHECK_RATE)(app.view_functions[endpoint])
        app.view_functions[endpoint] = throttled
