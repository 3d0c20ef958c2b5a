"""Textbook figures: constants and run lengths of control charts for subgroups of five (Montgomery)."""

from __future__ import annotations

import numpy as np
import pytest

from courses.simulators.control_chart import (
    A2,
    ARL_IN_CONTROL,
    D2,
    D3,
    D4,
    SUBGROUP,
    Disturbance,
    pieces_with_assignable_causes,
    process_of,
    subgroups,
)


def run_lengths(size: float, count: int, length: int) -> np.ndarray:
    """First alarms (from 1) of a 3-sigma chart of the mean; streams without one count as their length."""
    mean, sigma = process_of(5)
    kind = Disturbance.SHIFT if size else Disturbance.NONE
    streams = [subgroups(5, f"run {i}", length, disturbance=kind, size=size).mean(axis=1) for i in range(count)]
    outside = np.abs(np.array(streams) - mean) > 3 * sigma / np.sqrt(SUBGROUP)
    return np.where(outside.any(axis=1), outside.argmax(axis=1) + 1, length)


def test_the_chart_constants_follow_from_the_normal_range() -> None:
    pieces = np.random.default_rng(0).standard_normal((400_000, SUBGROUP))
    spans = np.ptp(pieces, axis=1)
    assert spans.mean() == pytest.approx(D2, abs=0.005)
    assert 3 / (D2 * np.sqrt(SUBGROUP)) == pytest.approx(A2, abs=0.001)
    assert 1 + 3 * spans.std() / spans.mean() == pytest.approx(D4, abs=0.01)
    assert D3 == 0


def test_false_alarms_are_as_rare_as_the_textbook_says() -> None:
    rings = run_lengths(0.0, 400, 100) < 100
    expected = 1 - (1 - 1 / ARL_IN_CONTROL) ** 100
    assert rings.mean() == pytest.approx(expected, abs=0.06)


def test_a_shift_of_one_sigma_is_found_after_four_and_a_half_subgroups() -> None:
    assert run_lengths(1.0, 600, 60).mean() == pytest.approx(4.5, abs=0.5)


def test_equal_arguments_give_equal_pieces_and_names_independent_ones() -> None:
    assert subgroups(1, "a", 10).equals(subgroups(1, "a", 10))
    assert not subgroups(1, "a", 10).equals(subgroups(1, "b", 10))


@pytest.mark.parametrize("seed", range(5))
def test_every_machine_could_make_good_parts(seed: int) -> None:
    mean, sigma = process_of(seed)
    assert min(25.030 - mean, mean - 24.970) / (3 * sigma) > 1


def test_nothing_is_disturbed_before_the_start() -> None:
    clean = subgroups(3, "x", 50)
    for kind in Disturbance:
        assert subgroups(3, "x", 50, disturbance=kind, start=30, size=2.0)[:30].equals(clean[:30])


def test_a_drift_reaches_its_size_after_twenty_subgroups_and_stays() -> None:
    sigma = process_of(3)[1]
    moved = subgroups(3, "x", 60, disturbance=Disturbance.DRIFT, start=10, size=2.0) - subgroups(3, "x", 60)
    assert np.allclose(moved.iloc[10], 2 * sigma / 20, atol=2e-4)
    assert np.allclose(moved.iloc[29:], 2 * sigma, atol=2e-4)


def test_a_wider_spread_widens_the_ranges() -> None:
    table = subgroups(3, "x", 400, disturbance=Disturbance.SPREAD, start=200, size=1.0)
    spans = np.ptp(table.to_numpy(), axis=1)
    assert spans[200:].mean() / spans[:200].mean() == pytest.approx(2, abs=0.2)


@pytest.mark.parametrize("seed", range(10))
def test_the_learning_phase_has_six_subgroups_with_a_cause(seed: int) -> None:
    table, special = pieces_with_assignable_causes(seed)
    assert special.sum() == 6
    means = table.mean(axis=1)
    assert means[special].min() > means[~special].max()
