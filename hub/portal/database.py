"""The database: one engine a process, sessions that read and sessions that write, and the way to the newest tables.

A writer on SQLite takes the lock when it begins (``BEGIN IMMEDIATE``): a transaction that starts by reading and
writes later would fail at once with "database is locked" instead of waiting for its turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from hub.portal.models import UTCDateTime, utc_now
from hub.portal.writer_turn import WriterTurn

MIGRATIONS = Path(__file__).parent / "migrations"

#: How long a writer waits for its turn, in milliseconds; one acceptance takes a few.
BUSY_TIMEOUT_MS = 20_000

#: A server that can't be reached, or that went away without a word, is given up after this long (libpq's names).
POSTGRES_PATIENCE = {
    "connect_timeout": 5,
    "tcp_user_timeout": 20_000,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}

#: What "submitted" promises: a commit that was confirmed is on the disk, whatever the server's default says. A
#: stricter setting (waiting for standbys) stays. Nobody waits for a lock for ever.
POSTGRES_SETTINGS = (
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
    f"SELECT set_config('lock_timeout', '{BUSY_TIMEOUT_MS}ms', false)",
    "SELECT set_config('idle_in_transaction_session_timeout', '120s', false)",
)

#: Execution options of connections: they write; what they write need not outlive a power cut.
WRITES = "axcampus_writes"
IN_PASSING = "axcampus_in_passing"

#: Any number that no other program uses as an advisory lock in our database.
MIGRATION_LOCK = 0x6178_6361


def make_engine(url: str) -> Engine:
    """Return an engine for a ``sqlite:///…`` or ``postgresql://…`` address; connects only when used."""
    address = sa.make_url(url)
    if address.get_backend_name() == "sqlite":
        return _make_sqlite_engine(address)
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    return _make_postgres_engine(address)


def _make_postgres_engine(address: sa.URL) -> Engine:
    engine = sa.create_engine(
        address, pool_pre_ping=True, pool_size=8, max_overflow=40, pool_timeout=10, connect_args=POSTGRES_PATIENCE
    )
    event.listen(engine, "connect", _prepare_postgres)
    event.listen(engine, "begin", _begin_postgres)
    return engine


def _prepare_postgres(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    raw: Any = connection
    with raw.cursor() as cursor:
        for statement in POSTGRES_SETTINGS:
            cursor.execute(statement)
    raw.commit()


def _begin_postgres(connection: Connection) -> None:
    if connection.get_execution_options().get(IN_PASSING, False):
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")


def _make_sqlite_engine(address: sa.URL) -> Engine:
    engine = sa.create_engine(address, pool_size=8, max_overflow=56, pool_timeout=10)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Durable and strict: every commit reaches the disk, references are held, transactions are ours to begin."""
    raw: Any = connection
    raw.isolation_level = None
    cursor = raw.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "recursive_triggers = ON",  # else INSERT OR REPLACE would pass the delete triggers
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    _set_synchronous(connection, "NORMAL" if options.get(IN_PASSING, False) else "FULL")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WRITES, False) else "BEGIN")


def _set_synchronous(connection: Connection, wanted: str) -> None:
    """Change the level of a connection that last had the other one; inside a transaction SQLite would not do it."""
    if connection.info.get("synchronous", "FULL") != wanted:
        connection.exec_driver_sql(f"PRAGMA synchronous = {wanted}")
        connection.info["synchronous"] = wanted


@dataclass(frozen=True)
class Database:
    """An engine and its two kinds of session. ``reading()`` never commits; ``writing()`` commits at its end."""

    engine: Engine

    @classmethod
    def at(cls, url: str) -> Database:
        """Return the database at a SQLAlchemy address."""
        return cls(make_engine(url))

    @cached_property
    def readers(self) -> sessionmaker[Session]:
        """Makes sessions for reading."""
        return sessionmaker(self.engine, expire_on_commit=False)

    @cached_property
    def writers(self) -> sessionmaker[Session]:
        """Makes sessions for writing; the caller commits."""
        return sessionmaker(self.engine.execution_options(**{WRITES: True}), expire_on_commit=False)

    @cached_property
    def _passing_writers(self) -> sessionmaker[Session]:
        engine = self.engine.execution_options(**{WRITES: True, IN_PASSING: True})
        return sessionmaker(engine, expire_on_commit=False)

    @cached_property
    def _writer_turn(self) -> WriterTurn:
        return WriterTurn(BUSY_TIMEOUT_MS / 1000)

    def _turn(self) -> AbstractContextManager[None]:
        """PostgreSQL has as many writers as it likes."""
        return self._writer_turn.taken() if self.engine.dialect.name == "sqlite" else nullcontext()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session whose changes are dropped."""
        with self.readers() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session that is committed when the block ends, rolled back when it raises."""
        with self._turn(), self.writers.begin() as session:
            yield session

    @contextmanager
    def writing_in_passing(self) -> Iterator[Session]:
        """As ``writing``, but a power cut may undo it: nobody waits for the disk. For what can be done again: claims.

        The order of commits stays: whatever is confirmed later brings this to the disk with it.
        """
        with self._turn(), self._passing_writers.begin() as session:
            yield session

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def migration_config(url: str) -> Config:
    """Return Alembic's configuration for the database at ``url``."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Bring the tables to ``revision``: all of it or nothing; processes that start together wait for each other."""
    command.upgrade(migration_config(url), revision)


def lock_for_migration(connection: Connection) -> None:
    """Keep other migrations out until the transaction ends (SQLite: the write lock that BEGIN IMMEDIATE took)."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SET LOCAL lock_timeout = 0"))  # another process's migration may take its time
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))


def database_now(session: Session) -> datetime:
    """Return the time by the one clock that all machines share: PostgreSQL's own; for SQLite that is this machine's.

    Leases are judged by it: a worker whose clock is wrong must not take another one's work for abandoned.
    """
    if session.get_bind().dialect.name != "postgresql":
        return utc_now()
    return session.scalars(sa.select(sa.func.clock_timestamp(type_=UTCDateTime()))).one()
