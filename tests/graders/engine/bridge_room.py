"""A student's process (forked, with a real IPython shell) and the trusted side's tests over a socket pair."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import functools
import io
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import scipy.integrate
import sklearn.linear_model
from IPython.core.interactiveshell import InteractiveShell

from graders.engine.agent import serve
from graders.engine.trusted_cell import NotebookTests
from graders.engine.trusted_model import CellAnswer, InstructorCell, TestCell, TrustedNotebook

PRELOADED = (plt, scipy.integrate, sklearn.linear_model)  # what students import, once for all


class Template:
    """A process with a ready shell from which students are forked in milliseconds; pytest's own stays clean."""

    def __init__(self) -> None:
        self.control, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.control.close()
                _template_main(theirs)
            finally:
                os._exit(0)
        theirs.close()
        atexit.register(self.close, os.getpid())

    def start(self, folder: Path) -> tuple[int, socket.socket]:
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self.control, [str(folder).encode()], [theirs.fileno()])
        return int.from_bytes(ours.recv(4, socket.MSG_WAITALL), "big"), ours

    def close(self, owner: int) -> None:
        if os.getpid() == owner:  # a forked copy of this process must not end ours
            self.control.close()
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)


@functools.cache
def template(_owner: int) -> Template:
    return Template()


def _template_main(control: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    shell.showtraceback = lambda *_args, **_kwargs: None  # formatting costs a second
    shell.enable_gui = lambda gui=None: None
    sys.modules["__main__"] = shell.user_module
    sys.stdout = sys.stderr = io.StringIO()
    while True:
        data, fds, _, _ = socket.recv_fds(control, 4096, 1)
        if not data:
            return
        if os.fork() == 0:
            os.chdir(data.decode())
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)
            with socket.socket(fileno=fds[0]) as mine:
                mine.sendall(os.getpid().to_bytes(4, "big"))
                _student_main(mine, shell)
            os._exit(0)
        os.close(fds[0])


class Student:
    """Runs cells in a forked shell; ``lend`` gives the trusted side's end of a fresh socket pair."""

    def __init__(self, folder: Path) -> None:
        self.pid, self._control = template(os.getpid()).start(folder)

    def run(self, source: str) -> bool:
        self._send(b"r", source.encode())
        return self._control.recv(1) == b"."

    def lend(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            self._send(b"l", b"")
            socket.send_fds(self._control, [b"x"], [theirs.fileno()])
        return ours

    def _send(self, kind: bytes, data: bytes) -> None:
        self._control.sendall(kind + len(data).to_bytes(4, "big") + data)

    def close(self) -> None:
        self._control.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


def _student_main(control: socket.socket, shell: InteractiveShell) -> None:
    while head := control.recv(5, socket.MSG_WAITALL):
        size = int.from_bytes(head[1:], "big")
        if head[:1] == b"r":
            result = shell.run_cell(control.recv(size, socket.MSG_WAITALL).decode(), silent=True)
            control.sendall(b"." if result.success else b"!")
            continue
        _, fds, _, _ = socket.recv_fds(control, 1, 1)
        with socket.socket(fileno=fds[0]) as lent:
            serve(shell, lent)


class Room:
    """One notebook: instructor's cells, a student's process, and the trusted tests (in this process)."""

    def __init__(self, folder: Path, cells: list[tuple[str, str]], **options: Any) -> None:
        (folder / "student").mkdir(exist_ok=True)
        (folder / "trusted").mkdir(exist_ok=True)
        self.cells = tuple(InstructorCell(role=role, source=source) for role, source in cells)  # type: ignore[arg-type]
        notebook = TrustedNotebook(name="nb.ipynb", cells=self.cells, folder=str(folder / "trusted"), **options)
        self.student = Student(folder / "student")
        self.tests = NotebookTests(notebook)

    def test(self, index: int, **options: Any) -> CellAnswer:
        defaults: dict[str, Any] = {"max_points": 2, "seconds": 20, "released": self.cells[index].source}
        cell = TestCell(grade_id=f"t{index}", index=index, source=self.cells[index].source, **{**defaults, **options})
        with self.student.lend() as sock, contextlib.chdir(self.tests.notebook.folder):
            return self.tests.run(cell, sock)

    def grade(self, answers: dict[int, str] | None = None, **options: Any) -> list[CellAnswer]:
        """Run all cells in order, with ``answers`` in place of the reference's solutions; the tests' answers."""
        results = []
        for index, cell in enumerate(self.cells):
            if cell.role == "test":
                results.append(self.test(index, **options))
            else:
                self.student.run((answers or {}).get(index, cell.source))
        return results
