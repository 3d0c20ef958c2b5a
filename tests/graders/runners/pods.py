"""Grading pods as processes of this machine: the very server that runs in a pod, reached over loopback."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from graders.runners.kubernetes_places import Place
from graders.runners.serve_keys import CERTIFICATE_FILE, KEY_FILE, KeyPair, client_context, make_key_pair
from tests.conftest import free_ports

START_SECONDS = 120


@dataclass
class Fixed:
    """Places that a test knows."""

    known: list[Place] = field(default_factory=list)

    def places(self) -> Sequence[Place]:
        return list(self.known)

    def problem(self) -> str:
        return "no pod in this test"


@dataclass(frozen=True)
class Pod:
    process: subprocess.Popen[str]
    place: Place


def fresh_keys() -> KeyPair:
    return make_key_pair(timedelta(hours=1))


def write_keys(keys: KeyPair, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / CERTIFICATE_FILE).write_text(keys.certificate)
    (folder / KEY_FILE).write_text(keys.key)
    return folder


@contextmanager
def grading_pod(keys: KeyPair, folder: Path, *options: str) -> Iterator[Pod]:
    """A server with ``options`` that is ready; it is ended as Kubernetes ends it."""
    address = "127.0.0.1", free_ports(1)
    command = [sys.executable, "-m", "graders.runners.serve", "--keys", str(write_keys(keys, folder))]
    process = subprocess.Popen(
        [*command, "--host", address[0], "--port", str(address[1]), *options], stderr=subprocess.PIPE, text=True
    )
    try:
        await_ready(process)
        yield Pod(process, Place(address, client_context(keys)))
    finally:
        process.terminate()
        process.wait(120)
        assert process.stderr is not None
        process.stderr.close()


def await_ready(process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + START_SECONDS
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        if "ready on" in line:
            return
        said.append(line)
        assert time.monotonic() < deadline
    raise AssertionError("".join(said))
