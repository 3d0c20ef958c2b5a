"""Electric load of a machining plant with two annealing furnaces, every quarter of an hour.

The load (kW) is a sum of what an energy manager would name::

    base + lights (if anybody works) + machines (kW h a part x parts an hour) + compressors (a share of the machines)
    + furnaces (each batch heats for an hour, then soaks for two) + heating below 16 C and cooling above 22 C + noise

What is planned is not what happens: machines stop, batches start late, and the weather forecast is off by a degree or
two. Calendar: South Korean public holidays from September 2024 to December 2025 with substitute days, as published by
the government; on them and on Sundays only the base runs. Weather: a year's sine about 14 C, a day's sine, and weather
that lasts some days, near Changwon's published climate (January 3 C, August 27 C).

Two columns are leaks, as in published steel-plant data whose emissions column is computed from the consumption (models
"reach" R2 = .999 on it): ``reactive_kvar`` is measured at the same moment, ``co2_kg`` is computed from the load.

Tariff: the structure of Korean industrial time-of-use tariffs (three periods of the day, a charge for the highest quarter
of the month); the amounts are ours.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from courses.simulators.random_streams import random_stream, wandering

Values = npt.NDArray[np.float64]

QUARTERS_PER_DAY = 96
QUARTERS_PER_WEEK = 7 * QUARTERS_PER_DAY
CO2_KG_PER_KWH = 0.46
HEATING_KW, SOAKING_KW = 360.0, 150.0
HEATING_QUARTERS, BATCH_QUARTERS = 4, 12

#: Known at midnight for the whole day to come; the rest is known when the quarter is over.
PLAN_COLUMNS = ("time", "forecast_c", "planned_a", "planned_b", "planned_furnaces")
COLUMNS = (*PLAN_COLUMNS, "temperature_c", "load_kw", "reactive_kvar", "co2_kg")

#: Won a kWh, by period of the day, and won for each kW of the month's highest quarter.
ENERGY_WON = {"off": 95, "middle": 140, "peak": 200}
DEMAND_WON_PER_KW = 8_000
PEAK_HOURS = (10, 11, 13, 14, 15, 16)
OFF_HOURS = (22, 23, 0, 1, 2, 3, 4, 5, 6, 7)

_HOLIDAYS = """
2024-09-16 2024-09-17 2024-09-18 2024-10-01 2024-10-03 2024-10-09 2024-12-25
2025-01-01 2025-01-27 2025-01-28 2025-01-29 2025-01-30 2025-03-01 2025-03-03 2025-05-05 2025-05-06 2025-06-03
2025-06-06 2025-08-15 2025-10-03 2025-10-05 2025-10-06 2025-10-07 2025-10-08 2025-10-09 2025-12-25
"""
HOLIDAYS = tuple(dt.date.fromisoformat(day) for day in _HOLIDAYS.split())

#: The year that is on record, and ten weeks after it: six of history and four to forecast, Chuseok among them.
RECORD_FIRST, RECORD_DAYS = dt.date(2024, 9, 2), 364
LATER_FIRST, LATER_DAYS, HISTORY_DAYS = dt.date(2025, 8, 11), 70, 42


@dataclass(frozen=True)
class Plant:
    """What differs from plant to plant: powers in kW, machines in kWh a part."""

    base_kw: float
    lights_kw: float
    kwh_a: float
    kwh_b: float
    compressor_share: float
    heating_kw_per_k: float
    cooling_kw_per_k: float


def plant_of(seed: int) -> Plant:
    """Draw a learner's plant."""
    rng = random_stream(seed, "plant load plant")
    low = np.array([330.0, 60.0, 2.2, 4.2, 0.12, 6.0, 11.0])
    high = np.array([420.0, 90.0, 2.8, 5.4, 0.18, 9.0, 15.0])
    return Plant(*(float(value) for value in rng.uniform(low, high)))


def load_log(seed: int, first: dt.date, days: int, *, events: int | None = None) -> pd.DataFrame:
    """Return quarter-hours of the plant of ``seed`` from ``first`` on (see COLUMNS).

    Orders, weather, delays and noise come from ``events`` (another seed; default: ``seed``), so that the same plant can
    be met in days that nobody has seen.
    """
    plant, rng = plant_of(seed), random_stream(seed if events is None else events, f"plant load {first}")
    times = pd.date_range(pd.Timestamp(first), periods=days * QUARTERS_PER_DAY, freq="15min")
    temperature = _temperature(rng, times)
    orders, batches = _orders(rng, times), _batch_starts(rng, times)
    late = batches + np.where(rng.random(len(batches)) < 0.6, 0, rng.integers(1, 4, len(batches)))
    made = orders * _availability(rng, len(times))[:, None]
    machines = made @ np.array([plant.kwh_a, plant.kwh_b])
    load = plant.base_kw + plant.lights_kw * (orders.sum(axis=1) > 0) + (1 + plant.compressor_share) * machines
    load += _furnace_power(late, len(times))
    load += plant.heating_kw_per_k * np.maximum(16 - temperature, 0) + plant.cooling_kw_per_k * np.maximum(
        temperature - 22, 0
    )
    load += 22 * wandering(rng, len(times), memory=6) + 8 * rng.standard_normal(len(times))
    return pd.DataFrame(
        {
            "time": times,
            "forecast_c": np.round(temperature + 1.2 * wandering(rng, len(times), memory=60), 1),
            "planned_a": orders[:, 0],
            "planned_b": orders[:, 1],
            "planned_furnaces": _furnaces_on(batches, len(times)),
            "temperature_c": np.round(temperature, 1),
            "load_kw": np.round(load, 1),
            "reactive_kvar": np.round(0.42 * load + 5 * rng.standard_normal(len(times)), 1),
            "co2_kg": np.round(load / 4 * CO2_KG_PER_KWH, 2),
        }
    )


