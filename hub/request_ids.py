"""One id follows a click through proxy, portal and hub: the hub's line for a request ends with it.

The proxy passes headers on, the portal sends its own request's id along when it asks the hub; a request that brings
none, or an odd one, gets a new one.
"""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import Any

from jupyterhub.log import log_request

from hub.portal.requests_log import REQUEST_ID_HEADER, choose_request_id

_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


class RequestIdFilter(logging.Filter):
    """Puts the id of the request that is being logged at the end of its line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Never drop a line; mark it if it is about a request."""
        request_id = _request_id.get()
        if request_id is not None:
            record.msg = f"{record.msg} request_id={request_id}"
        return True


def log_request_with_id(handler: Any) -> None:
    """Log as JupyterHub does (tornado's ``log_function``), with the id."""
    access = logging.getLogger("tornado.access")
    if not any(isinstance(each, RequestIdFilter) for each in access.filters):
        access.addFilter(RequestIdFilter())
    token = _request_id.set(choose_request_id(handler.request.headers.get(REQUEST_ID_HEADER)))
    try:
        log_request(handler)
    finally:
        _request_id.reset(token)
