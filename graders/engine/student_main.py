"""The student's process from its first line on: waits for orders from outside and runs cells.

From the first cell on nothing here is trusted any more: student code shares this process. Whoever reads what it
sends (``graders.engine.student``) checks everything.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

from graders.engine import agent
from graders.engine.outputs_capture import Capture, DescriptorCapture
from graders.engine.student_shell import StudentShell, attach_streams, run_source
from graders.engine.wire import BridgeError, Channel, Header
from graders.engine.zygote_environment import FONT_CACHE_VARIABLE


def prepare(settings: dict[str, Any]) -> tuple[StudentShell, DescriptorCapture]:
    """Give the forked shell its folder, streams and seed. Runs before the sandbox closes."""
    shell: StudentShell = StudentShell.instance()
    capture = Capture(int(settings["output_bytes"]))
    attach_streams(shell, capture)
    StudentShell.allow_shell = bool(settings["allow_shell"])
    descriptors = DescriptorCapture(capture)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["HOME"] = settings["cage"]["home"]
    os.environ.pop(FONT_CACHE_VARIABLE, None)
    _seed(int(settings["seed"]))
    return shell, descriptors


def serve(shell: StudentShell, descriptors: DescriptorCapture, control: socket.socket) -> None:
    """Obey until the other end of ``control`` closes."""
    channel = Channel(control)
    try:
        while True:
            order, _ = channel.receive()
            channel.send(_obey(order, shell, descriptors, control))
    except BridgeError:
        os._exit(0)


def enter_folder(folder: Path) -> None:
    """Work in ``folder``, from which cells import their own modules."""
    os.chdir(folder)
    sys.path.insert(0, "")


def _obey(order: Header, shell: StudentShell, descriptors: DescriptorCapture, control: socket.socket) -> Header:
    shell.capture.begin()
    facts = _run_cell(shell, order["source"], order["cell_id"]) if order["do"] == "run" else _lend(shell, control)
    descriptors.collect()
    return {**facts, "outputs": shell.capture.finished(), "execution_count": shell.execution_count - 1}


def _run_cell(shell: StudentShell, source: str, cell_id: str) -> Header:
    started = time.process_time()
    error: BaseException | None = None
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        error = run_source(shell, source, cell_id)
    except KeyboardInterrupt as interrupt:  # it came between the cell and the hooks after it
        error = interrupt
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # between cells it is late and means nothing
    name = None if error is None else type(error).__name__
    return {"ok": error is None, "error": name, "cpu_seconds": time.process_time() - started}


def _lend(shell: StudentShell, control: socket.socket) -> Header:
    """Answer the trusted test process, on the socket that comes with the order, until it says done."""
    _, descriptors, _, _ = socket.recv_fds(control, 1, 1)
    bridge = socket.socket(fileno=descriptors[0])
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        agent.serve(shell, bridge)
    except KeyboardInterrupt:
        return {"ok": False, "error": "KeyboardInterrupt", "cpu_seconds": 0.0}
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        bridge.close()
    return {"ok": True, "error": None, "cpu_seconds": 0.0}


def _seed(seed: int) -> None:
    """Unseeded draws differ between learners but not between two gradings of the same request."""
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed([seed & 0xFFFFFFFF, seed >> 32])
