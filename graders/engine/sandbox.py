"""All layers of the sandbox in the one order in which they can be put on, and their names for the report.

Each layer is its own file; each is tried, what the machine refuses is left out, and what is required and
missing ends the process before any student code runs.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from graders.contract import Frozen
from graders.engine import landlock, sandbox_limits, seccomp

#: Without these no student code runs on Linux. Namespaces, cgroups and a uid of its own come on top where allowed.
REQUIRED_ON_LINUX = ("no_new_privs", "landlock-files", "seccomp", "rlimits")

#: What a report says where there is no isolation to speak of (macOS).
PRACTICE_ONLY = "practice only: not isolated"


class SandboxError(RuntimeError):
    """A required layer could not be put on: nothing ran."""


class Cage(Frozen):
    """What one sandboxed process may use. ``folder`` is all that it may write to; ``readable`` comes on top of
    the system and the Python environment."""

    folder: Path
    readable: tuple[Path, ...] = ()
    memory_bytes: int
    processes: int
    cpu_seconds: float
    disk_bytes: int
    allow_programs: bool = True
    required: tuple[str, ...] = REQUIRED_ON_LINUX


def enter(cage: Cage) -> tuple[str, ...]:
    """Close the sandbox around this process; return the names of the layers that are on."""
    if not sys.platform.startswith("linux"):
        return (*sandbox_limits.restrict_self(cage), PRACTICE_ONLY)
    layers = [*sandbox_limits.restrict_self(cage), *landlock.restrict_self(_rules(cage))]
    if seccomp.is_available():
        layers += seccomp.restrict_self(allow_programs=cage.allow_programs)
    refuse_missing(cage.required, layers)
    return tuple(layers)


def refuse_missing(required: tuple[str, ...], layers: list[str]) -> None:
    """Raise SandboxError unless every required layer is among ``layers`` (a prefix is enough: versions differ)."""
    missing = [name for name in required if not any(layer.startswith(name) for layer in layers)]
    if missing:
        raise SandboxError(f"required sandbox layers are missing: {', '.join(missing)}")


def _rules(cage: Cage) -> landlock.Rules:
    return landlock.Rules(
        read=(*landlock.configuration_paths(), *cage.readable, *_import_paths()),
        execute=landlock.system_paths(),
        write=(cage.folder, *landlock.device_paths()),
        connect_tcp=(),
        bind_tcp=(),
    )


def _import_paths() -> tuple[Path, ...]:
    """Folders that Python imports from, so that a late import works (an editable install lies outside the prefix)."""
    return tuple(Path(entry) for entry in sys.path if entry and os.path.exists(entry))
