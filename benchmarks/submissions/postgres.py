"""A PostgreSQL server for a measurement, if its programs are here: durable, as in production."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@contextmanager
def temporary_postgres() -> Iterator[str | None]:
    """Give the address of an empty database; None where PostgreSQL is not installed."""
    if not PROGRAMS:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="axcampus-pg-", ignore_cleanup_errors=True) as folder:
        user = "postgres" if os.geteuid() == 0 else None
        if user:
            entry = pwd.getpwnam(user)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        port = free_port()
        run(user, "initdb", "-D", f"{folder}/data", "-U", "axcampus", "-A", "trust", "-E", "UTF8")
        options = f"-p {port} -k {folder} -h 127.0.0.1"
        run(user, "pg_ctl", "-D", f"{folder}/data", "-l", f"{folder}/log", "-o", options, "-w", "start")
        try:
            yield f"postgresql://axcampus@127.0.0.1:{port}/postgres"
        finally:
            run(user, "pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "-w", "stop")


def run(user: str | None, program: str, *words: str) -> None:
    """Run one of PostgreSQL's programs; it refuses to be root."""
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    command = (str(PROGRAMS[-1] / program), *words)
    subprocess.run(command, user=user, cwd="/", env=environment, check=True, stdout=subprocess.DEVNULL)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
