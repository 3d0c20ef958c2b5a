"""Whose token is it? The hub says; its word is kept for half a minute, under the token's digest only.

A flood of invented tokens must not keep the hub busy: an address that sends many is told to wait. Tokens that were good
lately are asked about all the same, so whoever works already does not notice the flood, even from the same address.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy

import requests
import structlog
from requests.adapters import HTTPAdapter

from graders.files import sha256_hex
from hub.portal.api.throttle import UNKNOWN_BURST, UNKNOWN_PER_SECOND, Throttle
from hub.portal.errors import UnavailableError
from hub.portal.requests_log import REQUEST_ID_HEADER
from hub.portal.services.audit import current_request_id

logger = structlog.stdlib.get_logger(__name__)

#: A revoked token works this much longer at most.
KNOWN_SECONDS = 30.0
UNKNOWN_SECONDS = 5.0
MAX_ENTRIES = 10_000
MAX_TOKEN_CHARACTERS = 512
TIMEOUT = (2, 5)
#: Open connections to the hub that are kept for the next question.
MAX_CONNECTIONS = 10


@dataclass(frozen=True)
class _Answer:
    username: str | None
    until: float


class HubTokens:
    """Asks the hub at ``api_url`` whose a token is; safe to use from several threads."""

    def __init__(self, api_url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = f"{api_url.rstrip('/')}/user"
        self._clock = clock
        self._good: OrderedDict[str, _Answer] = OrderedDict()
        self._unknown: OrderedDict[str, _Answer] = OrderedDict()
        self._lock = threading.Lock()
        self._strangers = Throttle(UNKNOWN_BURST, UNKNOWN_PER_SECOND, clock)
        self._hub = _connections()

    def close(self) -> None:
        """Close the connections that are kept."""
        self._hub.close()

    def username(self, token: str, address: str) -> str | None:
        """Return the user whose token it is, or None: unknown, expired, or a service's.

        UnavailableError: no answer. TooManyError: too many unknown tokens came from ``address``.
        """
        if not token or len(token) > MAX_TOKEN_CHARACTERS or not token.isascii():
            return None
        key = sha256_hex(token.encode())
        with self._lock:
            known = self._good.get(key) or self._unknown.get(key)
        if known is not None and known.until > self._clock():
            return known.username
        if known is not None and known.username is not None:
            return self._remember(key, self._ask(token))
        return self._ask_about_stranger(key, token, address)

    def _ask_about_stranger(self, key: str, token: str, address: str) -> str | None:
        """Ask, and count it against the address unless the token is good, or it is not the asker's fault."""
        self._strangers.take(address)
        try:
            username = self._remember(key, self._ask(token))
        except UnavailableError:
            self._strangers.put_back(address)
            raise
        if username is not None:
            self._strangers.put_back(address)
        return username

    def _remember(self, key: str, username: str | None) -> str | None:
        """Keep good and unknown tokens apart: a flood of the one kind must not push the other out."""
        kept, other = (self._good, self._unknown) if username is not None else (self._unknown, self._good)
        seconds = KNOWN_SECONDS if username is not None else UNKNOWN_SECONDS
        with self._lock:
            other.pop(key, None)
            kept[key] = _Answer(username, self._clock() + seconds)
            kept.move_to_end(key)
            while len(kept) > MAX_ENTRIES:
                kept.popitem(last=False)
        return username

    def _ask(self, token: str) -> str | None:
        try:
            headers = {"Authorization": f"token {token}", REQUEST_ID_HEADER: current_request_id() or ""}
            answer = self._hub.get(self._url, headers=headers, timeout=TIMEOUT, allow_redirects=False)
        except requests.RequestException as error:
            logger.warning("hub not reached", cause=type(error).__name__)
            raise _unavailable() from error
        if answer.status_code in (401, 403, 404):
            return None
        if answer.status_code != 200:
            logger.warning("hub answered", status=answer.status_code)
            raise _unavailable()
        return _user_of(answer)


def _connections() -> requests.Session:
    """Return connections that all threads share and that stay open: a question costs half as much on one.

    They carry nothing from one question to the next: no token, no cookie, no proxy of the environment.
    """
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.mount("http://", HTTPAdapter(pool_maxsize=MAX_CONNECTIONS))
    session.mount("https://", HTTPAdapter(pool_maxsize=MAX_CONNECTIONS))
    return session


def _user_of(answer: requests.Response) -> str | None:
    """Return the user name; a service's token is nobody's."""
    try:
        body = answer.json()
    except requests.JSONDecodeError as error:
        raise _unavailable() from error
    if not isinstance(body, dict) or body.get("kind") != "user" or not isinstance(body.get("name"), str):
        return None
    return str(body["name"])


def _unavailable() -> UnavailableError:
    return UnavailableError(
        "hub_unavailable",
        "지금은 로그인 서버에 확인할 수 없습니다. 아무것도 제출되지 않았으니 잠시 후 다시 시도해 주십시오.",
        "The sign-in server can't be asked right now. Nothing was submitted: please try again in a moment.",
    )
