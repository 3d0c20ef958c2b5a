"""What a test changed, collected before each request: names, deletions, mutated objects, patches, seeds."""

from __future__ import annotations

import ast
import os
import random
from collections.abc import Iterable
from typing import Any

import numpy as np

from graders.engine import codecs
from graders.engine.namespace import Namespace
from graders.engine.patches import Patches
from graders.engine.quick_marks import Mark, mark_of
from graders.engine.trusted_environ import Environ
from graders.engine.trusted_session import Session
from graders.engine.trusted_written import WrittenFiles
from graders.engine.values import Packed, merge
from graders.engine.wire import Buffer

_TRACKED = frozenset(codecs.TRACKED_TAGS)
_MISSING = object()
_MUTATORS = frozenset(
    [
        "append",
        "extend",
        "insert",
        "remove",
        "pop",
        "popitem",
        "clear",
        "sort",
        "reverse",
        "update",
        "add",
        "discard",
        "setdefault",
        "fill",
        "shuffle",
        "put",
        "place",
        "copyto",
        "putmask",
        "rename",
        "drop",
        "dropna",
        "fillna",
        "reset_index",
        "set_index",
        "sort_values",
        "sort_index",
        "replace",
        "resize",
        "itemset",
        "heappush",
        "heappop",
        "heapify",
        "appendleft",
        "popleft",
        "rotate",
        "subtract",
        "intersection_update",
        "difference_update",
        "symmetric_difference_update",
        "setattr",
        "delattr",
        "put_along_axis",
        "fill_diagonal",
        "at",
        "random",
        "seed",
    ]
)


def may_mutate(nodes: Iterable[ast.AST]) -> bool:
    """Whether a test's source could change an object in place, judged generously."""
    for node in nodes:
        if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            return True
        if isinstance(node, ast.AugAssign):
            return True
        if isinstance(node, ast.Attribute) and node.attr in _MUTATORS:
            return True
        if isinstance(node, ast.Name) and node.id in _MUTATORS:
            return True
    return False


class Changes:
    """Collects changes for one notebook; called by the session before each request."""

    def __init__(self, session: Session, namespace: Namespace, folder: str, written: WrittenFiles | None) -> None:
        self.session = session
        self.namespace = namespace
        self.patches = Patches()
        self.environ = Environ()
        self._written = written  # None: no test of this notebook writes files
        self.watches_mutation = False
        self._folder = self._cwd = folder
        self._pushed: dict[str, Any] = {}
        self._seeds: dict[str, Any] = {}
        self._marks: dict[int, tuple[tuple[int, ...], Mark]] = {}  # as of when an object had this fingerprint

    def start_cell(self, nodes: list[ast.AST]) -> None:
        """Learn what this cell, given as all its syntax nodes, may change."""
        self._cwd = os.getcwd()
        self.watches_mutation = may_mutate(nodes)
        self.patches.find_targets(nodes, self.namespace)
        self.environ.start_cell(nodes)
        if self.environ.names:
            found = self.session.ask("environ", "environ", [self.environ.names])
            self.environ.take(found if type(found) is dict else {}, self.session.guard)
        self._seeds = self._seeds or {name: read() for name, read in _SEED_STATES.items()}

    def collect(self, blobs: list[Buffer], arguments: list[Any]) -> dict[str, Any]:
        """The ``env`` of a request that brings ``arguments``; empty if nothing changed."""
        env: dict[str, Any] = {}
        self.namespace.adopt()
        for key, found in (
            ("mutated", self._mutated(blobs)),
            ("names", self._names(blobs)),
            ("deleted", self._deletions()),
            ("patches", [[list(t), self._patch(v, blobs)] for t, v in self.patches.changes()]),
            ("seeds", self._seeds_changed(blobs)),
            ("environ", self.environ.change()),
            ("files", self._files(blobs, arguments)),
        ):
            if found:
                env[key] = found
        if os.getcwd() != self._cwd:
            self._cwd = os.getcwd()
            env["cwd"] = os.path.relpath(self._cwd, self._folder)
        return env

    def _files(self, blobs: list[Buffer], arguments: list[Any]) -> list[Any]:
        if self._written is None:
            return []
        self._written.learn_texts(arguments if os.getcwd() == self._cwd else [*arguments, os.getcwd()])
        return [[path, merge(self._pack(data), blobs)] for path, data in self._written.collect().items()]

    def _pack(self, value: Any) -> Packed:
        packer = self.session.values.packer()
        return Packed(packer.pack(value), tuple(packer.blobs))

    def _root(self, value: Any, blobs: list[Buffer]) -> list[Any]:
        return merge(self.session.unless_synced(self._pack(value)), blobs)

    def _patch(self, value: Any, blobs: list[Buffer]) -> Any:
        if value is Patches.RESTORED:
            return None
        return [] if value is Patches.DELETED else self._root(value, blobs)

    def _names(self, blobs: list[Buffer]) -> dict[str, Any]:
        names = {}
        for name in self.namespace.own & self.namespace.plan.mentioned:
            value = dict.get(self.namespace, name, _MISSING)
            if value is not _MISSING and self._pushed.get(name, _MISSING) is not value:
                self._pushed[name] = value
                names[name] = self._root(value, blobs)
                if self._written is not None:
                    self._written.learn_texts([value])
        return names

    def _deletions(self) -> list[str]:
        deleted, self.namespace.deleted = self.namespace.deleted, []
        for name in deleted:
            self._pushed.pop(name, None)
        return [name for name in deleted if name not in self._pushed and name in self.namespace.gone]

    def _mutated(self, blobs: list[Buffer]) -> list[Any]:
        """Objects of both sides that the test changed in place since they were last sent."""
        if not self.watches_mutation:
            return []
        objects = self.session.values.objects
        found = []
        for oid, fingerprint in list(objects.synced.items()):
            value = objects.by_oid[oid]
            mark = mark_of(value)
            if mark is not None and self._marks.get(oid) == (fingerprint, mark):
                continue
            packed = self._pack(value)
            self._marks[oid] = (packed.fingerprint, mark)
            if packed.fingerprint != fingerprint and type(packed.node) is list and packed.node[0] in _TRACKED:
                objects.synced[oid] = packed.fingerprint
                found.append(merge(packed, blobs))
        return found

    def rebound(self, name: str, value: list[Any] | None) -> None:
        """Student code rebound a name of the test, as the reference does."""
        if value is None:
            dict.pop(self.namespace, name, None)
            return
        dict.__setitem__(self.namespace, name, value[0])
        self._pushed[name] = value[0]

    def _seeds_changed(self, blobs: list[Buffer]) -> dict[str, Any]:
        changed = {}
        for name, read in _SEED_STATES.items():
            state = read()
            if not _same_state(state, self._seeds.get(name)):
                self._seeds[name] = state
                changed[name] = merge(self._pack(list(state)), blobs)
        return changed


def _numpy_state() -> Any:
    return np.random.get_state()


_SEED_STATES = {"random": random.getstate, "numpy": _numpy_state}


def _same_state(left: Any, right: Any) -> bool:
    if right is None or len(left) != len(right):
        return False
    return all(np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b for a, b in zip(left, right, strict=True))
