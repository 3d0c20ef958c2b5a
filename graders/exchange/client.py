"""The portal's REST API from a notebook server: one method a call, retries where repeating is safe.

Identity, time and attempt number are the portal's. The bearer token is the server's own hub token.
"""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote

import requests
from pydantic import BaseModel, TypeAdapter, ValidationError

from graders.exchange.errors import PortalError, RefusedHereError, not_configured, refused, unreachable, unreadable
from graders.exchange.wire import (
    SAFE_NAME,
    Assignment,
    CollectedAttempt,
    Course,
    Fault,
    Me,
    Receipt,
    Release,
    StagedVersion,
    Wire,
    WireFile,
    wire_files,
)

API_VARIABLE = "AXCAMPUS_PORTAL_API"
TOKEN_VARIABLE = "JUPYTERHUB_API_TOKEN"  # noqa: S105 - the name of a variable, not a secret

#: Seconds to connect, seconds without a byte of the answer.
TIMEOUT = (5, 60)
#: Seconds before the second, third … try. Five tries bridge a restart of the portal (about 8 s).
PAUSES = (0.5, 1.0, 2.0, 4.0)
#: The longest pause that the portal may ask for; with more ("tomorrow") its refusal is the answer.
MAX_RETRY_AFTER = 75.0
RETRIED_STATUS = frozenset({429, 502, 503, 504})
NOT_MODIFIED = 304

#: Spreads the retries of a class that lost the portal at the same moment.
_SPREAD = random.SystemRandom()

Model = TypeVar("Model", bound=BaseModel)
Files = Mapping[str, bytes]


class _FileList(Wire):
    files: tuple[WireFile, ...]


class _Attempts(Wire):
    attempts: tuple[CollectedAttempt, ...]


class _Courses(Wire):
    courses: tuple[Course, ...]


class _Assignments(Wire):
    assignments: tuple[Assignment, ...]


class _Receipts(Wire):
    attempts: tuple[Receipt, ...]


class _ErrorBody(Wire):
    error: Fault


