"""What a test changed on its side takes effect on the student's side: names, deletions, patches, seeds, folder."""

from __future__ import annotations

import builtins
import importlib
import os
import random
from collections.abc import Callable
from typing import Any

import numpy as np

from graders.engine.agent_files import SharedEnviron, SharedFiles

_MISSING = object()


class Environment:
    """Applies the ``env`` of a request to the shell's namespace and to modules."""

    def __init__(self, user_ns: dict[str, Any], decode: Callable[[Any], Any]) -> None:
        self._user_ns = user_ns
        self._decode = decode
        self._folder = os.getcwd()
        self._originals: dict[str, Any] = {}
        self.files = SharedFiles(self._folder)
        self.environ = SharedEnviron()

    def apply(self, env: dict[str, Any]) -> None:
        """Apply one request's changes; unknown keys are ignored."""
        for entry in env.get("mutated", ()):
            self._decode(entry)
        for name in env.get("deleted", ()):
            self._user_ns.pop(name, None)
        for name, entry in env.get("names", {}).items():
            self._user_ns[name] = self._decode(entry)
        for target, entry in env.get("patches", ()):
            self._patch(target, entry)
        for path, entry in env.get("files", ()):
            self.files.write(path, self._decode(entry))
        if "environ" in env:
            self.environ.apply(env["environ"])
        if "cwd" in env:
            os.chdir(os.path.join(self._folder, env["cwd"]))
        for kind, entry in env.get("seeds", {}).items():
            _SEEDS[kind](self._decode(entry))

    def _patch(self, target: list[str], entry: Any) -> None:
        """Set ``module.attribute`` to the decoded value; ``None`` restores, ``[]`` deletes."""
        owner, name = _owner(target[0], target[1])
        key = ".".join(target)
        self._originals.setdefault(key, getattr(owner, name, _MISSING))
        if entry is None:
            _restore(owner, name, self._originals.pop(key))
        elif entry == []:
            delattr(owner, name)
        else:
            setattr(owner, name, self._decode(entry))


def _owner(module: str, path: str) -> tuple[Any, str]:
    owner: Any = builtins if module == "builtins" else importlib.import_module(module)
    *parts, name = path.split(".")
    for part in parts:
        owner = getattr(owner, part)
    return owner, name


def _restore(owner: Any, name: str, original: Any) -> None:
    if original is not _MISSING:
        setattr(owner, name, original)
    elif hasattr(owner, name):
        delattr(owner, name)


def _seed_random(state: Any) -> None:
    random.setstate((state[0], tuple(state[1]), state[2]))


def _seed_numpy(state: Any) -> None:
    np.random.set_state(tuple(state))


_SEEDS: dict[str, Callable[[Any], None]] = {"random": _seed_random, "numpy": _seed_numpy}
