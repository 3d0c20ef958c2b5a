"""Owner's side of the warm process: start it, ask it for a fork, hear how the fork ended, end everything."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from graders.engine import facilities
from graders.engine.messages import MessageSocket
from graders.engine.zygote_environment import student_environment

START_SECONDS = 120.0
FORK_SECONDS = 30.0


class ZygoteError(RuntimeError):
    """The warm process or a fork of it did not come up; nothing was graded."""


class Ending:
    """How a fork ended: exit code (negative: signal), CPU seconds and peak memory of it and its children."""

    def __init__(self, news: dict[str, Any]) -> None:
        self.exit_code: int = news.get("ended", -signal.SIGKILL)
        self.cpu_seconds: float = news.get("cpu_seconds", 0.0)
        self.peak_bytes: int = news.get("peak_bytes", 0)
        self.why: str | None = news.get("why")


class Fork:
    """One process forked from the warm one, on its way into its sandbox or inside it."""

    def __init__(self, life: MessageSocket) -> None:
        self._life = life
        self._handle: int | None = None
        self._is_stopped = False
        self._pid = 0
        self._layers: tuple[str, ...] = ()
        self.ending: Ending | None = None

    @property
    def pid(self) -> int:
        """Process id of who stands inside, once it does."""
        self.wait_until_inside()
        return self._pid

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the sandbox layers that are on, once they are."""
        self.wait_until_inside()
        return self._layers

    def wait_until_inside(self) -> None:
        """Return when the process stands inside its sandbox, or was stopped before; raise ZygoteError if it can't."""
        deadline = time.monotonic() + FORK_SECONDS
        while not (self._pid and self._layers) and self.ending is None:
            news = self._next_news(deadline - time.monotonic())
            if news is None or "failed" in news or "ended" in news:
                was_wanted = not self._is_stopped
                self.kill()
                if not was_wanted:
                    return
                raise ZygoteError(f"the sandbox did not come up: {(news or {}).get('failed', 'no answer')}")
            self._pid = news.get("pid", self._pid)
            self._layers = tuple(news.get("layers", self._layers))

    def interrupt(self) -> None:
        """Send SIGINT, as a notebook's stop button does."""
        self._signal(signal.SIGINT)

    def stop(self) -> None:
        """Kill what is inside; may be called from any thread, also before it is known who that is."""
        self._is_stopped = True
        self._signal(signal.SIGKILL)

    def kill(self) -> Ending:
        """Kill everything inside and return how it had ended."""
        self.stop()
        return self.wait(FORK_SECONDS)

    def wait(self, seconds: float) -> Ending:
        """Wait for the end; a keeper that says nothing is taken as killed."""
        deadline = time.monotonic() + seconds
        while self.ending is None:
            news = self._next_news(deadline - time.monotonic())
            if news is None or "ended" in news:
                self.ending = Ending(news or {})
        self.close()
        return self.ending

    def close(self) -> None:
        """Let go: the keeper kills what is still inside when this end closes."""
        self.ending = self.ending or Ending({})
        self._life.close()
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def cpu_seconds(self) -> float:
        """CPU time of the process inside so far, read from outside; 0 where the system does not tell."""
        try:
            fields = Path(f"{facilities.PROC}/{self._pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            if self._handle is not None:
                signal.pidfd_send_signal(self._handle, number)
            elif self._pid and self.ending is None and not facilities.has_process_handles():
                os.kill(self._pid, number)  # its keeper has not waited for it yet: nobody else has its number

    def _next_news(self, seconds: float) -> dict[str, Any] | None:
        if seconds <= 0 or not self._life.is_ready(seconds):
            return None
        try:
            news, descriptors = self._life.receive()
        except OSError:
            return None
        if descriptors:
            self._handle = descriptors[0]
        if news is not None and "pid" in news:
            self._pid = news["pid"]
            if self._is_stopped:
                self._signal(signal.SIGKILL)
        return news


class Zygote:
    """A warm process with ``modules`` imported; each ``fork`` gives a fresh process in some milliseconds."""

    def __init__(self, modules: Sequence[str] = ()) -> None:
        self.modules = tuple(modules)
        self._orders, theirs = MessageSocket.pair()
        settings = json.dumps({"descriptor": theirs.fileno(), "modules": self.modules})
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "graders.engine.zygote_main", settings],
            pass_fds=[theirs.fileno()],
            env=student_environment(),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self._expect(START_SECONDS)

    def fork(self, role: str, settings: dict[str, Any], descriptors: Sequence[int]) -> Fork:
        """Fork a process of ``role`` that gets ``settings`` and copies of ``descriptors``; it is inside its sandbox."""
        fork = self.start_fork(role, settings, descriptors)
        fork.wait_until_inside()
        return fork

    def start_fork(self, role: str, settings: dict[str, Any], descriptors: Sequence[int]) -> Fork:
        """As ``fork``, but the process may still be on its way in: ``wait_until_inside`` before anything is asked."""
        ours, theirs = MessageSocket.pair()
        with theirs:
            self._orders.send({"role": role, "settings": settings}, [theirs.fileno(), *descriptors])
            self._expect(FORK_SECONDS)
        return Fork(ours)

    def resident_bytes(self) -> int:
        """Memory of the warm process itself; 0 where the system does not tell."""
        try:
            pages = int((facilities.PROC / f"{self._process.pid}/statm").read_text().split()[1])
        except OSError:
            return 0
        return pages * os.sysconf("SC_PAGESIZE")

    @property
    def alive(self) -> bool:
        """Whether the warm process still runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the warm process; forks end with their owners."""
        self._orders.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _expect(self, seconds: float) -> dict[str, Any]:
        try:
            answer, _ = self._orders.receive() if self._orders.is_ready(seconds) else (None, [])
        except OSError as error:
            self.close()
            raise ZygoteError("the warm process does not answer") from error
        if answer is None:
            self.close()
            raise ZygoteError("the warm process ended or does not answer; its message is in the log")
        return answer
