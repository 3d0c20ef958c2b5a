"""Independent random streams from one 64-bit seed, so that one more draw in one place moves nothing elsewhere."""

from __future__ import annotations

import zlib

import numpy as np
from scipy.signal import lfilter


def random_stream(seed: int, name: str) -> np.random.Generator:
    """Return the generator of the stream ``name`` of ``seed`` (0 to 2**64-1); equal arguments give equal draws."""
    if not 0 <= seed < 2**64:
        raise ValueError(f"a seed is a whole number from 0 to 2**64-1, not {seed}")
    return np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(name.encode())]))


def wandering(rng: np.random.Generator, count: int, *, memory: float) -> np.ndarray:
    """Return a stationary random walk of ``count`` steps with mean 0 and standard deviation 1.

    Each step keeps ``exp(-1/memory)`` of the last value (an AR(1) process), so values ``memory`` steps apart are
    correlated by 1/e. A free random walk would wander off and make some seeds unlucky.
    """
    keep = np.exp(-1.0 / memory)
    pushes = rng.standard_normal(count) * np.sqrt(1.0 - keep**2)
    pushes[0] = rng.standard_normal()
    return np.asarray(lfilter([1.0], [1.0, -keep], pushes), dtype=np.float64)
