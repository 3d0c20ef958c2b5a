"""The cage of a trusted test process: an instructor's tests read the libraries and their own folder, nothing else.

It keeps a test file (a course may come from anybody) away from other courses' bundles, other submissions, the
machine's secrets and the network. Put on after the fork, with the one thread that a fork has.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Sequence
from pathlib import Path

from graders.engine import facilities, landlock, sandbox, sandbox_identity, sandbox_limits, sandbox_paths, seccomp
from graders.engine.zygote_environment import FONT_CACHE_VARIABLE

#: Before the name of each layer in a report: these are of the process that runs the tests.
PREFIX = "tests-"
#: Without these no test runs on Linux.
REQUIRED_ON_LINUX = tuple(f"{PREFIX}{name}" for name in sandbox.REQUIRED_ON_LINUX)

_OPEN_FILES = 256
_FILE_BYTES = 2**30


def is_isolated(layers: Sequence[str]) -> bool:
    """Whether a report's layers hold all that is required of both processes: what pages that warn should ask."""
    required = (*sandbox.REQUIRED_ON_LINUX, *REQUIRED_ON_LINUX)
    has_all = all(any(layer.startswith(name) for layer in layers) for name in required)
    return has_all and sandbox.PRACTICE_ONLY not in layers


def enter(folder: Path, memory_bytes: int) -> tuple[str, ...]:
    """Close the cage around this process for ever; return the names of its layers, SandboxError if one is missing.

    ``memory_bytes`` come on top of what the process has.
    """
    layers = list(_limit_resources(memory_bytes))
    if not facilities.is_linux():
        return tuple(f"{PREFIX}{layer}" for layer in layers)
    layers += sandbox_identity.become(None)
    layers += landlock.restrict_self(_rules(folder))
    if seccomp.is_available():
        layers += seccomp.restrict_self(allow_programs=False)
    sandbox.refuse_missing(sandbox.REQUIRED_ON_LINUX, layers)
    return tuple(f"{PREFIX}{layer}" for layer in layers)


def _limit_resources(memory_bytes: int) -> tuple[str, ...]:
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_FSIZE: _FILE_BYTES,
    }
    used = facilities.address_space()
    if used:  # a system that does not tell does not take the limit either
        wanted[resource.RLIMIT_AS] = used + memory_bytes
    for kind, value in wanted.items():
        sandbox_limits.lower(kind, value)
    return ("rlimits",)


def _rules(folder: Path) -> landlock.Rules:
    """No program may be executed: what a test runs by ``!command`` runs on the student's side."""
    fonts = os.environ.get(FONT_CACHE_VARIABLE)
    extra = [Path(fonts)] if fonts and Path(fonts).is_dir() else []
    return landlock.Rules(
        read=(
            *sandbox_paths.visible_programs(),
            *sandbox_paths.library_paths(),
            *sandbox_paths.facts_about_machine(),
            *extra,
        ),
        listing=sandbox_paths.listed_paths(has_tree=False),
        write=(folder, *landlock.device_paths(shared=False)),
        connect_tcp=(),
        bind_tcp=(),
    )
