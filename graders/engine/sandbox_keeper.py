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

from graders.engine import facilities, namespaces, sandbox, sandbox_cgroup, student_main
from graders.engine.messages import MessageSocket
from graders.engine.sandbox import Cage
from graders.engine.sandbox_cgroup import Group
from graders.engine.sandbox_watch import KeeperWatch, become_reaper, kill_leftovers

WATCH_SECONDS = 0.2


def run(order: dict[str, Any], descriptors: list[int]) -> NoReturn:
    """Be the keeper of one process; never returns."""
    life = MessageSocket(socket.socket(fileno=descriptors[0]))
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        os.setsid()
        become_reaper()
        cage = Cage.model_validate(order["settings"]["cage"])
        watch = KeeperWatch(cage)
        outer = namespaces.unshare_processes()
        counted, counting = os.pipe()
        wake = None if facilities.has_process_handles() else facilities.wake_on_child_end()
        child = os.fork()
        if child == 0:
            facilities.forget_child_ends()
            os.close(counting)
            _be_inside(order, outer, life, [*descriptors[1:], counted])
        for descriptor in (*descriptors[1:], counted):
            os.close(descriptor)
        group = _count(child, cage, counting)
        _keep(life, child, watch, group, wake)
    except BaseException:  # noqa: BLE001 - nobody else would hear of it
        _tell_failure(life)
    os._exit(0)


def _count(child: int, cage: Cage, told: int) -> Group:
    """Put the child into a control group while it puts up its sandbox, and tell it which layers that gave."""
    group = sandbox_cgroup.make_group(cage.memory_bytes, cage.processes)
    with os.fdopen(told, "wb") as file, contextlib.suppress(BrokenPipeError):
        try:
            group.take(child)
        except OSError:  # it has ended already, or may not be moved
            return group
        file.write(json.dumps(group.layers).encode())
    return group


def _tell_failure(life: MessageSocket) -> None:
    with contextlib.suppress(OSError):
        life.send({"failed": traceback.format_exc()[-4000:]})


def _be_inside(order: dict[str, Any], outer: tuple[str, ...], life: MessageSocket, descriptors: list[int]) -> NoReturn:
    """Enter the sandbox and run the role; an error before student code runs is told to the owner."""
    try:
        ROLES[order["role"]](order, outer, life, descriptors)
    except BaseException:  # noqa: BLE001 - whatever it is, the owner must hear of it
        _tell_failure(life)
    os._exit(1)


def _be_student(order: dict[str, Any], outer: tuple[str, ...], life: MessageSocket, descriptors: list[int]) -> None:
    settings = order["settings"]
    cage = Cage.model_validate(settings["cage"])
    shell, captured = student_main.prepare(settings)
    student_main.enter_folder(cage.folder)
    control = socket.socket(fileno=descriptors[0])
    layers = sandbox.enter(cage, outer)
    with os.fdopen(descriptors[1], "rb") as told:  # no cell runs before it is counted
        layers += tuple(json.loads(told.read() or b"[]"))
    life.send({"layers": layers})
    life.close()
    student_main.serve(shell, captured, control)


ROLES: dict[str, Callable[[dict[str, Any], tuple[str, ...], MessageSocket, list[int]], None]] = {"student": _be_student}


def _keep(life: MessageSocket, child: int, watch: KeeperWatch, group: Group, wake: int | None) -> None:
    """Wait for the end of the child, of the owner or of its allowance, whichever comes first; leave nothing behind.

    ``wake`` is readable when a child has ended, where the system has no handle of a process to wait for.
    """
    handle = facilities.open_process_handle(child)
    life.send({"pid": child}, [] if handle is None else [handle])
    poll = select.poll()
    poll.register(life.fileno(), select.POLLIN)
    for descriptor in (handle, wake):
        if descriptor is not None:
            poll.register(descriptor, select.POLLIN)
    why = None
    while not poll.poll(WATCH_SECONDS * 1000) and why is None:
        why = watch.excess(child)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    _, status, usage = os.wait4(child, 0)
    kill_leftovers()
    why = why or ("memory" if group.ran_out_of_memory() else None)
    group.remove()
    with contextlib.suppress(OSError):
        life.send(_ending(status, usage, why))


def _ending(status: int, usage: resource.struct_rusage, why: str | None) -> dict[str, Any]:
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGXCPU:
        why = "timeout"
    return {
        "ended": code,
        "why": why,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_bytes": facilities.peak_bytes(usage),
    }
