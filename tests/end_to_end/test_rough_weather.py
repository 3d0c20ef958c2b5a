"""Rough weather: one student's slow requests hold up nobody, and a grader killed in the middle loses nothing."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psutil
import pytest
import requests

from tests.end_to_end.platform_on_free_ports import Platform, running_platform
from tests.hub.platform_client import Visitor

pytestmark = [pytest.mark.platform, pytest.mark.slow, pytest.mark.timeout(900)]

SLOW_REQUESTS = 20


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running_platform(tmp_path_factory.mktemp("weather") / "var") as started:
        yield started


@pytest.fixture
def junho(platform: Platform) -> Iterator[Visitor]:
    account = json.loads(platform.command("user", "reset", "junho.lee", "--json").stdout)
    visitor = Visitor(platform.hub_url, account["username"], account["password"])
    assert visitor.sign_in().status_code == 302
    with closing(visitor):
        yield visitor


def begin_slow_upload(port: int, method_and_path: str) -> socket.socket:
    """Send the head of a large request and two bytes of its body, and leave it so."""
    slow = socket.create_connection(("127.0.0.1", port))
    head = f"{method_and_path} HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: token x\r\n"
    slow.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 4000000\r\n\r\n".encode() + b'{"')
    return slow


def test_twenty_slow_requests_of_one_student_hold_up_nobody(platform: Platform, junho: Visitor):
    submit = "POST /api/v1/courses/manufacturing-ai/assignments/a03-milling/attempts"
    save = "PUT /user/minji.kim/api/contents/slow.txt"
    with ExitStack() as held:
        for _ in range(SLOW_REQUESTS):
            held.enter_context(begin_slow_upload(platform.port, submit))
            held.enter_context(begin_slow_upload(platform.port + 1, save))
        time.sleep(1)
        junho.start_server()
        assert junho.session.get(f"{platform.hub_url}user/junho.lee/api/status", timeout=20).status_code == 200
        assert requests.get(f"{platform.portal_url}/", timeout=20).status_code == 200


def test_a_grader_killed_in_the_middle_of_a_class_loses_nothing(platform: Platform):
    class_of_four = subprocess.Popen(
        [sys.executable, "-m", "hub.cli", "demo", "--students", "4", "--servers", "0", "--json"],
        env=platform.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    wait_until_grading(platform.home / "axcampus.db", class_of_four)
    kill_worker_and_runners(platform)
    shown = json.loads(class_of_four.communicate(timeout=800)[0])
    assert shown["failures"] == []
    assert class_of_four.returncode == 0
    assert worker_of(platform)["restarts"] > 0


def wait_until_grading(database: Path, running: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 300
    while running.poll() is None and time.monotonic() < deadline:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            claimed = connection.execute("SELECT count(*) FROM grading_task WHERE state = 'claimed'").fetchone()[0]
        if claimed:
            return
        time.sleep(0.1)
    raise AssertionError("no submission came to be graded")


def kill_worker_and_runners(platform: Platform) -> None:
    worker = psutil.Process(worker_of(platform)["pid"])
    for process in [worker, *worker.children(recursive=True)]:
        os.kill(process.pid, signal.SIGKILL)


def worker_of(platform: Platform) -> dict:
    return json.loads(platform.command("status", "--json").stdout)["parts"]["worker"]
