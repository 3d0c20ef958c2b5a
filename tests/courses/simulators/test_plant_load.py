"""The sums that make the load can be found again in it, the calendar is the government's, and the leaks are leaks."""

from __future__ import annotations

import datetime as dt
import time

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from courses.simulators import plant_load

SEEDS = range(3)


def log_of(seed: int) -> pd.DataFrame:
    return plant_load.load_log(seed, plant_load.RECORD_FIRST, plant_load.RECORD_DAYS)


@pytest.fixture(scope="module")
def logs() -> list[pd.DataFrame]:
    return [log_of(seed) for seed in SEEDS]


def test_a_record_is_a_year_of_quarters_without_gaps(logs: list[pd.DataFrame]) -> None:
    log = logs[0]
    assert list(log.columns) == list(plant_load.COLUMNS)
    assert len(log) == 364 * 96
    assert set(log["time"].diff().dropna()) == {pd.Timedelta(minutes=15)}


@pytest.mark.parametrize("seed", SEEDS)
def test_powers_of_the_plant_can_be_read_from_the_load(logs: list[pd.DataFrame], seed: int) -> None:
    """Regression on plan and weather finds kWh a part (times what is made, with compressors) and kW a kelvin."""
    log, plant = logs[seed], plant_load.plant_of(seed)
    on = log["planned_furnaces"].to_numpy()
    fresh = np.maximum(on - np.concatenate([np.zeros(4), on[:-4]]), 0)
    weather = log["temperature_c"].to_numpy()
    inputs = np.column_stack(
        [
            log["planned_a"],
            log["planned_b"],
            log["planned_a"] + log["planned_b"] > 0,
            on,
            fresh,
            np.maximum(16 - weather, 0),
            np.maximum(weather - 22, 0),
        ]
    )
    found = LinearRegression().fit(inputs, log["load_kw"]).coef_
    made = 0.94 * (1 + plant.compressor_share)
    assert found[0] == pytest.approx(plant.kwh_a * made, rel=0.1)
    assert found[1] == pytest.approx(plant.kwh_b * made, rel=0.1)
    assert found[5] == pytest.approx(plant.heating_kw_per_k, rel=0.25)
    assert found[6] == pytest.approx(plant.cooling_kw_per_k, rel=0.25)


def test_a_batch_takes_the_energy_of_an_hour_of_heating_and_two_of_soaking() -> None:
    power = plant_load._furnace_power(np.array([3]), 40)
    assert power.sum() / 4 == plant_load.HEATING_KW + 2 * plant_load.SOAKING_KW
    assert (power[:3] == 0).all()
    assert power[3] == power.max()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_load_factor_is_that_of_a_plant_with_one_or_two_shifts(logs: list[pd.DataFrame], seed: int) -> None:
    load = logs[seed]["load_kw"]
    assert 0.3 < load.mean() / load.max() < 0.6


@pytest.mark.parametrize("seed", SEEDS)
def test_the_weather_is_near_the_published_climate(logs: list[pd.DataFrame], seed: int) -> None:
    monthly = logs[seed].groupby(logs[seed]["time"].dt.month)["temperature_c"].mean()
    assert 0 < monthly[1] < 6.5
    assert 23 < monthly[8] < 29
    error = logs[seed]["forecast_c"] - logs[seed]["temperature_c"]
    assert 0.8 < error.std() < 1.6


def test_nobody_works_on_holidays_and_few_on_saturdays(logs: list[pd.DataFrame]) -> None:
    log = logs[0]
    parts = (log["planned_a"] + log["planned_b"]).groupby(plant_load.kind_of_day(pd.DatetimeIndex(log["time"]))).mean()
    assert parts[0] == 0
    assert 0 < parts[1] < parts[2] / 3


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2025-10-06", 0),  # Chuseok
        ("2025-10-08", 0),  # its substitute day
        ("2025-01-27", 0),  # the extra day before Seollal
        ("2025-03-01", 0),  # a holiday on a Saturday
        ("2025-03-03", 0),  # its substitute day
        ("2025-10-11", 1),
        ("2025-10-13", 2),
        ("2025-10-12", 0),
    ],
)
def test_days_are_what_the_calendar_says(day: str, kind: int) -> None:
    assert plant_load.kind_of_day(pd.DatetimeIndex([day]))[0] == kind


def test_holidays_are_listed_once_and_in_order() -> None:
    assert list(plant_load.HOLIDAYS) == sorted(set(plant_load.HOLIDAYS))
    assert plant_load.HOLIDAYS[0] >= plant_load.RECORD_FIRST
    assert plant_load.LATER_FIRST + dt.timedelta(days=plant_load.LATER_DAYS) < dt.date(2025, 12, 31)


@pytest.mark.parametrize("leak", ["reactive_kvar", "co2_kg"])
def test_leaks_give_the_load_away(logs: list[pd.DataFrame], leak: str) -> None:
    assert np.corrcoef(logs[0][leak], logs[0]["load_kw"])[0, 1] > 0.995


def test_a_bill_is_energy_by_period_and_the_highest_quarter() -> None:
    times = pd.DatetimeIndex(["2025-03-03 03:00", "2025-03-03 09:00", "2025-03-03 14:00"])
    assert plant_load.bill_won(times, [40, 80, 400]) == 10 * 95 + 20 * 140 + 100 * 200 + 400 * 8_000


def test_the_same_plant_can_be_met_in_other_events() -> None:
    one, other = (plant_load.load_log(7, plant_load.LATER_FIRST, 14, events=events) for events in (8, 9))
    nights = pd.DatetimeIndex(one["time"]).hour == 3
    mild = one["temperature_c"].between(16, 22) & other["temperature_c"].between(16, 22) & nights
    assert not one["load_kw"].equals(other["load_kw"])
    assert one["load_kw"][mild].median() == pytest.approx(plant_load.plant_of(7).base_kw, rel=0.1)
    assert plant_load.plant_of(8) != plant_load.plant_of(7)


def test_the_same_seed_gives_the_same_log() -> None:
    first = plant_load.load_log(2**64 - 1, plant_load.LATER_FIRST, 3)
    assert first.equals(plant_load.load_log(2**64 - 1, plant_load.LATER_FIRST, 3))


def test_a_year_is_made_in_less_than_a_second_of_one_core() -> None:
    started = time.process_time()
    log_of(5)
    assert time.process_time() - started < 1
