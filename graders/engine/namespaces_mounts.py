"""The file tree inside the sandbox: the system and the Python environment read-only, a few devices, own /tmp.

Everything else of the machine is not there: not hidden by a rule, but absent.
"""

from __future__ import annotations

import ctypes
import os
import platform
import stat
import struct
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from graders.engine.namespaces import NEW_MOUNTS, NamespaceError, unshare

_READ_ONLY, _NO_SUID, _NO_DEVICES, _BIND, _RECURSIVE, _PRIVATE = 1, 2, 4, 4096, 16384, 1 << 18
_DETACH = 2
_ATTR_READ_ONLY, _ATTR_NO_SUID, _ATTR_NO_DEVICES = 1, 2, 4
_AT_EMPTY_PATH, _AT_RECURSIVE, _AT_FDCWD = 0x1000, 0x8000, -100
_MOUNT_SETATTR = 442
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

_ROOT = "/tmp"  # noqa: S108 - it exists everywhere; the new tree is put together on top of it, in a namespace of its own
_DEVICES = ("null", "zero", "full", "random", "urandom")
_LINKS = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2"}

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Tree:
    """What is in the tree under its own path. ``hidden`` folders in it are empty; ``scratch_bytes``: size of /tmp
    and of /dev/shm."""

    read_only: tuple[Path, ...]
    writable: tuple[Path, ...]
    hidden: tuple[Path, ...]
    scratch_bytes: int


def move_into(tree: Tree) -> tuple[str, ...]:
    """Make ``tree`` the root of this process for ever; return the layers, none where the machine refuses mounts."""
    folder = os.getcwd()
    try:
        unshare(NEW_MOUNTS)
        _mount("none", "/", None, _RECURSIVE | _PRIVATE)
    except NamespaceError:
        return ()
    sources = _open_all((*tree.read_only, *tree.writable))
    try:
        layers = _build(tree, sources)
    except NamespaceError:
        _take_back()
        return ()
    finally:
        for descriptor in sources.values():
            os.close(descriptor)
    os.chdir(folder)
    return layers


def _take_back() -> None:
    """Uncover what the half-built tree covers; if that fails, nothing may run here."""
    _check(_libc.umount2(_ROOT.encode(), _DETACH), "umount2")


def _open_all(paths: Iterable[Path]) -> dict[Path, int]:
    """Open every source before the new tree covers some of them, and while root may still look everywhere."""
    return {path: os.open(path, os.O_PATH | os.O_CLOEXEC) for path in paths if not path.is_symlink()}


def _build(tree: Tree, sources: dict[Path, int]) -> tuple[str, ...]:
    _mount("tmpfs", _ROOT, "tmpfs", _NO_SUID | _NO_DEVICES, "size=1m,mode=0755")
    _add_scratch(tree.scratch_bytes)  # first: a working folder below /tmp is then put on top of it
    devices = [Path("/dev", name) for name in _DEVICES if Path("/dev", name).exists()]
    for device in devices:
        sources[device] = os.open(device, os.O_PATH | os.O_CLOEXEC)
    for path in sorted({*tree.read_only, *tree.writable, *devices}, key=str):  # folders before what lies in them
        _put(path, sources.get(path))
    for path in tree.read_only:
        if path in sources:
            _set_attributes(path, _ATTR_READ_ONLY | _ATTR_NO_SUID | _ATTR_NO_DEVICES)
    for path in tree.writable:
        _set_attributes(path, _ATTR_NO_SUID | _ATTR_NO_DEVICES)
    for path in tree.hidden:
        if os.path.isdir(_inside(path)):
            _mount("tmpfs", _inside(path), "tmpfs", _NO_SUID | _NO_DEVICES | _READ_ONLY, "size=4k,mode=0755")
    has_proc = _add_proc()
    _pivot()
    return ("namespace-mount", *(("own-proc",) if has_proc else ()))


def _inside(path: Path | str) -> str:
    """Where ``path`` (absolute) lies while the tree is put together; plain text, since there are some hundred."""
    return f"{_ROOT}{path}"


def _put(path: Path, descriptor: int | None) -> None:
    """Bind one file or folder, or repeat a symbolic link (/bin -> usr/bin)."""
    target = _inside(path)
    if descriptor is None:
        _make_folder(os.path.dirname(target))
        with suppress(FileExistsError):
            os.symlink(os.readlink(path), target)
        return
    if stat.S_ISDIR(os.fstat(descriptor).st_mode):
        _make_folder(target)
    else:
        _make_folder(os.path.dirname(target))
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))
    _mount(f"/proc/self/fd/{descriptor}", target, None, _BIND | _RECURSIVE)


def _make_folder(target: str) -> None:
    """Folders on the way are new and may be passed by everybody, whatever the machine's own rights are."""
    os.makedirs(target, mode=0o755, exist_ok=True)


def _add_scratch(size: int) -> None:
    for name in ("/tmp", "/dev/shm"):  # noqa: S108
        _make_folder(_inside(name))
        _mount("tmpfs", _inside(name), "tmpfs", _NO_SUID | _NO_DEVICES, f"size={size},mode=1777,nr_inodes=20000")
    for name, goal in _LINKS.items():
        os.symlink(goal, _inside(f"/dev/{name}"))


def _add_proc() -> bool:
    """A fresh /proc shows the sandbox's own processes; a container that masks parts of /proc may refuse it."""
    _make_folder(_inside("/proc"))
    try:
        _mount("proc", _inside("/proc"), "proc", _NO_SUID | _NO_DEVICES)
    except NamespaceError:
        return False
    return True


def _pivot() -> None:
    os.chdir(_ROOT)
    _set_attributes(Path("/"), _ATTR_READ_ONLY | _ATTR_NO_SUID | _ATTR_NO_DEVICES, recursive=False)
    _check(_libc.syscall(_PIVOT_ROOT[platform.machine()], b".", b"."), "pivot_root")
    _check(_libc.umount2(b".", _DETACH), "umount of the old root")
    os.chdir("/")


def _set_attributes(path: Path, attributes: int, *, recursive: bool = True) -> None:
    argument = struct.pack("=QQQQ", attributes, 0, 0, 0)
    flags = _AT_RECURSIVE if recursive else 0
    name = os.fsencode(_inside(path))
    _check(_libc.syscall(_MOUNT_SETATTR, _AT_FDCWD, name, flags, argument, len(argument)), f"mount_setattr {path}")


def _mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    texts: Sequence[bytes | None] = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    data = None if options is None else options.encode()
    _check(_libc.mount(*texts, ctypes.c_ulong(flags), data), f"mount {source} {target}")


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise NamespaceError(number, f"{what}: {os.strerror(number)}")
