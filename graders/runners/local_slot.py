"""The runner's handle of one slot process: start it, give it a job, hear its progress, end it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from graders.contract import GradeReport, GradeRequest
from graders.engine.wire import BridgeError, Channel, Header, OutOfTimeError
from graders.engine.zygote_environment import FONT_CACHE_VARIABLE, ONE_THREAD
from graders.files import FileSet
from graders.runners.base import Progress, ProgressListener
from graders.runners.local_frames import slot_limits, write_file_set
from graders.scratch import Scratch

START_SECONDS = 180.0
#: Beyond the submission's own limit: a new list of modules to warm up, folders, the last cells' end.
SLACK_SECONDS = 120.0
CANCEL_SECONDS = 15.0
_LOOK_SECONDS = 0.1
_REMOVAL_TRIES = 50

#: All that a slot inherits; database addresses, tokens and keys stay behind.
_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "HOME", "PYTHONDONTWRITEBYTECODE", FONT_CACHE_VARIABLE)


class SlotError(RuntimeError):
    """The slot process ended or does not answer; its submission has no result."""


class Slot:
    """One slot process. One job at a time."""

    def __init__(self, modules: Sequence[str] = ()) -> None:
        ours, theirs = socket.socketpair()
        self._locked = Scratch("axcampus-slot-")
        self._scratch = self._locked.path
        self._scratch.chmod(0o711)  # students' own users must get through to their folders
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "graders.runners.local_slot_main", str(theirs.fileno()), *modules],
                pass_fds=[theirs.fileno(), self._locked.descriptor],  # its lock lives as long as either of us
                env={**_environment(), "TMPDIR": str(self._scratch)},
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._channel = Channel(ours, slot_limits())
        self.jobs_done = 0
        self.memory_bytes = 0
        self._is_ready = False

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def wait_until_ready(self) -> None:
        """Return when the slot is warm."""
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready:
            self._note(self._receive(deadline - time.monotonic()))

    def grade(
        self,
        request: GradeRequest,
        bundle: FileSet,
        submission: FileSet,
        on_progress: ProgressListener,
        cancel: threading.Event,
    ) -> GradeReport:
        """Grade one submission; SlotError if the process ends or takes far too long."""
        self.wait_until_ready()
        blobs: list[bytes] = []
        names = {"bundle": write_file_set(bundle, blobs), "submission": write_file_set(submission, blobs)}
        self._send({"request": request.model_dump(mode="json"), **names}, blobs)
        deadline = time.monotonic() + request.limits.submission_seconds + SLACK_SECONDS
        return self._await_report(deadline, on_progress, cancel)

    def _await_report(self, deadline: float, on_progress: ProgressListener, cancel: threading.Event) -> GradeReport:
        is_told = False
        while True:
            if cancel.is_set() and not is_told:
                is_told, deadline = True, time.monotonic() + CANCEL_SECONDS
                self._send({"cancel": True}, [])
            news = self._look(deadline)
            if news is None:
                continue
            self._note(news)
            if "progress" in news:
                on_progress(Progress.model_validate(news["progress"]))
            if "report" in news:
                self.jobs_done += 1
                return GradeReport.model_validate_json(news["report"])

    def _look(self, deadline: float) -> Header | None:
        """Return the next message, or None when it is time to look at the cancel flag again."""
        self._channel.sock.settimeout(_LOOK_SECONDS)
        try:
            self._channel.sock.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            if time.monotonic() < deadline:
                return None
            raise SlotError("the slot took longer than the submission's limit and its slack") from None
        except OSError as error:
            raise SlotError(str(error)) from error
        return self._receive(deadline - time.monotonic())

    def _receive(self, seconds: float) -> Header:
        self._channel.deadline = time.monotonic() + max(seconds, _LOOK_SECONDS)
        try:
            return self._channel.receive()[0]
        except OutOfTimeError as error:
            raise SlotError("the slot does not answer") from error
        except BridgeError as error:
            raise SlotError(f"the slot process ended: {error}") from error

    def _send(self, header: Header, blobs: list[bytes]) -> None:
        self._channel.deadline = time.monotonic() + SLACK_SECONDS
        try:
            self._channel.send(header, blobs)
        except BridgeError as error:
            raise SlotError(f"the slot process ended: {error}") from error

    def _note(self, news: Header) -> None:
        self._is_ready = self._is_ready or "ready" in news
        self.memory_bytes = news.get("memory_bytes", self.memory_bytes)

    def close(self) -> None:
        """End the process; what it started ends with it, and its folders go, also those of a killed one."""
        self._channel.sock.close()
        try:
            self._process.wait(3)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._remove_scratch()

    def _remove_scratch(self) -> None:
        """What a killed slot had started ends a moment after it, and may still be writing."""
        for _ in range(_REMOVAL_TRIES):
            with suppress(OSError):
                self._locked.remove()
                return
            time.sleep(_LOOK_SECONDS)
        self._locked.let_go()


def _environment() -> dict[str, str]:
    return ONE_THREAD | {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
