"""JupyterLab's assignment list over the portal: nbgrader's server extension with our messages.

nbgrader's own turns every list error into "exchange directory does not exist", shows tracebacks for fetch and
submit, changes the server's directory, and waits for the exchange on the thread that also serves the kernels.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_server.utils import url_path_join
from nbgrader.server_extensions.assignment_list.handlers import (
    AssignmentList,
    BaseAssignmentHandler,
    NbGraderVersionHandler,
)
from tornado import web

from graders.exchange.client import PortalClient
from graders.exchange.errors import PortalError
from graders.exchange.list_plugin import Row, released_row, submitted_row
from graders.exchange.plugin import disk_trouble
from graders.exchange.wire import Assignment
from graders.exchange.work import Desk, fetch_assignment, fetch_feedback, make_desk, submit_assignment

#: nbgrader's defaults for what never belongs to a submission.
IGNORED = (".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback")

Answer = dict[str, Any]


class PortalAssignmentList(AssignmentList):
    """nbgrader's assignment list, reading the portal; every method answers ``{"success": …, "value": …}``."""

    def list_assignments(self, course_id: str | None = None) -> Answer:
        """Released or fetched assignments first, then one's own submissions."""
        return self._answer(lambda desk: self._rows(desk, course_id))

    def list_courses(self) -> Answer:
        """Courses of the owner of this server."""
        return self._answer(lambda desk: sorted(course.slug for course in desk.client.courses()))

    def fetch_assignment(self, course_id: str, assignment_id: str) -> Answer:
        """Fetch into the home; existing work is kept."""
        return self._answer(lambda desk: _both(fetch_assignment(desk, course_id, assignment_id)))

    def submit_assignment(self, course_id: str, assignment_id: str) -> Answer:
        """Submit; success means that the portal confirmed a receipt."""
        return self._answer(lambda desk: _both(submit_assignment(desk, course_id, assignment_id, IGNORED).words))

    def fetch_feedback(self, course_id: str, assignment_id: str) -> Answer:
        """Fetch the feedback of all graded attempts."""
        return self._answer(lambda desk: _both(fetch_feedback(desk, course_id, assignment_id)))

    def _answer(self, move: Callable[[Desk], Any]) -> Answer:
        try:
            return {"success": True, "value": move(self._desk())}
        except PortalError as error:
            return self._failed(error)
        except OSError as error:
            return self._failed(disk_trouble(error))

    def _failed(self, error: PortalError) -> Answer:
        self.log.warning("assignment list: %s", error.code)
        return {"success": False, "value": error.message}

    def _desk(self) -> Desk:
        return make_desk(PortalClient.from_environment(), Path(self.root_dir))

    def _rows(self, desk: Desk, course_id: str | None) -> list[Row]:
        courses = [course_id] if course_id else [course.slug for course in desk.client.courses()]
        items = [(course, item) for course in courses for item in desk.client.assignments(course)]
        released = [self._released(desk, course, item) for course, item in items]
        return released + [_submitted(desk, course, item) for course, item in items if item.attempts]

    def _released(self, desk: Desk, course: str, item: Assignment) -> Row:
        """The interface opens notebooks by their path below the server's root."""
        row = released_row(desk, course, item)
        root = Path(self.root_dir)
        notebooks = [one | {"path": str(Path(one["path"]).relative_to(root))} for one in row["notebooks"]]
        return row | {"path": str(Path(row["path"]).relative_to(root)), "notebooks": notebooks}


def _submitted(desk: Desk, course: str, item: Assignment) -> Row:
    """The interface shows nothing but the time stamp of a submission, so receipt and status go in there."""
    row = submitted_row(desk, course, item)
    return row | {"submissions": [_shown(desk, one) for one in row["submissions"]]}


def _shown(desk: Desk, one: Row) -> Row:
    path = one["local_feedback_path"]
    return one | {
        "timestamp": f"{one['timestamp']} · {one['receipt_id']} · {one['grading_text']}",
        "local_feedback_path": str(Path(path).relative_to(desk.root)) if path else None,
    }


def _both(said: Any) -> list[str]:
    return [words.both for words in said]


class ListHandler(BaseAssignmentHandler):
    """``GET /assignments?course_id=…``."""

    @web.authenticated
    async def get(self) -> None:
        """List; the portal is asked on another thread, so that kernels keep being served."""
        course = self.get_argument("course_id", None) or None
        self.finish(json.dumps(await asyncio.to_thread(self.manager.list_assignments, course)))


class CoursesHandler(BaseAssignmentHandler):
    """``GET /courses``."""

    @web.authenticated
    async def get(self) -> None:
        """List the names of courses."""
        self.finish(json.dumps(await asyncio.to_thread(self.manager.list_courses)))


class ActionHandler(BaseAssignmentHandler):
    """``POST /assignments/(fetch|submit|fetch_feedback)``: the new list, or the message of what failed."""

    @web.authenticated
    async def post(self, action: str) -> None:
        """nbgrader drops the failure of fetch and feedback; here it reaches the page."""
        body = self.get_json_body() or {}
        course, assignment = str(body.get("course_id", "")), str(body.get("assignment_id", ""))
        moves = {
            "fetch": self.manager.fetch_assignment,
            "submit": self.manager.submit_assignment,
            "fetch_feedback": self.manager.fetch_feedback,
        }
        done = await asyncio.to_thread(moves[action], course, assignment)
        if done["success"]:
            done = await asyncio.to_thread(self.manager.list_assignments, course)
        self.finish(json.dumps(done))


HANDLERS = [
    (r"/assignments", ListHandler),
    (r"/assignments/(?P<action>fetch|submit|fetch_feedback)", ActionHandler),
    (r"/courses", CoursesHandler),
    (r"/nbgrader_version", NbGraderVersionHandler),
]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "graders.exchange.assignment_list"}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Called by Jupyter Server when the extension is enabled (graders/exchange/config)."""
    manager = PortalAssignmentList(parent=server)
    manager.root_dir = server.root_dir
    server.web_app.settings["assignment_list_manager"] = manager
    base_url = server.web_app.settings["base_url"]
    server.web_app.add_handlers(".*$", [(url_path_join(base_url, path), handler) for path, handler in HANDLERS])