@dataclass(frozen=True)
class Call:
    """One request: ``sends_work`` means that a lost answer leaves in doubt whether it was accepted."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    sends_work: bool = False


@dataclass(frozen=True)
class Conditional:
    """A raw answer with its ETag; ``body`` is None when nothing changed (304)."""

    etag: str
    body: bytes | None


class PortalClient:
    """Speaks to ``base`` (``http://…/api/v1``) as the owner of ``token``."""

    def __init__(self, base: str, token: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._base = base.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self._sleep = sleep
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy, no ~/.netrc: the token goes to the portal only

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> PortalClient:
        """The client of this notebook server; raises ``PortalError`` when it was started without the portal."""
        for variable in (API_VARIABLE, TOKEN_VARIABLE):
            if not environment.get(variable):
                raise not_configured(variable)
        return cls(environment[API_VARIABLE], environment[TOKEN_VARIABLE])

    # what a student does

    def me(self) -> Me:
        """Person, roles, courses with next deadline, last receipt and newest score."""
        return self._ask(Call("GET", "/me"), Me)

    def courses(self) -> tuple[Course, ...]:
        """Courses in which the bearer has a role."""
        return self._ask(Call("GET", "/courses"), _Courses).courses

    def assignments(self, course: str) -> tuple[Assignment, ...]:
        """Published assignments of a course with the bearer's own attempts."""
        return self._ask(Call("GET", f"{_course(course)}/assignments"), _Assignments).assignments

    def release(self, course: str, assignment: str) -> Release:
        """Files to work on; the portal records the fetch."""
        return self._ask(Call("GET", f"{_assignment(course, assignment)}/release"), Release)

    def submit(self, course: str, assignment: str, files: Files, key: str, version: int | None = None) -> Receipt:
        """Hand in. Equal ``key`` means equal attempt, so trying again after a lost answer is safe."""
        body: dict[str, Any] = {"files": wire_files(dict(files))}
        if version is not None:
            body["version"] = version
        path = f"{_assignment(course, assignment)}/attempts"
        return self._ask(Call("POST", path, body, {"Idempotency-Key": key}, sends_work=True), Receipt)

    def attempts(self, course: str, assignment: str) -> tuple[Receipt, ...]:
        """Own receipts, newest first."""
        return self._ask(Call("GET", f"{_assignment(course, assignment)}/attempts"), _Receipts).attempts

    def receipt(self, receipt_id: str) -> Receipt:
        """A receipt with its present status."""
        return self._ask(Call("GET", _receipt(receipt_id)), Receipt)

    def received_files(self, receipt_id: str) -> dict[str, bytes]:
        """The files as the portal received them."""
        return self._files(f"{_receipt(receipt_id)}/files")

    def feedback(self, receipt_id: str) -> dict[str, bytes]:
        """HTML pages, when the feedback policy allows them."""
        return self._files(f"{_receipt(receipt_id)}/feedback")

    # what an instructor does

    def stage(self, course: str, assignment: str, files: Files) -> StagedVersion:
        """Upload a source folder as a version that is not live yet. The portal names versions by their bytes."""
        call = Call("POST", f"{_assignment(course, assignment)}/versions", {"files": wire_files(dict(files))})
        return self._ask(call, StagedVersion)

    def collection(self, course: str, assignment: str, *, all_attempts: bool = False) -> tuple[CollectedAttempt, ...]:
        """Current (or all) attempts of a class."""
        params = {"which": "all" if all_attempts else "current"}
        path = f"{_assignment(course, assignment)}/collection"
        return self._ask(Call("GET", path, params=params), _Attempts).attempts

    # for the JupyterLab extension, which passes answers on unread

    def conditional(self, path: str, etag: str = "") -> Conditional:
        """GET ``path`` unless it still has ``etag``; one try only, because the page asks again anyway."""
        headers = {"If-None-Match": etag} if etag else {}
        answer = self._once(Call("GET", path, headers=headers))
        if answer.status_code != NOT_MODIFIED and not answer.ok:
            raise _error(answer)
        body = None if answer.status_code == NOT_MODIFIED else answer.content
        return Conditional(answer.headers.get("ETag", ""), body)

    # one request

    def _files(self, path: str) -> dict[str, bytes]:
        return {file.path: file.content for file in self._ask(Call("GET", path), _FileList).files}

    def _ask(self, call: Call, model: type[Model]) -> Model:
        answer = self._send(call)
        if not answer.ok:
            raise _error(answer)
        try:
            return TypeAdapter(model).validate_json(answer.content)
        except ValidationError as error:
            raise unreadable(answer.status_code) from error

    def _send(self, call: Call) -> requests.Response:
        """Send, and send again while that can help; returns the last answer, raises when there was none."""
        for pause in PAUSES:
            try:
                answer = self._once(call)
            except PortalError:
                self._wait(pause)
                continue
            asked = _retry_after(answer, pause)
            if answer.status_code not in RETRIED_STATUS or asked > MAX_RETRY_AFTER:
                return answer
            self._wait(asked)
        return self._once(call)

    def _once(self, call: Call) -> requests.Response:
        try:
            return self._session.request(
                call.method,
                self._base + call.path,
                json=call.body,
                params=dict(call.params),
                headers={**self._headers, **call.headers},
                timeout=TIMEOUT,
                allow_redirects=False,  # a redirect would carry the token elsewhere
            )
        except requests.RequestException as error:
            raise unreachable(was_sending=call.sends_work) from error

    def _wait(self, seconds: float) -> None:
        """Never shorter than asked, a little longer at random: a class must not come back all at once."""
        self._sleep(seconds * _SPREAD.uniform(1.0, 1.4))


def _error(answer: requests.Response) -> PortalError:
    try:
        return refused(_ErrorBody.model_validate_json(answer.content).error, answer.status_code)
    except ValidationError:
        return unreadable(answer.status_code)


def _retry_after(answer: requests.Response, pause: float) -> float:
    """Seconds the portal asked for; dates and nonsense fall back to our own pause."""
    asked = answer.headers.get("Retry-After", "")
    return float(asked) if asked.isascii() and asked.isdecimal() else pause


def safe_name(value: str) -> str:
    """Return ``value`` if it can be one part of a URL and of a folder path; raises ``RefusedHereError``."""
    if re.fullmatch(SAFE_NAME, value):
        return value
    raise RefusedHereError(
        "bad_name",
        f"'{value}'은(는) 쓸 수 없는 이름입니다. `nbgrader list`에 나오는 과정과 과제 이름을 써 주십시오.",
        f"'{value}' is not a usable name. Use the course and assignment names that `nbgrader list` shows.",
    )


def _course(course: str) -> str:
    return f"/courses/{quote(safe_name(course), safe='')}"


def _assignment(course: str, assignment: str) -> str:
    return f"{_course(course)}/assignments/{quote(safe_name(assignment), safe='')}"


def _receipt(receipt_id: str) -> str:
    return f"/receipts/{quote(safe_name(receipt_id), safe='')}"
