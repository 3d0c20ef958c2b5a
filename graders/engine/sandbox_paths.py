"""Which files of the machine student code may see: the system, Python and its libraries, no course's sources."""

from __future__ import annotations

import stat
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from graders.engine import landlock

#: The folder that our own packages are imported from: the checkout, or site-packages.
HOME_OF_OURS = Path(__file__).resolve().parents[2]
_COURSES = HOME_OF_OURS / "courses"
#: What notebooks import from ``courses``; the other folders there hold reference solutions and hidden tests.
_PUBLIC_COURSE_FOLDERS = ("simulators", "fonts")

#: Settings that programs and libraries read. The rest of /etc may hold what is not a student's business.
_SETTINGS = (
    "passwd", "group", "nsswitch.conf", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "timezone",
    "os-release", "mime.types", "fonts", "ssl/certs", "alternatives", "matplotlibrc", "bash.bashrc", "profile",
    "inputrc", "terminfo", "magic",
)  # fmt: skip
_PROCESSORS = Path("/sys/devices/system/cpu")
#: Facts about the machine, where a /proc of the sandbox's own is refused.
_FACTS = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/version", "/proc/filesystems")


def learn() -> None:
    """Find all of these before the first fork, which then need not, and before any code could change where Python
    looks."""
    for find in (library_paths, hidden_paths, visible_programs, facts_about_machine):
        find()


@cache
def program_paths() -> tuple[Path, ...]:
    """Return what may be read and executed: the system's programs and Python with its packages."""
    return landlock.system_paths()


@cache
def library_paths() -> tuple[Path, ...]:
    """Folders outside Python's prefix that it imports from, and settings: to be read only."""
    entries = [Path(entry) for entry in sys.path if entry]
    extra = [part for entry in entries for part in _public_parts(entry) if not _is_below(part, program_paths())]
    settings = [Path("/etc", name) for name in _SETTINGS]
    return tuple(dict.fromkeys(path for path in (*extra, *settings, _PROCESSORS) if path.exists()))


@cache
def hidden_paths() -> tuple[Path, ...]:
    """Folders of course sources that lie among the packages."""
    if not _COURSES.is_dir():
        return ()
    return tuple(
        path for path in sorted(_COURSES.iterdir()) if path.is_dir() and path.name not in _PUBLIC_COURSE_FOLDERS
    )


@cache
def visible_programs() -> tuple[Path, ...]:
    """As ``program_paths``, split so that no part holds a hidden folder: for rules that can only allow."""
    return tuple(part for path in program_paths() for part in _without(path, hidden_paths()))


def listed_paths(*, has_tree: bool) -> tuple[Path, ...]:
    """Folders whose names Python must list to import from parts of them. In a tree of its own there is nothing else
    in them; elsewhere only the courses' names are shown, and what lies beside our packages is not."""
    if not _COURSES.is_dir():
        return ()
    return (HOME_OF_OURS,) if has_tree else (_COURSES,)


@cache
def facts_about_machine() -> tuple[Path, ...]:
    """Return harmless files of the machine's own /proc."""
    return tuple(path for path in map(Path, _FACTS) if path.exists())


def is_open_to_all(path: Path) -> bool:
    """Whether any user of the machine can get to ``path``."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))


def _public_parts(entry: Path) -> list[Path]:
    """An editable install puts the whole checkout on the path: only its packages are public, and of courses a part."""
    if entry.resolve() != HOME_OF_OURS:
        return [entry]
    packages = [path for path in entry.iterdir() if (path / "__init__.py").exists() and path.name != "tests"]
    return [part for path in packages for part in _without(path, hidden_paths())]


def _without(path: Path, hidden: Iterable[Path]) -> Iterator[Path]:
    """Yield ``path``, or its contents as far down as needed to leave out what is hidden."""
    inside = [each for each in hidden if each == path or each.is_relative_to(path)]
    if not inside:
        yield path
    elif path not in inside:
        for child in sorted(path.iterdir()):
            yield from _without(child, inside)


def _is_below(path: Path, roots: Iterable[Path]) -> bool:
    return any(path.is_relative_to(root) for root in roots)
