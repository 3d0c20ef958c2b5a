"""The system call filter: each refusal is tried by a process that has nothing but the filter."""

import errno
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

from graders.engine import seccomp
from graders.engine.seccomp_calls import _NUMBERS, ARCHITECTURES, REFUSED_CALLS

pytestmark = pytest.mark.skipif(not seccomp.is_available(), reason="no system call filter on this machine")


def behind(code: str, *, allow_programs: bool = True) -> subprocess.CompletedProcess[str]:
    prelude = f"from graders.engine import seccomp; seccomp.restrict_self(allow_programs={allow_programs})\n"
    command = [sys.executable, "-c", prelude + code]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


RAW_CALL = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for number in {numbers}:
    ctypes.set_errno(0)
    result = libc.syscall(number, *[ctypes.c_long(argument) for argument in {arguments}])
    print(number, result, ctypes.get_errno())
"""


def raw(numbers: list[int], arguments: tuple[int, ...] = (-1, -1, -1, -1, -1)) -> dict[int, int]:
    """Errno of each call, made with arguments that can do no harm if the filter had a hole."""
    result = behind(RAW_CALL.format(numbers=numbers, arguments=arguments))
    lines = [tuple(map(int, line.split())) for line in result.stdout.splitlines()]
    assert len(lines) == len(numbers), result.stderr
    return {number: error for number, _, error in lines}


def number_of(name: str) -> int:
    return ARCHITECTURES[platform.machine()].numbers_of([name])[0]


def test_every_listed_call_is_refused() -> None:
    numbers = ARCHITECTURES[platform.machine()].numbers_of(REFUSED_CALLS)
    assert set(raw(numbers).values()) == {errno.EPERM}


def test_calls_that_are_newer_than_the_list_do_not_exist() -> None:
    assert raw([451, 467, 500]) == dict.fromkeys((451, 467, 500), errno.ENOSYS)


@pytest.mark.parametrize("flag", [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000])
def test_no_process_can_be_made_in_a_new_namespace(flag: int) -> None:
    assert raw([number_of("clone")], (flag, 0, 0, 0, 0)) == {number_of("clone"): errno.EPERM}


def test_clone3_seems_not_to_exist() -> None:
    assert raw([number_of("clone3")]) == {number_of("clone3"): errno.ENOSYS}


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_ALG", "AF_VSOCK"])
def test_no_socket_of_any_family_can_be_made(family: str) -> None:
    assert "PermissionError" in behind(f"import socket; socket.socket(socket.{family})").stderr


def test_datagram_pairs_are_refused_because_they_can_reach_named_sockets() -> None:
    code = "import socket; socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)"
    assert "PermissionError" in behind(code).stderr


def test_a_message_to_an_address_is_refused() -> None:
    code = "import socket; a, b = socket.socketpair(); a.sendto(b'x', '/run/systemd/notify')"
    assert "PermissionError" in behind(code).stderr


def test_nothing_can_be_typed_into_a_terminal() -> None:
    for request in (0x5412, 0x541C):
        assert "PermissionError" in behind(f"import fcntl; fcntl.ioctl(0, {request}, b'x')").stderr


def test_what_scientific_python_needs_still_works() -> None:
    code = """
import asyncio, multiprocessing, socket, subprocess, threading
import numpy as np
a, b = socket.socketpair(); a.send(b'x'); b.recv(1)
asyncio.run(asyncio.sleep(0))
thread = threading.Thread(target=np.linalg.inv, args=(np.eye(50),)); thread.start(); thread.join()
process = multiprocessing.get_context('fork').Process(target=print, args=('forked',)); process.start(); process.join()
print(subprocess.run(['echo', 'program'], capture_output=True, text=True).stdout, end='')
"""
    result = behind(code)
    assert result.stdout.split() == ["forked", "program"], result.stderr


def test_programs_can_be_forbidden() -> None:
    result = behind("import os; os.execv('/bin/echo', ['echo', 'ran'])", allow_programs=False)
    assert "PermissionError" in result.stderr
    assert "ran\n" not in result.stdout


def test_children_keep_the_filter() -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import socket; socket.socket()'])"
    assert "PermissionError" in behind(code).stderr


@pytest.mark.skipif(platform.machine() != "x86_64", reason="32-bit calls of this processor")
def test_a_32_bit_call_kills_the_process() -> None:
    # mov eax, 20 (getpid in the 32-bit table); int 0x80; ret
    code = """
import ctypes, mmap
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(bytes.fromhex('b814000000cd80c3'))
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
print('alive')
"""
    result = behind(code)
    assert result.returncode < 0
    assert "alive" not in result.stdout


@pytest.mark.parametrize(
    ("machine", "header", "pattern"),
    [
        ("x86_64", "/usr/include/x86_64-linux-gnu/asm/unistd_64.h", r"#define __NR_{name} (\d+)"),
        ("aarch64", "/usr/include/asm-generic/unistd.h", r"#define __NR(?:3264)?_{name} (\d+)"),
    ],
)
def test_the_numbers_are_those_of_the_kernels_headers(machine: str, header: str, pattern: str) -> None:
    if not Path(header).exists():
        pytest.skip("the kernel's headers are not installed (linux-libc-dev)")
    text = Path(header).read_text()
    column = ARCHITECTURES[machine].column
    for name, numbers in _NUMBERS.items():
        found = re.search(pattern.format(name=name), text)
        assert (int(found[1]) if found else None) == numbers[column], name


def test_another_processor_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(seccomp.SeccompError, match="riscv64"):
        seccomp.restrict_self(allow_programs=True)
