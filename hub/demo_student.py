"""One student of a demonstration class from signing in to the grade, on a notebook server or with a token alone."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field

from courses.catalog import Assignment
from graders.exchange.client import PortalClient
from graders.exchange.errors import PortalError
from graders.exchange.wire import Receipt
from graders.files import FileSet, canonical_json, sha256_hex
from hub.demo_browser import DemoBrowser, DemoError
from hub.demo_enrolment import ClassMember
from hub.demo_hub import DemoHub
from hub.demo_notebook import DemoNotebook
from hub.demo_roles import answers_for, write_answers
from hub.settings import Settings

_RECEIPT = re.compile(r"접수번호 ([0-9A-Z]{4}-[0-9A-Z]{4})")


@dataclass(frozen=True, repr=False)
class Lesson:
    """What all students of a class share: the platform, what is to be solved, and whom to tell of progress."""

    settings: Settings
    hub: DemoHub
    course: str
    assignment: Assignment
    tell: Callable[[str], None] = lambda _step: None


@dataclass
class StudentRun:
    """What happened to one student so far; ``error`` says which step failed."""

    member: ClassMember
    has_server: bool
    token: str = field(default="", repr=False)
    browser: DemoBrowser | None = field(default=None, repr=False)
    receipt: Receipt | None = None
    page_shows_receipt: bool | None = None
    error: str = ""

    def client(self, settings: Settings) -> PortalClient:
        """The portal's REST API as this student."""
        return PortalClient(settings.portal_api_url, self.token)


def attend(lesson: Lesson, run: StudentRun) -> None:
    """Work through the lesson up to the receipt; a failure is written down instead of stopping the class."""
    try:
        run.receipt = _with_server(lesson, run) if run.has_server else _with_token(lesson, run)
    except (DemoError, PortalError, OSError) as error:
        run.error = str(error)
    finally:
        if run.has_server:
            lesson.hub.stop_server(run.member.username)


def look_at_page(run: StudentRun) -> None:
    """See whether the portal shows this student the receipt; only those who signed in have a browser."""
    if run.receipt is None or run.browser is None:
        return
    try:
        run.page_shows_receipt = run.receipt.receipt_id in run.browser.page(f"/receipts/{run.receipt.receipt_id}")
    except (DemoError, OSError) as error:
        run.page_shows_receipt, run.error = False, str(error)


def _with_server(lesson: Lesson, run: StudentRun) -> Receipt:
    """Sign in through the form, start one's own server, and use nbgrader in its terminal."""
    member = run.member
    run.browser = DemoBrowser(lesson.settings.portal_url)
    run.browser.sign_in(member.username, member.password)
    lesson.tell("signed in")
    run.token = lesson.hub.make_token(member.username)
    lesson.hub.start_server(member.username, lesson.settings.notebook_start_seconds + 15)
    lesson.tell("server")
    notebook = DemoNotebook(f"{lesson.settings.hub_url}user/{member.username}/", run.token)
    _nbgrader(lesson, notebook, "fetch_assignment")
    lesson.tell("fetched")
    for stem, answers in answers_for(member.role, lesson.assignment).items():
        path = f"{lesson.course}/{lesson.assignment.slug}/{stem}.ipynb"
        if answers:
            notebook.write_notebook(path, write_answers(notebook.read_notebook(path), answers))
    said = _nbgrader(lesson, notebook, "submit")
    lesson.tell("submitted")
    receipt_id = _receipt_id(said)
    if receipt_id not in notebook.panel_receipts():
        raise DemoError(f"JupyterLab's panel does not show receipt {receipt_id}")
    return run.client(lesson.settings).receipt(receipt_id)


def _nbgrader(lesson: Lesson, notebook: DemoNotebook, command: str) -> str:
    words = ["nbgrader", command, lesson.assignment.slug, "--course", lesson.course]
    done = notebook.run(shlex.join(words))
    if done.status != 0:
        raise DemoError(f"{' '.join(words)}: exit status {done.status}: {done.output[-500:].strip()}")
    return done.output


def _receipt_id(said: str) -> str:
    """Read the receipt id as a student reads it off the terminal."""
    found = _RECEIPT.search(said)
    if found is None:
        raise DemoError(f"nbgrader submit showed no receipt: {said[-300:]}")
    return found.group(1)


def _with_token(lesson: Lesson, run: StudentRun) -> Receipt:
    """Three hundred servers don't fit a laptop: a token of the hub and the exchange's own client do the same."""
    lesson.hub.ensure_user(run.member.username)
    run.token = lesson.hub.make_token(run.member.username)
    client = run.client(lesson.settings)
    release = client.release(lesson.course, lesson.assignment.slug)
    lesson.tell("fetched")
    files = {file.path: file.content for file in release.files}
    for stem, answers in answers_for(run.member.role, lesson.assignment).items():
        path = f"{stem}.ipynb"
        files[path] = write_answers(files[path], answers)
    key = sha256_hex(canonical_json([run.member.username, FileSet(files).digest]))
    receipt = client.submit(lesson.course, lesson.assignment.slug, files, key, release.version)
    lesson.tell("submitted")
    return receipt
