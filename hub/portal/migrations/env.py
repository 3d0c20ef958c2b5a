"""Alembic's entry: runs all pending migrations in one transaction, one process at a time."""

from __future__ import annotations

from alembic import context

from hub.portal.database import WRITES, lock_for_migration, make_engine
from hub.portal.models import Base


def run() -> None:
    """Upgrade or compare the database whose address ``hub.portal.database.migration_config`` put in."""
    engine = make_engine(context.config.attributes["url"]).execution_options(**{WRITES: True})
    with engine.connect() as connection, connection.begin():
        lock_for_migration(connection)
        context.configure(connection=connection, target_metadata=Base.metadata, transactional_ddl=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
