"""Which files a local notebook server may reach: pure lists, enforced by the launcher that starts it.

Everything that is not named here does not exist for the server: the database, other homes, the courses' solutions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from spawner_config.settings import LocalNotebooks

#: Programs and libraries.
SYSTEM_EXECUTE = ("/usr", "/bin", "/lib", "/lib64", "/lib32", "/sbin", "/nix/store")

#: Facts about the machine. ``/etc`` holds nothing that an ordinary user may not read anyway.
SYSTEM_READ = ("/etc", "/proc", "/sys/devices", "/sys/fs/cgroup", "/run/systemd/resolve")

#: Devices of a terminal and of compute. Shared memory is there for parallel libraries; what is in it lives briefly.
SYSTEM_WRITE = ("null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts", "shm", "nvidiactl", "nvidia-uvm")

#: Parts of our packages that code in a notebook server imports. Course folders are not among them: they hold solutions.
PROJECT_READ = ("graders", "hub/lab", "courses/simulators", "courses/fonts")


class WallError(Exception):
    """The folders lie so that no wall can be put between people; the text says how to mend it."""


@dataclass(frozen=True)
class Walls:
    """Absolute paths that exist, and what may be done with all that lies beneath them."""

    read: tuple[Path, ...]
    execute: tuple[Path, ...]  # read, and run as programs
    write: tuple[Path, ...]  # everything


def existing(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Keep the paths that exist, each once, in order."""
    return tuple(dict.fromkeys(path for path in paths if path.exists()))


def course_modules(project: Path) -> list[Path]:
    """Return the modules that lie directly in ``courses/``: the runtime that notebooks import, and no course."""
    return sorted((project / "courses").glob("*.py"))


def device_paths() -> list[Path]:
    """Return the device files of terminals and GPUs."""
    return [*(Path("/dev") / name for name in SYSTEM_WRITE), *sorted(Path("/dev").glob("nvidia[0-9]*"))]


def make_walls(notebooks: LocalNotebooks, home: Path) -> Walls:
    """Return the walls around the server whose home is ``home``; raises if everybody's homes are inside them."""
    project = [notebooks.project / part for part in PROJECT_READ] + course_modules(notebooks.project)
    walls = Walls(
        read=existing(map(Path, SYSTEM_READ)),
        execute=existing(
            [*map(Path, SYSTEM_EXECUTE), notebooks.prefix, notebooks.base_prefix, notebooks.packages, *project]
        ),
        write=existing([home, *device_paths()]),
    )
    _refuse_open_homes(notebooks.homes, walls)
    return walls


def _refuse_open_homes(homes: Path, walls: Walls) -> None:
    real = homes.resolve()
    for path in (*walls.read, *walls.execute, *walls.write):
        if real.is_relative_to(path.resolve()):
            raise WallError(
                f"{homes} lies in {path}, which every notebook may read. Set AXCAMPUS_HOME to a folder outside. / "
                f"{homes} 폴더가 모든 노트북이 읽는 {path} 안에 있습니다. AXCAMPUS_HOME을 다른 곳으로 지정하십시오."
            )
