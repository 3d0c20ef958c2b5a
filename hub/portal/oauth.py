"""The portal as an OAuth client of the hub: authorization code with PKCE (S256) and state, exchanged server-side."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, current_app, session
from werkzeug.wrappers import Response as WerkzeugResponse

from hub.settings import PORTAL_CLIENT_ID, Settings

TIMEOUT_SECONDS = 10
#: Sign-ins that one browser may have open at once.
OPEN_SIGN_INS = 4
_STATE = "_state_hub_"  # Authlib's prefix in the session
_EXTENSION = "axcampus_oauth"
#: A path of our own: no scheme, no host, no backslash that a browser would read as a slash, no control characters.
_OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


class SignInFailedError(Exception):
    """The hub did not vouch for anybody: refused, expired, or not reachable."""


def safe_next(wanted: str | None) -> str:
    """Return ``wanted`` if it is a relative path of the portal, else the home page."""
    if wanted and len(wanted) <= 2000 and _OWN_PATH.fullmatch(wanted):
        return wanted
    return "/"


def hub_logout_url(settings: Settings) -> str:
    """Return where the hub ends its own session; it sends the browser back to ``/auth/front-logout``."""
    return urljoin(settings.hub_url, "hub/logout")


def install_oauth(app: Flask, settings: Settings, client_secret: str) -> None:
    """Register the hub as the one identity provider.

    The token endpoint is asked on the hub's own port, past the proxy. The hub takes the secret in the form
    body only, and its answers name no other identity than the owner of the token.
    """
    oauth = OAuth(app)
    oauth.register(
        "hub",
        client_id=PORTAL_CLIENT_ID,
        client_secret=client_secret,
        authorize_url=urljoin(settings.hub_url, "hub/api/oauth2/authorize"),
        access_token_url=f"{settings.hub_api_url}/oauth2/token",
        client_kwargs={"code_challenge_method": "S256", "token_endpoint_auth_method": "client_secret_post"},
    )
    app.extensions[_EXTENSION] = oauth


def _client() -> Any:
    return current_app.extensions[_EXTENSION].hub


def _forget_old_states() -> None:
    """Keep the states of the newest tabs only: each costs some 150 bytes of a cookie that holds 4,000."""
    states = [key for key in session if key.startswith(_STATE)]
    for key in states[: max(0, len(states) + 1 - OPEN_SIGN_INS)]:
        del session[key]


def start_sign_in(settings: Settings) -> WerkzeugResponse:
    """Send the browser to the hub; state and PKCE verifier stay in the signed session cookie."""
    _forget_old_states()
    answer: WerkzeugResponse = _client().authorize_redirect(f"{settings.portal_url}/auth/callback")
    return answer


def finish_sign_in(settings: Settings) -> str:
    """Exchange the code of the current request and return the hub's user name. The access token is not kept."""
    try:
        token = _client().authorize_access_token(timeout=TIMEOUT_SECONDS)
        answer = requests.get(
            f"{settings.hub_api_url}/user",
            headers={"Authorization": f"Bearer {token['access_token']}"},
            timeout=TIMEOUT_SECONDS,
        )
        answer.raise_for_status()
        return str(answer.json()["name"])
    except (OAuthError, requests.RequestException, KeyError, ValueError) as error:
        raise SignInFailedError(type(error).__name__) from error
