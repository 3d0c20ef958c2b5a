"""Aircraft engines from new to worn out: a log like NASA's C-MAPSS FD001, one row a flight.

FD001 (A. Saxena, K. Goebel, D. Simon, N. Eklund, "Damage propagation modeling for aircraft engine run-to-failure
simulation", PHM 2008) has 100 engines that run to failure after 128 to 362 flights (206 on average, 20,631 rows) and 14
sensors that move with wear. Its published model of wear, used here, grows exponentially to a threshold::

    h(t) = h0 + (exp(a x^b) - 1) / (exp(a) - 1),   x = t / T,   worn out at t = T

with an initial wear h0 and exponents of each engine's own. A sensor reads ``base + offset + change * h + noise``; base,
change from new to worn out, and noise are those seen in FD001's plots. No published row is used.

Usual in the literature: remaining life is capped at 125 flights (F. Heimes 2008), the error is RMSE, and the PHM 2008
score ``sum(exp(d/10) - 1 if late else exp(-d/13) - 1)`` punishes late warnings. Published RMSE on FD001: 12.6 to 18.5
(deep networks), about 18 to 21 for window features with trees or ridge regression, 41 to 46 for a constant.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from courses.simulators.random_streams import random_stream

CAP_FLIGHTS = 125
MIN_LIFE, MAX_LIFE, MEAN_LIFE = 128, 362, 206

#: Sensor -> (base, change from new to worn out, noise), units as in the name.
_SENSORS: dict[str, tuple[float, float, float]] = {
    "fan_exit_r": (642.2, 1.9, 0.36),
    "compressor_exit_r": (1586.0, 20.0, 4.9),
    "turbine_exit_r": (1402.0, 29.0, 5.2),
    "compressor_exit_psi": (554.1, -3.0, 0.52),
    "fan_rpm": (2388.05, 0.17, 0.045),
    "core_rpm": (9055.0, 30.0, 11.0),
    "static_psi": (47.35, 0.95, 0.14),
    "fuel_ratio": (521.9, -2.6, 0.44),
    "fan_rpm_corrected": (2388.05, 0.17, 0.045),
    "core_rpm_corrected": (8138.0, 25.0, 10.0),
    "bypass_ratio": (8.41, 0.12, 0.021),
    "bleed_enthalpy": (391.9, 4.6, 1.05),
    "turbine_cooling_1": (38.93, -0.50, 0.105),
    "turbine_cooling_2": (23.36, -0.30, 0.064),
}
SENSORS = tuple(_SENSORS)
#: What is known after each flight. ``overhaul_flights`` is written at the overhaul: the engine's whole life.
MACHINE_COLUMNS = ("engine", "flight", *SENSORS)
COLUMNS = (*MACHINE_COLUMNS, "overhaul_flights", "rul")

#: What the airline loses: an engine that wears out in service, and each flight of life thrown away by a shop visit.
FAILURE_WON = 300_000_000
WASTED_FLIGHT_WON = 1_000_000


def engine_log(seed: int, name: str, engines: int = 100) -> pd.DataFrame:
    """Return every flight of ``engines`` engines from new to worn out (see COLUMNS); ``name`` picks another fleet.

    ``rul`` is the number of flights left, 0 at the last.
    """
    rng = random_stream(seed, f"engine life {name}")
    lives = np.clip(np.round(rng.lognormal(np.log(MEAN_LIFE) - 0.022, 0.21, engines)), MIN_LIFE, MAX_LIFE).astype(int)
    number = np.repeat(np.arange(engines), lives)
    flight = np.concatenate([np.arange(1, life + 1) for life in lives])
    wear = _wear(rng, lives, number, flight)
    log = pd.DataFrame({"engine": number + 1, "flight": flight})
    for sensor, (base, change, noise) in _SENSORS.items():
        offset = 0.35 * noise * rng.standard_normal(engines)[number]
        log[sensor] = base + offset + change * wear + noise * rng.standard_normal(len(log))
    log["overhaul_flights"] = lives[number]
    log["rul"] = lives[number] - flight
    return log[list(COLUMNS)]


def machine_only(log: pd.DataFrame) -> pd.DataFrame:
    """Return what is known after each flight."""
    return log[list(MACHINE_COLUMNS)].copy()


def in_service(log: pd.DataFrame, seed: int, name: str) -> pd.DataFrame:
    """Stop each engine after a random flight of its life (not before the 30th), as FD001's test set does."""
    rng = random_stream(seed, f"in service {name}")
    ends = {engine: rng.integers(30, len(rows) + 1) for engine, rows in log.groupby("engine").groups.items()}
    return log[log["flight"] <= log["engine"].map(ends)].reset_index(drop=True)


def phm_score(true_rul: npt.ArrayLike, told_rul: npt.ArrayLike) -> float:
    """PHM 2008 score, smaller is better: ``exp(d/10) - 1`` for late warnings (d > 0), ``exp(-d/13) - 1`` for early."""
    late = np.asarray(told_rul, dtype=float) - np.asarray(true_rul, dtype=float)
    return float(np.sum(np.where(late > 0, np.exp(late / 10), np.exp(-late / 13)) - 1))


def _wear(
    rng: np.random.Generator, lives: npt.NDArray[np.int64], number: npt.NDArray[np.int64], flight: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Wear of every row: 0 for a new engine, about 1 for one that is worn out."""
    engines = len(lives)
    steep = rng.uniform(2.5, 4.5, engines)[number]
    bend = rng.uniform(1.0, 1.5, engines)[number]
    start = rng.uniform(0.0, 0.12, engines)[number]
    share = flight / lives[number]
    return np.asarray(start + (1 - start) * np.expm1(steep * share**bend) / np.expm1(steep))
