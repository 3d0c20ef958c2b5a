"""Real parts for the tests of faults: a portal under gunicorn, workers with the real engine, a client that retries."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import requests
import sqlalchemy as sa

from graders.exchange.client import PortalClient
from graders.exchange.errors import PortalError
from graders.exchange.wire import Receipt, wire_files
from graders.files import FileSet
from hub.keys import ensure_keys
from hub.parts import common_environment, portal
from hub.portal.models import Assignment, Attempt, AttemptResult, GradeReportRow, GradingTask, TaskState
from hub.portal.services.publishing import prepare, publish_first
from hub.settings import Settings, ensure_folders
from tests.conftest import free_ports
from tests.hub.portal.conftest import Campus
from tests.hub.portal.faults.fault_points import MARK_VARIABLE, POINT_VARIABLE, POISON_VARIABLE

ROOT = Path(__file__).resolve().parents[4]
WORKER = (sys.executable, "-m", "tests.hub.portal.faults.faulty_worker")
RIGHT = "def add(a, b):\n    return a + b"
#: Seconds; generous, because other work may share the machine: nothing here depends on speed.
PATIENCE = 300


class LiveCampus(Campus):
    """A campus whose time is the real one: real processes have no other."""

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)


def cell(source: str, name: str, **rules: object) -> dict[str, object]:
    flags = {"schema_version": 3, "grade_id": name, "grade": False, "solution": False, "locked": False} | rules
    code = {"cell_type": "code", "outputs": [], "execution_count": None}
    return code | {"id": name, "metadata": {"nbgrader": flags}, "source": source}


def notebook(answer: str = RIGHT) -> bytes:
    test = cell("assert add(1, 2) == 3", "test", grade=True, locked=True, points=3)
    metadata = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    cells = [cell(answer, "sol", solution=True), test]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}).encode()


def publish(campus: Campus) -> None:
    """Give the campus's assignment a version that the real engine can grade: 3 points."""
    prepared = prepare({"a.ipynb": notebook(f"### BEGIN SOLUTION\n{RIGHT}\n### END SOLUTION")}, "ai/a01")
    with campus.database.writing() as session:
        assignment = session.scalars(sa.select(Assignment)).one()
        for version in assignment.versions:
            version.state = "retired"
        session.flush()
        publish_first(session, assignment, prepared, campus.now)


def wait_for(what: str, is_so: Callable[[], bool], seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, f"waited {seconds} s in vain: {what}"
        time.sleep(0.05)


@contextmanager
def stub_hub(port: int) -> Iterator[None]:
    """Answer as the hub does for tokens: ``token-<user>`` is the user's."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.headers.get("Authorization", "").removeprefix("token token-")
            data = json.dumps({"kind": "user", "name": name}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Rig:
    """A campus with real processes around it; ``stop_all`` ends what was started."""

    campus: Campus
    home: Path
    database_url: str
    port: int = field(default_factory=lambda: free_ports(4))
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, port=self.port, database_url=self.database_url, log_level="WARNING")

    @property
    def mark(self) -> Path:
        """Exists once the armed fault point has struck."""
        return self.home / "struck"

    def prepare(self) -> None:
        ensure_folders(self.settings)
        ensure_keys(self.settings.secrets)

    def start(
        self, command: tuple[str, ...], point: str | None, more: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        environment = common_environment(self.settings, "test") | {"PYTHONPATH": str(ROOT)} | (more or {})
        if point is not None:
            environment |= {POINT_VARIABLE: point, MARK_VARIABLE: str(self.mark)}
        with (self.home / "log" / "parts.log").open("ab") as log:
            started = subprocess.Popen(
                command, env=environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )
        self.processes.append(started)
        return started

    def start_portal(self, point: str | None = None) -> subprocess.Popen[bytes]:
        """Start gunicorn as the supervisor does, and wait until the portal answers."""
        command = (*portal(self.settings).command[:-1], "tests.hub.portal.faults.faulty_portal:app")
        started = self.start(command, point)
        wait_for("the portal answers", lambda: self.is_up(started))
        return started

    def is_up(self, started: subprocess.Popen[bytes]) -> bool:
        assert started.poll() is None, (self.home / "log" / "parts.log").read_text()
        try:
            return requests.get(f"http://localhost:{self.port}/api/v1/health", timeout=5).ok
        except requests.RequestException:
            return False

    def start_worker(self, point: str | None = None) -> subprocess.Popen[bytes]:
        return self.start((*WORKER, "--slots", "1"), point)

    def start_poisoned_worker(self, poison: str) -> subprocess.Popen[bytes]:
        """Start a worker of two slots that dies whenever it takes up the submission of this digest."""
        return self.start((*WORKER, "--slots", "2"), None, {POISON_VARIABLE: poison})

    def kill(self, started: subprocess.Popen[bytes]) -> None:
        """Kill -9 a part with everything it started."""
        for process in [*psutil.Process(started.pid).children(recursive=True), psutil.Process(started.pid)]:
            process.kill()
        started.wait()

    def stop_all(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                self.stop(process)

    def stop(self, started: subprocess.Popen[bytes]) -> None:
        started.send_signal(signal.SIGTERM)
        try:
            started.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()

    # what a student does

    def client(self, port: int | None = None) -> PortalClient:
        return PortalClient(f"http://localhost:{port or self.port}/api/v1", "token-kim")

    def submit(self, key: str = "key-00000001", text: str = RIGHT, port: int | None = None) -> Receipt:
        """Hand in with the real client, which tries again; go on trying as a patient student would."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self.client(port).submit("ai", "a01", {"a.ipynb": notebook(text)}, key)
            except PortalError as error:
                if not error.may_pass or time.monotonic() > until:
                    raise

    def post_once(self, key: str = "key-00000001", text: str = RIGHT) -> requests.Response:
        """Hand in with one request and no retry."""
        return requests.post(
            f"http://localhost:{self.port}/api/v1/courses/ai/assignments/a01/attempts",
            json={"files": wire_files({"a.ipynb": notebook(text)})},
            headers={"Authorization": "Bearer token-kim", "Idempotency-Key": key},
            timeout=60,
        )

    # what must hold

    def check_accepted_once(self, receipt: Receipt) -> None:
        """The receipt is of the one attempt that is stored, with its bytes and its place in the queue."""
        attempt = self.campus.get(Attempt)
        assert (attempt.receipt_id, attempt.number) == (receipt.receipt_id, 1)
        assert receipt.digest == attempt.submission_digest == FileSet({"a.ipynb": notebook()}).digest
        assert self.campus.count(GradingTask, attempt_id=attempt.id) == 1
        assert self.client().received_files(receipt.receipt_id) == {"a.ipynb": notebook()}

    def expire_leases(self) -> None:
        """Let leases run out now instead of in a minute."""
        with self.campus.database.writing() as session:
            session.execute(
                sa.update(GradingTask)
                .where(GradingTask.state == TaskState.CLAIMED)
                .values(lease_until=datetime(2000, 1, 1, tzinfo=UTC))
            )

    def is_graded(self) -> bool:
        return self.campus.count(GradingTask) == self.campus.count(GradingTask, state=TaskState.DONE) > 0

    def check_graded_once(self) -> None:
        assert self.campus.count(GradeReportRow) == self.campus.count(AttemptResult) == 1
        assert self.campus.get(GradeReportRow).score == 3.0
