"""The system calls that student code can't make: a filter that the kernel runs before each one.

Written by hand (classic BPF, a hundred lines) because the packages for it wrap a C library that is not
everywhere. A list of refusals, not of permissions: scientific libraries use hundreds of calls, and what is
newer than this list does not exist for them (ENOSYS).
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterable

from graders.engine import facilities
from graders.engine.seccomp_calls import ARCHITECTURES, CLONE, NEWEST_CALL, PROGRAM_CALLS, REFUSED_CALLS, Architecture

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_RET_ALLOW, _RET_ERRNO, _RET_KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _JUMP_EQUAL, _JUMP_GREATER, _JUMP_SET, _AND, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x54, 0x06
_NUMBER, _ARCHITECTURE = 0, 4  # offsets in struct seccomp_data

_NEW_NAMESPACES = 0x7E020000  # every CLONE_NEW* flag
_STREAM, _SEQPACKET, _TYPE_MASK = 1, 5, 0xF
_TERMINAL_INJECTION = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX: typing into the owner's terminal

Instruction = tuple[int, int, int, int]

_libc = ctypes.CDLL(None, use_errno=True)


class SeccompError(OSError):
    """The filter could not be put on."""


def is_available() -> bool:
    """Whether this kernel and processor can have the filter."""
    return facilities.is_linux() and platform.machine() in ARCHITECTURES


def restrict_self(*, allow_programs: bool) -> tuple[str, ...]:
    """Put the filter on this process and all that it starts, for ever; return the layer's name.

    Without ``allow_programs`` no other program can be executed either.
    """
    if not is_available():
        raise SeccompError(errno.ENOSYS, f"no system call filter for {platform.machine()} {sys.platform}")
    program = make_program(ARCHITECTURES[platform.machine()], allow_programs=allow_programs)
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    for arguments in ((_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (_PR_SET_SECCOMP, _MODE_FILTER, header, 0, 0)):
        if _libc.prctl(*arguments) != 0:
            raise SeccompError(ctypes.get_errno(), f"prctl: {os.strerror(ctypes.get_errno())}")
    return ("seccomp",) if allow_programs else ("seccomp", "seccomp-no-programs")


def make_program(machine: Architecture, *, allow_programs: bool) -> bytes:
    """Return the filter for ``machine`` as the kernel wants it."""
    refused = REFUSED_CALLS if allow_programs else REFUSED_CALLS + PROGRAM_CALLS
    instructions = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JUMP_EQUAL, 1, 0, machine.audit_number),
        (_RETURN, 0, 0, _RET_KILL),  # 32-bit calls have other numbers: the list would mean nothing
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_GREATER, 0, 1, NEWEST_CALL),
        (_RETURN, 0, 0, _RET_ERRNO | errno.ENOSYS),
        *_refuse(machine.numbers_of(refused), errno.EPERM),
        *_refuse(machine.numbers_of(("clone3",)), errno.ENOSYS),  # its flags can't be read: libc then uses clone
        *_when(machine.numbers_of((CLONE,)), _argument_has_bits(0, _NEW_NAMESPACES)),
        *_when(machine.numbers_of(("socketpair",)), _argument_not_among(1, (_STREAM, _SEQPACKET), _TYPE_MASK)),
        *_when(machine.numbers_of(("sendto",)), _argument_not_zero(4)),  # no message to an address
        *_when(machine.numbers_of(("ioctl",)), _argument_among(1, _TERMINAL_INJECTION)),
        (_RETURN, 0, 0, _RET_ALLOW),
    ]
    return b"".join(struct.pack("HBBI", *instruction) for instruction in instructions)


def _refuse(numbers: Iterable[int], error: int) -> list[Instruction]:
    found: list[Instruction] = []
    for number in numbers:
        found += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, _RET_ERRNO | error)]
    return found


def _when(numbers: Iterable[int], condition: list[Instruction]) -> list[Instruction]:
    """``condition`` ends with a refusal or falls through; it decides about these calls alone."""
    found: list[Instruction] = []
    for number in numbers:
        found += [(_JUMP_EQUAL, 0, len(condition) + 1, number), *condition, (_RETURN, 0, 0, _RET_ALLOW)]
    return found


def _low_half(argument: int) -> int:
    return 16 + 8 * argument  # both processors are little-endian


_REFUSAL: Instruction = (_RETURN, 0, 0, _RET_ERRNO | errno.EPERM)


def _argument_has_bits(argument: int, bits: int) -> list[Instruction]:
    return [(_LOAD, 0, 0, _low_half(argument)), (_JUMP_SET, 0, 1, bits), _REFUSAL]


def _argument_among(argument: int, values: tuple[int, ...]) -> list[Instruction]:
    found: list[Instruction] = [(_LOAD, 0, 0, _low_half(argument))]
    for value in values:
        found += [(_JUMP_EQUAL, 0, 1, value), _REFUSAL]
    return found


def _argument_not_among(argument: int, values: tuple[int, ...], mask: int) -> list[Instruction]:
    found: list[Instruction] = [(_LOAD, 0, 0, _low_half(argument)), (_AND, 0, 0, mask)]
    for place, value in enumerate(values):
        found.append((_JUMP_EQUAL, len(values) - place, 0, value))
    return [*found, _REFUSAL]


def _argument_not_zero(argument: int) -> list[Instruction]:
    low = _low_half(argument)
    return [(_LOAD, 0, 0, low), (_JUMP_EQUAL, 0, 2, 0), (_LOAD, 0, 0, low + 4), (_JUMP_EQUAL, 1, 0, 0), _REFUSAL]
