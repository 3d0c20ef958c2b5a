"""The grading pod's process: ``python -m graders.runners.serve --keys FOLDER``, a local runner behind mutual TLS.

It connects to nobody: a worker comes in with the key pair, brings one job, and takes the report along. Student code
runs in the local runner's sandboxed processes, behind all layers that a pod without privileges may put on.
"""

from __future__ import annotations

import argparse
import logging
import os
import select
import shutil
import signal
import socket
import ssl
import sys
import tempfile
import threading
import time
from collections.abc import Callable, MutableMapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from graders.contract import GradeReport, GradeRequest, Outcome
from graders.engine.wire import BridgeError, Channel
from graders.engine.zygote_environment import FONT_CACHE_VARIABLE
from graders.environment import environment_digest
from graders.files import FileSet
from graders.runners.base import Progress, Runner, Stage
from graders.runners.local import LocalRunner
from graders.runners.local_frames import read_file_set
from graders.runners.serve_keys import load_key_pair, server_context
from graders.runners.serve_messages import PORT, Hello, from_worker, hello_message
from graders.runners.serve_pod import NotAloneError, PodProcesses, end_all_others
from graders.runners.serve_rehearsal import rehearse

log = logging.getLogger(__name__)

#: Who connects has this long for the handshake, and then for sending its job.
HANDSHAKE_SECONDS = 5.0
JOB_SECONDS = 60.0
_LOOK_SECONDS = 0.2
#: Where the image keeps a list of fonts that was made when it was built; its root is read-only.
FONT_LIST_VARIABLE = "AXCAMPUS_FONT_CACHE"
#: What gradings under way have to end when something in the pod multiplies; their sandbox's keeper is killing it.
OVERRUN_SECONDS = 60.0
#: Connections beyond those that grade: somebody who does not finish a handshake can't hold up the others.
_WAITING_ROOM = 16

Job = tuple[GradeRequest, FileSet, FileSet]


class DoubtError(RuntimeError):
    """A neighbour's processes took what this grading may have needed: its result is not told, another pod grades."""


@dataclass(eq=False)
class _Grading:
    """One grading under way."""

    is_doubtful: bool = False


@dataclass(frozen=True)
class ServeOptions:
    """``jobs``: end after so many gradings (a fresh process takes over). ``idle_seconds``: end when nobody came for so
    long. 0 is never. Both together make a Job's pod end by itself. ``processes``: None where nobody counts them."""

    slots: int
    address: tuple[str, int] = ("0.0.0.0", PORT)  # noqa: S104 - the NetworkPolicy and the key pair decide who gets in
    jobs: int = 0
    idle_seconds: float = 0
    processes: PodProcesses | None = None


