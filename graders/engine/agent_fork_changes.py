"""What a test cell changed in its fork of the student's process, carried back into the process itself.

Both ends are the student's own process, before and after a fork: here, and only here, pickles may be used.
"""

from __future__ import annotations

import ast
import contextlib
import os
import pickle
import random
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

from graders.engine.namespace_plan import bound_names, parse_cell

_MISSING = object()
_PICKLED_MAX = 64 * 2**20
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
_NEVER_CHANGED = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, type)

Looks = dict[str, tuple[Any, bytes | None]]


def look_before(shell: Any, source: str) -> Looks:
    """The objects that the cell's names mean now, and what those that it may change in place hold."""
    tree = parse_cell(source)
    touched = set(_touched(tree))
    names = touched | set(bound_names(tree.body)) | set(_deleted(tree))
    user_ns = shell.user_ns
    return {
        name: (user_ns.get(name, _MISSING), _pickled(user_ns.get(name)) if name in touched else None) for name in names
    }


def find_changes(shell: Any, source: str, before: Looks) -> bytes:
    """Pickled ``{values, deleted, cwd, environ, seeds}``; what can't be pickled stays in the fork."""
    defined = set(bound_names(_definitions(source)))
    values, deleted = {}, []
    for name, (was, held) in before.items():
        now = shell.user_ns.get(name, _MISSING)
        if now is _MISSING:
            deleted += [] if was is _MISSING else [name]
        elif name not in defined and (now is not was or held is not None):
            pickled = _pickled(now)
            if pickled is not None and (now is not was or pickled != held):
                values[name] = pickled
    seeds = (random.getstate(), np.random.get_state())
    return pickle.dumps(
        {"values": values, "deleted": deleted, "cwd": os.getcwd(), "environ": dict(os.environ), "seeds": seeds}
    )


def apply_changes(shell: Any, source: str, changes: bytes) -> None:
    """Define again what the cell defined, then set, delete and seed as it did."""
    with contextlib.suppress(Exception):  # student code may have put anything into its own pipe
        found = pickle.loads(changes)  # noqa: S301 - written by a fork of this very process
        for statement in _definitions(source):
            _define(shell, statement)
        for name, pickled in found["values"].items():
            with contextlib.suppress(Exception):  # a class of the student's that refuses to be unpickled
                shell.user_ns[name] = pickle.loads(pickled)  # noqa: S301 - as above
        for name in found["deleted"]:
            shell.user_ns.pop(name, None)
        os.chdir(found["cwd"])
        _set_environ(found["environ"])
        random.setstate(found["seeds"][0])
        np.random.set_state(found["seeds"][1])


def _define(shell: Any, statement: ast.stmt) -> None:
    module = ast.Module(body=[statement], type_ignores=[])
    with contextlib.suppress(Exception):  # it may not have come so far in the fork either
        exec(compile(module, "<test>", "exec"), shell.user_ns)  # noqa: S102 - the cell's own definition


def _set_environ(wanted: dict[str, str]) -> None:
    for name in [name for name in os.environ if name not in wanted]:
        del os.environ[name]
    os.environ.update(wanted)


def _definitions(source: str) -> list[ast.stmt]:
    return [statement for statement in parse_cell(source).body if isinstance(statement, _DEFINITIONS)]


def _touched(tree: ast.Module) -> Iterator[str]:
    """Names whose objects the cell may change in place: by assignment below them, a method, or as an argument."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Subscript):
            yield from _root(node)
        elif isinstance(node, ast.Call):
            yield from (name for argument in node.args for name in _root(argument))
        elif isinstance(node, ast.AugAssign):
            yield from _root(node.target)


def _root(node: ast.AST) -> Iterator[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def _deleted(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Delete):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _pickled(value: Any) -> bytes | None:
    if isinstance(value, _NEVER_CHANGED):
        return None
    try:
        data = pickle.dumps(value)
    except Exception:  # noqa: BLE001 - whatever an object of the student raises when it is asked
        return None
    return data if len(data) <= _PICKLED_MAX else None
