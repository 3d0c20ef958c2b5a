"""One grading in one pod: connect, hand over the job, follow its progress, take the report. Nothing is believed."""

from __future__ import annotations

import select
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from pydantic import ValidationError

from graders.contract import Digest, Fault, GradeReport, GradeRequest, ReportState
from graders.engine.wire import BridgeError, Channel, Header
from graders.files import FileSet
from graders.runners.base import Progress, ProgressListener
from graders.runners.kubernetes_answer import WrongAnswerError, read_answer
from graders.runners.kubernetes_places import Place
from graders.runners.local_frames import write_file_set
from graders.runners.serve_keys import PEER_NAME
from graders.runners.serve_messages import Hello, from_pod, from_worker

Stopped = Callable[[], bool]

CONNECT_SECONDS = 5.0
#: A message that has begun must be there after this; also how long handing over a job may take.
TRANSFER_SECONDS = 60.0
#: Beyond the submission's own limit, as in the local runner.
SLACK_SECONDS = 120.0
_LOOK_SECONDS = 0.1

#: A node that lost its power says nothing: after about half a minute of silence of its kernel the pod is lost.
_KEEPALIVE = ((socket.TCP_KEEPIDLE, 10), (socket.TCP_KEEPINTVL, 5), (socket.TCP_KEEPCNT, 4))


class PodError(RuntimeError):
    """The pod was lost, is broken or lies: its submission has no result, another pod may have one."""


class PodUnreachableError(PodError):
    """Nobody answers there, or not with our key: no job was handed over."""


class PodBusyError(PodError):
    """The pod is well and has no free slot."""


class StaleEnvironmentError(PodUnreachableError):
    """The pod grades with other software than the worker: its results would be stored under a wrong name."""


class StoppedError(Exception):
    """Whoever asked does not want the result any more."""


@dataclass(frozen=True)
class Job:
    """One submission and what it is graded with."""

    request: GradeRequest
    bundle: FileSet
    submission: FileSet


@dataclass(frozen=True)
class Caller:
    """How a worker calls pods. ``environment``: the only software that may grade; None takes any."""

    environment: Digest | None

    def grade(self, place: Place, job: Job, on_progress: ProgressListener, is_stopped: Stopped) -> GradeReport:
        """Grade in the pod at ``place``; PodError if that gives no report, StoppedError once ``is_stopped()``."""
        with _connected(place) as channel:
            self._greet(channel)
            try:
                return _grade(channel, job, on_progress, is_stopped)
            except (BridgeError, OSError) as error:
                raise PodError(f"{place.address[0]} was lost: {type(error).__name__}: {error}") from error
            except (WrongAnswerError, ValidationError, KeyError) as error:
                raise PodError(f"{place.address[0]} gave no valid answer: {error}"[:500]) from error

    def _greet(self, channel: Channel) -> None:
        channel.deadline = time.monotonic() + CONNECT_SECONDS
        try:
            header, _ = channel.receive()
            hello = Hello.model_validate(header.get("hello"))
        except (BridgeError, ValidationError) as error:
            raise PodUnreachableError(f"no greeting: {type(error).__name__}: {error}"[:300]) from error
        if hello.busy:
            raise PodBusyError
        if self.environment not in (None, hello.environment):
            raise StaleEnvironmentError(f"grades in environment {hello.environment[:12]}, not in the worker's")


@contextmanager
def _connected(place: Place) -> Iterator[Channel]:
    try:
        plain = socket.create_connection(place.address, CONNECT_SECONDS)
    except OSError as error:
        raise PodUnreachableError(f"{place.address[0]}: {error}") from error
    with plain:
        _keep_alive(plain)
        try:
            tls = place.tls.wrap_socket(plain, server_hostname=PEER_NAME)
        except (OSError, ValueError) as error:
            raise PodUnreachableError(f"{place.address[0]}: {error}") from error
        with tls:
            yield Channel(tls, from_pod())


def _keep_alive(plain: socket.socket) -> None:
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _KEEPALIVE:
        with suppress(OSError):
            plain.setsockopt(socket.IPPROTO_TCP, option, value)


def _grade(channel: Channel, job: Job, on_progress: ProgressListener, is_stopped: Stopped) -> GradeReport:
    blobs: list[bytes] = []
    names = {"bundle": write_file_set(job.bundle, blobs), "submission": write_file_set(job.submission, blobs)}
    channel.deadline = time.monotonic() + TRANSFER_SECONDS
    _send_job(channel, {"request": job.request.model_dump(mode="json"), **names}, blobs)
    deadline = time.monotonic() + job.request.limits.submission_seconds + SLACK_SECONDS
    while True:
        _await_readable(channel.sock, deadline, is_stopped)
        channel.deadline = min(time.monotonic() + TRANSFER_SECONDS, deadline + TRANSFER_SECONDS)
        header, answer = channel.receive()
        if "report" in header:
            return _settled(read_answer(answer[0] if answer else b"", job.request, job.bundle))
        on_progress(Progress.model_validate(header["progress"]))


def _settled(report: GradeReport) -> GradeReport:
    """A pod that says that it failed itself is lost like one that is gone: another one may well grade this."""
    if report.state is ReportState.NOT_GRADED and report.fault is Fault.PLATFORM:
        raise PodError(f"the pod failed: {report.staff_reason}"[:2000])
    return report


def _send_job(channel: Channel, header: Header, blobs: list[bytes]) -> None:
    """A job may be larger than what a pod may answer."""
    Channel(channel.sock, from_worker(), channel.deadline).send(header, blobs)


def _await_readable(sock: socket.socket, deadline: float, is_stopped: Stopped) -> None:
    """Return when a message begins to arrive; PodError after the deadline, StoppedError once ``is_stopped`` says so."""
    while not (isinstance(sock, ssl.SSLSocket) and sock.pending()):
        if is_stopped():
            raise StoppedError
        if time.monotonic() > deadline:
            raise PodError("the pod took longer than the submission's limit and its slack")
        if select.select([sock], [], [], _LOOK_SECONDS)[0]:
            return
