"""Owner's side of a student's process: run its cells one by one, lend it to the tests, end it.

Whatever the process sends is bounded and checked here; it decides about outputs only, never about points.
"""

from __future__ import annotations

import contextlib
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from graders.contract import Limits, Outcome
from graders.engine.outputs import Output, clean_outputs
from graders.engine.sandbox import Cage
from graders.engine.wire import BridgeError, Channel, Header, OutOfTimeError, WireLimits
from graders.engine.zygote import Ending, Fork, Zygote

#: After the interrupt of a cell that took too long, before the whole process is killed.
GRACE_SECONDS = 2.0


@dataclass(frozen=True)
class CellResult:
    """What one cell did. ``ok`` and ``error`` are the student side's own words: for display only."""

    outputs: list[Output] = field(default_factory=list)
    execution_count: int | None = None
    ok: bool = False
    error: str | None = None
    timed_out: bool = False
    killed: bool = False
    seconds: float = 0.0
    cpu_seconds: float = 0.0


@dataclass(frozen=True)
class StudentSettings:
    """What one notebook's process gets: its folder, limits and seed; a home of its own, or else the folder; and
    the user that it becomes where the grader is root, who must own both."""

    folder: Path
    limits: Limits
    seed: int
    home: Path | None = None
    user: int | None = None

    def cage(self) -> Cage:
        """Return the sandbox for this notebook."""
        return Cage(
            folder=self.folder,
            home=self.home or self.folder,
            user=self.user,
            memory_bytes=self.limits.memory_bytes,
            processes=self.limits.processes,
            cpu_seconds=self.limits.cpu_seconds,
            disk_bytes=self.limits.disk_bytes,
            allow_programs=self.limits.allow_shell,
        )


class StudentProcess:
    """A fork of the warm process in its sandbox, with one IPython shell for one notebook.

    It puts its sandbox up while whoever made it does something else; the first question waits for that, and raises
    ZygoteError if the sandbox did not come up.
    """

    def __init__(self, zygote: Zygote, settings: StudentSettings) -> None:
        limits = settings.limits
        ours, theirs = socket.socketpair()
        self._limits = limits
        with theirs:
            self._fork: Fork = zygote.start_fork("student", _as_json(settings), [theirs.fileno()])
        message_bytes = 8 * limits.output_bytes_per_cell + 1_000_000  # escaped characters take up to six bytes
        self._channel = Channel(ours, WireLimits(header_bytes=message_bytes, message_bytes=message_bytes, blobs=0))
        self.alive = True

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the sandbox layers that are on."""
        return self._fork.layers

    def run_cell(self, source: str, cell_id: str, seconds: float | None = None) -> CellResult:
        """Run one cell; past ``seconds`` it is interrupted, and the process is killed if that does not help."""
        return self._ask({"do": "run", "source": source, "cell_id": cell_id}, seconds or self._limits.cell_seconds)

    def lend(self) -> socket.socket:
        """Let the process answer the bridge's requests at the socket that is returned, until its other end says done.

        The next call must be ``take_back``. Each lending has a socket of its own, so that a late answer to one test
        can't be taken for an answer to the next.
        """
        self._fork.wait_until_inside()
        self._started = (time.monotonic(), self._fork.cpu_seconds())
        ours, theirs = socket.socketpair()
        with theirs:
            self._send({"do": "lend"})
            with contextlib.suppress(OSError):
                socket.send_fds(self._channel.sock, [b"f"], [theirs.fileno()])
        return ours

    def take_back(self, seconds: float = GRACE_SECONDS) -> CellResult:
        """Wait until the process has stopped answering; it is interrupted, then killed, if it does not."""
        return self._await_answer(seconds)

    def stop(self) -> None:
        """Kill the process from another thread; whoever waits for its answer learns that it was killed."""
        self._fork.stop()

    def end_outcome(self) -> Outcome:
        """Why a dead process died, as its owner knows it: too much memory or time, or anything else."""
        why = self.close().why
        return Outcome(why) if why in (Outcome.MEMORY, Outcome.TIMEOUT) else Outcome.KILLED

    def close(self) -> Ending:
        """Kill the process and all that it started."""
        self.alive = False
        self._channel.sock.close()
        return self._fork.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, order: Header, seconds: float) -> CellResult:
        self._fork.wait_until_inside()
        self._started = (time.monotonic(), self._fork.cpu_seconds())
        self._send(order)
        return self._await_answer(seconds)

    def _send(self, order: Header) -> None:
        self._channel.deadline = time.monotonic() + GRACE_SECONDS
        with contextlib.suppress(BridgeError):  # a dead process is noticed by whoever waits for the answer
            self._channel.send(order)

    def _await_answer(self, seconds: float) -> CellResult:
        try:
            return self._result(self._answer_within(seconds))
        except OutOfTimeError:
            self._fork.interrupt()
        except BridgeError:
            return self._killed()
        try:
            return self._result(self._answer_within(GRACE_SECONDS), timed_out=True)
        except BridgeError:
            return self._killed(timed_out=True)

    def _answer_within(self, seconds: float) -> Header:
        self._channel.deadline = time.monotonic() + seconds
        answer, _ = self._channel.receive()
        return answer

    def _killed(self, timed_out: bool = False) -> CellResult:
        self.close()
        return CellResult(timed_out=timed_out, killed=True, seconds=time.monotonic() - self._started[0])

    def _result(self, answer: Header, timed_out: bool = False) -> CellResult:
        count, error = answer.get("execution_count"), answer.get("error")
        return CellResult(
            outputs=clean_outputs(answer.get("outputs"), self._limits.output_bytes_per_cell),
            execution_count=count if type(count) is int and 0 <= count < 1_000_000 else None,
            ok=answer.get("ok") is True and not timed_out,
            error=str(error)[:200] if error is not None else None,
            timed_out=timed_out,
            seconds=time.monotonic() - self._started[0],
            cpu_seconds=self._fork.cpu_seconds() - self._started[1],
        )


def _as_json(settings: StudentSettings) -> dict[str, Any]:
    return {
        "cage": settings.cage().model_dump(mode="json"),
        "seed": settings.seed,
        "allow_shell": settings.limits.allow_shell,
        "output_bytes": settings.limits.output_bytes_per_cell,
    }