class GradingServer:
    """Serves ``runner`` to whoever holds the key pair; ``run`` returns when stopped, when enough is done, or idle."""

    def __init__(
        self, runner: Runner, tls: ssl.SSLContext, options: ServeOptions, stop: threading.Event | None = None
    ) -> None:
        self._runner, self._tls, self._options = runner, tls, options
        self._listener = socket.create_server(options.address, backlog=64)
        self._free = threading.Semaphore(options.slots)
        self._room = threading.Semaphore(options.slots + _WAITING_ROOM)
        self._lock = threading.Lock()
        self._gradings: set[_Grading] = set()
        self._taken = 0
        self._last_used = time.monotonic()
        self.stop, self.is_overrun = stop or threading.Event(), threading.Event()

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        host, port = self._listener.getsockname()[:2]
        return host, port

    def run(self) -> None:
        """Accept until it is time to end, or ``is_overrun``; then wait for the gradings that are under way."""
        with self._listener:
            self._listener.settimeout(_LOOK_SECONDS)
            while not self._is_over():
                with suppress(TimeoutError):
                    connection, _ = self._listener.accept()
                    self._welcome(connection)
        deadline = time.monotonic() + OVERRUN_SECONDS
        while self._gradings and not (self.is_overrun.is_set() and time.monotonic() > deadline):
            self._look_at_processes()
            time.sleep(_LOOK_SECONDS)

    def _is_over(self) -> bool:
        self._look_at_processes()
        jobs, idle = self._options.jobs, self._options.idle_seconds
        has_done_all = bool(jobs) and self._taken >= jobs
        is_idle = bool(idle) and not self._gradings and time.monotonic() - self._last_used > idle
        return self.stop.is_set() or self.is_overrun.is_set() or has_done_all or is_idle

    def _look_at_processes(self) -> None:
        """Note when something multiplies. Nobody can tell whose it is, so of several gradings none is believed."""
        processes = self._options.processes
        if processes is None or self.is_overrun.is_set() or not processes.are_too_many():
            return
        log.warning("processes of a submission multiply: %s now", processes.count())
        with self._lock:
            self.is_overrun.set()
            for each in self._gradings:
                each.is_doubtful = len(self._gradings) > 1

    def _welcome(self, connection: socket.socket) -> None:
        if not self._room.acquire(blocking=False):
            connection.close()
            return
        try:
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()
        except RuntimeError:  # no thread can be started: who calls finds another pod
            log.warning("no thread for a connection")
            connection.close()
            self._room.release()

    def _serve(self, connection: socket.socket) -> None:
        """One connection from the handshake to its end; whatever it sends, the others don't notice."""
        try:
            connection.settimeout(HANDSHAKE_SECONDS)
            with self._tls.wrap_socket(connection, server_side=True) as tls:
                self._answer(tls)
        except (ssl.SSLEOFError, ConnectionResetError):
            log.debug("a connection without a handshake: a probe, or somebody curious")
        except (OSError, BridgeError, ValidationError, KeyError, ValueError, RuntimeError) as error:
            log.warning("a connection came to nothing: %s: %s", type(error).__name__, error)
        finally:
            connection.close()
            self._room.release()

    def _answer(self, tls: ssl.SSLSocket) -> None:
        channel = Channel(tls, from_worker(), deadline=time.monotonic() + JOB_SECONDS)
        is_mine = self._free.acquire(blocking=False)
        try:
            channel.send(hello_message(Hello(environment=environment_digest(), busy=not is_mine)))
            if is_mine:
                self._grade(channel, _read_job(channel))
        finally:
            if is_mine:
                self._free.release()

    def _grade(self, channel: Channel, job: Job) -> None:
        grading = self._begin()
        try:
            report = self._watched(channel, job)
            self._look_at_processes()
            if grading.is_doubtful and not _was_killed(report):
                raise DoubtError("processes of another submission multiplied meanwhile")
            channel.deadline = time.monotonic() + JOB_SECONDS
            channel.send({"report": True}, [report.model_dump_json().encode()])
        finally:
            with self._lock:
                self._gradings.discard(grading)
            self._last_used = time.monotonic()

    def _begin(self) -> _Grading:
        """Note a grading; DoubtError if it comes too late to be done well."""
        with self._lock:
            if self.is_overrun.is_set():
                raise DoubtError("processes of another submission multiply")
            grading = _Grading()
            self._gradings.add(grading)
            self._taken += 1
        return grading

    def _watched(self, channel: Channel, job: Job) -> GradeReport:
        """Grade; a worker that says anything more, or goes away, cancels."""
        cancel, done = threading.Event(), threading.Event()
        watcher = threading.Thread(target=_watch, args=(channel.sock, cancel, done), daemon=True)
        watcher.start()
        try:
            return self._runner.grade(*job, on_progress=_teller(channel, cancel), cancel=cancel)
        finally:
            done.set()
            watcher.join()


def _was_killed(report: GradeReport) -> bool:
    """Whether the sandbox's keeper ended it, as it ends who starts too many processes: such a report stands."""
    return any(cell.outcome is Outcome.KILLED for cell in report.cells)


def _read_job(channel: Channel) -> Job:
    header, blobs = channel.receive()
    request = GradeRequest.model_validate(header["request"])
    bundle, rest = read_file_set(header["bundle"], blobs)
    submission, _ = read_file_set(header["submission"], rest)
    if (bundle.digest, submission.digest) != (request.bundle_digest, request.submission_digest):
        raise ValueError("the files are not those that the request names")
    return request, bundle, submission


