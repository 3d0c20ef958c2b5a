"""Makes ``tennessee_eastman_runs.npz``: runs of the revised Tennessee Eastman process under Ricker's control.

Run ``python -m courses.simulators.tennessee_eastman_making`` (about 6 minutes of one core) in the development
environment, which has tep-studio. Nothing else needs it: courses read the file through ``tennessee_eastman``.

Plant: J. J. Downs, E. F. Vogel, "A plant-wide industrial process control problem", Computers & Chemical Engineering
17(3), 1993; revised by A. Bathelt, N. L. Ricker, M. Jelali, IFAC-PapersOnLine 48(8), 2015. Control: N. L. Ricker,
"Decentralized control of the Tennessee Eastman challenge process", J. Process Control 6(4), 1996.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tep_studio.control.runner import ClosedLoopSimulation

from courses.simulators import tennessee_eastman as plant

CONTROL_HOURS = 0.002
STEPS_PER_SAMPLE = 25
DISTURBANCES = 28
#: Left out at the start, until the controllers have settled.
SETTLING_HOURS = 4.0
NORMAL_RUNS = 20
RUNS_PER_FAULT = 2
#: The noise of a run depends on its number alone; tep-studio wants a positive one.
FIRST_NOISE_SEED = 1431


def simulate(fault: int, noise_seed: int) -> npt.NDArray[np.float64]:
    """Return samples x variables of one run; fault 0 is none. A run that trips ends early: its last value stays."""

    def disturbances(hours: float) -> npt.NDArray[np.float64]:
        vector = np.zeros(DISTURBANCES)
        if fault and hours >= SETTLING_HOURS + plant.ONSET_HOURS:
            vector[fault - 1] = 1.0
        return vector

    loop = ClosedLoopSimulation(control_interval=CONTROL_HOURS, horizon=SETTLING_HOURS + plant.RUN_HOURS)
    result = loop.run(seed=noise_seed, disturbance_schedule=disturbances, record_every=STEPS_PER_SAMPLE)
    rows = [np.concatenate([step.measurements[:22], step.implemented_action]) for step in result.results]
    kept = np.array(rows)[round(SETTLING_HOURS * plant.SAMPLES_PER_HOUR) :, list(plant.SOURCE_COLUMNS)]
    missing = plant.SAMPLES - len(kept)
    return np.concatenate([kept, np.repeat(kept[-1:], max(missing, 0), axis=0)])[: plant.SAMPLES]


def all_runs() -> Iterator[tuple[int, npt.NDArray[np.float64]]]:
    """Yield (fault, run) for every run, telling of each."""
    faults = [0] * NORMAL_RUNS + [fault for fault in range(1, 21) for _ in range(RUNS_PER_FAULT)]
    for number, fault in enumerate(faults):
        print(f"{number + 1}/{len(faults)}: IDV({fault})", file=sys.stderr, flush=True)
        yield fault, simulate(fault, FIRST_NOISE_SEED + 2 * number)


def write_runs(file: Path) -> None:
    """Simulate everything and store it in steps of a twentieth of each variable's usual spread, as whole numbers."""
    faults, runs = zip(*all_runs(), strict=True)
    values = np.array(runs)
    normal = values[np.array(faults) == 0].reshape(-1, values.shape[2])
    step = normal.std(axis=0) / 20
    whole = np.clip(np.round((values - normal.mean(axis=0)) / step), -32_767, 32_767).astype(np.int16)
    np.savez_compressed(file, faults=np.array(faults), centre=normal.mean(axis=0), step=step, whole=whole)


if __name__ == "__main__":
    write_runs(plant.RUNS_FILE)
