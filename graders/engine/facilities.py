"""What this system offers, asked in one place: everything that only Linux has is used through these questions.

A system that has none of it (macOS) still runs the engine; its reports say that nothing was isolated.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1

#: Where the kernel tells about processes; only read through functions that do without it.
PROC = Path("/proc")


def is_linux() -> bool:
    """Whether the layers of the sandbox can exist here at all."""
    return sys.platform.startswith("linux")


def has_process_handles() -> bool:
    """Whether a process can be named by a descriptor, which no other process can ever take over."""
    return is_linux() and hasattr(os, "pidfd_open")


def open_process_handle(process: int) -> int | None:
    """Return a descriptor that is readable when ``process`` has ended; None where there is no such thing."""
    return os.pidfd_open(process) if has_process_handles() else None


def wake_on_child_end() -> int:
    """Return a descriptor that is readable once any child of this process has ended: for systems without handles."""
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    return read_end


def forget_child_ends() -> None:
    """Undo ``wake_on_child_end``, in a child that inherited it."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def peak_bytes(usage: resource.struct_rusage) -> int:
    """Largest resident size in bytes; Linux counts it in kilobytes, the BSDs in bytes."""
    return usage.ru_maxrss * (1024 if is_linux() else 1)


def die_with_parent() -> None:
    """Let the kernel kill this process when its parent ends; elsewhere its socket's end tells it."""
    if is_linux():
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def address_space() -> int:
    """Bytes of address space of this process; 0 where the system does not tell."""
    with suppress(OSError, ValueError, IndexError):
        return int((PROC / "self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    return 0
