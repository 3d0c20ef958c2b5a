"""Starts one local notebook server behind its walls: ``python -m hub.launch PLAN -- COMMAND``.

It runs before any code of a student, drops what the server must not have, and becomes the server by exec. As root it
first gives up the user id for one that belongs to this person alone; on Linux Landlock then closes the files.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from graders.engine.landlock import LandlockError, Rules, abi_version, restrict_self

#: Exit statuses that the spawner explains in words.
EXIT_NO_WALLS, EXIT_NO_ACCESS = 76, 77

#: Processes and threads of one person; a kernel with a numerical library has dozens.
MAX_PROCESSES = 2048

_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWNS = 0x00020000
_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
_MS_NOSUID, _MS_NODEV = 2, 4


#: A log-in shell of Debian sets PATH anew; this puts the notebooks' Python back and names a person without an account.
PROFILE = """export PATH="$VIRTUAL_ENV/bin:$HOME/.local/bin:$PATH"
PS1='$USER:\\w\\$ '
"""


@dataclass(frozen=True)
class Plan:
    """What the server may reach and who it is. ``user_id`` None: stay who we are (the hub is no root).

    ``memory_bytes``: of its own, for each process; None: no limit.
    """

    home: str
    temporary: str
    user_id: int | None
    read: tuple[str, ...]
    execute: tuple[str, ...]
    write: tuple[str, ...]
    memory_bytes: int | None = None

    def to_json(self) -> str:
        """Encode the plan for the command line: it holds paths and a number, no secret."""
        return json.dumps(asdict(self))


class LaunchError(Exception):
    """The server must not start so; carries the exit status that the spawner explains."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def load_plan(text: str) -> Plan:
    """Decode what ``Plan.to_json`` encoded; raises if a key is missing or unknown."""
    values: dict[str, Any] = json.loads(text)
    for name in ("read", "execute", "write"):
        values[name] = tuple(values[name])
    return Plan(**values)


def closed_ancestor(path: Path) -> Path | None:
    """Return the topmost folder above ``path`` that another user may not enter, or None."""
    for folder in reversed(path.parents):
        if not folder.stat().st_mode & 0o001:
            return folder
    return None


def closed_folders(paths: Sequence[Path]) -> dict[Path, list[Path]]:
    """Group the paths that another user can't reach by the folder that stops it, such as ``/root``."""
    groups: dict[Path, list[Path]] = {}
    for path in paths:
        if folder := closed_ancestor(path.resolve()):
            groups.setdefault(folder, []).append(path.resolve())
    return groups


def open_passages(plan: Plan) -> None:
    """Make Python and the home reachable where they lie in a folder that only root may enter.

    Nobody's permissions are changed: in a mount namespace of this server alone the closed folder is replaced by an
    empty one that holds just the paths that the server needs. Needs CAP_SYS_ADMIN; fails loudly without.
    """
    groups = closed_folders([Path(path) for path in (*plan.execute, plan.home)])
    if not groups:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    _check(libc.unshare(_CLONE_NEWNS), "unshare")
    _check(libc.mount(None, b"/", None, _MS_REC | _MS_PRIVATE, None), "private mounts")
    for folder, paths in groups.items():
        _replace_folder(libc, folder, paths, writable=Path(plan.home).resolve())


def _replace_folder(libc: ctypes.CDLL, folder: Path, paths: list[Path], writable: Path) -> None:
    """Put an empty folder over ``folder`` and bind ``paths`` back into it, read-only but for one."""
    handles = {path: os.open(path, os.O_PATH) for path in sorted(paths)}
    _check(
        libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", _MS_NOSUID | _MS_NODEV, b"mode=0755,size=64k"), str(folder)
    )
    for path, handle in handles.items():
        _make_place(path, handle)
        source, target = f"/proc/self/fd/{handle}".encode(), os.fsencode(path)
        _check(libc.mount(source, target, None, _MS_BIND | _MS_REC, None), str(path))
        if path != writable:
            _check(libc.mount(None, target, None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID, None), str(path))
        os.close(handle)


def _make_place(path: Path, handle: int) -> None:
    """Make the empty folder or file that a path is bound onto."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    if Path(f"/proc/self/fd/{handle}").is_dir():
        path.mkdir(exist_ok=True)
    else:
        path.touch()


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise LaunchError(EXIT_NO_ACCESS, f"{what}: {os.strerror(number)}")


def become(user_id: int) -> None:
    """Give up root for ever."""
    os.setgroups([])
    os.setresgid(user_id, user_id, user_id)
    os.setresuid(user_id, user_id, user_id)
    if os.geteuid() == 0 or os.getuid() == 0:
        raise LaunchError(EXIT_NO_WALLS, "still root after setresuid")


def limit_resources(is_own_user: bool, memory_bytes: int | None) -> None:
    """Take away what no server needs: new privileges, memory dumps, and under a user id of its own a fork bomb.

    Where everybody shares the hub's user id, a limit on its processes would hit all of them: there is none. Memory is
    limited as data (RLIMIT_DATA): a notebook that asks for too much gets a MemoryError in its cell, instead of taking
    the whole machine down. The address space stays free: libraries reserve much more of it than they use.
    """
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if is_own_user:
        resource.setrlimit(resource.RLIMIT_NPROC, (MAX_PROCESSES, MAX_PROCESSES))
    if memory_bytes is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))


def close_files(plan: Plan) -> None:
    """Put Landlock around this process. A kernel without it gets no wall; ``axcampus run`` has said so."""
    if abi_version() == 0:
        return
    rules = Rules(
        read=tuple(map(Path, plan.read)), execute=tuple(map(Path, plan.execute)), write=tuple(map(Path, plan.write))
    )
    try:
        restrict_self(rules)
    except LandlockError as error:
        raise LaunchError(EXIT_NO_WALLS, str(error)) from error


def ensure_home_files(plan: Plan) -> None:
    """Make what a home needs, as its owner: as root a link in the home could lead anywhere."""
    Path(plan.temporary).mkdir(parents=True, exist_ok=True)
    profile = Path(plan.home) / ".profile"
    if not profile.exists():
        profile.write_text(PROFILE, encoding="utf-8")


def enter(plan: Plan, command: Sequence[str]) -> None:
    """Go behind the walls, in the only order that works: mounts need root, Landlock must come last."""
    if plan.user_id is not None:
        open_passages(plan)
        become(plan.user_id)
    if not os.access(command[0], os.R_OK | os.X_OK):
        raise LaunchError(EXIT_NO_ACCESS, f"user {os.getuid()} may not run {command[0]}")
    os.umask(0o077)
    os.chdir(plan.home)
    ensure_home_files(plan)
    limit_resources(is_own_user=plan.user_id is not None, memory_bytes=plan.memory_bytes)
    close_files(plan)


def main() -> None:
    """Read the plan, build the walls, become the server."""
    plan, command = load_plan(sys.argv[1]), sys.argv[3:]
    try:
        enter(plan, command)
    except (LaunchError, OSError) as error:
        sys.stderr.write(f"hub.launch: {error}\n")
        raise SystemExit(getattr(error, "status", EXIT_NO_ACCESS)) from error
    os.execv(command[0], command)  # noqa: S606 - becoming the given command is the purpose


if __name__ == "__main__":
    main()
