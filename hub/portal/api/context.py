"""What the API needs beside the request: made once with the app, found through it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from flask import current_app, request

from graders.intake import IntakeLimits
from hub.portal import web
from hub.portal.api.hub_tokens import HubTokens
from hub.portal.api.throttle import READ_COST, WRITE_COST, Throttle
from hub.portal.disclosure import act_as
from hub.portal.errors import ForbiddenError, UnauthenticatedError
from hub.portal.services.audit import Actor
from hub.portal.services.grading_requests import GradingTerms
from hub.portal.services.warnings import BundleShelf
from hub.portal.sessions import find_person_id

API = "axcampus_api"


@dataclass(frozen=True, repr=False)
class ApiContext:
    """Whom to ask about tokens, the terms of grading, the hub's own token, and how much may be uploaded."""

    tokens: HubTokens
    terms: GradingTerms
    service_token: str
    portal_url: str
    hub_api_url: str
    limits: IntakeLimits = field(default_factory=IntakeLimits)
    bundles: BundleShelf = field(default_factory=BundleShelf)
    throttle: Throttle = field(default_factory=Throttle)


def context() -> ApiContext:
    """Return the API's context of this app."""
    found: ApiContext = current_app.extensions[API]
    return found


def bearer_token() -> str:
    """Return the token of the Authorization header; UnauthenticatedError if there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() not in ("bearer", "token") or not token.strip():
        raise _who_are_you()
    return token.strip()


def require_person() -> Actor:
    """Return the person behind the bearer token. The hub says which user it is, our database which person."""
    username = context().tokens.username(bearer_token(), request.remote_addr or "")
    if username is None:
        raise _who_are_you()
    person_id = find_person_id(web.reading(), username)
    if person_id is None:
        raise ForbiddenError(
            "unknown_person",
            "이 계정은 아직 포털에 등록되지 않았습니다. 담당자에게 등록을 요청해 주십시오.",
            "This account is not known to the portal yet. Please ask your coordinator to register it.",
        )
    actor = Actor(username, person_id, request.remote_addr)
    context().throttle.take(person_id, READ_COST if request.method in ("GET", "HEAD") else WRITE_COST)
    act_as(actor)
    return actor


def require_hub() -> None:
    """Raise unless the hub's own token was sent; compared in constant time."""
    if not hmac.compare_digest(bearer_token().encode(), context().service_token.encode()):
        raise _who_are_you()


def _who_are_you() -> UnauthenticatedError:
    return UnauthenticatedError(
        "unauthenticated",
        "로그인 정보가 없거나 만료되었습니다. 노트북 서버를 다시 시작한 뒤 시도해 주십시오.",
        "The token is missing or no longer valid. Restart your notebook server and try again.",
    )
