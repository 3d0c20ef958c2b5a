"""``axcampus run`` in a home of its own on free ports, and the commands of a person beside it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

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
    """``axcampus run`` in a home of its own; ``settings`` are more of its variables."""

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AXCAMPUS_")},
            "AXCAMPUS_HOME": str(home),
            "AXCAMPUS_PORT": str(four_free_ports()),
            **(settings or {}),
        }

    @property
    def port(self) -> int:
        """The first of the four ports: the portal's."""
        return int(self.environment["AXCAMPUS_PORT"])

    @property
    def portal_url(self) -> str:
        """The portal as a browser opens it."""
        return f"http://localhost:{self.port}"

    @property
    def hub_url(self) -> str:
        """Hub and notebooks as a browser opens them."""
        return f"http://127.0.0.1:{self.port + 1}/"

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


@contextmanager
def running_platform(home: Path, settings: Mapping[str, str] | None = None) -> Iterator[Platform]:
    """Start, wait until every part is up, stop; fails when a process is left behind."""
    started = Platform(home, settings)
    supervisor = started.start()
    try:
        started.wait_until_ready()
        yield started
    finally:
        supervisor.send_signal(signal.SIGTERM)
        supervisor.wait(60)
    assert started.leftovers() == []
