"""What can go wrong, in the domain's words and both languages; the one place that knows the HTTP status of each.

Services raise these. Views and the API turn them into pages and JSON by ``status_of``.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from graders.contract import Text

#: SQLSTATE of a statement that would write where nothing may be written.
READ_ONLY_SQL_TRANSACTION = "25006"


class DomainError(Exception):
    """Something a person must be told: a stable code, what happened and what to do, in Korean and English."""

    status: ClassVar[int] = 500

    def __init__(self, code: str, ko: str, en: str, *, details: dict[str, Any] | None = None) -> None:
        super().__init__(f"{code}: {en}")
        self.code = code
        self.text = Text(ko=ko, en=en)
        self.details = details

    @property
    def ko(self) -> str:
        """The sentence in Korean."""
        return self.text.ko

    @property
    def en(self) -> str:
        """The sentence in English."""
        return self.text.en


class InvalidError(DomainError):
    """The input can't be used; the message says what to change."""

    status = 422


class UnauthenticatedError(DomainError):
    """We don't know who asks."""

    status = 401


class ForbiddenError(DomainError):
    """We know who asks, and that this is not theirs to do."""

    status = 403


class NotFoundError(DomainError):
    """There is no such thing, or the asker may not know that there is."""

    status = 404


class ConflictError(DomainError):
    """The state of things does not allow it now: closed, changed meanwhile, key used before."""

    status = 409


class TooLargeError(DomainError):
    """More bytes or files than allowed."""

    status = 413


class TooManyError(DomainError):
    """Too often; ``details["retry_after_seconds"]`` says when to come back."""

    status = 429


class UnavailableError(DomainError):
    """The database or the hub can't be reached or can't write; nothing was stored, trying again is safe."""

    status = 503


def status_of(error: DomainError) -> int:
    """Return the HTTP status that stands for ``error``."""
    return error.status


def not_found() -> NotFoundError:
    """Return the one answer for what is missing and what belongs to somebody else: they must look alike."""
    return NotFoundError(
        "not_found",
        "찾으시는 항목이 없거나 볼 수 있는 권한이 없습니다.",
        "There is no such item, or you are not allowed to see it.",
    )


def forbidden() -> ForbiddenError:
    """Return the answer for a role that may not do this."""
    return ForbiddenError("forbidden", "이 작업을 할 권한이 없습니다.", "You are not allowed to do this.")


def as_unavailable(error: Exception) -> UnavailableError | None:
    """Return the domain error for a database that is away, full, locked or read-only; None for any other mistake."""
    away = isinstance(error, (OperationalError, InterfaceError, PoolTimeoutError))
    if not away and not (isinstance(error, DBAPIError) and (error.connection_invalidated or _is_read_only(error))):
        return None
    return UnavailableError(
        "database_unavailable",
        "지금은 데이터베이스에 저장할 수 없습니다. 제출이 확인되지 않았으니 잠시 후 다시 시도해 주십시오. "
        "다시 시도해도 한 번만 접수됩니다.",
        "The database can't be used right now. Your submission is not confirmed: please try again in a moment; "
        "trying again hands in once.",
    )


def _is_read_only(error: DBAPIError) -> bool:
    """PostgreSQL that lost its right to write (a standby after a failover) says so as an "internal error"."""
    return getattr(error.orig, "sqlstate", None) == READ_ONLY_SQL_TRANSACTION
