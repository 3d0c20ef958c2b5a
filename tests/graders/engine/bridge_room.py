"""A student's process (forked, with a real IPython shell) and the trusted side's tests over a socket pair."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from graders.engine.agent import serve
from graders.engine.trusted_cell import NotebookTests
from graders.engine.trusted_model import CellAnswer, InstructorCell, TestCell, TrustedNotebook


class Student:
    """Runs cells in a forked shell; ``lend`` gives the trusted side's end of a fresh socket pair."""

    def __init__(self, folder: Path) -> None:
        self._control, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self._control.close()
                os.chdir(folder)
                _student_main(theirs)
            finally:
                os._exit(0)
        theirs.close()

    def run(self, source: str) -> None:
        self._send(b"r", source.encode())
        self._control.recv(1)

    def lend(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        self._control.sendall(b"l" + (0).to_bytes(4, "big"))
        socket.send_fds(self._control, [b"x"], [theirs.fileno()])
        theirs.close()
        return ours

    def _send(self, kind: bytes, data: bytes) -> None:
        self._control.sendall(kind + len(data).to_bytes(4, "big") + data)

    def close(self) -> None:
        self._control.close()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def _student_main(control: socket.socket) -> None:
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    while head := control.recv(5, socket.MSG_WAITALL):
        size = int.from_bytes(head[1:], "big")
        if head[:1] == b"r":
            shell.run_cell(control.recv(size, socket.MSG_WAITALL).decode())
            control.sendall(b".")
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
        with self.student.lend() as sock:
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
