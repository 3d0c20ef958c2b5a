"""The shapes of the portal's REST API as notebook servers and the portal both read them.

The portal may import these models to build its answers. The client ignores keys it does not know, because
notebook servers live longer than a release of the portal: adding a key never breaks a running server.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

#: What a slug, a user name or a receipt id may look like when it becomes part of a URL or a folder name.
SAFE_NAME = r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,127}$"


class Wire(BaseModel):
    """Base of all answers: immutable, unknown keys ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Words(Wire):
    """One sentence for a person, in both languages."""

    ko: str = ""
    en: str = ""

    @property
    def both(self) -> str:
        """Korean first, English beside it."""
        return " / ".join(filter(None, (self.ko, self.en)))


class AttemptStatus(StrEnum):
    """Where an attempt is on its way from receipt to score."""

    RECEIVED = "received"
    QUEUED = "queued"
    GRADING = "grading"
    GRADED = "graded"
    NOT_GRADED = "not_graded"
    NEEDS_PERSON = "needs_person"
    REFUSED = "refused"

    @property
    def is_final(self) -> bool:
        """Nothing more happens by itself."""
        return self not in (AttemptStatus.RECEIVED, AttemptStatus.QUEUED, AttemptStatus.GRADING)


def _decode(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError("file content is not base64") from error


def _encode(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


Base64Bytes = Annotated[bytes, BeforeValidator(_decode), PlainSerializer(_encode, when_used="json")]


class WireFile(Wire):
    """A file as it travels: relative POSIX path and base64 content."""

    path: str
    content: Base64Bytes


class ReceivedFile(Wire):
    """A file as the server recorded it: size in bytes, SHA-256 digest."""

    path: str
    digest: str
    size: int


class TeamWork(Wire):
    """Which team an attempt is of, who belonged to it when it was handed in, and who handed it in."""

    name: str
    submitted_by: str = ""
    members: tuple[str, ...] = ()

    @property
    def words(self) -> Words:
        """Say who handed in for whom."""
        return Words(
            ko=f"{self.name} 팀의 {self.submitted_by} 님이 제출했습니다.",
            en=f"Submitted by {self.submitted_by} for team {self.name}.",
        )


class Receipt(Wire):
    """What the server accepted, when, and what became of it.

    ``score`` of ``max_score`` is what tests gave, before a late penalty. ``manual_max_score`` more points come from a
    person; ``manual_pending`` says that this part is still to be graded.
    """

    receipt_id: str = Field(pattern=SAFE_NAME)
    course: str = Field(pattern=SAFE_NAME)
    assignment: str = Field(pattern=SAFE_NAME)
    version: int | None = None
    number: int = Field(ge=1)
    received_at: AwareDatetime
    digest: str
    files: tuple[ReceivedFile, ...] = ()
    is_late: bool = False
    late_text: Words = Words()
    status: AttemptStatus
    queue_position: int | None = None
    score: float | None = None
    max_score: float | None = None
    manual_score: float | None = None
    manual_max_score: float = 0.0
    manual_pending: bool = False
    warnings: tuple[Words, ...] = ()
    team: TeamWork | None = None
    portal_url: str = ""


class CollectedAttempt(Receipt):
    """A receipt with its owner, for staff."""

    username: str = Field(pattern=SAFE_NAME)


class Assignment(Wire):
    """A published assignment as its student (or staff) sees it: ``points`` by tests, ``manual_points`` by people."""

    slug: str = Field(pattern=SAFE_NAME)
    title_ko: str = ""
    title_en: str = ""
    status: str
    version: int | None = None
    due_at: AwareDatetime | None = None
    closes_at: AwareDatetime | None = None
    points: float | None = None
    manual_points: float = 0.0
    is_team_work: bool = False
    team: TeamWork | None = None
    attempts: tuple[Receipt, ...] = ()


class Course(Wire):
    """A course in which the bearer has a role."""

    slug: str = Field(pattern=SAFE_NAME)
    title_ko: str = ""
    title_en: str = ""
    role: str = ""


class Release(Wire):
    """The files a student works on, learner.json included."""

    course: str = Field(pattern=SAFE_NAME)
    assignment: str = Field(pattern=SAFE_NAME)
    version: int
    files: tuple[WireFile, ...]


class StagedVersion(Wire):
    """A version an instructor uploaded; it goes live by a click at ``portal_url``."""

    version: int
    state: str
    portal_url: str = ""


class Deadline(Wire):
    """The next deadline of a course."""

    assignment: str
    title_ko: str = ""
    title_en: str = ""
    due_at: AwareDatetime


class NewestScore(Wire):
    """The score that was published last in a course, in the receipt's words: ``score`` of ``max_score`` by tests.

    ``counted_score`` of ``counted_max_score`` adds the person's part and takes off the late penalty; it is None as
    long as that part is pending.
    """

    assignment: str
    title_ko: str = ""
    title_en: str = ""
    score: float
    max_score: float
    manual_score: float | None = None
    manual_max_score: float = 0.0
    manual_pending: bool = False
    penalty_percent: float = 0.0
    counted_score: float | None = None
    counted_max_score: float | None = None
    graded_at: datetime | None = None


class MyCourse(Course):
    """One course on the page of ``GET /me``."""

    next_deadline: Deadline | None = None
    last_receipt: Receipt | None = None
    newest_score: NewestScore | None = None


class Person(Wire):
    """Whose token this is."""

    username: str
    name: str = ""


class Me(Wire):
    """Answer of ``GET /me``: all the JupyterLab extension shows."""

    person: Person
    roles: tuple[str, ...] = ()
    portal_url: str = ""
    courses: tuple[MyCourse, ...] = ()


class Fault(Wire):
    """The body of every error: ``{"error": …}``."""

    code: str
    ko: str = ""
    en: str = ""
    request_id: str = ""
    details: dict[str, Any] | list[Any] | None = None


def wire_files(files: dict[str, bytes]) -> list[dict[str, str]]:
    """``{"a.ipynb": b"{}"}`` -> ``[{"path": "a.ipynb", "content": "e30="}]``, ordered by path."""
    return [{"path": path, "content": _encode(files[path])} for path in sorted(files)]
