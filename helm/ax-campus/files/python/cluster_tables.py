"""The database's tables: ``migrate`` brings them up to date (safe twice), ``wait`` ends when they are.

Pods of the new version wait here, so that none of them meets tables of the old one.
"""

from __future__ import annotations

import sys
import time

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from cluster_settings import ClusterSettings

from hub.portal.database import MIGRATIONS, make_engine
from hub.prepare import prepare_portal
from hub.settings import ensure_folders

PAUSE_SECONDS = 2.0
#: Then the container ends and Kubernetes starts it again, which a person can see.
PATIENCE_SECONDS = 600.0


def newest() -> str | None:
    """Return the revision that this software wants."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head()


def present(url: str) -> str | None:
    """Return the revision that the database has; None if it has no tables or can't be reached."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except sa.exc.OperationalError as error:
        sys.stderr.write(f"database away: {type(error).__name__}\n")
        return None
    finally:
        engine.dispose()


def wait(url: str, seconds: float = PATIENCE_SECONDS) -> bool:
    """Return True when the tables are those of this software, False after ``seconds``."""
    wanted, end = newest(), time.monotonic() + seconds
    while present(url) != wanted:
        if time.monotonic() > end:
            return False
        time.sleep(PAUSE_SECONDS)
    return True


def main(arguments: list[str]) -> int:
    """Do what the one argument says."""
    settings = ClusterSettings()
    if arguments == ["wait"]:
        return 0 if wait(settings.database) else 1
    if arguments != ["migrate"]:
        sys.stderr.write("usage: cluster_tables.py migrate|wait\n")
        return 2
    ensure_folders(settings)
    prepare_portal(settings)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
