"""The starter's side of trusted test processes: one warm zygote, one fresh process for each notebook.

with TrustedZygote() as zygote, zygote.start(notebook) as tests:
    result = tests.run_test(cell, student.lend())
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from graders.contract import Outcome
from graders.engine.results import MEMORY, TIMEOUT, TestResult
from graders.engine.sandbox import SandboxError
from graders.engine.trusted_model import CellAnswer, TestCell, TrustedNotebook
from graders.engine.wire import BridgeError, Channel, OutOfTimeError
from graders.engine.zygote_environment import FONT_CACHE_VARIABLE

#: What a trusted process may take beyond its cell's own time before it is killed from outside.
GRACE_SECONDS = 3.0

#: A zygote that still imports its libraries answers late.
START_SECONDS = 120.0

#: Variables of our own environment that a trusted process gets; never tokens, addresses or the student's.
_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "PYTHONDONTWRITEBYTECODE", "SYSTEMROOT", FONT_CACHE_VARIABLE)


class TrustedZygote:
    """Forks trusted test processes in milliseconds, with ``modules`` imported. Safe to use from several threads."""

    def __init__(self, modules: Sequence[str] = ()) -> None:
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "graders.engine.trusted_zygote", str(theirs.fileno()), *modules],
                pass_fds=[theirs.fileno()],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                cwd="/",
            )

    def start(self, notebook: TrustedNotebook) -> TrustedProcess:
        """Fork a fresh process for one notebook."""
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            socket.send_fds(self._control, [b"s"], [theirs.fileno()])
            pid = int.from_bytes(self._control.recv(4, socket.MSG_WAITALL), "big")
        if not pid:
            raise RuntimeError("the trusted zygote has ended")
        return TrustedProcess(self, pid, ours, notebook)

    def end(self, pid: int) -> None:
        """End one test process, whatever it does."""
        with self._lock, contextlib.suppress(OSError):  # a zygote that ended took its processes with it
            self._control.sendall(b"k" + pid.to_bytes(4, "big"))
            self._control.recv(4, socket.MSG_WAITALL)

    def close(self) -> None:
        """End the zygote and all its processes."""
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)  # ends it even if another fork holds a copy of this socket
        self._control.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class TrustedProcess:
    """A fresh trusted process that runs the test cells of one notebook, in order; names live from cell to cell."""

    def __init__(self, zygote: TrustedZygote, pid: int, sock: socket.socket, notebook: TrustedNotebook) -> None:
        self._zygote, self._pid, self._sock = zygote, pid, sock
        self._notebook = notebook
        self._channel = Channel(sock)
        self._is_alive = True
        self._channel.send(notebook.model_dump(mode="json"))
        self._layers: tuple[str, ...] | None = None

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers of the cage; waits until it is closed.

        SandboxError where a required one is missing: no test runs.
        """
        if self._layers is None:
            self._layers = self._settled()
        return self._layers

    def _settled(self) -> tuple[str, ...]:
        self._channel.deadline = time.monotonic() + START_SECONDS
        try:
            news, _ = self._channel.receive()
        except BridgeError as error:
            raise SandboxError(f"the trusted process did not come up: {error}") from error
        if "failed" in news:
            raise SandboxError(f"the cage of the tests did not close: {news['failed']}")
        return tuple(news["layers"])

    def run_test(self, cell: TestCell, sock: socket.socket) -> TestResult:
        """Run one test cell against the student's process at the other end of ``sock`` (closed afterwards).

        Never raises for anything that the student's side or the test does: every end is a result. A process that
        does not answer in time is killed and later cells of the notebook run in a fresh one, without its names.
        """
        return result_of(self.run_cell(cell, sock), cell)

    def run_cell(self, cell: TestCell, sock: socket.socket) -> CellAnswer:
        """As ``run_test``, with the recorded profile and the bridge's own times."""
        with sock:
            self._ensure_ready()
            start = time.monotonic()
            try:
                return self._exchange(cell, sock, start)
            except BridgeError as error:
                self.close()
                return _lost(error, time.monotonic() - start)

    def _exchange(self, cell: TestCell, sock: socket.socket, start: float) -> CellAnswer:
        self._channel.deadline = start + cell.seconds + GRACE_SECONDS
        self._channel.send(cell.model_dump(mode="json"))
        socket.send_fds(self._sock, [b"f"], [sock.fileno()])
        header, _ = self._channel.receive()
        return CellAnswer.model_validate(header)

    def _ensure_ready(self) -> None:
        """Have a process that is inside its cage."""
        if not self._is_alive:
            fresh = self._zygote.start(self._notebook)
            self._pid, self._sock, self._channel, self._is_alive = fresh._pid, fresh._sock, fresh._channel, True
            self._layers = None
        self._layers = self.layers

    def close(self) -> None:
        """End the process."""
        if self._is_alive:
            self._is_alive = False
            self._sock.close()
            self._zygote.end(self._pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        self.close()


def result_of(answer: CellAnswer, cell: TestCell) -> TestResult:
    """The result of a cell without the recorder's part."""
    return TestResult(
        outcome=answer.outcome,
        points=answer.points,
        max_points=cell.max_points,
        message=answer.message,
        staff_message=answer.staff_message,
        isolation=answer.isolation,
        printed=answer.printed,
        seconds=answer.seconds,
        flags=answer.flags,
    )


def _lost(error: BridgeError, seconds: float) -> CellAnswer:
    """The trusted process itself ended: out of time, or out of memory while it read what was sent to it."""
    if isinstance(error, OutOfTimeError):
        return CellAnswer(outcome=Outcome.TIMEOUT, points=0, message=TIMEOUT, seconds=seconds)
    staff = f"the trusted process ended: {error}"
    return CellAnswer(outcome=Outcome.MEMORY, points=0, message=MEMORY, staff_message=staff, seconds=seconds)


#: Both sides' clocks, sets and numbers must behave alike; no library starts processes or threads of its own.
_GIVEN_VARIABLES = {
    "MPLBACKEND": "Agg",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "JOBLIB_MULTIPROCESSING": "0",
    "PYTHONHASHSEED": "0",
    "HOME": "/nonexistent",
    "TZ": "Asia/Seoul",
}


def _environment() -> dict[str, Any]:
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return {**_GIVEN_VARIABLES, **kept}
