"""Published figures: fault orders of the 6205-2RS bearing (Case Western Reserve University, drive end)."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy.signal import butter, hilbert, sosfiltfilt

from courses.simulators.bearing import CLASSES, SAMPLE_RATE_HZ, SPEED_RPM, BearingSet, bearing_set, fault_orders

PUBLISHED_ORDERS = {"outer": 3.5848, "inner": 5.4152, "cage": 0.39828, "ball": 4.7135}


@pytest.fixture(scope="module")
def bearings() -> BearingSet:
    return bearing_set(1, "test", bearings_per_class=6, windows=2, loads=(0, 3))


def envelope_level(signal: np.ndarray, frequency_hz: float) -> float:
    """Height of the envelope spectrum at a frequency, in medians of the spectrum."""
    band = butter(4, [1_800, 4_400], "band", fs=SAMPLE_RATE_HZ, output="sos")
    envelope = np.abs(hilbert(sosfiltfilt(band, signal)))
    spectrum = np.abs(np.fft.rfft((envelope - envelope.mean()) * np.hanning(len(signal))))
    frequencies = np.fft.rfftfreq(len(signal), 1 / SAMPLE_RATE_HZ)
    near = np.abs(frequencies - frequency_hz) < 4.5
    return float(spectrum[near].max() / np.median(spectrum[(frequencies > 20) & (frequencies < 600)]))


@pytest.mark.parametrize("name", PUBLISHED_ORDERS)
def test_fault_orders_are_the_published_ones_to_four_digits(name: str) -> None:
    assert fault_orders()[name] == pytest.approx(PUBLISHED_ORDERS[name], abs=1e-4)


def test_inner_and_outer_orders_add_up_to_the_number_of_balls() -> None:
    assert fault_orders()["inner"] + fault_orders()["outer"] == pytest.approx(9)


def test_the_same_seed_gives_the_same_signals_and_names_other_bearings() -> None:
    first = bearing_set(2**64 - 1, "a", bearings_per_class=1, windows=1, loads=(0,))
    assert np.array_equal(
        first.signals, bearing_set(2**64 - 1, "a", bearings_per_class=1, windows=1, loads=(0,)).signals
    )
    assert not np.array_equal(
        first.signals, bearing_set(2**64 - 1, "b", bearings_per_class=1, windows=1, loads=(0,)).signals
    )


def test_every_window_has_its_facts(bearings: BearingSet) -> None:
    assert len(bearings.signals) == len(bearings.facts) == 6 * 4 * 2 * 2
    assert set(bearings.facts["fault"]) == set(CLASSES)
    assert (bearings.facts.groupby("bearing")["fault"].nunique() == 1).all()
    assert np.isfinite(bearings.signals).all()


def test_the_shaft_slows_down_under_load(bearings: BearingSet) -> None:
    mean = bearings.facts.groupby("load")["speed_hz"].mean()
    assert mean[0] == pytest.approx(SPEED_RPM[0] / 60, rel=0.003)
    assert mean[3] == pytest.approx(SPEED_RPM[3] / 60, rel=0.003)


@pytest.mark.parametrize("fault", ["outer", "inner", "ball"])
def test_a_faults_own_frequency_stands_out_in_the_envelope(bearings: BearingSet, fault: str) -> None:
    def levels(kind: str) -> list[float]:
        rows = np.flatnonzero(bearings.facts["fault"] == kind)
        speeds = bearings.facts["speed_hz"].to_numpy()
        return [envelope_level(bearings.signals[i], fault_orders()[fault] * speeds[i]) for i in rows]

    assert np.median(levels(fault)) > 1.8 * np.median(levels("normal"))


def test_loudness_tells_bearings_apart_and_faults_hardly(bearings: BearingSet) -> None:
    loudness = np.log(bearings.signals.std(axis=1))
    facts = bearings.facts.assign(loudness=loudness)
    within = facts.groupby("bearing")["loudness"].std().mean()
    assert facts.groupby("bearing")["loudness"].mean().std() > 4 * within


def test_a_class_of_forty_bearings_is_made_in_less_than_ten_seconds_of_one_core() -> None:
    started = time.process_time()
    bearing_set(3, "speed", bearings_per_class=10)
    assert time.process_time() - started < 10
