"""The clean process from which trusted test processes are forked: all is imported once, no student code runs.

Started by ``graders.engine.trusted`` as ``python -P -m graders.engine.trusted_zygote FD``. On the socket FD one byte
asks for something: ``s`` (with a descriptor) forks a test process that is served on that descriptor and answers with
its pid; ``k`` and four bytes end one. When the socket closes, all of them end.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import sys
import tempfile
import warnings
from typing import Any

from graders.contract import HIDDEN_SEED_VARIABLE
from graders.engine.trusted_cell import NotebookTests
from graders.engine.trusted_files import install_pickle_guard
from graders.engine.trusted_model import TestCell, TrustedNotebook
from graders.engine.wire import BridgeError, Channel

_PR_SET_PDEATHSIG = 1
_OPEN_FILES = 256
TEMPORARY_FOLDER = ".tmp"


def main() -> None:
    """Serve the starter's socket until it closes."""
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    children: set[int] = set()
    try:
        while _serve_one(control, children):
            pass
    finally:
        for pid in children:
            _end(pid)


def _serve_one(control: socket.socket, children: set[int]) -> bool:
    data, descriptors, _, _ = socket.recv_fds(control, 1, 1)
    if not data:
        return False
    if data == b"s" and descriptors:
        pid = _fork(control, descriptors[0])
        children.add(pid)
        control.sendall(pid.to_bytes(4, "big"))
        return True
    pid = int.from_bytes(control.recv(4, socket.MSG_WAITALL), "big")
    if pid in children:
        children.discard(pid)
        _end(pid)
    control.sendall(b"\0\0\0\0")
    return True


def _end(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def _fork(control: socket.socket, descriptor: int) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # libraries started threads; none holds a lock we use
        pid = os.fork()
    if pid:
        os.close(descriptor)
        return pid
    try:
        control.close()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        with socket.socket(fileno=descriptor) as starter:
            serve_tests(starter)
    except BridgeError:
        pass  # the starter went away
    finally:
        os._exit(0)


def serve_tests(starter: socket.socket) -> None:
    """Run the test cells that the starter sends, each with the descriptor of a lent socket, until it hangs up."""
    channel = Channel(starter)
    header, _ = channel.receive()
    notebook = TrustedNotebook.model_validate(header)
    _settle_in(notebook)
    tests = NotebookTests(notebook)
    while True:
        cell = TestCell.model_validate(channel.receive()[0])
        _, descriptors, _, _ = socket.recv_fds(starter, 1, 1)
        with socket.socket(fileno=descriptors[0]) as sock:
            answer = tests.run(cell, sock)
        channel.send(answer.model_dump(mode="json"))


def _settle_in(notebook: TrustedNotebook) -> None:
    """Folder, hidden seed and memory limit of one test process."""
    os.chdir(notebook.folder)
    _use_own_temporary_folder(notebook.folder)
    sys.path.insert(0, notebook.folder)  # the instructor's helper files, a copy that students never reach
    if notebook.hidden_seed is not None:
        os.environ[HIDDEN_SEED_VARIABLE] = str(notebook.hidden_seed)
    install_pickle_guard()
    _limit(resource.RLIMIT_AS, _address_space() + notebook.memory_bytes)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _limit(resource.RLIMIT_CORE, 0)


def _use_own_temporary_folder(folder: str) -> None:
    """Temporary files of tests lie in their own folder, so that they can be shared like all other files."""
    tempfile.tempdir = os.path.join(folder, TEMPORARY_FOLDER)
    os.makedirs(tempfile.tempdir, exist_ok=True)


def _address_space() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def _limit(kind: Any, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (bound, bound))


if __name__ == "__main__":
    main()
