"""FD001's published figures: 100 engines, lives of 128 to 362 flights (mean 206), RMSE by window features 16 to 21."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from courses.simulators import engine_life

SEEDS = range(4)


@pytest.fixture(scope="module")
def logs() -> list[pd.DataFrame]:
    return [engine_life.engine_log(seed, "test") for seed in SEEDS]


def window_means(log: pd.DataFrame) -> pd.DataFrame:
    means = log.groupby("engine")[list(engine_life.SENSORS)].rolling(20, min_periods=1).mean()
    return means.reset_index(level=0, drop=True)


def test_lives_are_those_of_the_published_set(logs: list[pd.DataFrame]) -> None:
    lives = pd.concat([log.groupby("engine").size() for log in logs])
    assert lives.mean() == pytest.approx(206, rel=0.04)
    assert lives.std() == pytest.approx(46, rel=0.2)
    assert 128 <= lives.min() < 140
    assert 300 < lives.max() <= 362


def test_a_log_has_about_the_published_number_of_rows(logs: list[pd.DataFrame]) -> None:
    assert [len(log) for log in logs] == pytest.approx([20_631] * len(logs), rel=0.06)


@pytest.mark.parametrize("seed", SEEDS)
def test_ridge_on_window_means_reaches_the_published_band(logs: list[pd.DataFrame], seed: int) -> None:
    log = logs[seed]
    flying = engine_life.in_service(engine_life.engine_log(seed + 50, "fleet"), seed, "fleet")
    target = np.minimum(log["rul"], engine_life.CAP_FLIGHTS)
    model = make_pipeline(StandardScaler(), Ridge()).fit(window_means(log)[::4], target[::4])
    now = flying.groupby("engine").tail(1).index
    due = np.minimum(flying["rul"][now], engine_life.CAP_FLIGHTS)
    rmse = float(np.sqrt(np.mean((np.clip(model.predict(window_means(flying).loc[now]), 0, 125) - due) ** 2)))
    constant = float(np.sqrt(np.mean((target.mean() - due) ** 2)))
    assert 14 < rmse < 22
    assert 36 < constant < 48


def test_wear_only_grows_and_shows_most_at_the_end(logs: list[pd.DataFrame]) -> None:
    log = logs[0]
    share = log["flight"] / log["overhaul_flights"]
    for sensor, (base, change, _) in engine_life._SENSORS.items():
        moved = (log.groupby(pd.cut(share, [0, 0.25, 0.5, 0.75, 1.0]), observed=True)[sensor].mean() - base) / change
        assert (np.diff(moved) > 0).all()
        assert moved.iloc[-1] - moved.iloc[-2] > moved.iloc[1] - moved.iloc[0]


def test_flights_left_end_at_zero_for_every_engine(logs: list[pd.DataFrame]) -> None:
    last = logs[0].groupby("engine").tail(1)
    assert (last["rul"] == 0).all()
    assert (last["flight"] == last["overhaul_flights"]).all()


def test_engines_in_service_are_stopped_before_they_wear_out(logs: list[pd.DataFrame]) -> None:
    flying = engine_life.in_service(logs[0], 1, "test")
    ends = flying.groupby("engine").tail(1)
    assert len(ends) == 100
    assert ends["flight"].min() >= 30
    assert 30 < ends["rul"].mean() < 130
    assert list(flying.index) == list(range(len(flying)))


@pytest.mark.parametrize(("true", "told", "score"), [([50], [60], np.e - 1), ([50], [37], np.e - 1), ([9], [9], 0)])
def test_the_score_is_the_published_one(true: list[int], told: list[int], score: float) -> None:
    assert engine_life.phm_score(true, told) == pytest.approx(score)


def test_the_machine_knows_neither_the_life_nor_what_is_left(logs: list[pd.DataFrame]) -> None:
    assert not {"rul", "overhaul_flights"} & set(engine_life.machine_only(logs[0]).columns)


def test_the_same_seed_gives_the_same_log_and_names_other_fleets() -> None:
    first = engine_life.engine_log(2**64 - 1, "a", 3)
    assert first.equals(engine_life.engine_log(2**64 - 1, "a", 3))
    assert not first.equals(engine_life.engine_log(2**64 - 1, "b", 3))


def test_a_fleet_is_made_in_less_than_a_second_of_one_core() -> None:
    started = time.process_time()
    engine_life.engine_log(3, "speed")
    assert time.process_time() - started < 1
