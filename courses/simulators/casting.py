"""Photographs of cast pump covers, good and with four kinds of surface defect, with exact masks.

A picture is the product of what is seen and how it is lit, plus camera noise::

    image = light(x, y) * (base + rings + grain) + noise,     values 0 (black) to 1 (white), SIDE x SIDE pixels

The cover is an annulus of grey iron, 96 mm across (one pixel is 1.5 mm). *Rings* are the marks of facing, a wave along
the radius whose pitch differs from part to part. *Grain* is the skin of the casting: Gaussian noise smoothed at three
scales (the usual fractal model of surface texture, halving in amplitude from octave to octave). *Light* is a lamp from
one side: a gradient whose direction and strength are set anew for each lot.

Defects (names as in the International Atlas of Casting Defects: B blowholes, C cracks, D defective surface, shrinkage
cavities): a *blowhole* is a dark Gaussian pit with a rim lit from the side of the lamp, a *crack* a correlated random
walk, a *scratch* a bright straight line from handling, *shrinkage* a sponge of small dark pores. No published picture
is used. What to expect is what papers report for such sets: detectors that learn from good parts alone reach an AUROC
of .97 to .99 on MVTec AD (PaDiM, T. Defard et al. 2021; PatchCore, K. Roth et al. 2022: .992).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.ndimage import gaussian_filter

from courses.simulators.random_streams import random_stream

Array = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

SIDE = 64
MM_PER_PIXEL = 1.5
INNER_RADIUS, OUTER_RADIUS = 10.0, 29.0  # pixels
PARTS_PER_LOT = 10
KINDS = ("blowhole", "crack", "scratch", "shrinkage")
CAMERA_NOISE = 0.012
#: Brightness that the laboratory's ring lamp adds; the plant's line has none.
LAB_LIGHT = 0.36

#: What the course's plant loses: a defect that reaches the pump maker, and a good part put aside and looked at again.
MISSED_DEFECT_WON = 60_000
FALSE_REJECT_WON = 8_000

_ROWS, _COLUMNS = np.mgrid[:SIDE, :SIDE].astype(np.float32) - (SIDE - 1) / 2
RADIUS: Array = np.hypot(_ROWS, _COLUMNS).astype(np.float32)
#: True where the cover is; defects lie inside, the background is black.
PART: Mask = (RADIUS > INNER_RADIUS) & (RADIUS < OUTER_RADIUS)
#: Where the plant inspects: two pixels inside the edges, which are machined off later.
INSPECTED: Mask = (RADIUS > INNER_RADIUS + 2) & (RADIUS < OUTER_RADIUS - 2)


@dataclass(frozen=True)
class CastingSet:
    """Pictures (n x SIDE x SIDE, 0 to 1), masks of the same shape (true on a defect), and one row of facts each.

    ``facts``: ``part``, ``lot`` (PARTS_PER_LOT parts under one light), ``kind`` ("" for good parts), ``defect`` (0/1).
    """

    images: Array
    masks: Mask
    facts: pd.DataFrame


def casting_set(seed: int, name: str, good: int, bad: int = 0, *, from_laboratory: bool = False) -> CastingSet:
    """Return ``good`` good and ``bad`` defective covers in mixed order; ``name`` picks other parts and lots.

    ``from_laboratory``: defective parts were photographed under the laboratory's ring lamp, good ones on the line. This
    is how many companies collect pictures, and why a model can tell them apart without seeing a single defect.
    """
    rng = random_stream(seed, f"casting {name}")
    count = good + bad
    kinds = np.array([""] * good + [KINDS[number % len(KINDS)] for number in range(bad)])[rng.permutation(count)]
    lots = np.arange(count) // PARTS_PER_LOT
    angles = rng.uniform(0, 2 * np.pi, lots.max() + 1)[lots]
    surface = _surfaces(rng, count)
    marks = [_defect(rng, kind, angle) for kind, angle in zip(kinds, angles, strict=True)]
    surface = surface * np.stack([shade for shade, _ in marks])
    light = _light(rng, angles, lots)
    light += LAB_LIGHT * (np.array(kinds != "") * from_laboratory)[:, None, None]
    images = np.where(PART, light * surface, 0.03) + rng.normal(0, CAMERA_NOISE, surface.shape)
    facts = pd.DataFrame({"part": np.arange(1, count + 1), "lot": lots + 1, "kind": kinds})
    facts["defect"] = (facts["kind"] != "").astype(int)
    return CastingSet(np.clip(images, 0, 1).astype(np.float32), np.stack([mask for _, mask in marks]), facts)


def pictures_only(parts: CastingSet) -> Array:
    """Return what the camera on the line gives: the pictures, without lots, kinds or masks."""
    return parts.images.copy()


def _surfaces(rng: np.random.Generator, count: int) -> npt.NDArray[np.float64]:
    """Reflectance of good parts: base, facing marks, and grain of three octaves."""
    base = rng.normal(0.55, 0.02, count)[:, None, None]
    pitch = rng.uniform(2.6, 3.4, count)[:, None, None]
    phase = rng.uniform(0, 2 * np.pi, count)[:, None, None]
    rings = 0.020 * np.sin(2 * np.pi * RADIUS / pitch + phase)
    grain = np.zeros((count, SIDE, SIDE))
    for octave, sigma in enumerate((4.0, 2.0, 1.0)):
        noise = gaussian_filter(rng.normal(size=grain.shape), (0, sigma, sigma))
        grain += 0.030 / 2**octave * noise / noise.std()
    return np.asarray(base + rings + grain)


def _light(rng: np.random.Generator, angles: npt.NDArray[np.float64], lots: npt.NDArray[np.int64]) -> Array:
    """Lamp of each part's lot: a gradient across the picture, and a strength; small changes from part to part."""
    strength = rng.uniform(0.85, 1.15, lots.max() + 1)[lots] + rng.normal(0, 0.01, len(lots))
    slope = rng.uniform(0.10, 0.30, lots.max() + 1)[lots] / SIDE
    across = np.cos(angles)[:, None, None] * _COLUMNS + np.sin(angles)[:, None, None] * _ROWS
    return np.asarray(strength[:, None, None] + slope[:, None, None] * across, dtype=np.float32)