def _watch(sock: socket.socket, cancel: threading.Event, done: threading.Event) -> None:
    """After its job a worker has nothing to say: whatever can be read is the end of its interest."""
    while not done.wait(0):
        if select.select([sock], [], [], _LOOK_SECONDS)[0]:
            cancel.set()
            return


def _teller(channel: Channel, cancel: threading.Event) -> Callable[[Progress], None]:
    """Pass progress on; the worker tells waiting and the end itself. A worker that is gone cancels."""

    def tell(progress: Progress) -> None:
        if progress.stage in (Stage.WAITING, Stage.DONE) or cancel.is_set():
            return
        channel.deadline = time.monotonic() + JOB_SECONDS
        try:
            channel.send({"progress": progress.model_dump(mode="json")})
        except BridgeError:
            cancel.set()

    return tell


def ensure_font_cache(environment: MutableMapping[str, str]) -> None:
    """Copy the image's list of fonts to where Matplotlib may write; else each slot makes its own, for seconds."""
    made = environment.get(FONT_LIST_VARIABLE)
    if made is None or FONT_CACHE_VARIABLE in environment:
        return
    target = Path(tempfile.mkdtemp(prefix="axcampus-fonts-"))
    shutil.copytree(made, target, dirs_exist_ok=True, copy_function=shutil.copyfile)
    environment[FONT_CACHE_VARIABLE] = str(target)


def serve(options: ServeOptions, tls: ssl.SSLContext, modules: Sequence[str], stop: threading.Event) -> bool:
    """Warm up, rehearse, listen and grade until it is time to end; True if that is because something multiplied."""
    with LocalRunner(options.slots, modules=modules) as runner:
        runner.warm_up()
        log.info("sandbox: %s", ", ".join(rehearse(runner).layers))
        server = GradingServer(runner, tls, options, stop)
        log.info("ready on %s:%s, %s slots, environment %s", *server.address, options.slots, environment_digest()[:12])
        server.run()
        if server.is_overrun.is_set():
            end_all_others()
    return server.is_overrun.is_set()


def main(arguments: list[str] | None = None) -> int:
    """Grade until SIGTERM; listening is what makes the pod ready. After an overrun everything is begun anew."""
    chosen = make_parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    ensure_font_cache(os.environ)
    tls = server_context(load_key_pair(chosen.keys))
    processes = PodProcesses(chosen.processes) if chosen.processes else None
    if processes is not None:
        processes.limit()
    address = (chosen.host, chosen.port)
    options = ServeOptions(chosen.slots, address, chosen.jobs, chosen.idle_seconds, processes)
    modules = [name for name in chosen.preload.split(",") if name]
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        while serve(options, tls, modules, stop) and not stop.is_set():
            log.warning("everything else in this pod was ended; it begins anew")
    except NotAloneError as error:
        log.warning("%s: this process ends, and with it its container", error)
        return 1
    return 0


def make_parser() -> argparse.ArgumentParser:
    """Return what the command line may say."""
    parser = argparse.ArgumentParser(prog="python -m graders.runners.serve", description=main.__doc__)
    parser.add_argument("--keys", type=Path, required=True, help="folder with tls.crt and tls.key")
    parser.add_argument("--slots", type=int, default=2, help="gradings at a time")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--host", default="0.0.0.0", help="address to listen on")  # noqa: S104 - as above
    parser.add_argument("--jobs", type=int, default=0, help="end after so many gradings")
    parser.add_argument("--idle-seconds", type=float, default=0, help="end when nobody came for so long")
    parser.add_argument(
        "--processes", type=int, default=0, help="processes and threads that this user may have; 0: any"
    )
    parser.add_argument("--preload", default="", help="modules to import ahead, separated by commas")
    return parser


if __name__ == "__main__":
    status = main()
    logging.shutdown()
    sys.stdout.flush()
    os._exit(status)  # connections that never finished their handshake have no say in when the pod ends
