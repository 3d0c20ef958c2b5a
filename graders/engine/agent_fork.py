"""The last rung of the ladder: a test cell that cannot cross runs beside the student's code, in a fresh fork of it.

Only for courses brought in from elsewhere whose author accepted it; the report says ``in-process``, for nothing
that such a cell says about student code is proof. The fork keeps what the test does away from later cells.
"""

from __future__ import annotations

import contextlib
import json
import os
import traceback
from typing import Any

from graders.engine.agent_objects import class_name

_ANSWER_MAX = 100_000


def run_in_fork(shell: Any, source: str) -> dict[str, Any]:
    """Run ``source`` in a forked copy of the shell: ``{value}``, ``{odd: text}`` or ``{classes, text, trace}``."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(read_end)
            _write(write_end, json.dumps(_run(shell, source)).encode())
        finally:
            os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as answer:
        data = answer.read(_ANSWER_MAX)
    with contextlib.suppress(ChildProcessError):  # student code may have let the kernel reap its children
        os.waitpid(child, 0)
    return json.loads(data) if data else {"classes": [], "text": "the process of the test ended", "trace": ""}


def _write(descriptor: int, data: bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(data[:_ANSWER_MAX])


def _run(shell: Any, source: str) -> dict[str, Any]:
    result = shell.run_cell(source, store_history=False)
    error = result.error_before_exec or result.error_in_exec
    if error is not None:
        return {
            "classes": [class_name(kind) for kind in type(error).__mro__[:20]],
            "text": str(error)[:2000],
            "trace": "".join(traceback.format_exception(error))[-6000:],
        }
    return _value(result.result)


def _value(value: Any) -> dict[str, Any]:
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        value = value.item()
    if value is None or type(value) in (int, float):
        return {"value": value}
    return {"odd": repr(value)[:200]}
