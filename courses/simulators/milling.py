"""Milling machine log with tool failures, after the published rules of the AI4I 2020 data set.

Source of the rules and shares: S. Matzka, "Explainable Artificial Intelligence for Predictive Maintenance
Applications", AI4I 2020, and the description of data set 601 of the UCI repository. No published row is used: each
seed is another machine log made by the same rules.

Deviations, each because a learner must not be unlucky with a seed: temperatures are random walks that are pulled
back to their mean (memory 60 parts), and the speed follows torque by a power law fitted to the published mean,
spread, correlation and power failures (1539 +- 179 rpm, r = -0.88, 95 of 10,000), because a constant power of
2860 W, as the description says, contradicts the published speeds. Our fastest parts reach about 3,600 rpm (published
2,886).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from courses.simulators.random_streams import random_stream, wandering

GRADES = ("L", "M", "H")
GRADE_SHARES = (0.60, 0.30, 0.10)
WEAR_PER_PART_MIN = {"L": 2.0, "M": 3.0, "H": 5.0}
#: Wear x torque above which a tool is overstrained, in min Nm.
OVERSTRAIN_LIMIT = {"L": 11_000.0, "M": 12_000.0, "H": 13_000.0}
#: A tool is replaced, or fails first, at a wear drawn from this range, in minutes.
TOOL_LIFE_MIN = (200.0, 240.0)
#: Share of tools that fail before they are replaced (published: 51 of 120).
TOOL_FAILS_FIRST = 51 / 120
POWER_RANGE_W = (3_500.0, 9_000.0)
HEAT_GAP_K = 8.6
HEAT_SPEED_RPM = 1_380.0
RANDOM_FAILURE_SHARE = 0.001

SENSORS = ("air_temperature_k", "process_temperature_k", "speed_rpm", "torque_nm", "tool_wear_min")
MODES = ("twf", "hdf", "pwf", "osf", "rnf")
#: The columns in order; ``failure`` is 1 if any of the five modes is.
COLUMNS = ("part", "tool", "grade", *SENSORS, "failure", *MODES)

#: What the course's plant loses: a failure nobody saw coming (scrap, broken tool, half an hour of standstill) ...
MISSED_FAILURE_WON = 1_500_000
#: ... and what every alarm costs, right or false: stop, check or change the tool.
ALARM_WON = 60_000

UCI_COLUMNS = {
    "UDI": "part",
    "Type": "grade",
    "Air temperature [K]": "air_temperature_k",
    "Process temperature [K]": "process_temperature_k",
    "Rotational speed [rpm]": "speed_rpm",
    "Torque [Nm]": "torque_nm",
    "Tool wear [min]": "tool_wear_min",
    "Machine failure": "failure",
    **{mode.upper(): mode for mode in MODES},
}


def machine_log(seed: int, parts: int = 10_000) -> pd.DataFrame:
    """Return ``parts`` machined parts in order of time, one row each (see COLUMNS).

    Temperatures in K, speed in rpm, torque in N m, wear in minutes; ``twf`` tool wear, ``hdf`` heat, ``pwf``
    power, ``osf`` overstrain and ``rnf`` random failure are 0 or 1.
    """
    log = pd.DataFrame({"part": np.arange(1, parts + 1)})
    log["grade"] = random_stream(seed, "milling grade").choice(GRADES, parts, p=GRADE_SHARES)
    tool, wear, worn_out = _tools(seed, log["grade"].to_numpy())
    log["tool"], log["tool_wear_min"] = tool, wear
    air = 300.0 + 2.0 * wandering(random_stream(seed, "milling air"), parts, memory=60)
    gap = 10.0 + 0.92 * wandering(random_stream(seed, "milling process"), parts, memory=60)
    log["air_temperature_k"] = np.round(air, 1)
    log["process_temperature_k"] = np.round(air + gap, 1)
    log["torque_nm"], log["speed_rpm"] = _torque_and_speed(seed, parts)
    return _with_failures(log, worn_out, random_stream(seed, "milling random failure"))


def power_w(speed_rpm: pd.Series, torque_nm: pd.Series) -> pd.Series:
    """Mechanical power of the spindle in W: torque x angular speed, P = T * 2 pi n / 60."""
    return torque_nm * speed_rpm * (2 * np.pi / 60)


def sensors_only(log: pd.DataFrame) -> pd.DataFrame:
    """Return what is known before a part is cut: no failure columns."""
    return log[["part", "tool", "grade", *SENSORS]].copy()


def _torque_and_speed(seed: int, parts: int) -> tuple[np.ndarray, np.ndarray]:
    """Torque N(40, 10) Nm, never below 3.8; speed 1500 (40/T)^0.38 rpm with 3.5 % noise, at least 1168."""
    rng = random_stream(seed, "milling torque")
    torque = np.maximum(rng.normal(40.0, 10.0, parts), 3.8)
    speed = 1_500.0 * (40.0 / torque) ** 0.38 * np.exp(rng.normal(0.0, 0.035, parts))
    return np.round(torque, 1), np.round(np.maximum(speed, 1_168.0))


def _tools(seed: int, grade: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give each part its tool number, the tool's wear so far (min) and whether the tool wears out at this part."""
    rng = random_stream(seed, "milling tools")
    step = np.array([WEAR_PER_PART_MIN[g] for g in grade])
    tool, wear, worn_out = np.zeros(len(step), int), np.zeros(len(step)), np.zeros(len(step), bool)
    for number, (first, last) in enumerate(_tool_spans(step, rng), start=1):
        used = np.cumsum(step[first : last + 1]) - step[first]
        tool[first : last + 1], wear[first : last + 1] = number, used
        worn_out[last] = rng.random() < TOOL_FAILS_FIRST and last + 1 < len(step)
    return tool, wear, worn_out


