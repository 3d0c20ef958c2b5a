"""The instructor's loop on a real platform: stage from a notebook server, checked by the engine, published by a click.

The click is a form with a CSRF token and a session of the portal; a notebook server's token can't do it.
"""

from __future__ import annotations

import base64
import json
import re
import shlex
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
import requests

from graders.exchange.client import PortalClient
from graders.exchange.errors import PortalError
from graders.exchange.wire import AttemptStatus, Receipt
from hub.demo_browser import DemoBrowser
from hub.demo_hub import DemoHub
from hub.demo_notebook import CommandResult, DemoNotebook
from tests.end_to_end.platform_on_free_ports import Platform, running_platform

pytestmark = [pytest.mark.platform, pytest.mark.slow, pytest.mark.timeout(900)]

COURSE, QUIZ = "manufacturing-ai", "quiz-add"
PAGE = f"/teach/{COURSE}/{QUIZ}/versions/1"
PATIENCE_SECONDS = 240
RIGHT = "def add(a, b):\n    return a + b"
_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running_platform(tmp_path_factory.mktemp("campus") / "var") as started:
        yield started


class Browser(DemoBrowser):
    """A person's browser that can also press the button of a form."""

    def press(self, page: str, action: str) -> requests.Response:
        token = _CSRF.search(self.page(page))
        assert token is not None, "the page has no form"
        form = {"csrf_token": token.group(1)}
        return self._session.post(self._portal + action, data=form, headers={"Referer": self._portal + page})


class Person:
    """Somebody with a notebook server, its token, and a browser that is signed in."""

    def __init__(self, platform: Platform, username: str) -> None:
        self._hub = DemoHub(f"http://127.0.0.1:{platform.port + 2}/hub/api", secret(platform, "demo_service_token"))
        password = json.loads(platform.command("user", "reset", username, "--json").stdout)["password"]
        self.browser = Browser(platform.portal_url)
        self.browser.sign_in(username, password)
        self.token = self._hub.make_token(username)
        self._hub.start_server(username, 120)
        self._notebook = DemoNotebook(f"{platform.hub_url}user/{username}/", self.token)
        self.api = PortalClient(f"{platform.portal_url}/api/v1", self.token)

    def close(self) -> None:
        """Let the connections go: a socket left open is a warning, and warnings are errors."""
        for each in (self.browser, self._hub, self._notebook, self.api):
            each._session.close()

    def nbgrader(self, *words: str) -> CommandResult:
        return self.type(shlex.join(["nbgrader", *words, "--course", COURSE]))

    def type(self, command: str) -> CommandResult:
        return self._notebook.run(command)

    def write(self, path: str, data: bytes) -> None:
        self.type(f"mkdir -p $(dirname {path})")
        self._notebook.write_notebook(path, data)


def secret(platform: Platform, name: str) -> str:
    return (platform.home / "secrets" / name).read_text().strip()


def cell(source: str, grade_id: str, **rules: object) -> dict[str, Any]:
    flags = {"schema_version": 3, "grade_id": grade_id, "grade": False, "solution": False, "locked": False} | rules
    empty: dict[str, Any] = {"cell_type": "code", "outputs": [], "execution_count": None}
    return empty | {"id": grade_id, "metadata": {"nbgrader": flags}, "source": source}


def notebook(answer: str, hidden: str = "") -> bytes:
    cells = [
        cell(answer, "add", solution=True),
        cell("assert add(1, 2) == 3" + hidden, "add-test", grade=True, locked=True, points=4),
    ]
    metadata = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}).encode()


SOURCE = notebook(
    f"### BEGIN SOLUTION\n{RIGHT}\n### END SOLUTION",
    "\n### BEGIN HIDDEN TESTS\nassert add(-7, 2) == -5\n### END HIDDEN TESTS",
)


