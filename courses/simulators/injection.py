"""Injection moulding of an ABS cover: viscosity, filling pressure, and the three defects of a real plant's log.

Viscosity is the Cross-WLF model with the constants of ABS Cycolac MG47 in D. O. Kazmer, "Injection Mold Design
Engineering", appendix A, which gives 2210 Pa s at rest and 239 degrees and 120 Pa s at 2000 1/s. Filling a cavity of
length L and thickness h at the speed v needs ``dP = 12 eta v L / h^2`` at the wall shear rate ``6 v / h``
(Hele-Shaw); the book's bezel (0.2 m, 1.5 mm, 0.82 m/s) needs 83 MPa.

Defects are those of the KAMP injection-moulding set in about its shares (5,230 parts, 60 defects: gas 35, short shot
15, start-up 10): *gas* from wet resin, hot melt and fast filling, *short shots* where the pressure limit that the
operator set leaves no margin, *start-up* defects while the mould is still cold after a stop. No published row is used.
Resin lots differ in viscosity, operators set speed and limit for each lot: raw pressure alone tells little.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from courses.simulators.random_streams import random_stream, wandering

Array = npt.NDArray[np.float64]

CROSS_N = 0.247
TAU_STAR_PA = 9.97e4
D1_PA_S = 1.93e13
T_STAR_K = 373.15
WLF_A1 = 31.4
WLF_A2_K = 51.6

LENGTH_M = 0.2
THICKNESS_M = 0.0015
#: A longer break than this between two shots is a stop, and the mould cools down.
STOP_SECONDS = 300
CYCLE_SECONDS = 30.0
SHOTS_PER_LOT = 250
#: The dryer fails about once in so many shots: as often in every log, so that no seed is unlucky.
SHOTS_PER_SPELL = 1_000

#: What the plant loses: a look at one part, and a defect that reaches the customer.
INSPECTION_WON = 1_500
MISSED_DEFECT_WON = 120_000

SENSORS = (
    "injection_speed_m_s",
    "pressure_limit_mpa",
    "max_pressure_mpa",
    "filling_time_s",
    "plasticizing_time_s",
    "cushion_mm",
    "back_pressure_mpa",
    "barrel_c",
    "hopper_c",
    "mould_c",
)
REASONS = ("gas", "short", "start")
#: What is known when the part falls out of the mould; the rest is written at the inspection bench.
MACHINE_COLUMNS = ("time", "lot", *SENSORS)
#: ``scrap_box`` is the number of the box that the inspector put the part into: 0 for good ones.
COLUMNS = (*MACHINE_COLUMNS, "scrap_box", "reason", "defect")

KAMP_COLUMNS = {
    "TimeStamp": "time",
    "PART_FACT_PLAN_DATE": "lot",
    "Max_Injection_Speed": "injection_speed_m_s",
    "Max_Switch_Over_Pressure": "pressure_limit_mpa",
    "Max_Injection_Pressure": "max_pressure_mpa",
    "Filling_Time": "filling_time_s",
    "Plasticizing_Time": "plasticizing_time_s",
    "Cushion_Position": "cushion_mm",
    "Average_Back_Pressure": "back_pressure_mpa",
    "Barrel_Temperature_1": "barrel_c",
    "Hopper_Temperature": "hopper_c",
    "Mold_Temperature_3": "mould_c",
}


def rest_viscosity_pa_s(melt_c: npt.ArrayLike) -> Array:
    """Viscosity at rest by WLF: ``D1 exp(-A1 (T - T*) / (A2 + T - T*))``, T in kelvin."""
    above = np.asarray(melt_c, dtype=float) + 273.15 - T_STAR_K
    return np.asarray(D1_PA_S * np.exp(-WLF_A1 * above / (WLF_A2_K + above)))


def viscosity_pa_s(shear_rate: npt.ArrayLike, melt_c: npt.ArrayLike) -> Array:
    """Viscosity under shear by Cross: ``eta0 / (1 + (eta0 g / tau*)^(1 - n))``, g in 1/s."""
    rest = rest_viscosity_pa_s(melt_c)
    return np.asarray(rest / (1 + (rest * np.asarray(shear_rate, dtype=float) / TAU_STAR_PA) ** (1 - CROSS_N)))


def filling_pressure_mpa(speed_m_s: npt.ArrayLike, melt_c: npt.ArrayLike) -> Array:
    """Pressure that fills our cavity: ``12 eta v L / h^2`` at the shear rate ``6 v / h``."""
    speed = np.asarray(speed_m_s, dtype=float)
    viscosity = viscosity_pa_s(6 * speed / THICKNESS_M, melt_c)
    return np.asarray(12 * viscosity * speed * LENGTH_M / THICKNESS_M**2 / 1e6)


def moulding_log(seed: int, name: str, lots: int = 40) -> pd.DataFrame:
    """Return 250 shots from each of ``lots`` resin lots in order of time (see COLUMNS); ``name`` picks another plant.

    Speed in m/s, pressures in MPa, times in s, cushion in mm, temperatures in degrees Celsius; ``defect`` is 0 or 1.
    """
    rng = random_stream(seed, f"injection {name}")
    count = lots * SHOTS_PER_LOT
    lot = np.repeat(np.arange(1, lots + 1), SHOTS_PER_LOT)
    time, since = _clock(rng, count)
    melt = 239 + 2.5 * wandering(rng, count, memory=150)
    moisture = _moisture(rng, count)
    speed = np.round(rng.uniform(0.72, 0.92, lots), 2)[lot - 1]
    thickness = np.exp(rng.normal(0, 0.10, lots))[lot - 1]
    needed = filling_pressure_mpa(speed, melt) * thickness * np.exp(-0.16 * moisture)
    needed = needed * np.exp(rng.normal(0, 0.012, count))
    limit = np.round(_lot_median(needed, lot) * rng.permutation(np.linspace(1.035, 1.35, lots))[lot - 1])
    log = pd.DataFrame({"time": time, "lot": lot, "injection_speed_m_s": speed, "pressure_limit_mpa": limit})
    log["max_pressure_mpa"] = np.round(np.minimum(needed, limit + rng.normal(0, 0.2, count)), 1)
    log = _other_sensors(log, rng, melt=melt, moisture=moisture, since=since)
    return _with_defects(log, rng, short_of=needed - limit, moisture=moisture, melt=melt, since=since)


def machine_only(log: pd.DataFrame) -> pd.DataFrame:
    """Return what is known when the part falls out of the mould."""
    return log[list(MACHINE_COLUMNS)].copy()


def _clock(rng: np.random.Generator, count: int) -> tuple[pd.DatetimeIndex, Array]:
    """Return the time of each shot and its number since the last stop; a stop about every 300 shots."""
    step = CYCLE_SECONDS + rng.normal(0, 0.3, count)
    stops = rng.random(count) < 1 / 300
    step[stops] += rng.uniform(600, 5_400, stops.sum())
    stops[0] = True
    number = np.arange(count)
    since = number - np.maximum.accumulate(np.where(stops, number, 0))
    start = pd.Timestamp("2026-03-02 06:00")
    return start + pd.to_timedelta(np.round(np.cumsum(step)), unit="s"), np.asarray(since, dtype=float)


def _moisture(rng: np.random.Generator, count: int) -> Array:
    """Moisture in units of a badly dried hopper: near 0, with spells of about 40 shots when the dryer fails."""
    spells = np.zeros(count)
    for start in rng.choice(count, max(1, round(count / SHOTS_PER_SPELL)), replace=False):
        spells[start : start + rng.integers(25, 55)] = rng.uniform(0.5, 1.2)
    kernel = np.exp(-np.arange(30) / 5)
    return np.asarray(np.convolve(spells, kernel / kernel.sum())[:count])


def _lot_median(values: Array, lot: npt.NDArray[np.int64]) -> Array:
    return pd.Series(values).groupby(lot).transform("median").to_numpy()


def _other_sensors(
    log: pd.DataFrame, rng: np.random.Generator, *, melt: Array, moisture: Array, since: Array
) -> pd.DataFrame:
    count = len(log)
    saturated = log["max_pressure_mpa"] >= log["pressure_limit_mpa"] - 0.5
    filling = LENGTH_M / log["injection_speed_m_s"] * 4.1
    log["filling_time_s"] = np.round(filling * (1 + 0.015 * saturated) * np.exp(rng.normal(0, 0.008, count)), 3)
    drift = wandering(rng, count, memory=400)
    log["plasticizing_time_s"] = np.round(13 + 0.5 * drift - 0.25 * moisture + rng.normal(0, 0.25, count), 2)
    log["cushion_mm"] = np.round(6.5 + 0.15 * wandering(rng, count, memory=200) + rng.normal(0, 0.1, count), 2)
    log["back_pressure_mpa"] = np.round(7 + 0.2 * drift + rng.normal(0, 0.15, count), 2)
    log["barrel_c"] = np.round(melt + rng.normal(0, 0.5, count), 1)
    log["hopper_c"] = np.round(80 + 2.5 * wandering(rng, count, memory=120) - 2.0 * moisture, 1)
    warm = 60 + 1.5 * wandering(rng, count, memory=300) - 9 * np.exp(-since / 4)
    log["mould_c"] = np.round(warm + rng.normal(0, 1.2, count), 1)
    return log


def _with_defects(
    log: pd.DataFrame, rng: np.random.Generator, *, short_of: Array, moisture: Array, melt: Array, since: Array
) -> pd.DataFrame:
    """Draw each defect from its cause; a part has one reason at most, the first of REASONS that applies."""
    fast = (log["injection_speed_m_s"].to_numpy() - 0.82) / 0.1
    chances = {
        "gas": 0.30 / (1 + np.exp(-(9.0 * (moisture - 0.75) + 0.30 * (melt - 239) + 0.4 * fast))),
        "short": 0.50 / (1 + np.exp(-(short_of + 0.3) / 0.5)),
        "start": 0.22 * np.exp(-since / 2) * (since < 8),
    }
    drawn = {reason: rng.random(len(log)) < chance for reason, chance in chances.items()}
    reason = np.select([drawn[name] for name in REASONS], REASONS, default="")
    log["reason"] = reason
    log["defect"] = (reason != "").astype(int)
    log["scrap_box"] = np.where(reason == "", 0, rng.integers(1, 9, len(log)))
    return log[list(COLUMNS)]


def read_kamp_file(path: Path) -> pd.DataFrame:
    """Read a learner's own download of KAMP's injection-moulding file into our columns (units stay as they are there).

    ``lot`` is the day of the production plan, counted from 1. Raises ValueError if a column is missing.
    """
    table = pd.read_csv(path, encoding="utf-8-sig")
    missing = sorted((set(KAMP_COLUMNS) | {"PassOrFail", "Reason"}) - set(table.columns))
    if missing:
        raise ValueError(f"{path.name}: columns missing: {', '.join(missing)}")
    log = table.rename(columns=KAMP_COLUMNS)
    log["time"] = pd.to_datetime(log["time"])
    log["lot"] = log["lot"].rank(method="dense").astype(int)
    log["defect"] = (table["PassOrFail"] != "Y").astype(int)
    log["reason"] = table["Reason"].fillna("").replace("None", "")
    return log[[*MACHINE_COLUMNS, "reason", "defect"]]
