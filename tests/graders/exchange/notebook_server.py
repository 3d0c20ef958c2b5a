"""A real JupyterLab server of one student on a free port, configured as the spawner configures it."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

import graders.exchange
import hub.lab

CONFIG = Path(graders.exchange.__file__).parent / "config"
LAB = Path(hub.lab.__file__).parent / "share" / "jupyter"
START_SECONDS = 90


@dataclass
class NotebookServer:
    """Where it listens and what it writes."""

    url: str
    token: str
    home: Path

    def get(self, path: str, **arguments) -> requests.Response:
        return requests.get(self.url + path, headers=self._headers(arguments), timeout=60, **arguments)

    def post(self, path: str, body: dict) -> requests.Response:
        return requests.post(self.url + path, json=body, headers=self._headers({}), timeout=60)

    def _headers(self, arguments: dict) -> dict[str, str]:
        return {"Authorization": f"token {self.token}", **arguments.pop("headers", {})}


@contextmanager
def run_server(home: Path, portal: dict[str, str], base_url: str = "/user/kim/") -> Iterator[NotebookServer]:
    """Start, wait until it answers, stop with everything it started."""
    token = secrets.token_hex(16)
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(home),
        "JUPYTER_TOKEN": token,
        "JUPYTER_CONFIG_PATH": str(CONFIG),
        "JUPYTER_PATH": str(LAB),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        **portal,
    }
    flags = ["--no-browser", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", f"--ServerApp.base_url={base_url}"]
    flags += ["--allow-root"] if os.geteuid() == 0 else []
    with (home / "server.log").open("wb") as log:
        command = [sys.executable, "-m", "jupyterlab", *flags]
        server = subprocess.Popen(command, env=environment, cwd=home, stdout=log, stderr=log)
    try:
        yield NotebookServer(_wait(home / "server.log", server, base_url), token, home)
    finally:
        server.terminate()
        server.wait(20)


def _wait(log: Path, server: subprocess.Popen, base_url: str) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        found = re.search(rf"http://127\.0\.0\.1:(\d+){base_url}", log.read_text())
        if found and _answers(found.group(0) + "api"):
            return found.group(0)
        time.sleep(0.1)
    raise RuntimeError(log.read_text())


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.ConnectionError:
        return False