def wait_for(what: str, ask: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not ask():
        assert time.monotonic() < deadline, what
        time.sleep(1)


def staged_number(done: CommandResult) -> int:
    assert done.status == 0, done.output
    found = re.search(r"/versions/(\d+)", done.output)
    assert found, done.output
    return int(found.group(1))


def graded(student: Person, receipt_id: str) -> Receipt:
    wait_for("not graded", lambda: student.api.receipt(receipt_id).status.is_final)
    return student.api.receipt(receipt_id)


@pytest.fixture
def people(platform: Platform) -> Iterator[list[Person]]:
    """An instructor and a student of one university, their servers started side by side."""
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(partial(Person, platform), ("prof.song", "minji.kim")))
    yield found
    for person in found:
        person.close()


def test_what_an_instructor_stages_reaches_students_only_after_the_check_and_a_click(
    platform: Platform, people: list[Person]
) -> None:
    teacher, student = people

    # staged from the teacher's own server, twice: one version, under a name that the course did not have
    teacher.write(f"lesson/source/{QUIZ}/add.ipynb", SOURCE)
    stage = f"cd ~/lesson && nbgrader release_assignment {QUIZ} --course {COURSE}"
    assert [staged_number(teacher.type(stage)) for _ in range(2)] == [1, 1]
    students_can_not_stage_or_collect(student)

    # the engine's check, then nobody but the teacher's click
    wait_for("the check did not end", lambda: "/publish" in teacher.browser.page(PAGE))
    assert re.search(r'class="number">4 / 4<.*class="number">0 / 4<', teacher.browser.page(PAGE), re.DOTALL)
    tokens_can_not_publish(platform, teacher)
    assert QUIZ not in [each.slug for each in student.api.assignments(COURSE)]
    assert teacher.browser.press(PAGE, f"{PAGE}/publish").status_code == 200
    assert QUIZ in student.nbgrader("list").output

    # a student works on it
    fetched = student.nbgrader("fetch_assignment", QUIZ)
    assert fetched.status == 0, fetched.output
    student.write(f"{COURSE}/{QUIZ}/add.ipynb", notebook(RIGHT))
    submitted = student.nbgrader("submit", QUIZ)
    assert submitted.status == 0, submitted.output
    receipt = graded(student, student.api.attempts(COURSE, QUIZ)[0].receipt_id)
    assert (receipt.status, receipt.score, receipt.max_score) == (AttemptStatus.GRADED, 4, 4)

    # and the teacher gets it where nbgrader looks for it
    collected = teacher.type(f"cd ~/lesson && nbgrader collect {QUIZ} --course {COURSE}")
    assert receipt.receipt_id in collected.output
    there = teacher.type(f"base64 -w0 ~/lesson/submitted/minji.kim/{QUIZ}/add.ipynb; echo")
    assert "return a + b" in base64.b64decode(re.findall(r"[A-Za-z0-9+/=]{200,}", there.output)[0]).decode()


def students_can_not_stage_or_collect(student: Person) -> None:
    student.write(f"mine/source/{QUIZ}/add.ipynb", SOURCE)
    for command in ("release_assignment", "collect"):
        refused = student.type(f"cd ~/mine && nbgrader {command} {QUIZ} --course {COURSE}")
        assert refused.status != 0
        assert "권한이 없" in refused.output, refused.output
        assert "Traceback" not in refused.output
    with pytest.raises(PortalError, match="allowed"):
        student.api.stage(COURSE, "quiz-of-a-student", {"add.ipynb": SOURCE})


def tokens_can_not_publish(platform: Platform, teacher: Person) -> None:
    """Neither the form's address nor an address of the API that one might guess takes a server's token."""
    headers = {"Authorization": f"Bearer {teacher.token}", "Referer": platform.portal_url + PAGE}
    form = requests.post(f"{platform.portal_url}{PAGE}/publish", headers=headers, allow_redirects=False, timeout=60)
    guess = f"{platform.portal_url}/api/v1/courses/{COURSE}/assignments/{QUIZ}/versions/1/publish"
    guessed = requests.post(guess, headers=headers, json={}, timeout=60)
    assert form.status_code in (400, 401, 403)
    assert guessed.status_code in (404, 405)
    assert "/publish" in teacher.browser.page(PAGE)  # still to be published
