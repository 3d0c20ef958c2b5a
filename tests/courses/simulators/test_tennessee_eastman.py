"""What the literature says of the Tennessee Eastman process: what PCA detects and what not, and when it trips."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from courses.simulators import tennessee_eastman as plant
from courses.simulators import tennessee_eastman_making

Values = npt.NDArray[np.float64]
SIGNALS = list(plant.VARIABLES)
DETECTABLE = [fault for fault in plant.FAULTS if fault not in plant.UNDETECTABLE]


@pytest.fixture(scope="module")
def training() -> Values:
    log = plant.plant_log(1, "training", part="practice", normal=10)
    return np.asarray(log[SIGNALS], dtype=float)


@pytest.fixture(scope="module")
def later() -> pd.DataFrame:
    return plant.plant_log(2, "later", part="later", normal=10, faults=tuple(plant.FAULTS))


@pytest.fixture(scope="module")
def statistics(training: Values) -> Callable[[Values], tuple[Values, Values]]:
    """T² and SPE of 90 % of the variance, each divided by its 99 % limit on the training rows."""
    mean, spread = training.mean(axis=0), training.std(axis=0)
    _, lengths, axes = np.linalg.svd((training - mean) / spread, full_matrices=False)
    variance = lengths**2 / (len(training) - 1)
    kept = int(np.searchsorted(np.cumsum(variance) / variance.sum(), 0.9)) + 1

    def raw(rows: Values) -> tuple[Values, Values]:
        z = (rows - mean) / spread
        t = z @ axes[:kept].T
        return (t**2 / variance[:kept]).sum(axis=1), ((z - t @ axes[:kept]) ** 2).sum(axis=1)

    limits = [np.quantile(values, 0.99) for values in raw(training)]
    return lambda rows: (raw(rows)[0] / limits[0], raw(rows)[1] / limits[1])


@pytest.fixture(scope="module")
def detection(later: pd.DataFrame, statistics: Callable[[Values], tuple[Values, Values]]) -> dict[int, float]:
    """Share of rows above a limit, by fault; 0 for rows without a fault."""
    above = np.max(statistics(np.asarray(later[SIGNALS], dtype=float)), axis=0) > 1
    fault = np.where(later["faulty"] == 1, later["fault"], 0)
    return {int(number): float(above[fault == number].mean()) for number in np.unique(fault)}


def test_false_alarms_stay_near_what_the_limits_promise(detection: dict[int, float]) -> None:
    assert detection[0] < 0.06


@pytest.mark.parametrize("fault", plant.UNDETECTABLE)
def test_faults_3_9_and_15_are_not_detected_by_pca(detection: dict[int, float], fault: int) -> None:
    assert detection[fault] < 0.12


@pytest.mark.parametrize("fault", [1, 2, 4, 6, 7, 8, 11, 13, 14, 17])
def test_faults_that_the_literature_calls_easy_are_detected(detection: dict[int, float], fault: int) -> None:
    assert detection[fault] > 0.85


def test_detection_reaches_the_published_band(detection: dict[int, float]) -> None:
    assert 0.75 <= np.mean([detection[fault] for fault in DETECTABLE]) <= 0.92


def test_a_loss_of_feed_a_trips_the_plant_after_some_seven_hours() -> None:
    store = plant.load_store()
    for number in np.flatnonzero(store.faults == 6):
        still = np.flatnonzero((np.diff(store.values[number], axis=0) == 0).all(axis=1))
        assert 6.5 < (still[0] - plant.ONSET) / plant.SAMPLES_PER_HOUR < 8


def test_no_other_run_ends_early() -> None:
    store = plant.load_store()
    others = store.values[store.faults != 6]
    assert not (np.diff(others, axis=1) == 0).all(axis=2).any()


def test_normal_operation_is_mode_1_of_the_base_case(training: Values) -> None:
    """Table of the base case in Downs and Vogel, mode 1 (50/50 product), within the changes of Ricker's optimum."""
    mean = dict(zip(SIGNALS, training.mean(axis=0), strict=True))
    assert mean["reactor_pressure"] == pytest.approx(2705, rel=0.01)
    assert mean["reactor_temperature"] == pytest.approx(120.4, rel=0.01)
    assert mean["separator_level"] == pytest.approx(50, rel=0.05)
    assert mean["feed_d"] == pytest.approx(3664, rel=0.02)


def test_the_control_room_hides_a_warm_cooling_water_behind_its_valve() -> None:
    log = plant.plant_log(5, "warm", part="practice", normal=1, faults=(4,))
    settled = log[(log["fault"] == 4) & (log["hour"] > 12)]
    before = log[(log["fault"] == 4) & (log["faulty"] == 0)]
    moved = {name: (settled[name].mean() - before[name].mean()) / before[name].std() for name in SIGNALS}
    assert abs(moved["reactor_temperature"]) < 0.5
    assert moved["valve_reactor_water"] > 10


def test_practice_and_later_share_no_run() -> None:
    store = plant.load_store()
    for fault in (0, *plant.FAULTS):
        practice, later = set(store.numbers(fault, "practice")), set(store.numbers(fault, "later"))
        assert practice
        assert later
        assert not practice & later


def test_a_log_marks_the_rows_from_the_onset_on() -> None:
    log = plant.plant_log(3, "rows", part="later", normal=2, faults=(1, 7))
    assert list(log.columns) == list(plant.COLUMNS)
    assert list(log.groupby("run")["fault"].first()) == [0, 0, 1, 7]
    onsets = log[log["faulty"] == 1].groupby("run")["hour"].min()
    assert list(onsets.index) == [3, 4]
    assert onsets.between(plant.ONSET_HOURS - plant.LATEST_START / 20, plant.ONSET_HOURS).all()
    assert log.groupby("run")["faulty"].apply(lambda rows: rows.is_monotonic_increasing).all()


def test_the_same_seed_gives_the_same_log_and_another_seed_other_instruments() -> None:
    first = plant.plant_log(2**64 - 1, "a", part="practice", normal=2, faults=(3,))
    assert first.equals(plant.plant_log(2**64 - 1, "a", part="practice", normal=2, faults=(3,)))
    assert not first[SIGNALS].equals(plant.plant_log(0, "a", part="practice", normal=2, faults=(3,))[SIGNALS])


@pytest.mark.slow
@pytest.mark.parametrize(("stored", "fault"), [(0, 0), (20, 1)])
def test_a_stored_run_is_what_the_simulator_gives(stored: int, fault: int) -> None:
    store = plant.load_store()
    run = tennessee_eastman_making.simulate(fault, tennessee_eastman_making.FIRST_NOISE_SEED + 2 * stored)
    assert store.faults[stored] == fault
    assert (np.abs(run - store.values[stored]) <= store.spread / 20).all()


def test_more_normal_runs_than_are_stored_are_refused() -> None:
    with pytest.raises(ValueError):
        plant.plant_log(1, "many", part="later", normal=11)
