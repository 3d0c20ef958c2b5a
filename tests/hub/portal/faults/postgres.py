"""A PostgreSQL server of one test's own, that can be killed and started again.

Its default is ``synchronous_commit=off``, as a hasty administrator may leave it: what the portal confirms must be on
the disk all the same.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.hub.portal.conftest import PROGRAMS, free_port


class Postgres:
    """Its data lie in ``folder``; as root it runs as ``postgres``, which PostgreSQL insists on."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user:
            entry = pwd.getpwnam(self._user)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        self._program("initdb", "-D", f"{folder}/data", "-U", "axcampus", "-A", "trust", "-N", "-E", "UTF8")

    @property
    def url(self) -> str:
        return f"postgresql://axcampus@127.0.0.1:{self._port}/postgres"

    def _program(self, *argv: str) -> None:
        environment = {"PATH": f"{PROGRAMS[-1]}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        subprocess.run(argv, user=self._user, cwd="/", env=environment, check=True, **quiet)

    def start(self) -> None:
        # the WAL writer is slow, so that a commit that was not flushed is surely lost by a kill
        options = f"-p {self._port} -k {self._folder} -h 127.0.0.1 -c synchronous_commit=off -c wal_writer_delay=10s"
        self._program("pg_ctl", "-D", f"{self._folder}/data", "-l", f"{self._folder}/log", "-o", options, "-w", "start")

    def kill(self) -> None:
        """Kill -9 the server and all its processes at once."""
        pid = int((self._folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        server = psutil.Process(pid)
        family = [server, *server.children(recursive=True)]
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(family, timeout=30)

    def stop(self) -> None:
        with suppress(subprocess.CalledProcessError):  # killed already
            self._program("pg_ctl", "-D", f"{self._folder}/data", "-m", "immediate", "-w", "stop")


@contextmanager
def own_postgres(name: str) -> Iterator[Postgres]:
    """Give a started server; its folder is short, because socket paths must be."""
    folder = Path("/tmp") / f"axcampus-faults-{os.getpid()}-{name}"
    folder.mkdir(mode=0o700)
    try:
        server = Postgres(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)
