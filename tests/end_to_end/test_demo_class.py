"""The whole loop on a real platform on free ports: a class of six signs in, fetches, submits, is graded, is counted."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

pytestmark = [pytest.mark.platform, pytest.mark.slow, pytest.mark.timeout(1500)]

STUDENTS = 6
READY_SECONDS = 240


def four_free_ports() -> int:
    """Return the first of four ports in a row that nobody listens on."""
    for first in range(18000 + os.getpid() % 4000, 64000, 8):
        if all(_is_free(first + offset) for offset in range(4)):
            return first
    raise RuntimeError("no four free ports in a row")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


class Platform:
    """``axcampus run`` in a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AXCAMPUS_")},
            "AXCAMPUS_HOME": str(home),
            "AXCAMPUS_PORT": str(four_free_ports()),
        }

    def command(self, *arguments: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", "hub.cli", *arguments]
        return subprocess.run(words, env=self.environment, capture_output=True, text=True, timeout=seconds, check=False)

    def start(self) -> subprocess.Popen[bytes]:
        with (self.home.parent / "run.log").open("wb") as log:
            words = [sys.executable, "-m", "hub.cli", "run"]
            return subprocess.Popen(words, env=self.environment, stdout=log, stderr=log)

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self.command("status").returncode == 0:
                return
            time.sleep(2)
        raise RuntimeError((self.home.parent / "run.log").read_text() + self.command("status").stdout)

    def leftovers(self) -> list[psutil.Process]:
        """Processes that still carry the mark of this installation."""
        return [process for process in psutil.process_iter() if _mark(process) == str(self.home)]


def _mark(process: psutil.Process) -> str:
    try:
        return str(process.environ().get("AXCAMPUS_INSTANCE", ""))
    except psutil.Error:
        return ""


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    started = Platform(tmp_path_factory.mktemp("campus") / "var")
    supervisor = started.start()
    try:
        started.wait_until_ready()
        yield started
    finally:
        supervisor.send_signal(signal.SIGTERM)
        supervisor.wait(60)
    assert started.leftovers() == []


def test_a_class_of_six_is_graded_as_each_of_them_deserves(platform: Platform):
    done = platform.command("demo", "--students", str(STUDENTS), "--json", seconds=1200)
    assert done.stdout, done.stderr
    shown = json.loads(done.stdout)
    assert shown["failures"] == []
    assert done.returncode == 0
    assert [student["role"] for student in shown["students"]] == [
        *("right", "partly", "wrong", "broken", "endless", "empty")
    ]
    rise = {
        stage: shown["coordinator"]["after"][stage] - shown["coordinator"]["before"][stage] for stage in ("submitted",)
    }
    assert rise == {"submitted": STUDENTS}


def test_a_class_that_nobody_waits_for_does_not_count_as_shown(platform: Platform):
    done = platform.command("demo", "--students", "2", "--servers", "0", "--timeout", "0", "--json", seconds=300)
    shown = json.loads(done.stdout)
    assert done.returncode == 1
    assert any("expected all automatic points" in failure for failure in shown["failures"])


def test_without_a_platform_a_class_is_refused_in_words(tmp_path: Path):
    done = Platform(tmp_path / "nothing").command("demo", "--students", "1")
    assert done.returncode == 1
    assert "axcampus run" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_platform_for_real_use_is_left_alone(tmp_path: Path):
    real = Platform(tmp_path / "real")
    real.environment["AXCAMPUS_DEMO"] = "false"
    done = real.command("demo", "--students", "1")
    assert done.returncode == 1
    assert "AXCAMPUS_DEMO=false" in done.stderr
