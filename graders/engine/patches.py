"""Attributes of modules that a test replaces (``np.linalg.solve = None``, ``mock.patch("builtins.input")``).

The targets are found in the test's source; before each request they are compared with what they were.
"""

from __future__ import annotations

import ast
import builtins
import importlib.util
import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any

Target = tuple[str, str]  # module, dotted path inside it

#: Streams are not patched on the student's side: what it prints arrives as text and is written to the test's own.
_LOCAL = frozenset({("sys", "stdout"), ("sys", "stderr"), ("sys", "modules"), ("sys", "path"), ("os", "environ")})


_PATCHERS = frozenset(("patch", "object", "setattr", "delattr", "dict", "multiple"))


class Patches:
    """Watches patch targets over the test cells of one notebook."""

    RESTORED = object()
    DELETED = object()

    def __init__(self) -> None:
        self._originals: dict[Target, Any] = {}
        self._last: dict[Target, Any] = {}

    def find_targets(self, nodes: list[ast.AST], names: Mapping[str, Any]) -> None:
        """Learn the targets of one test cell before it runs."""
        dotted_targets = set(_dotted_targets(nodes))
        aliases = _aliases(nodes) if dotted_targets else {}
        for dotted in dotted_targets:
            target = _resolve(dotted, names, aliases)
            if target is not None and target not in _LOCAL and target not in self._originals:
                self._originals[target] = self._last[target] = _read(target)

    def changes(self) -> Iterator[tuple[Target, Any]]:
        """Targets whose value changed since the last call: the new value, ``RESTORED`` or ``DELETED``."""
        for target, original in self._originals.items():
            value = _read(target)
            if value is self._last[target]:
                continue
            self._last[target] = value
            yield target, self.RESTORED if value is original else self.DELETED if value is _MISSING else value


_MISSING = object()


def _read(target: Target) -> Any:
    value: Any = sys.modules.get(target[0])
    for part in target[1].split("."):
        value = getattr(value, part, _MISSING)
        if value is _MISSING:
            return _MISSING
    return value


def _aliases(nodes: list[ast.AST]) -> dict[str, str]:
    """Names that the cell itself imports: name -> dotted module."""
    found = {"builtins": "builtins", "__builtins__": "builtins"}
    for node in nodes:
        if isinstance(node, ast.Import):
            found.update(
                {(a.asname or a.name.split(".")[0]): (a.name if a.asname else a.name.split(".")[0]) for a in node.names}
            )
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update({(a.asname or a.name): f"{node.module}.{a.name}" for a in node.names})
    return found


def _dotted_targets(nodes: list[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            yield _dotted(node)
        elif isinstance(node, ast.Call) and _patches_something(node.func):
            yield from _mock_targets(node)


def _patches_something(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in _PATCHERS


def _mock_targets(node: ast.Call) -> Iterator[str]:
    first = node.args[0] if node.args else None
    second = node.args[1] if len(node.args) > 1 else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str) and "." in first.value:
        if all(part.isidentifier() for part in first.value.split(".")):
            yield "=" + first.value
    elif isinstance(second, ast.Constant) and isinstance(second.value, str) and second.value.isidentifier():
        base = _dotted(first) if first is not None else ""
        if base:
            yield f"{base}.{second.value}"


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return node.id if isinstance(node, ast.Name) else ""


def _resolve(dotted: str, names: Mapping[str, Any], aliases: dict[str, str]) -> Target | None:
    """``(module, path)`` of ``np.linalg.solve`` or ``=numpy.linalg.solve``; None if it is no module's attribute."""
    if dotted.startswith("="):
        return _split_module(dotted[1:])
    root, _, path = dotted.partition(".")
    if not path:
        return None
    if root in aliases:
        return _split_module(f"{aliases[root]}.{path}")
    module = names[root] if _is_local_module(root, names) else None
    return _split_module(f"{module.__name__}.{path}") if module is not None else None


def _is_local_module(root: str, names: Mapping[str, Any]) -> bool:
    try:
        return type(names[root]) is types.ModuleType
    except KeyError:
        return False


def _split_module(dotted: str) -> Target | None:
    """Split a dotted name after its longest importable module."""
    parts = dotted.split(".")
    if parts[0] == "__main__":
        return None  # names of the notebook: the namespace knows them
    for cut in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:cut])
        if name == "builtins" or name in sys.modules or _is_importable(name):
            return (name, ".".join(parts[cut:]))
    return None


def _is_importable(name: str) -> bool:
    if name == "__main__" or hasattr(builtins, name):
        return False
    try:
        if importlib.util.find_spec(name) is None:
            return False
        importlib.import_module(name)
    except (ImportError, ValueError, AttributeError):
        return False
    return True