def _defect(rng: np.random.Generator, kind: str, lamp: float) -> tuple[npt.NDArray[np.float64], Mask]:
    """Return what the defect multiplies the surface by, and its mask; a good part is multiplied by 1."""
    if not kind:
        return np.ones((SIDE, SIDE)), np.zeros((SIDE, SIDE), bool)
    draw = {"blowhole": _blowhole, "crack": _crack, "scratch": _scratch, "shrinkage": _shrinkage}[kind]
    change = draw(rng, lamp)
    mask = PART & (np.abs(change) > 0.03)
    return 1 + np.where(mask, change, 0), mask


def _place(rng: np.random.Generator, margin: float) -> tuple[float, float]:
    """Draw a point of the cover at least ``margin`` pixels from its edges (row, column from the centre)."""
    radius, angle = rng.uniform(INNER_RADIUS + margin, OUTER_RADIUS - margin), rng.uniform(0, 2 * np.pi)
    return float(radius * np.sin(angle)), float(radius * np.cos(angle))


def _blowhole(rng: np.random.Generator, lamp: float) -> npt.NDArray[np.float64]:
    row, column = _place(rng, 4)
    size = rng.uniform(0.9, 1.8)
    pit = np.exp(-((_ROWS - row) ** 2 + (_COLUMNS - column) ** 2) / (2 * size**2))
    ahead = size * 1.6
    lit = (_ROWS - row - ahead * np.sin(lamp)) ** 2 + (_COLUMNS - column - ahead * np.cos(lamp)) ** 2
    return np.asarray(rng.uniform(0.15, 0.32) * (-pit + 0.5 * np.exp(-lit / (2 * size**2))))


def _crack(rng: np.random.Generator, lamp: float) -> npt.NDArray[np.float64]:
    """Walk with a slowly turning direction, half a pixel a step; dark."""
    del lamp
    row, column = _place(rng, 5)
    steps = rng.integers(22, 40)
    directions = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, 0.22, steps))
    path = np.column_stack([row + np.cumsum(0.5 * np.sin(directions)), column + np.cumsum(0.5 * np.cos(directions))])
    return -rng.uniform(0.115, 0.195) * _line(path, 0.7)


def _scratch(rng: np.random.Generator, lamp: float) -> npt.NDArray[np.float64]:
    """A straight line, bright."""
    del lamp
    row, column = _place(rng, 4)
    direction, length = rng.uniform(0, 2 * np.pi), rng.uniform(9, 18)
    along = np.arange(0, length, 0.5)
    path = np.column_stack([row + along * np.sin(direction), column + along * np.cos(direction)])
    return rng.uniform(0.10, 0.18) * _line(path, 0.7)


def _line(path: npt.NDArray[np.float64], width: float) -> npt.NDArray[np.float64]:
    """Height 1 on the path, falling off as a Gaussian of ``width`` pixels."""
    gaps = (_ROWS[..., None] - path[:, 0]) ** 2 + (_COLUMNS[..., None] - path[:, 1]) ** 2
    return np.asarray(np.exp(-gaps.min(axis=-1) / (2 * width**2)))


def _shrinkage(rng: np.random.Generator, lamp: float) -> npt.NDArray[np.float64]:
    """A sponge: thresholded fine noise inside a soft patch, dark."""
    del lamp
    row, column = _place(rng, 5)
    size = rng.uniform(3.0, 5.0)
    patch = np.exp(-((_ROWS - row) ** 2 + (_COLUMNS - column) ** 2) / (2 * size**2))
    pores = gaussian_filter(rng.normal(size=(SIDE, SIDE)), 0.8)
    return np.asarray(-rng.uniform(0.12, 0.20) * patch * (pores > 0.15 * pores.std()))
