"""``axcampus blobs`` as an operator runs it: looking changes nothing, sweeping removes only what is old and unused."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from graders.files import FileSet
from hub.cli import main
from hub.portal.database import Database, migrate
from hub.portal.services import blobs, file_sets


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Two file sets that nobody refers to: one of last month, one of today."""
    monkeypatch.setenv("AXCAMPUS_HOME", str(tmp_path))
    url = f"sqlite:///{tmp_path / 'axcampus.db'}"
    migrate(url)
    made = Database.at(url)
    for data, days_ago in ((b"old", 30), (b"young", 0)):
        for module in (blobs, file_sets):
            monkeypatch.setattr(module, "utc_now", lambda days=days_ago: datetime.now(UTC) - timedelta(days=days))
        with made.writing() as session:
            file_sets.put_file_set(session, FileSet({"a.ipynb": data}))
    yield made
    made.dispose()


def run(*words: str) -> dict:
    done = CliRunner().invoke(main, ["blobs", "--json", *words])
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_looking_changes_nothing(database: Database) -> None:
    found = {"file_sets": 1, "blobs": 1, "size_bytes": 3, "removed": False}
    assert run() == found
    assert run() == found


def test_sweeping_removes_what_is_old_and_unused(database: Database) -> None:
    assert run("--sweep") == {"file_sets": 1, "blobs": 1, "size_bytes": 3, "removed": True}
    assert run()["blobs"] == 0


def test_what_is_younger_than_a_day_can_never_be_swept(database: Database) -> None:
    assert CliRunner().invoke(main, ["blobs", "--sweep", "--keep-days", "0"]).exit_code == 2


def test_a_person_reads_it_in_both_languages(database: Database) -> None:
    said = CliRunner().invoke(main, ["blobs"]).output
    assert "지울 수 있습니다" in said
    assert "Could be removed: 1 file sets, 1 blobs" in said
