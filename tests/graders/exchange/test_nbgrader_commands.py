"""The nbgrader commands a person types, run as processes with the configuration that servers get."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import graders.exchange
from tests.graders.exchange.portal_stand_in import ASSIGNMENT, COURSE, NOTEBOOK, PortalThread, RunningPortal

pytestmark = pytest.mark.slow

CONFIG = Path(graders.exchange.__file__).parent / "config"


class Shell:
    """A home and the environment of a notebook server."""

    def __init__(self, home: Path, portal: RunningPortal) -> None:
        self.home = home
        self.portal = portal

    def run(self, *arguments: str, token: str = "student-token", cwd: Path | None = None, **extra: str):
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "JUPYTER_CONFIG_PATH": str(CONFIG),
            "PYTHONDONTWRITEBYTECODE": "1",
            **self.portal.environment(token),
            **extra,
        }
        command = [sys.executable, "-m", "nbgrader", *arguments]
        return subprocess.run(
            command, cwd=cwd or self.home, env=environment, capture_output=True, text=True, check=False
        )


@pytest.fixture
def shell(tmp_path: Path, portal: RunningPortal) -> Shell:
    home = tmp_path / "home"
    home.mkdir()
    return Shell(home, portal)


def test_a_student_lists_fetches_submits_and_lists_again(shell: Shell, portal: RunningPortal):
    released = json.loads(shell.run("list", "--json").stdout)
    assert [(row["assignment_id"], row["status"]) for row in released] == [(ASSIGNMENT, "released")]

    fetched = shell.run("fetch_assignment", ASSIGNMENT, "--course", COURSE)
    assert fetched.returncode == 0, fetched.stderr
    assert (shell.home / COURSE / ASSIGNMENT / "a03.ipynb").read_bytes() == NOTEBOOK

    submitted = shell.run("submit", ASSIGNMENT, cwd=shell.home / COURSE / ASSIGNMENT)
    assert submitted.returncode == 0, submitted.stderr
    assert "접수번호 7F3K-0001" in submitted.stderr

    portal.state.grade("7F3K-0001", 8.5)
    [row] = json.loads(shell.run("list", "--inbound", "--json").stdout)
    assert [(one["receipt_id"], one["score"]) for one in row["submissions"]] == [("7F3K-0001", 8.5)]

    feedback = shell.run("fetch_feedback", ASSIGNMENT, "--course", COURSE)
    assert feedback.returncode == 0, feedback.stderr
    assert (shell.home / COURSE / ASSIGNMENT / "feedback" / "7F3K-0001" / "a03.html").is_file()


def test_an_instructor_stages_and_collects(shell: Shell, portal: RunningPortal):
    source = shell.home / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    (source / "a03.ipynb").write_bytes(NOTEBOOK)
    staged = shell.run("release_assignment", ASSIGNMENT, "--course", COURSE, token="teacher-token")
    assert staged.returncode == 0, staged.stderr
    assert staged.stdout.strip().endswith("/courses/manufacturing-ai/a03")

    empty = shell.run("collect", ASSIGNMENT, "--course", COURSE, token="teacher-token")
    assert empty.returncode == 0, empty.stderr
    assert "아직 제출이 없습니다" in empty.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("fetch_assignment", "nothing", "--course", COURSE), "그런 과제가 없습니다"),
        (("submit", ASSIGNMENT, "--course", COURSE), "먼저 과제를 가져오십시오"),
        (("release_feedback", ASSIGNMENT, "--course", COURSE), "포털의 과제 페이지에서"),
    ],
)
def test_what_fails_says_why_without_a_traceback(shell: Shell, arguments: tuple[str, ...], words: str):
    done = shell.run(*arguments)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_portal_that_is_down_is_said_flatly(tmp_path: Path):
    with PortalThread() as gone:
        pass
    shell = Shell(tmp_path, gone)
    done = shell.run("list")
    assert done.returncode == 1
    assert "포털에 연결하지 못했습니다" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_user_name_given_on_the_command_line_changes_nothing(shell: Shell, portal: RunningPortal):
    shell.run("fetch_assignment", ASSIGNMENT, "--course", COURSE)
    done = shell.run("submit", ASSIGNMENT, "--course", COURSE, "--CourseDirectory.student_id=park")
    assert done.returncode == 0, done.stderr
    assert [attempt["username"] for attempt in portal.state.attempts] == ["kim"]
