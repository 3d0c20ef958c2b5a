from __future__ import annotations

from pathlib import Path

import pytest

from courses.journal import Journal
from courses.schema import Frozen


class Row(Frozen):
    seed: int


@pytest.fixture
def journal(tmp_path: Path) -> Journal[Row]:
    return Journal(tmp_path / "new" / "rows.jsonl", "digest", Row)


def test_rows_come_back_in_order(journal: Journal[Row]) -> None:
    journal.add([Row(seed=1)])
    journal.add([Row(seed=2)])
    assert journal.rows() == [Row(seed=1), Row(seed=2)]


def test_a_journal_that_was_never_written_is_empty(journal: Journal[Row]) -> None:
    assert journal.rows() == []


def test_an_unfinished_line_is_passed_over_and_later_rows_are_kept(journal: Journal[Row]) -> None:
    journal.add([Row(seed=1), Row(seed=2)])
    journal.path.write_text(journal.path.read_text().rstrip()[:-4])
    journal.add([Row(seed=3)])
    assert journal.rows() == [Row(seed=1), Row(seed=3)]


def test_rows_of_other_sources_or_another_shape_do_not_count(journal: Journal[Row]) -> None:
    Journal(journal.path, "older digest", Row).add([Row(seed=1)])
    with journal.path.open("a") as file:
        file.write('{"origin": "digest", "row": {"speed": 3}}\n[]\n')
    assert journal.rows() == []


def test_a_closed_journal_leaves_nothing(journal: Journal[Row]) -> None:
    journal.add([Row(seed=1)])
    journal.close()
    journal.close()
    assert not journal.path.exists()