def kind_of_day(times: pd.DatetimeIndex) -> npt.NDArray[np.int64]:
    """Kind of day of each time: 2 a working day, 1 Saturday, 0 Sunday or public holiday."""
    weekday = np.asarray(times.day_of_week)
    off = (weekday == 6) | np.isin(np.asarray(times.date), np.array(HOLIDAYS))
    return np.where(off, 0, np.where(weekday == 5, 1, 2)).astype(np.int64)


def bill_won(times: pd.DatetimeIndex, load_kw: npt.ArrayLike) -> float:
    """Energy by period of the day plus the demand charge for the highest quarter of the whole span."""
    load, hours = np.asarray(load_kw, dtype=float), np.asarray(times.hour)
    price = np.where(np.isin(hours, OFF_HOURS), ENERGY_WON["off"], ENERGY_WON["middle"])
    price = np.where(np.isin(hours, PEAK_HOURS), ENERGY_WON["peak"], price)
    return float(np.sum(load / 4 * price) + DEMAND_WON_PER_KW * load.max())


def _temperature(rng: np.random.Generator, times: pd.DatetimeIndex) -> Values:
    year = 2 * np.pi * (np.asarray(times.day_of_year) - 28) / 365
    day = 2 * np.pi * (np.asarray(times.hour) + np.asarray(times.minute) / 60 - 9) / 24
    weather = 2.8 * wandering(rng, len(times), memory=2.5 * QUARTERS_PER_DAY)
    return np.asarray(14.5 - 12 * np.cos(year) + 3.5 * np.sin(day) + weather)


def _orders(rng: np.random.Generator, times: pd.DatetimeIndex) -> Values:
    """Planned parts an hour of the products A and B, quarters x 2: day shift, evening shift in busy weeks, Saturdays."""
    days = len(times) // QUARTERS_PER_DAY
    hour = np.asarray(times.hour) + np.asarray(times.minute) / 60
    day = np.arange(len(times)) // QUARTERS_PER_DAY
    busy = np.repeat(wandering(rng, days // 7 + 1, memory=3) < 0.6, 7)[:days]
    saturday = rng.random(days) < 0.5
    share = np.clip(0.5 + 0.22 * wandering(rng, days, memory=4), 0.05, 0.95)
    pace = 62 + 6 * wandering(rng, days, memory=4)
    kind = kind_of_day(times)
    morning = (hour >= 8) & (hour < 17) & ~((hour >= 12) & (hour < 13))
    evening = (hour >= 18) & (hour < 23) & busy[day]
    on = np.where(kind == 2, morning | evening, (kind == 1) & saturday[day] & (hour >= 8) & (hour < 12))
    parts = on * pace[day]
    return np.asarray(np.round(np.column_stack([parts * share[day], parts * (1 - share[day])])))


def _batch_starts(rng: np.random.Generator, times: pd.DatetimeIndex) -> npt.NDArray[np.int64]:
    """Quarters at which a batch is planned to start: four times a working day, some left out or moved; one on Saturday."""
    kind = kind_of_day(times)[::QUARTERS_PER_DAY]
    starts = []
    for day, kind_now in enumerate(kind):
        hours: tuple[float, ...] = {2: (6.0, 9.5, 13.0, 16.5), 1: (8.0,), 0: ()}[int(kind_now)]
        moved = [hour + rng.choice([-1.0, 0.0, 0.0, 0.0, 1.0]) for hour in hours if rng.random() < 0.85]
        starts += [day * QUARTERS_PER_DAY + int(4 * hour) for hour in moved]
    return np.array(starts, dtype=np.int64)


def _furnaces_on(starts: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
    on = np.zeros(count + BATCH_QUARTERS, dtype=np.int64)
    for start in starts:
        on[start : start + BATCH_QUARTERS] += 1
    return on[:count]


def _furnace_power(starts: npt.NDArray[np.int64], count: int) -> Values:
    power = np.zeros(count + 2 * BATCH_QUARTERS)
    for start in starts:
        power[start : start + HEATING_QUARTERS] += HEATING_KW
        power[start + HEATING_QUARTERS : start + BATCH_QUARTERS] += SOAKING_KW
    return power[:count]


def _availability(rng: np.random.Generator, count: int) -> Values:
    """Share of the planned parts that are made: 93 % on average, and stops of half an hour to two hours."""
    running = np.clip(0.95 + 0.03 * wandering(rng, count, memory=8), 0, 1)
    for start in rng.integers(0, count, count // 250):
        running[start : start + rng.integers(2, 9)] *= 0.35
    return np.asarray(running)
