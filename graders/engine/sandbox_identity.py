"""Who the student's process is: an ordinary user without any capability, also where the grader runs as root."""

from __future__ import annotations

import ctypes
import os
import struct
from pathlib import Path

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_CAP_AMBIENT = 1, 4, 24, 47
_AMBIENT_CLEAR_ALL = 4
_CAPABILITY_VERSION = 0x20080522
_SIGKILL = 9

_libc = ctypes.CDLL(None, use_errno=True)


def become(user: int | None) -> tuple[str, ...]:
    """Become ``user`` (root only; None: stay who we are), give up every capability; return the layers."""
    layers: list[str] = []
    _drop_bounding_set()
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        layers.append("own-uid")
    _drop_capabilities()
    # A change of the user id hides /proc/self from its owner and forgets who to die with.
    _libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)
    _libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    return (*layers, "no-capabilities")


def _drop_bounding_set() -> None:
    """A program that is executed later can't bring capabilities back; needs CAP_SETPCAP, which only root has."""
    last = (
        int(Path("/proc/sys/kernel/cap_last_cap").read_text()) if Path("/proc/sys/kernel/cap_last_cap").exists() else 63
    )
    for number in range(last + 1):
        _libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)


def _drop_capabilities() -> None:
    _libc.prctl(_PR_CAP_AMBIENT, _AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    if _libc.capset(header, bytes(24)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"capset: {os.strerror(number)}")
