# ruff: noqa: E501 - a long line here is attack code
"""Network: nothing goes out, nothing comes in, also not through other programs."""

from __future__ import annotations

from tests.graders.attacks.attack import Attack

_RULE = "seccomp, landlock-tcp, namespace-net"


def _tried(code: str) -> Attack:
    return Attack(_RULE, code, proof="refused PermissionError")


NETWORK = {
    "TCP to the portal": _tried("import socket\nattempt(lambda: socket.create_connection(('127.0.0.1', 8000), 1))"),
    "an UDP datagram": _tried(
        "import socket\nattempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 53)))"
    ),
    "a listening socket": _tried("import socket\nattempt(lambda: socket.create_server(('0.0.0.0', 0)))"),
    "a raw socket": _tried("import socket\nattempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))"),
    "netlink": _tried("import socket\nattempt(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW))"),
    "an abstract socket": _tried("import socket\nattempt(lambda: socket.socket(socket.AF_UNIX).connect('\\0dbus'))"),
    "a name looked up by the C library": Attack(
        _RULE, "import socket\nattempt(lambda: socket.getaddrinfo('example.com', 80))", proof="refused gaierror"
    ),
    "through another program": Attack(
        _RULE,
        "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'import socket; socket.socket()'],"
        " capture_output=True, text=True).stderr)",
        proof="PermissionError",
    ),
    "descriptors of a socket pair sent by address": _tried(
        "import socket\nattempt(lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))"
    ),
}
