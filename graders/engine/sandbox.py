"""All layers of the sandbox in the one order in which they can be put on, and their names for the report.

Each layer is its own file; each is tried, what the machine refuses is left out, and what is required and
missing ends the process before any student code runs.
"""

from __future__ import annotations

import os
from pathlib import Path

from graders.contract import Frozen
from graders.engine import (
    facilities,
    landlock,
    namespaces,
    namespaces_mounts,
    sandbox_identity,
    sandbox_limits,
    sandbox_paths,
    seccomp,
)

#: Without these no student code runs on Linux. Namespaces, cgroups and a uid of its own come on top where allowed.
REQUIRED_ON_LINUX = ("no_new_privs", "landlock-files", "seccomp", "rlimits")

#: What a report says where there is no isolation to speak of (macOS).
PRACTICE_ONLY = "practice only: not isolated"


class SandboxError(RuntimeError):
    """A required layer could not be put on: nothing ran."""


class Cage(Frozen):
    """What one sandboxed process may use. ``folder`` and ``home`` are all that it may write to, besides a /tmp of its
    own; ``user`` is who it becomes where the grader runs as root."""

    folder: Path
    home: Path
    memory_bytes: int
    processes: int
    cpu_seconds: float
    disk_bytes: int
    allow_programs: bool = True
    user: int | None = None
    required: tuple[str, ...] = REQUIRED_ON_LINUX


def enter(cage: Cage, outer: tuple[str, ...]) -> tuple[str, ...]:
    """Close the sandbox around this process; return the names of all layers. ``outer`` are on already."""
    if not facilities.is_linux():
        return (*sandbox_limits.restrict_self(cage, counts_own_processes=False), PRACTICE_ONLY)
    layers = [*outer, *_enter_namespaces(cage, outer)]
    user = cage.user if _can_become_user(layers) else None
    is_alone = user is not None or "namespace-user" in layers
    layers += sandbox_limits.restrict_self(cage, counts_own_processes=is_alone)
    layers += sandbox_identity.become(user)
    layers += landlock.restrict_self(_rules(cage, layers))
    if seccomp.is_available():
        layers += seccomp.restrict_self(allow_programs=cage.allow_programs)
    refuse_missing(cage.required, layers)
    return tuple(layers)


def refuse_missing(required: tuple[str, ...], layers: list[str]) -> None:
    """Raise SandboxError unless every required layer is among ``layers`` (a prefix is enough: versions differ)."""
    missing = [name for name in required if not any(layer.startswith(name) for layer in layers)]
    if missing:
        raise SandboxError(f"required sandbox layers are missing: {', '.join(missing)}")


def _enter_namespaces(cage: Cage, outer: tuple[str, ...]) -> tuple[str, ...]:
    layers = namespaces.enter_own_world()
    if "namespace-pid" not in outer:
        return layers  # a fresh /proc needs process ids of its own
    tree = namespaces_mounts.Tree(
        read_only=(*sandbox_paths.program_paths(), *sandbox_paths.library_paths()),
        writable=(cage.folder, cage.home),
        hidden=sandbox_paths.hidden_paths(),
        scratch_bytes=cage.disk_bytes,
    )
    return (*layers, *namespaces_mounts.move_into(tree))


def _can_become_user(layers: list[str]) -> bool:
    """Another user must still reach Python: in the new tree always, elsewhere if no folder on the way is closed."""
    if os.geteuid() != 0 or "namespace-user" in layers:
        return False
    return "namespace-mount" in layers or all(map(sandbox_paths.is_open_to_all, sandbox_paths.program_paths()))


def _rules(cage: Cage, layers: list[str]) -> landlock.Rules:
    has_tree = "namespace-mount" in layers
    own_tree = (Path("/proc"), Path("/dev")) if "own-proc" in layers else ()
    scratch = (Path("/tmp"), Path("/dev/shm")) if has_tree else ()  # noqa: S108 - the sandbox's own
    return landlock.Rules(
        read=(*sandbox_paths.library_paths(), *(own_tree or sandbox_paths.facts_about_machine())),
        execute=sandbox_paths.program_paths() if has_tree else sandbox_paths.visible_programs(),
        listing=sandbox_paths.listed_paths(has_tree=has_tree),
        write=(cage.folder, cage.home, *scratch, *landlock.device_paths(shared=has_tree)),
        connect_tcp=(),
        bind_tcp=(),
    )
