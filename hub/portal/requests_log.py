"""One structured log line a request, with the request id that also stands on error pages and in audit rows."""

from __future__ import annotations

import logging
import re
import secrets
import sys
import time

import structlog
from flask import Flask, Response, g, request
from structlog.types import Processor

REQUEST_ID_HEADER = "X-Request-ID"
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,40}")

_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]

logger = structlog.stdlib.get_logger("hub.portal.request")


class RequestLogHandler(logging.StreamHandler):  # type: ignore[type-arg]
    """Marks our own handler, so that a second app in one process does not log every line twice."""


def configure_logging(level: str) -> None:
    """Write every logger's lines as JSON to standard error, bound with the request's id."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    root = logging.getLogger()
    root.setLevel(level)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # its lines hold query strings: codes and states
    if any(isinstance(handler, RequestLogHandler) for handler in root.handlers):
        return
    handler = RequestLogHandler(sys.stderr)
    renderer: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_SHARED, processors=renderer))
    root.addHandler(handler)


def choose_request_id(offered: str | None) -> str:
    """Keep the caller's id if it is harmless, so that one id follows a click through all processes."""
    if offered and _REQUEST_ID.fullmatch(offered):
        return offered
    return secrets.token_hex(8)


def _start() -> None:
    g.request_id = choose_request_id(request.headers.get(REQUEST_ID_HEADER))
    g.request_started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _finish(response: Response) -> Response:
    request_id = g.get("request_id") or choose_request_id(None)
    response.headers[REQUEST_ID_HEADER] = request_id
    started = g.get("request_started", time.perf_counter())
    # The path alone: a query string may hold an authorization code.
    logger.info(
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        milliseconds=round((time.perf_counter() - started) * 1000, 1),
        person_id=g.get("person_id"),
    )
    return response


def install_request_log(app: Flask) -> None:
    """Give each request an id and a line; must be installed before everything else."""
    app.before_request(_start)
    app.after_request(_finish)
