"""A programme of plain rows, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from hub.portal.database import Database
from tests.hub.portal.services.programme.kpi_rows import Programmes


@pytest.fixture
def programmes(database: Database) -> Programmes:
    return Programmes(database).open()


@pytest.fixture
def sqlite_programmes(sqlite_database: Database) -> Programmes:
    return Programmes(sqlite_database).open()
