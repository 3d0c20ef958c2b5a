"""The last rung of the ladder: a test cell that cannot cross runs beside the student's code, in a fresh fork of it.

Only for courses brought in from elsewhere whose author accepted it; the report says ``in-process``, for nothing
that such a cell says about student code is proof. A fork that ends, hangs or breaks takes nothing with it; what the
cell changed (names, objects, folder, variables, random numbers) is carried back, as later cells expect of nbgrader.
"""

from __future__ import annotations

import contextlib
import json
import numbers
import os
import traceback
from typing import Any

from graders.engine.agent_fork_changes import apply_changes, find_changes, look_before
from graders.engine.agent_objects import class_name
from graders.engine.rewrite import is_quiet

_ANSWER_MAX = 100_000
_CHANGES_MAX = 256 * 2**20


def run_in_fork(shell: Any, source: str) -> dict[str, Any]:
    """Run ``source`` in a forked copy of the shell: ``{value}``, ``{odd: text}`` (no score), ``{shown: text}`` (not
    meant as one) or ``{classes, text, trace}``."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(read_end)
            _be_test(shell, source, write_end)
        finally:
            os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as answer:
        data = answer.readline(_ANSWER_MAX)
        changes = answer.read(_CHANGES_MAX)
    with contextlib.suppress(ChildProcessError):  # student code may have let the kernel reap its children
        os.waitpid(child, 0)
    if not data:
        return {"classes": [], "text": "the process of the test ended", "trace": ""}
    apply_changes(shell, source, changes)
    found: dict[str, Any] = json.loads(data)
    return found


def _be_test(shell: Any, source: str, descriptor: int) -> None:
    before = look_before(shell, source)
    answer = json.dumps(_run(shell, source))
    changes = find_changes(shell, source, before)
    with os.fdopen(descriptor, "wb") as file:
        file.write(answer.encode()[: _ANSWER_MAX - 1] + b"\n")
        file.write(changes[:_CHANGES_MAX])


def _run(shell: Any, source: str) -> dict[str, Any]:
    result = shell.run_cell(source, store_history=True)  # tests read In[-2]; only this copy remembers
    error = result.error_before_exec or result.error_in_exec
    if error is not None:
        return {
            "classes": [class_name(kind) for kind in type(error).__mro__[:20]],
            "text": str(error)[:2000],
            "trace": "".join(traceback.format_exception(error))[-6000:],
        }
    return _value(None if is_quiet(source) else result.result)


def _value(value: Any) -> dict[str, Any]:
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        value = value.item()
    if value is None or type(value) in (int, float):
        return {"value": value}
    kind = "odd" if isinstance(value, numbers.Number | str | bytes) else "shown"
    return {kind: repr(value)[:200]}
