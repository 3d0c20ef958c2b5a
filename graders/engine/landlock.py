"""Landlock: the kernel's file rules that an ordinary process puts on itself and can never take off.

By ctypes, because three system calls need no dependency. Used for the student's process of the grader
and for local notebook servers: ``python -m graders.engine.landlock --execute /usr --write ~/home -- CMD``.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import stat
import struct
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from graders.engine import facilities

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
_VERSION_QUESTION = 1
_PATH_BENEATH, _NET_PORT = 1, 2
_PR_SET_NO_NEW_PRIVS = 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_MAKE_DEVICE_NODES = (1 << 6) | (1 << 11)
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_BIND_TCP, _CONNECT_TCP = 1, 2
_SCOPE_ABSTRACT_SOCKETS, _SCOPE_SIGNALS = 1, 2

#: ABI version -> all file rights known from then on.
_HANDLED_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}

_libc = ctypes.CDLL(None, use_errno=True)


class LandlockError(OSError):
    """The kernel refused a rule, or has no Landlock: nothing may run behind rules that are not there."""


@dataclass(frozen=True)
class Rules:
    """What stays allowed; every other file access is refused, also for root.

    ``listing``: the names in directories alone. ``read``: read files, list directories. ``execute``: that, and
    run programs. ``write``: everything (but no device nodes). A directory stands for all that lies beneath it.
    ``connect_tcp`` and ``bind_tcp`` are the ports that stay allowed; None leaves TCP alone. A path that does not
    exist is an error.
    With ``files=False`` files are left alone too, and the process may still mount.
    """

    read: tuple[Path, ...] = ()
    write: tuple[Path, ...] = ()
    execute: tuple[Path, ...] = ()
    listing: tuple[Path, ...] = ()
    connect_tcp: tuple[int, ...] | None = field(default=None)
    bind_tcp: tuple[int, ...] | None = field(default=None)
    files: bool = True


def abi_version() -> int:
    """Return the kernel's Landlock version; 0 where there is none (old kernel, switched off, not Linux)."""
    if not facilities.is_linux():
        return 0
    return max(0, int(_libc.syscall(_CREATE_RULESET, None, 0, _VERSION_QUESTION)))


def restrict_self(rules: Rules, *, scope_signals: bool = True) -> tuple[str, ...]:
    """Put ``rules`` on this process and all that it will start, for ever; return the names of the layers.

    With ``scope_signals`` (ABI 6) no process outside can be signalled and no abstract socket outside
    reached. Call it while the process has one thread: Landlock binds the calling thread alone, and a
    second one would stay free.
    """
    abi = abi_version()
    if abi < 1:
        raise LandlockError("this kernel has no Landlock; nothing was restricted")
    _refuse_second_thread()
    ruleset = _create_ruleset(rules, abi, scope_signals)
    try:
        _add_rules(ruleset, rules, abi)
        _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
        _check(_libc.syscall(_RESTRICT_SELF, ruleset, 0), "restrict_self")
    finally:
        os.close(ruleset)
    return _layer_names(rules, abi, scope_signals)


def system_paths() -> tuple[Path, ...]:
    """Directories of the system and of this Python that any program needs to read and execute; only existing ones."""
    names = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store"]
    return _existing([*names, sys.prefix, sys.base_prefix, sys.exec_prefix])


def configuration_paths() -> tuple[Path, ...]:
    """Files and directories with the system's settings: to be read only. World-readable secrets don't belong there."""
    return _existing(["/etc", "/proc", "/sys/devices/system", "/sys/fs/cgroup", "/run/systemd/resolve"])


def device_paths(*, shared: bool = True) -> tuple[Path, ...]:
    """Return the harmless device files that programs expect to write to; ``shared``: also those that users share."""
    names = ["null", "zero", "full", "random", "urandom", *(["tty", "ptmx", "pts", "shm"] if shared else [])]
    return _existing([f"/dev/{name}" for name in names])


def _existing(names: Sequence[str]) -> tuple[Path, ...]:
    return tuple(map(Path, dict.fromkeys(name for name in names if os.path.exists(name))))


