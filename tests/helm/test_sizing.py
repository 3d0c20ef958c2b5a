from __future__ import annotations

import pytest

from helm.chart import CHART, example_files
from helm.sizing import Row, amount, rows
from helm.values_file import values_of

DOCS = CHART.parents[1] / "docs" / "operations.md"


@pytest.mark.parametrize(("text", "number"), [("250m", 0.25), ("2", 2), ("4Gi", 4 * 2**30), ("1.5Gi", 1.5 * 2**30)])
def test_amounts_are_read_as_kubernetes_means_them(text: str, number: float) -> None:
    assert amount(text) == number


@pytest.mark.parametrize("text", ["", "4 Gi", "Gi", "-1", "4gb"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        amount(text)


def test_seats_count_with_what_they_reserve() -> None:
    found = {row.name: row for row in rows(values_of(example_files()["two-gpu-nodes-mig"]))}
    assert found["notebooks, lab"] == Row("notebooks, lab", 84, 1, 8 * 2**30)
    assert found["grading, Jobs"].pods == 8


def test_the_documentation_s_table_is_what_the_command_prints() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for row in rows(values_of(example_files()["two-gpu-nodes-mig"])):
        assert row.line in text, row.line


@pytest.mark.parametrize("name", example_files())
def test_the_quota_has_room_for_every_seat_that_the_pools_promise(name: str) -> None:
    values = values_of(example_files()[name])
    seats = [row for row in rows(values) if row.name.startswith("notebooks, ")]
    quota = values.notebook_quota
    assert sum(row.pods for row in seats) <= quota.pods
    assert sum(row.pods * row.cores for row in seats) <= amount(quota.cpu_requests)
    assert sum(row.pods * row.memory for row in seats) <= amount(quota.memory_requests)
    for pool in values.notebooks.pools.values():
        assert pool.resource is None or pool.seats <= quota.gpus.get(pool.resource, pool.seats)
