"""The warm process: imports what an assignment needs, then forks one ready process for each notebook.

It holds no secret: no bundle, no test, no other submission ever enters it, because student code in a fork can
read all of its memory. It has one thread, so that a fork is a whole process.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import socket
import sys
from typing import Any

from graders.engine import facilities, sandbox_keeper, sandbox_paths, student_shell
from graders.engine.huge_pages import collapse_heap
from graders.engine.messages import MessageSocket

#: Notebooks of our own courses start with it; its folder cannot be searched in every sandbox.
ALWAYS = ("courses.runtime",)


def main() -> None:
    """Serve the socket whose descriptor and modules are given as JSON in the first argument."""
    settings = json.loads(sys.argv[1])
    orders = MessageSocket(socket.socket(fileno=settings["descriptor"]))
    missing = warm_up(settings["modules"])
    orders.send({"ready": True, "missing": missing})
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended children vanish by themselves
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        order, descriptors = orders.receive()
        if order is None:
            return
        _fork(orders, order, descriptors)


def warm_up(modules: list[str]) -> list[str]:
    """Import ``modules`` and make the shell; return the names of those that are not installed."""
    missing = [name for name in (*ALWAYS, *modules) if not _can_import(name)]
    student_shell.rehearse(student_shell.make_shell())
    sandbox_paths.learn()
    _refuse_threads()
    gc.collect()
    gc.freeze()  # a collection in a fork would copy every page
    collapse_heap()
    return missing


def _can_import(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return True


def _refuse_threads() -> None:
    tasks = facilities.PROC / "self/task"
    if tasks.is_dir() and len(list(tasks.iterdir())) > 1:
        raise RuntimeError("a preloaded module started a thread: a fork of this process could hang")


def _fork(orders: MessageSocket, order: dict[str, Any], descriptors: list[int]) -> None:
    child = os.fork()
    if child == 0:
        orders.close()
        sandbox_keeper.run(order, descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    orders.send({"pid": child})


if __name__ == "__main__":
    main()
