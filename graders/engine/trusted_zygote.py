"""The clean process from which trusted test processes are forked: all is imported once, no student code runs.

Started by ``graders.engine.trusted`` as ``python -P -m graders.engine.trusted_zygote FD [MODULE ...]``. On the socket
FD one byte asks for something: ``s`` (with a descriptor) forks a test process that is served on that descriptor and
answers with its pid; ``k`` and four bytes end one. When the socket closes, all of them end.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import socket
import sys
import tempfile
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from graders.contract import HIDDEN_SEED_VARIABLE
from graders.engine import facilities, sandbox_paths, trusted_cage
from graders.engine.huge_pages import collapse_heap
from graders.engine.sandbox import SandboxError
from graders.engine.trusted_cell import NotebookTests
from graders.engine.trusted_files import install_pickle_guard
from graders.engine.trusted_model import TestCell, TrustedNotebook
from graders.engine.wire import BridgeError, Channel

TEMPORARY_FOLDER = ".tmp"


def main() -> None:
    """Serve the starter's socket until it closes."""
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warm_up(sys.argv[2:])
    children: set[int] = set()
    try:
        while _serve_one(control, children):
            pass
    finally:
        for pid in children:
            _end(pid)


def warm_up(modules: Sequence[str]) -> None:
    """Import what the tests of an assignment import, and lay memory out for many forks."""
    for name in modules:
        with suppress(ImportError):  # the test that needs it says so
            importlib.import_module(name)
    sandbox_paths.learn()
    gc.collect()
    gc.freeze()  # a collection in a fork would copy every page
    collapse_heap()


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
    """End a test process and what it started."""
    os.kill(pid, signal.SIGKILL)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)  # its group cannot be reused while it is not waited for
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
        facilities.die_with_parent()
        os.setsid()  # so that what a test starts can be ended with it
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
    channel.send(_settle_in(notebook))
    tests = NotebookTests(notebook)
    while True:
        cell = TestCell.model_validate(channel.receive()[0])
        _, descriptors, _, _ = socket.recv_fds(starter, 1, 1)
        with socket.socket(fileno=descriptors[0]) as sock:
            answer = tests.run(cell, sock)
        channel.send(answer.model_dump(mode="json"))


def _settle_in(notebook: TrustedNotebook) -> dict[str, object]:
    """Folder, hidden seed and cage of one test process; return the news for its starter."""
    os.chdir(notebook.folder)
    _use_own_temporary_folder(notebook.folder)
    if notebook.hidden_seed is not None:
        os.environ[HIDDEN_SEED_VARIABLE] = str(notebook.hidden_seed)
    install_pickle_guard()
    try:
        layers = trusted_cage.enter(Path(notebook.folder), notebook.memory_bytes)
    except (OSError, SandboxError) as error:
        return {"failed": f"{type(error).__name__}: {error}"}
    sys.path.insert(0, notebook.folder)  # the instructor's helper files, a copy that students never reach
    return {"layers": layers}


def _use_own_temporary_folder(folder: str) -> None:
    """Temporary files of tests lie in their own folder, so that they can be shared like all other files."""
    tempfile.tempdir = os.path.join(folder, TEMPORARY_FOLDER)
    os.makedirs(tempfile.tempdir, exist_ok=True)


if __name__ == "__main__":
    main()
