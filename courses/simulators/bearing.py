"""Vibration of rolling bearings with local faults, each physical bearing with a character of its own.

Model after P. D. McFadden and J. D. Smith (1984) and R. B. Randall and J. Antoni, "Rolling element bearing
diagnostics - A tutorial" (2011): every time a rolling element meets the fault, a short impulse excites a structural
resonance; the impulses slip by about 1 % and are modulated by the load zone::

    x(t) = sum_i A q(t_i) h(t - t_i) + unbalance + tones + noise,
    h(t) = exp(-2 pi zeta fn t) sin(2 pi fn t)

Resonance ``fn``, damping, path gain, unbalance and tones are drawn per bearing: that is why windows of one bearing
on both sides of a split flatter a model. Geometry is that of the 6205-2RS bearing, whose published multiples of the
shaft speed are BPFO 3.5848, BPFI 5.4152, FTF 0.3983 and ball fault 4.7135 (Case Western Reserve University).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.signal import fftconvolve

from courses.simulators.random_streams import random_stream

Array = npt.NDArray[np.float64]

SAMPLE_RATE_HZ = 12_000
WINDOW_SAMPLES = 4_096
CLASSES = ("normal", "outer", "inner", "ball")
#: Shaft speed falls a little with load, as with an induction motor (rpm at load 0 to 3).
SPEED_RPM = (1_797.0, 1_772.0, 1_750.0, 1_730.0)
SLIP = 0.01


@dataclass(frozen=True)
class Geometry:
    """A rolling bearing: number of elements, element and pitch diameter in mm, contact angle in degrees."""

    elements: int = 9
    element_mm: float = 7.94
    pitch_mm: float = 39.04
    angle_deg: float = 0.0

    @property
    def ratio(self) -> float:
        """(d / D) cos(angle)."""
        return self.element_mm / self.pitch_mm * float(np.cos(np.radians(self.angle_deg)))


SKF_6205 = Geometry()


def fault_orders(geometry: Geometry = SKF_6205) -> dict[str, float]:
    """Return the fault frequencies as multiples of the shaft speed.

    ``outer`` n/2 (1 - r), ``inner`` n/2 (1 + r), ``cage`` (1 - r)/2, ``ball`` D/d (1 - r^2): twice the ball's spin,
    since a spot on a ball meets both races in each turn. r = d/D cos(angle).
    """
    r, n = geometry.ratio, geometry.elements
    return {
        "outer": n / 2 * (1 - r),
        "inner": n / 2 * (1 + r),
        "cage": (1 - r) / 2,
        "ball": geometry.pitch_mm / geometry.element_mm * (1 - r**2),
    }


@dataclass(frozen=True)
class BearingSet:
    """Windows of vibration: ``signals`` (windows x samples, in g) and one row of facts for each window.

    ``facts`` has bearing (number), load (0-3), speed_hz and fault (one of CLASSES).
    """

    signals: Array
    facts: pd.DataFrame


def bearing_set(
    seed: int,
    name: str,
    *,
    bearings_per_class: int = 10,
    windows: int = 3,
    loads: tuple[int, ...] = (0, 1, 2, 3),
    samples: int = WINDOW_SAMPLES,
) -> BearingSet:
    """Return ``windows`` windows for each bearing and load; ``name`` picks other bearings of the same seed."""
    rows, signals = [], []
    for number in range(bearings_per_class * len(CLASSES)):
        fault = CLASSES[number % len(CLASSES)]
        character = _character(random_stream(seed, f"bearing {name} {number}"))
        rng = random_stream(seed, f"bearing {name} {number} windows")
        for load in loads:
            speed_hz = SPEED_RPM[load] / 60 * float(rng.uniform(0.997, 1.003))
            signals += [_window(rng, character, fault, load, speed_hz, samples) for _ in range(windows)]
            rows += [{"bearing": number, "load": load, "speed_hz": speed_hz, "fault": fault}] * windows
    return BearingSet(np.array(signals), pd.DataFrame(rows))


def _character(rng: np.random.Generator) -> dict[str, Any]:
    """What makes this bearing in this seat itself, whatever its fault."""
    return {
        "resonance_hz": rng.uniform(2_000, 4_000),
        "damping": rng.uniform(0.03, 0.07),
        "strength": 0.62 * np.exp(rng.normal(0.0, 0.3)),
        "gain": np.exp(rng.normal(0.0, 0.6)),
        "unbalance": rng.uniform(0.05, 0.4),
        "tones_hz": rng.uniform(200, 5_500, 3),
        "tone_sizes": rng.uniform(0.05, 0.6, 3),
        "noise": rng.uniform(0.2, 0.45),
    }


def _window(
    rng: np.random.Generator, character: dict[str, Any], fault: str, load: int, speed_hz: float, samples: int
) -> Array:
    t = np.arange(samples) / SAMPLE_RATE_HZ
    turning = 2 * np.pi * speed_hz * t + rng.uniform(0, 2 * np.pi)
    signal = character["unbalance"] * np.sin(turning) + character["noise"] * rng.standard_normal(samples)
    for frequency, size in zip(character["tones_hz"], character["tone_sizes"], strict=True):
        signal += size * np.sin(2 * np.pi * frequency * t + rng.uniform(0, 2 * np.pi))
    if fault != "normal":
        signal += character["strength"] * (1 + 0.1 * load) * _impacts(rng, character, fault, speed_hz, samples)
    return np.asarray(character["gain"] * signal)


def _impacts(rng: np.random.Generator, character: dict[str, Any], fault: str, speed_hz: float, samples: int) -> Array:
    """Ringing of the resonance at each passage of the fault; the sum has a standard deviation near 1."""
    period = 1 / (fault_orders()[fault] * speed_hz)
    count = int(samples / SAMPLE_RATE_HZ / period) + 4
    times = np.cumsum(period * (1 + SLIP * rng.standard_normal(count))) - period * rng.uniform(1, 2)
    sizes = _load_zone(fault, times + rng.uniform(0, 1), speed_hz)
    at = times * SAMPLE_RATE_HZ
    inside = (at >= 0) & (at < samples)
    train = np.bincount(at[inside].astype(int), sizes[inside], minlength=samples)[:samples]
    ringing_t = np.arange(256) / SAMPLE_RATE_HZ
    resonance = 2 * np.pi * character["resonance_hz"]
    ringing = np.exp(-character["damping"] * resonance * ringing_t) * np.sin(resonance * ringing_t)
    return np.asarray(1.6 * fftconvolve(train, ringing)[:samples])


def _load_zone(fault: str, times: Array, speed_hz: float) -> Array:
    """Return q(t): a fault on the inner race passes the load zone each turn, one on a ball with the cage."""
    if fault == "inner":
        return np.asarray(1 + 0.8 * np.cos(2 * np.pi * speed_hz * times))
    if fault == "ball":
        return np.asarray(1 + 0.7 * np.cos(2 * np.pi * fault_orders()["cage"] * speed_hz * times))
    return np.ones(len(times))