def _refuse_second_thread() -> None:
    tasks = Path("/proc/self/task")
    if tasks.is_dir() and len(list(tasks.iterdir())) > 1:
        raise LandlockError("this process has several threads; the others would stay free")


def _create_ruleset(rules: Rules, abi: int, scope_signals: bool) -> int:
    net = (_BIND_TCP if rules.bind_tcp is not None else 0) | (_CONNECT_TCP if rules.connect_tcp is not None else 0)
    scoped = _SCOPE_ABSTRACT_SOCKETS | _SCOPE_SIGNALS if scope_signals else 0
    attributes = struct.pack(
        "=QQQ", _handled(abi) if rules.files else 0, net if abi >= 4 else 0, scoped if abi >= 6 else 0
    )
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    return _check(_libc.syscall(_CREATE_RULESET, attributes, size, 0), "create_ruleset")


def _handled(abi: int) -> int:
    return _HANDLED_BY_ABI[max(version for version in _HANDLED_BY_ABI if version <= abi)]


def _add_rules(ruleset: int, rules: Rules, abi: int) -> None:
    handled = _handled(abi)
    for path, rights in _path_rights(rules):
        _add_path(ruleset, path, rights & handled)
    if abi < 4:
        return
    for port in rules.bind_tcp or ():
        _add_port(ruleset, port, _BIND_TCP)
    for port in rules.connect_tcp or ():
        _add_port(ruleset, port, _CONNECT_TCP)


def _path_rights(rules: Rules) -> Iterator[tuple[Path, int]]:
    for path in rules.listing:
        yield path, _READ_DIR
    for path in rules.read:
        yield path, _READ_FILE | _READ_DIR
    for path in rules.execute:
        yield path, _READ_FILE | _READ_DIR | _EXECUTE
    for path in rules.write:
        yield path, ((1 << 16) - 1) & ~_MAKE_DEVICE_NODES


def _add_path(ruleset: int, path: Path, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError as error:
        raise LandlockError(error.errno, f"Landlock rule for {path}: {error.strerror}") from error
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _FILE_RIGHTS
        attributes = struct.pack("=Qi", rights, descriptor)
        _check(_libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, attributes, 0), f"rule for {path}")
    finally:
        os.close(descriptor)


def _add_port(ruleset: int, port: int, right: int) -> None:
    attributes = struct.pack("=QQ", right, port)
    _check(_libc.syscall(_ADD_RULE, ruleset, _NET_PORT, attributes, 0), f"rule for TCP port {port}")


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise LandlockError(number, f"Landlock {what}: {os.strerror(number)}")
    return result


def _layer_names(rules: Rules, abi: int, scope_signals: bool) -> tuple[str, ...]:
    layers = ["no_new_privs", *([f"landlock-files-abi{abi}"] if rules.files else [])]
    if abi >= 4 and (rules.bind_tcp is not None or rules.connect_tcp is not None):
        layers.append("landlock-tcp")
    if abi >= 6 and scope_signals:
        layers.append("landlock-signals")
    return tuple(layers)


def main(arguments: Sequence[str] | None = None) -> None:
    """Execute a command behind Landlock; the command's own exit status is ours."""
    parser = argparse.ArgumentParser(prog="python -m graders.engine.landlock", description=main.__doc__)
    for option in ("read", "execute", "write"):
        parser.add_argument(f"--{option}", action="append", default=[], type=Path, metavar="PATH")
    parser.add_argument("--connect-tcp", action="append", type=int, metavar="PORT", help="0 alone: none at all")
    parser.add_argument("--no-system", action="store_true", help="don't add system, settings and device paths")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="-- CMD")
    options = parser.parse_args(arguments)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        parser.error("no command given")
    restrict_self(_rules_of(options))
    os.execvp(command[0], command)  # noqa: S606 - executing the given command is the purpose


def _rules_of(options: argparse.Namespace) -> Rules:
    system = not options.no_system
    ports = None if options.connect_tcp is None else tuple(port for port in options.connect_tcp if port)
    return Rules(
        read=(*options.read, *(configuration_paths() if system else ())),
        execute=(*options.execute, *(system_paths() if system else ())),
        write=(*options.write, *(device_paths() if system else ())),
        connect_tcp=ports,
    )


if __name__ == "__main__":
    main()
