"""Errors as JSON: ``{"error": {"code", "ko", "en", "request_id", "details"?}}``, in one place."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Blueprint, Response, g, jsonify
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from hub.portal.errors import DomainError, as_unavailable, status_of

logger = structlog.stdlib.get_logger(__name__)

_HTTP_WORDS: dict[int, tuple[str, str, str]] = {
    400: ("bad_request", "요청을 읽을 수 없습니다.", "The request can't be read."),
    404: ("not_found", "그런 주소가 없습니다.", "There is no such address."),
    405: ("method_not_allowed", "이 주소에서는 쓸 수 없는 방식입니다.", "This method is not allowed here."),
    413: (
        "too_large",
        "보낸 내용이 너무 큽니다. 필요 없는 파일을 지우고 다시 시도해 주십시오.",
        "What you sent is too large. Remove files you don't need and try again.",
    ),
    415: ("not_json", "JSON 형식으로 보내야 합니다.", "Send JSON."),
}
_UNEXPECTED = (
    "internal",
    "서버에 오류가 생겼습니다. 저희가 고치겠습니다.",
    "Something broke on our side; we will mend it.",
)


def answer_fault(status: int, words: tuple[str, str, str], details: object = None) -> Response:
    """Return the body of an error; ``words`` are code, Korean and English."""
    code, ko, en = words
    fault: dict[str, Any] = {"code": code, "ko": ko, "en": en, "request_id": g.get("request_id", "")}
    if details is not None:
        fault["details"] = details
    response = jsonify({"error": fault})
    response.status_code = status
    return response


def on_domain_error(error: DomainError) -> Response:
    """A service refused: its own words."""
    response = answer_fault(status_of(error), (error.code, error.ko, error.en), error.details)
    if error.details and "retry_after_seconds" in error.details:
        response.headers["Retry-After"] = str(error.details["retry_after_seconds"])
    if response.status_code == 503:
        response.headers["Retry-After"] = "2"
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="axcampus"'
    return response


def on_validation_error(error: ValidationError) -> Response:
    """The body is JSON but not what the document says."""
    details = [{"at": ".".join(map(str, each["loc"])), "what": each["msg"]} for each in error.errors()[:20]]
    words = ("invalid_body", "요청 내용이 형식에 맞지 않습니다.", "The request's content has the wrong shape.")
    return answer_fault(422, words, {"problems": details})


def on_http_error(error: HTTPException) -> Response:
    """An HTTP error that Flask raised."""
    status = error.code or 500
    words = _HTTP_WORDS.get(status, ("http_error", "요청을 처리할 수 없습니다.", "The request can't be served."))
    return answer_fault(status, words)


def on_database_error(error: SQLAlchemyError) -> Response:
    """The database is away (503, nothing was stored) or we made a mistake (500)."""
    logger.error("database error in the API", exc_info=error)
    away = as_unavailable(error)
    return on_domain_error(away) if away is not None else answer_fault(500, _UNEXPECTED)


def on_any_error(error: Exception) -> Response:
    """Whatever nobody expected: logged with its traceback, never shown."""
    logger.error("unexpected error in the API", exc_info=error)
    return answer_fault(500, _UNEXPECTED)


def install_faults(blueprint: Blueprint) -> None:
    """Register the handlers for everything under the blueprint."""
    blueprint.register_error_handler(DomainError, on_domain_error)
    blueprint.register_error_handler(ValidationError, on_validation_error)
    blueprint.register_error_handler(HTTPException, on_http_error)
    blueprint.register_error_handler(SQLAlchemyError, on_database_error)
    blueprint.register_error_handler(Exception, on_any_error)
