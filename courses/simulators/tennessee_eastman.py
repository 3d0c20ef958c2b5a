"""A chemical plant watched by 31 signals: runs of the Tennessee Eastman process, normal and with faults.

The plant (J. J. Downs, E. F. Vogel, Computers & Chemical Engineering 17(3), 1993; revised by A. Bathelt, N. L. Ricker,
M. Jelali, IFAC-PapersOnLine 48(8), 2015) makes two liquids from four gases in reactor, condenser, separator and
stripper. It is stepped through tep-studio under N. L. Ricker's decentralised control (J. Process Control 6(4), 1996)
by ``tennessee_eastman_making``, which wrote the file read here: 20 normal runs and two of each disturbance IDV(1) to
IDV(20), a sample every three minutes. Valves 5, 9 and 12 never move under this control and are left out.

One day takes five seconds to simulate, so learners get stored runs: which ones, when they begin and a little noise of
the instruments (a tenth of each signal's usual spread) come from the seed. The two parts of the store share no run.

Known since the 1990s, and tested: IDV(3), (9) and (15) hardly move any signal and are not detected by PCA; the others
are, in part or whole (L. H. Chiang, E. L. Russell, R. D. Braatz, "Fault detection and diagnosis in industrial systems",
2001). IDV(6) trips the plant after some seven hours; its last values then stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from courses.simulators.random_streams import random_stream

RUNS_FILE = Path(__file__).with_name("tennessee_eastman_runs.npz")
SAMPLES_PER_HOUR = 20
RUN_HOURS = 24.0
ONSET_HOURS = 8.0
SAMPLES = round(RUN_HOURS * SAMPLES_PER_HOUR)
ONSET = round(ONSET_HOURS * SAMPLES_PER_HOUR)
#: A learner's run begins up to so many samples late: nobody knows when a fault sets in.
LATEST_START = 40
LOG_SAMPLES = SAMPLES - LATEST_START
#: Added noise of the instruments, in standard deviations of the normal signal.
INSTRUMENT_NOISE = 0.1
#: Columns of tep-studio's 22 continuous measurements and 12 valves that are kept.
SOURCE_COLUMNS = (*range(22), *(22 + valve - 1 for valve in (1, 2, 3, 4, 6, 7, 8, 10, 11)))

#: Signal -> (Korean name, unit): XMEAS(1) to (22), then valves XMV(1-4), (6-8), (10), (11).
SIGNALS: dict[str, tuple[str, str]] = {
    "feed_a": ("원료 A 유량", "kscmh"),
    "feed_d": ("원료 D 유량", "kg/h"),
    "feed_e": ("원료 E 유량", "kg/h"),
    "feed_ac": ("원료 A·C 유량", "kscmh"),
    "recycle_flow": ("순환 유량", "kscmh"),
    "reactor_feed": ("반응기 공급 유량", "kscmh"),
    "reactor_pressure": ("반응기 압력", "kPa"),
    "reactor_level": ("반응기 액위", "%"),
    "reactor_temperature": ("반응기 온도", "°C"),
    "purge_rate": ("퍼지 유량", "kscmh"),
    "separator_temperature": ("분리기 온도", "°C"),
    "separator_level": ("분리기 액위", "%"),
    "separator_pressure": ("분리기 압력", "kPa"),
    "separator_underflow": ("분리기 배출 유량", "m³/h"),
    "stripper_level": ("탈기탑 액위", "%"),
    "stripper_pressure": ("탈기탑 압력", "kPa"),
    "stripper_underflow": ("탈기탑 배출 유량", "m³/h"),
    "stripper_temperature": ("탈기탑 온도", "°C"),
    "steam_flow": ("증기 유량", "kg/h"),
    "compressor_work": ("압축기 동력", "kW"),
    "reactor_water_temperature": ("반응기 냉각수 출구 온도", "°C"),
    "condenser_water_temperature": ("응축기 냉각수 출구 온도", "°C"),
    "valve_feed_d": ("원료 D 밸브", "%"),
    "valve_feed_e": ("원료 E 밸브", "%"),
    "valve_feed_a": ("원료 A 밸브", "%"),
    "valve_feed_ac": ("원료 A·C 밸브", "%"),
    "valve_purge": ("퍼지 밸브", "%"),
    "valve_separator": ("분리기 배출 밸브", "%"),
    "valve_stripper": ("탈기탑 배출 밸브", "%"),
    "valve_reactor_water": ("반응기 냉각수 밸브", "%"),
    "valve_condenser_water": ("응축기 냉각수 밸브", "%"),
}
VARIABLES = tuple(SIGNALS)
COLUMNS = ("run", "hour", "fault", "faulty", *VARIABLES)

#: Disturbance -> what happens (Korean, English), from Downs and Vogel's table.
FAULTS: dict[int, tuple[str, str]] = {
    1: ("A/C 비율 계단 변화", "A/C feed ratio, step"),
    2: ("B 농도 계단 변화", "B composition, step"),
    3: ("원료 D 온도 계단 변화", "D feed temperature, step"),
    4: ("반응기 냉각수 온도 계단 변화", "reactor cooling water temperature, step"),
    5: ("응축기 냉각수 온도 계단 변화", "condenser cooling water temperature, step"),
    6: ("원료 A 끊김", "A feed loss"),
    7: ("C 압력 손실", "C header pressure loss"),
    8: ("A·B·C 조성 흔들림", "A, B, C feed composition, random"),
    9: ("원료 D 온도 흔들림", "D feed temperature, random"),
    10: ("원료 C 온도 흔들림", "C feed temperature, random"),
    11: ("반응기 냉각수 온도 흔들림", "reactor cooling water temperature, random"),
    12: ("응축기 냉각수 온도 흔들림", "condenser cooling water temperature, random"),
    13: ("반응 속도 느린 변화", "reaction kinetics, slow drift"),
    14: ("반응기 냉각수 밸브 고착", "reactor cooling water valve, sticking"),
    15: ("응축기 냉각수 밸브 고착", "condenser cooling water valve, sticking"),
    16: ("알 수 없음", "unknown"),
    17: ("알 수 없음", "unknown"),
    18: ("알 수 없음", "unknown"),
    19: ("알 수 없음", "unknown"),
    20: ("알 수 없음", "unknown"),
}
UNDETECTABLE = (3, 9, 15)

#: What the plant loses: each false alarm (the control room looks into it), each sample of a fault nobody has noticed.
FALSE_ALARM_WON = 400_000
UNNOTICED_SAMPLE_WON = 150_000

Part = Literal["practice", "later"]


@dataclass(frozen=True)
class Store:
    """The stored runs: ``faults`` (runs,) with 0 for normal, ``values`` (runs, SAMPLES, variables)."""

    faults: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]
    spread: npt.NDArray[np.float64]

    def numbers(self, fault: int, part: Part) -> npt.NDArray[np.int64]:
        """Return the runs of one fault (0: normal) in one part of the store."""
        numbers = np.flatnonzero(self.faults == fault)
        first, second = np.split(numbers, [(len(numbers) + 1) // 2])
        return first if part == "practice" else second


@cache
def load_store(file: Path = RUNS_FILE) -> Store:
    """Read the file written by ``tennessee_eastman_making`` (values were rounded to a twentieth of their spread)."""
    with np.load(file, allow_pickle=False) as stored:
        values = stored["centre"] + stored["step"] * stored["whole"].astype(np.float64)
        faults = stored["faults"].astype(np.int64)
    values.setflags(write=False)
    return Store(faults, values, values[faults == 0].reshape(-1, values.shape[2]).std(axis=0))


def plant_log(seed: int, name: str, *, part: Part, normal: int, faults: Sequence[int] = ()) -> pd.DataFrame:
    """Return ``normal`` normal runs (10 are there at most) and one run of each fault, 22 hours each (see COLUMNS).

    ``hour`` counts from the first row of a run; ``fault`` is the number of its disturbance, 0 for none; ``faulty`` is 1
    from the sample on at which it sets in.
    """
    store = load_store()
    rng = random_stream(seed, f"tennessee eastman {name}")
    chosen = [*rng.choice(store.numbers(0, part), normal, replace=False)]
    chosen += [rng.choice(store.numbers(fault, part)) for fault in faults]
    return pd.concat(
        [_one_run(store, rng, number, int(stored)) for number, stored in enumerate(chosen, start=1)],
        ignore_index=True,
    )


def _one_run(store: Store, rng: np.random.Generator, number: int, stored: int) -> pd.DataFrame:
    """Cut a run at a random start and add the instruments' noise."""
    start = int(rng.integers(0, LATEST_START + 1))
    values = store.values[stored, start : start + LOG_SAMPLES]
    values = values + INSTRUMENT_NOISE * store.spread * rng.standard_normal(values.shape)
    fault, sample = int(store.faults[stored]), np.arange(LOG_SAMPLES)
    table = pd.DataFrame({"run": number, "hour": sample / SAMPLES_PER_HOUR, "fault": fault, "faulty": 0}, index=sample)
    table["faulty"] = ((sample >= ONSET - start) & (fault > 0)).astype(int)
    return pd.concat([table, pd.DataFrame(values, columns=list(VARIABLES))], axis=1)
