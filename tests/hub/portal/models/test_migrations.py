"""The tables that migrations make are the tables that the models describe, and facts in them stay."""

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import DBAPIError

from hub.portal.database import Database, migrate, migration_config
from hub.portal.models import AuditEvent, Base, Blob, utc_now

pytestmark = [
    pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index"),
    pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index"),
]


def make_audit_row() -> AuditEvent:
    return AuditEvent(
        at=utc_now(),
        actor="test",
        action="a.b",
        subject_type="person",
        subject_id="1",
        previous_digest="0" * 64,
        digest="1" * 64,
    )


def test_models_and_migrations_agree(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_migration_can_be_undone(database_url: str) -> None:
    command.downgrade(migration_config(database_url), "base")
    engine = Database.at(database_url).engine
    assert sa.inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()
    migrate(database_url)


def test_two_processes_that_migrate_at_once_make_one_set_of_tables(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    Database.at(url).engine.connect().close()
    program = f"from hub.portal.database import migrate; migrate({url!r})"
    processes = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(2)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0]


@pytest.mark.parametrize("statement", ["UPDATE audit_event SET actor = 'else'", "DELETE FROM audit_event"])
def test_the_audit_log_refuses_changes(database: Database, statement: str) -> None:
    with database.writing() as session:
        session.add(make_audit_row())
    with pytest.raises(DBAPIError, match="never change"), database.writing() as session:
        session.execute(sa.text(statement))


def test_bytes_handed_in_refuse_changes(database: Database) -> None:
    with database.writing() as session:
        session.add(Blob(digest="a" * 64, size_bytes=1, data=b"x"))
    with pytest.raises(DBAPIError, match="never change"), database.writing() as session:
        session.execute(sa.update(Blob).values(data=b"y"))


def test_replacing_an_audit_row_is_refused_too(sqlite_database: Database) -> None:
    with sqlite_database.writing() as session:
        session.add(make_audit_row())
    with pytest.raises(DBAPIError, match="never change"), sqlite_database.writing() as session:
        session.execute(sa.text("INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event"))
