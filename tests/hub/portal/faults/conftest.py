"""A rig of real parts on SQLite and on PostgreSQL, and the small disk that root may mount."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.portal.database import Database
from tests.hub.portal.faults.rig import LiveCampus, Rig, publish, stub_hub


def make_rig(database: Database, url: str, home: Path) -> Rig:
    campus = LiveCampus(database)
    campus.open_campus()
    campus.person("kim")
    publish(campus)
    rig = Rig(campus, home, url)
    rig.prepare()
    return rig


@pytest.fixture
def rig(database: Database, database_url: str, tmp_path: Path) -> Iterator[Rig]:
    """Real parts over SQLite and over PostgreSQL."""
    made = make_rig(database, database_url, tmp_path / "home")
    with stub_hub(made.settings.hub_port):
        yield made
        made.stop_all()


@pytest.fixture
def sqlite_rig(sqlite_database: Database, tmp_path: Path) -> Iterator[Rig]:
    """Real parts over SQLite only."""
    made = make_rig(sqlite_database, str(sqlite_database.engine.url), tmp_path / "home")
    with stub_hub(made.settings.hub_port):
        yield made
        made.stop_all()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB that can be filled and made read-only."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", "size=8m", "axcampus-test", str(place))
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("LEFT OUT: only root may mount the small disk that this test fills")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)
