"""One slot of the local runner, as a process: grades one submission after the other until its socket closes.

It has no database and no secrets in its environment, and can open no TCP connection. Student code runs in
forks of its warm processes, never here.
"""

from __future__ import annotations

import logging
import socket
import sys
import threading
from pathlib import Path
from queue import SimpleQueue

from graders.contract import GradeReport, GradeRequest, Limits
from graders.engine import landlock
from graders.engine.student import StudentProcess, StudentSettings
from graders.engine.trusted_model import TrustedNotebook
from graders.engine.wire import BridgeError, Channel, Header
from graders.engine.zygote_pool import WarmProcesses
from graders.files import FileSet
from graders.grade import grade
from graders.grade_folders import make_folders
from graders.runners.base import Progress
from graders.runners.local_frames import read_file_set, slot_limits

Job = tuple[Header, list[memoryview]]


def main() -> None:
    """Serve the socket whose descriptor is the first argument; the rest are modules to warm up first."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    owner = socket.socket(fileno=int(sys.argv[1]))
    if landlock.abi_version() >= 4:
        landlock.restrict_self(landlock.Rules(connect_tcp=(), bind_tcp=(), files=False), scope_signals=False)
    with WarmProcesses() as warm:
        _Slot(owner, warm).serve(sys.argv[2:])


class _Slot:
    """Reads jobs and cancellations in one thread, grades in the other."""

    def __init__(self, owner: socket.socket, warm: WarmProcesses) -> None:
        self._incoming = Channel(owner, slot_limits())
        self._outgoing = Channel(owner.dup(), slot_limits())
        self._warm = warm
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._cancel = threading.Event()

    def serve(self, modules: list[str]) -> None:
        """Warm up, say so, then grade until the owner goes away."""
        self._warm.for_tests(modules)  # it warms up by itself while the other one is waited for
        self._rehearse(modules)
        self._outgoing.send({"ready": True, "memory_bytes": self._memory()})
        threading.Thread(target=self._read, daemon=True).start()
        while (job := self._jobs.get()) is not None:
            self._grade(*job)

    def _rehearse(self, modules: list[str]) -> None:
        """Run one cell in a complete sandbox: a machine that lacks a required layer is found before any submission."""
        with make_folders(FileSet({}), FileSet({}), 0) as folders:
            settings = StudentSettings(folders.work, Limits(), 0, folders.home, folders.user)
            with StudentProcess(self._warm.for_students(modules), settings) as student:
                student.run_cell("1", "rehearsal")
            with self._warm.for_tests(modules).start(TrustedNotebook(name="", cells=(), folder=str(folders.trusted))):
                pass  # it answers as soon as it is warm

    def _read(self) -> None:
        try:
            while True:
                header, blobs = self._incoming.receive()
                if "cancel" in header:
                    self._cancel.set()
                else:
                    self._cancel.clear()
                    self._jobs.put((header, blobs))
        except BridgeError:
            self._cancel.set()
            self._jobs.put(None)

    def _grade(self, header: Header, blobs: list[memoryview]) -> None:
        request = GradeRequest.model_validate(header["request"])
        bundle, rest = read_file_set(header["bundle"], blobs)
        submission, _ = read_file_set(header["submission"], rest)
        report = grade(request, bundle, submission, self._warm, on_progress=self._tell, cancel=self._cancel)
        self._answer(report)

    def _answer(self, report: GradeReport) -> None:
        self._outgoing.send({"report": report.model_dump_json(), "memory_bytes": self._memory()})

    def _tell(self, progress: Progress) -> None:
        self._outgoing.send({"progress": progress.model_dump(mode="json")})

    @staticmethod
    def _memory() -> int:
        """Resident bytes of this process; 0 where the system does not tell."""
        try:
            fields = Path("/proc/self/statm").read_text().split()
        except OSError:
            return 0
        return int(fields[1]) * 4096


if __name__ == "__main__":
    main()