def _tool_spans(step: np.ndarray, rng: np.random.Generator) -> Iterator[tuple[int, int]]:
    """Yield first and last part of each tool: a tool's last part is the one at which its wear reaches its life."""
    total, first = np.cumsum(step), 0
    while first < len(step):
        life = rng.uniform(*TOOL_LIFE_MIN)
        start = total[first]
        last = min(int(np.searchsorted(total, start + life)), len(step) - 1)
        yield first, last
        first = last + 1


def _with_failures(log: pd.DataFrame, worn_out: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Add the five failure modes and their union by the published rules."""
    power = power_w(log["speed_rpm"], log["torque_nm"])
    gap = log["process_temperature_k"] - log["air_temperature_k"]
    strain = log["tool_wear_min"] * log["torque_nm"]
    log["twf"] = worn_out.astype(int)
    log["hdf"] = ((gap < HEAT_GAP_K) & (log["speed_rpm"] < HEAT_SPEED_RPM)).astype(int)
    log["pwf"] = (~power.between(*POWER_RANGE_W)).astype(int)
    log["osf"] = (strain > log["grade"].map(OVERSTRAIN_LIMIT)).astype(int)
    log["rnf"] = (rng.random(len(log)) < RANDOM_FAILURE_SHARE).astype(int)
    log["failure"] = log[list(MODES)].max(axis=1)
    return log[list(COLUMNS)]


def read_uci_file(path: Path) -> pd.DataFrame:
    """Read a learner's own download of the UCI file (ai4i2020.csv) into the columns of ``machine_log``.

    A tool's number goes up whenever the wear goes down. Raises ValueError if a column is missing.
    """
    table = pd.read_csv(path, encoding="utf-8-sig")
    missing = sorted(set(UCI_COLUMNS) - set(table.columns))
    if missing:
        raise ValueError(f"{path.name}: columns missing: {', '.join(missing)}")
    log = table.rename(columns=UCI_COLUMNS)
    log["tool"] = (log["tool_wear_min"].diff() < 0).cumsum() + 1
    return log[list(COLUMNS)]
