"""Namespaces of the sandbox: own process ids, own network (none), own file tree, for root and for ordinary users.

The keeper calls ``unshare_processes`` and forks; the first process inside then calls ``enter_own_world``. What the
machine refuses is left out: the other layers hold without it.
"""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from pathlib import Path

from graders.engine import facilities

NEW_MOUNTS, NEW_CGROUP, NEW_UTS, NEW_IPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
NEW_USER, NEW_PIDS, NEW_NET = 0x10000000, 0x20000000, 0x40000000

_INSIDE = {"ipc": NEW_IPC, "net": NEW_NET, "uts": NEW_UTS}

_libc = ctypes.CDLL(None, use_errno=True)


class NamespaceError(OSError):
    """The kernel refused a namespace or a mount."""


def unshare_processes() -> tuple[str, ...]:
    """Give the next child process ids of its own; return the layers: none where the machine refuses.

    Root needs no user namespace; everybody else gets one, in which the own user id stays what it is.
    """
    with suppress(NamespaceError):
        unshare(NEW_PIDS)
        return ("namespace-pid",)
    user, group = os.geteuid(), os.getegid()
    with suppress(NamespaceError):
        unshare(NEW_USER | NEW_PIDS)
        _map_identity(user, group)
        return ("namespace-user", "namespace-pid")
    return ()


def enter_own_world() -> tuple[str, ...]:
    """Leave the machine's network, queues and host name; return the layers that the machine allowed."""
    layers = []
    for name, flag in _INSIDE.items():
        with suppress(NamespaceError):
            unshare(flag)
            layers.append(f"namespace-{name}")
    return tuple(layers)


def unshare(flags: int) -> None:
    """Move this process (for processes and users: also its next children) into new namespaces."""
    if not facilities.is_linux():
        raise NamespaceError("this system has no namespaces")
    if _libc.unshare(flags) != 0:
        number = ctypes.get_errno()
        raise NamespaceError(number, f"unshare({flags:#x}): {os.strerror(number)}")


def _map_identity(user: int, group: int) -> None:
    """Keep the own ids: files look as they are, and there is nobody else to become."""
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
