"""The notebook server's side of the campus panel in JupyterLab: ``/axcampus/…``.

The browser never sees the hub token: this handler adds it and passes the portal's answers on. Reads carry the
portal's ETag through, so that a panel that asks every few seconds costs the portal next to nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

from graders.exchange.assignment_list import IGNORED
from graders.exchange.client import Conditional, PortalClient, safe_name
from graders.exchange.errors import PortalError
from graders.exchange.plugin import disk_trouble
from graders.exchange.wire import Words
from graders.exchange.work import (
    Desk,
    fetch_assignment,
    fetch_feedback,
    make_desk,
    resume_submissions,
    submit_assignment,
)

ROOT_SETTING = "axcampus_root"
#: A lock that is taken once, by the first look of the panel.
RESUMED_SETTING = "axcampus_resumed"


class PanelHandler(APIHandler):
    """Base: runs a call beside the event loop and turns a failure into ``{"error": {code, ko, en, request_id}}``."""

    def compute_etag(self) -> str | None:
        """Keep tornado from hashing the body: the ETag is the portal's."""
        return None

    async def run(self, call: Callable[[], Any]) -> Any:
        """The call's value, or None after an error has been sent."""
        try:
            return await asyncio.to_thread(call)
        except PortalError as error:
            self._refuse(error)
        except OSError as error:
            self._refuse(disk_trouble(error))
        return None

    def _refuse(self, error: PortalError) -> None:
        self.set_status(error.status or 503)
        body = {"code": error.code, **error.words.model_dump(), "request_id": error.request_id}
        self.finish(json.dumps({"error": body}, ensure_ascii=False))


class ReadHandler(PanelHandler):
    """``GET /axcampus/me``, ``…/receipts/<id>``, ``…/courses/<course>/assignments``: the portal's answer, unread."""

    @web.authenticated
    async def get(self, receipt_id: str | None = None, course: str | None = None) -> None:
        """Pass the portal's answer (or its 304) to the panel."""
        etag = self.request.headers.get("If-None-Match", "")
        await asyncio.to_thread(_resume_once, self.settings)
        answer: Conditional | None = await self.run(lambda: _read(receipt_id, course, etag))
        if answer is None:
            return
        self.set_header("Cache-Control", "no-cache, private")
        if answer.etag:
            self.set_header("ETag", answer.etag)
        if answer.body is None:
            self.set_status(304)
        self.finish(answer.body)


class MoveHandler(PanelHandler):
    """``POST /axcampus/(fetch|submit|feedback)`` with ``{"course", "assignment"}``."""

    @web.authenticated
    async def post(self, move: str) -> None:
        """Do it; answers ``{"words": [{ko, en}…], "folder", "receipt"?, "notebooks"?}``."""
        body = self.get_json_body() or {}
        course, assignment = str(body.get("course", "")), str(body.get("assignment", ""))
        root = Path(self.settings[ROOT_SETTING])
        done = await self.run(lambda: _move(move, root, course, assignment))
        if done is not None:
            self.finish(json.dumps(done, ensure_ascii=False))


def _resume_once(settings: dict[str, Any]) -> None:
    """When the panel first asks after a start, finish what an earlier life of this server had begun to submit.

    Whatever goes wrong with it is tried again with the next start, and must not keep the panel from showing.
    """
    if settings.setdefault(RESUMED_SETTING, threading.Lock()).acquire(blocking=False):
        with contextlib.suppress(PortalError, OSError):
            resume_submissions(make_desk(PortalClient.from_environment(), Path(settings[ROOT_SETTING])))


def _read(receipt_id: str | None, course: str | None, etag: str) -> Conditional:
    path = "/me"
    if receipt_id:
        path = f"/receipts/{safe_name(receipt_id)}"
    if course:
        path = f"/courses/{safe_name(course)}/assignments"
    return PortalClient.from_environment().conditional(path, etag)


def _move(move: str, root: Path, course: str, assignment: str) -> dict[str, Any]:
    desk = make_desk(PortalClient.from_environment(), root)
    done = _MOVES[move](desk, course, assignment)
    return done | {"folder": desk.folder(course, assignment).relative_to(root).as_posix()}


def _fetch(desk: Desk, course: str, assignment: str) -> dict[str, Any]:
    words = _plain(fetch_assignment(desk, course, assignment))
    notebooks = sorted(desk.folder(course, assignment).glob("*.ipynb"))
    return {"words": words, "notebooks": [path.relative_to(desk.root).as_posix() for path in notebooks]}


def _submit(desk: Desk, course: str, assignment: str) -> dict[str, Any]:
    done = submit_assignment(desk, course, assignment, IGNORED)
    return {"words": _plain(done.words), "receipt": done.receipt.model_dump(mode="json")}


def _feedback(desk: Desk, course: str, assignment: str) -> dict[str, Any]:
    return {"words": _plain(fetch_feedback(desk, course, assignment))}


def _plain(said: Any) -> list[dict[str, str]]:
    return [Words.model_dump(words) for words in said]


_MOVES: dict[str, Callable[[Desk, str, str], dict[str, Any]]] = {
    "fetch": _fetch,
    "submit": _submit,
    "feedback": _feedback,
}

HANDLERS = [
    (r"/axcampus/me", ReadHandler),
    (r"/axcampus/receipts/(?P<receipt_id>[A-Za-z0-9-]+)", ReadHandler),
    (r"/axcampus/courses/(?P<course>[A-Za-z0-9._-]+)/assignments", ReadHandler),
    (r"/axcampus/(?P<move>fetch|submit|feedback)", MoveHandler),
]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "graders.exchange.panel_server"}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Called by Jupyter Server when the extension is enabled (graders/exchange/config)."""
    server.web_app.settings[ROOT_SETTING] = server.root_dir
    base_url = server.web_app.settings["base_url"]
    server.web_app.add_handlers(".*$", [(url_path_join(base_url, path), handler) for path, handler in HANDLERS])
