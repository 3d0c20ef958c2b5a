"""Minute log of a heat-treatment furnace with planted data faults, as a gateway would export it.

Our own model, no source data: a batch furnace near 850 degrees C, a quench-oil bath near 70 degrees C, heater current
and gas pressure, one row a minute. Faults of one kind never overlap those of another (each lives in a slot of six
hours), so every planted fault can be found and none is a matter of taste.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from courses.simulators.random_streams import random_stream, wandering

SENSORS = ("furnace_c", "oil_c", "current_a", "pressure_kpa")
HEADERS = ("일시", "로온도(℃)", "유온(℃)", "히터전류(A)", "분위기압(kPa)", "비고")
ENCODING = "cp949"
SLOT_MINUTES = 360
#: Minutes of each planted fault, from and to.
GAP_MINUTES = (12, 60)
UNIT_MINUTES = (90, 240)
STUCK_MINUTES = (25, 90)
REPEAT_MINUTES = (10, 40)
#: Share of single rows lost on the network, and of single values the gateway writes as "-".
LOST_ROWS = 0.004
MISSING_VALUES = 0.003
FIRST_MINUTE = pd.Timestamp("2026-03-02 08:00")
KINDS = ("gap", "unit", "stuck", "repeat", "gap", "unit", "stuck", "repeat", "gap", "stuck", "stuck")
REMARKS = {"unit": "게이트웨이 교체 후 ℉로 기록됨", "stuck": "센서 고착 의심", "gap": "", "repeat": "재전송"}


@dataclass(frozen=True)
class FurnaceLog:
    """What happened (``truth``), what was planted (``faults``) and what the gateway wrote (``recorded``).

    ``truth`` has one row a minute: time and SENSORS. ``faults`` has kind, column (or None), start and end, both
    included. ``recorded`` has time, SENSORS and ``remark``, in the order of arrival; missing values are NaN.
    """

    truth: pd.DataFrame
    faults: pd.DataFrame
    recorded: pd.DataFrame


def furnace_log(seed: int, days: int = 3, *, remarks: bool = True) -> FurnaceLog:
    """Make a log of ``days`` (at least 3). Remarks are what the quality team adds the week after."""
    truth = _truth(seed, days * 1440)
    faults = _planned_faults(seed, truth)
    recorded = truth.assign(remark="")
    rows: Iterable[Any] = faults.itertuples()
    for fault in rows:
        if remarks:
            recorded.loc[recorded["time"].between(fault.start, fault.end), "remark"] = REMARKS[str(fault.kind)]
        recorded = _with_value_fault(recorded, fault)
    return FurnaceLog(truth, faults, _transmitted(seed, recorded, faults))


def export_bytes(log: FurnaceLog) -> bytes:
    """Write the recorded log as the gateway does: CP949, two lines of preamble, Korean headers, "-" for missing."""
    table = log.recorded.copy()
    table["time"] = table["time"].dt.strftime("%Y-%m-%d %H:%M")
    for column in SENSORS:
        table[column] = [("-" if np.isnan(value) else f"{value:.1f}") for value in table[column]]
    table.columns = pd.Index(HEADERS)
    preamble = "설비명,열처리로 2호기\n수집주기,1분\n"
    return (preamble + table.to_csv(index=False)).encode(ENCODING)


def _truth(seed: int, minutes: int) -> pd.DataFrame:
    """Furnace follows its batches (8 h), oil lags behind, current follows the heat demand, pressure wanders."""
    rng = random_stream(seed, "furnace truth")
    clock = np.arange(minutes)
    phase = 2 * np.pi * clock / 480 + rng.uniform(0, 2 * np.pi)
    batch, lagging = np.sin(phase), np.sin(phase - 2 * np.pi * 60 / 480)
    furnace = 850 + 15 * batch + 4 * wandering(rng, minutes, memory=40) + rng.normal(0, 0.6, minutes)
    oil = 70 - 6 * lagging + 2 * wandering(rng, minutes, memory=180) + rng.normal(0, 0.08, minutes)
    current = 120 - 18 * batch + 3 * wandering(rng, minutes, memory=10) + rng.normal(0, 0.8, minutes)
    pressure = 101.6 + 0.35 * wandering(rng, minutes, memory=90) + rng.normal(0, 0.12, minutes)
    values = {"furnace_c": furnace, "oil_c": oil, "current_a": current, "pressure_kpa": pressure}
    time = FIRST_MINUTE + pd.to_timedelta(clock, unit="min")
    return pd.DataFrame({"time": time, **{name: np.round(series, 1) for name, series in values.items()}})


def _planned_faults(seed: int, truth: pd.DataFrame) -> pd.DataFrame:
    """Put each fault of KINDS into a slot of its own, at a random minute of it."""
    rng = random_stream(seed, "furnace faults")
    slots = rng.permutation(len(truth) // SLOT_MINUTES)[: len(KINDS)]
    durations = {"gap": GAP_MINUTES, "unit": UNIT_MINUTES, "stuck": STUCK_MINUTES, "repeat": REPEAT_MINUTES}
    stuck_columns = iter([*rng.permutation(SENSORS)] * 2)
    unit_columns = iter(rng.permutation(["oil_c", "furnace_c"]))
    rows = []
    for kind, slot in zip(KINDS, slots, strict=False):
        length = int(rng.integers(durations[kind][0], durations[kind][1] + 1))
        start = int(slot) * SLOT_MINUTES + int(rng.integers(20, SLOT_MINUTES - length - 20))
        columns = {"stuck": stuck_columns, "unit": unit_columns}
        column = str(next(columns[kind])) if kind in columns else None
        times = truth["time"].iloc[[start, start + length - 1]]
        rows.append({"kind": kind, "column": column, "start": times.iloc[0], "end": times.iloc[1]})
    return pd.DataFrame(rows).sort_values("start", ignore_index=True)


def _with_value_fault(recorded: pd.DataFrame, fault: Any) -> pd.DataFrame:
    """Write a stretch in degrees F or as one frozen value; gaps and repeats change no value."""
    kind, column = str(fault.kind), fault.column
    if kind not in ("unit", "stuck"):
        return recorded
    table = recorded.copy()
    rows = table["time"].between(fault.start, fault.end)
    values = table.loc[rows, column]
    table.loc[rows, column] = np.round(values * 9 / 5 + 32, 1) if kind == "unit" else values.iloc[0]
    return table


def _stretches(faults: pd.DataFrame, kind: str) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    chosen = faults[faults["kind"] == kind]
    return list(zip(chosen["start"], chosen["end"], strict=True))


def _transmitted(seed: int, recorded: pd.DataFrame, faults: pd.DataFrame) -> pd.DataFrame:
    """Lose the rows of gaps and some single rows, blank single values, send the rows of repeats a second time."""
    rng = random_stream(seed, "furnace transmission")
    keep = rng.random(len(recorded)) >= LOST_ROWS
    for start, end in _stretches(faults, "gap"):
        keep &= ~recorded["time"].between(start, end).to_numpy()
    table = recorded[keep].copy()
    for column in SENSORS:
        table.loc[rng.random(len(table)) < MISSING_VALUES, column] = np.nan
    for start, end in _stretches(faults, "repeat"):
        again = table[table["time"].between(start, end)]
        position = int(np.searchsorted(table["time"].to_numpy(), end.to_datetime64(), side="right"))
        delay = int(rng.integers(0, 15))
        table = pd.concat([table.iloc[: position + delay], again, table.iloc[position + delay :]])
    return table.reset_index(drop=True)
