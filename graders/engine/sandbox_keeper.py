"""The keeper: forked from the warm process, it puts the sandbox up, forks the process inside and outlives it.

It lives outside the sandbox, runs no student code, and tells its owner through the ``life`` socket who the process
inside is and how it ended. When the owner goes away, it kills everything that is inside.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import socket
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from graders.engine import namespaces, sandbox, student_main
from graders.engine.sandbox import Cage
from graders.engine.sandbox_watch import KeeperWatch, become_reaper, kill_leftovers

WATCH_SECONDS = 0.2


def run(order: dict[str, Any], descriptors: list[int]) -> NoReturn:
    """Be the keeper of one process; never returns."""
    life = socket.socket(fileno=descriptors[0])
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        os.setsid()
        become_reaper()
        watch = KeeperWatch(Cage.model_validate(order["settings"]["cage"]))
        outer = namespaces.unshare_processes()
        child = os.fork()
        if child == 0:
            _be_inside(order, outer, life, descriptors[1:])
        for descriptor in descriptors[1:]:
            os.close(descriptor)
        _keep(life, child, watch)
    except BaseException:  # noqa: BLE001 - nobody else would hear of it
        _tell_failure(life)
    os._exit(0)


def _tell_failure(life: socket.socket) -> None:
    with contextlib.suppress(OSError):
        life.send(json.dumps({"failed": traceback.format_exc()[-4000:]}).encode())


def _be_inside(order: dict[str, Any], outer: tuple[str, ...], life: socket.socket, descriptors: list[int]) -> NoReturn:
    """Enter the sandbox and run the role; an error before student code runs is told to the owner."""
    try:
        ROLES[order["role"]](order, outer, life, descriptors)
    except BaseException:  # noqa: BLE001 - whatever it is, the owner must hear of it
        _tell_failure(life)
    os._exit(1)


def _be_student(order: dict[str, Any], outer: tuple[str, ...], life: socket.socket, descriptors: list[int]) -> None:
    settings = order["settings"]
    cage = Cage.model_validate(settings["cage"])
    shell, captured = student_main.prepare(settings)
    student_main.enter_folder(cage.folder)
    control = socket.socket(fileno=descriptors[0])
    layers = sandbox.enter(cage, outer)
    life.send(json.dumps({"layers": layers}).encode())
    life.close()
    student_main.serve(shell, captured, control)


ROLES: dict[str, Callable[[dict[str, Any], tuple[str, ...], socket.socket, list[int]], None]] = {"student": _be_student}


def _keep(life: socket.socket, child: int, watch: KeeperWatch) -> None:
    """Wait for the end of the child, of the owner or of its allowance, whichever comes first; leave nothing behind."""
    handle = os.pidfd_open(child)
    socket.send_fds(life, [json.dumps({"pid": child}).encode()], [handle])
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    poll.register(life.fileno(), select.POLLIN)
    why = None
    while not poll.poll(WATCH_SECONDS * 1000) and why is None:
        why = watch.excess(child)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    _, status, usage = os.wait4(child, 0)
    kill_leftovers()
    with contextlib.suppress(OSError):
        life.send(json.dumps(_ending(status, usage, why)).encode())


def _ending(status: int, usage: resource.struct_rusage, why: str | None) -> dict[str, Any]:
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGXCPU:
        why = "timeout"
    return {
        "ended": code,
        "why": why,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_bytes": usage.ru_maxrss * 1024,
    }
