"""Measured diameters from a turning process for control charts: subgroups of five, with known disturbances.

Textbook model (W. A. Shewhart; D. C. Montgomery, "Introduction to Statistical Quality Control"): in control the
diameter is normal with constant mean and standard deviation; a disturbance shifts the mean, lets it drift (tool
wear) or widens the spread. Units are mm. Control-chart constants for n = 5: A2 = 0.577, D3 = 0, D4 = 2.114,
d2 = 2.326.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import pandas as pd

from courses.simulators.random_streams import random_stream

SUBGROUP = 5
A2, D3, D4, D2 = 0.577, 0.0, 2.114, 2.326
TARGET_MM = 25.000
TOLERANCE_MM = 0.030
LOWER_MM, UPPER_MM = TARGET_MM - TOLERANCE_MM, TARGET_MM + TOLERANCE_MM
#: Expected subgroups between false alarms of an Xbar chart with 3-sigma limits (1 / 0.0027).
ARL_IN_CONTROL = 370.4
#: What the course's plant loses: parts to sort after each subgroup of undetected shift, and a stop for nothing.
UNDETECTED_SUBGROUP_WON = 90_000
FALSE_ALARM_WON = 150_000


class Disturbance(StrEnum):
    """What goes wrong, from a known subgroup on."""

    NONE = "none"
    SHIFT = "shift"  # the mean jumps by ``size`` process sigmas
    DRIFT = "drift"  # the mean drifts by ``size`` sigmas over 20 subgroups: a wearing tool
    SPREAD = "spread"  # the standard deviation is multiplied by 1 + size


def process_of(seed: int) -> tuple[float, float]:
    """Return this machine's own in-control mean and standard deviation in mm."""
    rng = random_stream(seed, "spc process")
    return TARGET_MM + float(rng.uniform(-0.004, 0.004)), float(rng.uniform(0.0065, 0.0085))


def subgroups(
    seed: int,
    name: str,
    count: int,
    *,
    disturbance: Disturbance = Disturbance.NONE,
    start: int = 0,
    size: float = 1.0,
) -> pd.DataFrame:
    """Return ``count`` subgroups (rows) of SUBGROUP diameters ``x1`` to ``x5`` in mm.

    ``name`` picks an independent stretch of the same machine; ``start`` is the first disturbed subgroup.
    """
    mean, sigma = process_of(seed)
    noise = random_stream(seed, f"spc {name}").standard_normal((count, SUBGROUP))
    since = np.arange(count) - start
    disturbed = since >= 0
    offset = np.zeros(count)
    if disturbance is Disturbance.SHIFT:
        offset = np.where(disturbed, size * sigma, 0.0)
    if disturbance is Disturbance.DRIFT:
        offset = np.where(disturbed, size * sigma * np.minimum(since + 1, 20) / 20, 0.0)
    spread = np.where(disturbed & (disturbance is Disturbance.SPREAD), 1.0 + size, 1.0)
    values = mean + offset[:, None] + sigma * spread[:, None] * noise
    return pd.DataFrame(np.round(values, 4), columns=[f"x{i}" for i in range(1, SUBGROUP + 1)])


def pieces_with_assignable_causes(seed: int, count: int = 60) -> tuple[pd.DataFrame, np.ndarray]:
    """Return a learning phase that is not clean: subgroups, and which of them had a known special cause.

    Six of them, three neighbours twice, were measured on a warm part right after a stop: 4 sigma too large.
    """
    mean_free = subgroups(seed, "phase one", count)
    sigma = process_of(seed)[1]
    rng = random_stream(seed, "spc causes")
    first, second = int(rng.integers(5, count // 2 - 5)), int(rng.integers(count // 2, count - 8))
    special = np.zeros(count, bool)
    special[first : first + 3] = special[second : second + 3] = True
    table = mean_free + np.where(special, 4 * sigma, 0.0)[:, None]
    return table.round(4), special
