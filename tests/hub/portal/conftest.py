"""Databases for the portal's tests: every test that asks for ``database`` runs on SQLite and on a real PostgreSQL.

Both are migrated once; a test gets a copy. PostgreSQL won't run as root, so then it runs as ``postgres``.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.portal.database import Database, migrate

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
NUMBERS = count(1)


@dataclass(frozen=True)
class PostgresServer:
    port: int

    def url(self, name: str) -> str:
        return f"postgresql://axcampus@127.0.0.1:{self.port}/{name}"

    def run(self, statement: str) -> None:
        engine = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    if not PROGRAMS:
        pytest.skip("PostgreSQL is not installed")
    folder = Path("/tmp") / f"axcampus-postgres-{os.getpid()}"
    folder.mkdir(mode=0o700)
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        entry = pwd.getpwnam(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    server = PostgresServer(free_port())
    environment = {"PATH": f"{PROGRAMS[-1]}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}

    def program(*argv: str) -> None:
        subprocess.run(
            argv, user=user, cwd="/", env=environment, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )

    options = f"-p {server.port} -k {folder} -h 127.0.0.1 -F -c synchronous_commit=off -c max_connections=200"
    try:
        program("initdb", "-D", f"{folder}/data", "-U", "axcampus", "-A", "trust", "-N", "-E", "UTF8")
        program("pg_ctl", "-D", f"{folder}/data", "-l", f"{folder}/log", "-o", options, "-w", "start")
        try:
            server.run("CREATE DATABASE template_axcampus")
            migrate(server.url("template_axcampus"))
            yield server
        finally:
            program("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "axcampus.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a migrated, empty database of this test's own."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        yield f"sqlite:///{shutil.copy(template, tmp_path / 'axcampus.db')}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = f"test_{next(NUMBERS)}"
    server.run(f"CREATE DATABASE {name} TEMPLATE template_axcampus")
    yield server.url(name)
    server.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated, empty database, on SQLite and on PostgreSQL."""
    database = Database.at(database_url)
    yield database
    database.dispose()


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A migrated, empty SQLite database, for tests of what does not depend on the kind of database."""
    database = Database.at(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'only.db')}")
    yield database
    database.dispose()
