"""Control groups: memory and processes of a whole sandbox, counted by the kernel where this machine lets us.

Both versions are tried: a folder of our own below the own group. Where that can't be made (an ordinary user, most
pods, a group whose controllers are not handed on) the keeper's own watch stays the limit, and the layer is not named.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from graders.engine import facilities

_ROOT = Path("/sys/fs/cgroup")
_PREFIX = "axcampus-"
#: Beyond what the cells may use: page cache, kernel memory, and copies of the warm process's pages.
_SLACK_BYTES = 256 * 2**20
#: Controller -> file of its limit, by version.
_LIMITS = {
    1: {"memory": "memory.limit_in_bytes", "pids": "pids.max"},
    2: {"memory": "memory.max", "pids": "pids.max"},
}
_EVENTS = ("memory.oom_control", "memory.events")


@dataclass(frozen=True)
class Group:
    """The folders of one sandbox; none where the machine refuses."""

    folders: tuple[Path, ...] = ()
    layers: tuple[str, ...] = ()
    refusals: tuple[str, ...] = field(default=(), compare=False)

    def take(self, process: int) -> None:
        """Move a process, and all that it will start, into the group; OSError if it has ended."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(process))

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel killed something here for its memory."""
        return any(_oom_kills(folder / name) for folder in self.folders for name in _EVENTS)

    def remove(self) -> None:
        """Remove the folders; nothing may run in them any more."""
        for folder in self.folders:
            with suppress(OSError):
                folder.rmdir()


def make_group(memory_bytes: int, processes: int) -> Group:
    """Make a group with these limits, as far as the machine allows; ``refusals`` say what it does not."""
    values = {"memory": memory_bytes + _SLACK_BYTES, "pids": processes}
    folders: list[Path] = []
    layers, refusals = [], []
    for controller, value in values.items():
        try:
            folder = _make_folder(controller, value)
        except OSError as error:
            refusals.append(f"{controller}: {error.strerror or error}")
            continue
        layers.append(f"cgroup-{controller}")
        folders += [] if folder in folders else [folder]
    return Group(tuple(folders), tuple(layers), tuple(refusals))


def _make_folder(controller: str, value: int) -> Path:
    parent, version = _own_group(controller)
    _sweep(parent)
    folder = parent / f"{_PREFIX}{os.getpid()}"
    folder.mkdir(exist_ok=True)
    try:
        (folder / _LIMITS[version][controller]).write_text(str(value))
    except OSError:
        with suppress(OSError):
            folder.rmdir()
        raise
    return folder


def _own_group(controller: str) -> tuple[Path, int]:
    """The folder of this process's own group for a controller, and the version; OSError where there is none."""
    for line in (facilities.PROC / "self/cgroup").read_text().splitlines():
        _, names, path = line.split(":", 2)
        if controller in names.split(","):
            return _ROOT / controller / path.lstrip("/"), 1
    for mount in (_ROOT, _ROOT / "unified"):
        if controller in _words(mount / "cgroup.controllers"):
            return mount / _path_of_version_2().lstrip("/"), 2
    raise OSError(f"no controller {controller} on this machine")


def _path_of_version_2() -> str:
    lines = (facilities.PROC / "self/cgroup").read_text().splitlines()
    return next((line.split(":", 2)[2] for line in lines if line.startswith("0::")), "/")


def _words(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def _sweep(parent: Path) -> None:
    """Remove groups whose keeper was killed before it could."""
    for folder in _leftovers(parent):
        with suppress(OSError):
            folder.rmdir()


def _leftovers(parent: Path) -> Iterator[Path]:
    for name in os.listdir(parent):
        if name.startswith(_PREFIX) and not (facilities.PROC / name.removeprefix(_PREFIX)).exists():
            yield parent / name


def _oom_kills(path: Path) -> int:
    with suppress(OSError, ValueError):
        for line in path.read_text().splitlines():
            name, _, count = line.partition(" ")
            if name == "oom_kill":
                return int(count)
    return 0
