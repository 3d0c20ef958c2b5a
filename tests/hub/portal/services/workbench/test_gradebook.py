from __future__ import annotations

import pytest

from hub.portal.models import Assignment
from hub.portal.services.workbench.gradebook import summed


@pytest.mark.parametrize(
    ("percents", "bins"),
    [
        ([], (0,) * 10),
        ([0, 9.99, 10, 99.9, 100], (2, 1, 0, 0, 0, 0, 0, 0, 0, 2)),
        ([110, -3], (1, 0, 0, 0, 0, 0, 0, 0, 0, 1)),
    ],
)
def test_every_score_falls_into_one_bin(percents, bins):
    assert summed(Assignment(), 0, percents).bins == bins


def test_mean_median_and_spread_are_of_what_is_graded():
    found = summed(Assignment(), 5, [0, 50, 100, 100])
    assert (found.handed_in, found.graded, found.mean, found.median) == (5, 4, 62.5, 75.0)
    assert found.deviation == pytest.approx(41.457, abs=0.001)
