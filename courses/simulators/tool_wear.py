"""Flank wear of turning inserts and what force, vibration and acoustic emission say about it.

Life follows the extended Taylor equation with the constants that textbooks give for cemented carbide in steel
(M. P. Groover, "Fundamentals of Modern Manufacturing", table of n and C: n = 0.25, C = 500 m/min at 0.25 mm feed and
2.5 mm depth); exponents of feed and depth are of the usual order, feed weighing more than depth. Flank wear grows in
the three known phases (running-in, steady, accelerated) and reaches the 0.3 mm of ISO 3685 at the end of life.

Forces follow O. Kienzle, ``Fc = kc1.1 ap h^(1-mc)``, with the published constants of 42CrMo4 (SCM440):
kc1.1 = 2500 N/mm2, mc = 0.26, and grow with wear; at 0.3 mm the cutting force is 1.48 times that of a fresh edge
(handbooks: 1.3 to 1.5). Sensor gains are drawn per tool, because insert seat and sensor mount differ each time: raw
signals of one tool say little about the next, their ratio to the tool's own fresh edge says much.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from courses.simulators.random_streams import random_stream

Array = npt.NDArray[np.float64]

TAYLOR_N = 0.25
TAYLOR_C_M_MIN = 500.0
REFERENCE_FEED_MM = 0.25
REFERENCE_DEPTH_MM = 2.5
#: Exponents of feed and depth in v T^n f^a ap^b = constant.
FEED_EXPONENT = 0.5
DEPTH_EXPONENT = 0.15

KC11_N_MM2 = 2_500.0
MC = 0.26
#: Wear at which an edge counts as used up (ISO 3685, regular flank wear), in um.
WEAR_LIMIT_UM = 300.0
#: Change of an insert edge: the edge and three minutes of standstill.
TOOL_CHANGE_WON = 40_000
#: A part turned with an edge beyond the limit is out of tolerance.
SCRAP_PART_WON = 200_000

#: Product -> cutting speed (m/min), feed (mm), depth (mm), minutes of cutting for one part.
PRODUCTS = {
    "shaft": (200.0, 0.25, 2.5, 0.8),
    "flange": (230.0, 0.20, 2.0, 0.6),
    "bushing": (180.0, 0.32, 3.0, 0.95),
}
#: Signal -> spread of its gain between tools, noise from part to part (both of the logarithm), growth per mm of wear.
SIGNALS = {
    "force_n": (0.10, 0.010, 1.6),
    "thrust_n": (0.15, 0.015, 3.0),
    "vibration_g": (0.35, 0.08, 4.0),
    "emission_v": (0.40, 0.10, 2.0),
}
LIFE_SPREAD = 0.22
MICROSCOPE_UM = 3.0
#: What is known at the machine after each part; ``wear_um`` and ``parts_left`` are written later.
MACHINE_COLUMNS = ("tool", "part", "product", "speed_m_min", "feed_mm", "depth_mm", "minutes", *SIGNALS)


def tool_life_min(speed_m_min: npt.ArrayLike, feed_mm: npt.ArrayLike, depth_mm: npt.ArrayLike) -> Array:
    """Minutes of cutting until 0.3 mm of wear: ``T = ((C / v) (f0 / f)^a (ap0 / ap)^b)^(1/n)``."""
    speed, feed, depth = (np.asarray(value, dtype=float) for value in (speed_m_min, feed_mm, depth_mm))
    shorter = (REFERENCE_FEED_MM / feed) ** FEED_EXPONENT * (REFERENCE_DEPTH_MM / depth) ** DEPTH_EXPONENT
    return np.asarray((TAYLOR_C_M_MIN / speed * shorter) ** (1 / TAYLOR_N))


def flank_wear_mm(used: npt.ArrayLike) -> Array:
    """Wear after the share ``used`` of the tool's life (1 = end): fast at first, then steady, then faster again."""
    x = np.asarray(used, dtype=float)
    running_in, accelerated = 1 - np.exp(-x / 0.08), np.expm1(4 * x) / np.expm1(4.0)
    return np.asarray(0.3 * (0.15 * running_in + 0.60 * x + 0.25 * accelerated))


def specific_force_n_mm2(chip_mm: npt.ArrayLike) -> Array:
    """Kienzle's specific cutting force ``kc1.1 h^-mc`` for a chip of thickness ``h`` in mm."""
    return np.asarray(KC11_N_MM2 * np.asarray(chip_mm, dtype=float) ** -MC)


def cutting_force_n(feed_mm: npt.ArrayLike, depth_mm: npt.ArrayLike, wear_mm: npt.ArrayLike = 0.0) -> Array:
    """Cutting force of a tool with 90 degrees of entering angle, where the chip is as thick as the feed."""
    feed, depth, wear = (np.asarray(value, dtype=float) for value in (feed_mm, depth_mm, wear_mm))
    return np.asarray(specific_force_n_mm2(feed) * feed * depth * (1 + SIGNALS["force_n"][2] * wear))


def fresh_level(parts: pd.DataFrame) -> pd.DataFrame:
    """Return what each signal of SIGNALS would be with a fresh edge and a gain of 1, from the cutting data alone.

    Thrust is half of the cutting force, vibration grows with the speed, emission with the square root of the volume
    removed in a minute.
    """
    speed, feed, depth = parts["speed_m_min"], parts["feed_mm"], parts["depth_mm"]
    force = cutting_force_n(feed, depth)
    removed = speed * feed * depth
    columns = (force, 0.5 * force, 0.004 * speed, 0.02 * np.sqrt(removed))
    return pd.DataFrame(dict(zip(SIGNALS, columns, strict=True)), index=parts.index)


def turning_log(seed: int, name: str, tools: int = 30) -> pd.DataFrame:
    """Return the parts that ``tools`` inserts turned one after another, one row each; ``name`` picks other inserts.

    MACHINE_COLUMNS, then ``wear_um`` (measured under the microscope after the part) and ``parts_left`` (parts the
    same insert made after this one, known when it was thrown away). Every insert runs to 1.05-1.15 of its life.
    """
    logs = [_one_tool(random_stream(seed, f"tool {name} {number}"), number) for number in range(1, tools + 1)]
    return pd.concat(logs, ignore_index=True)


def machine_only(log: pd.DataFrame) -> pd.DataFrame:
    """Return what is known at the machine: no wear, no parts left."""
    return log[list(MACHINE_COLUMNS)].copy()


def until_now(log: pd.DataFrame, seed: int, name: str) -> pd.DataFrame:
    """Return each tool's rows up to a moment drawn at random after its fifth part: how a running tool is seen."""
    rng = random_stream(seed, f"tool moment {name}")
    last = {tool: rng.integers(5, len(rows) + 1) for tool, rows in log.groupby("tool")}
    return log[log["part"] <= log["tool"].map(last)].reset_index(drop=True)


def _one_tool(rng: np.random.Generator, number: int) -> pd.DataFrame:
    parts = _orders(rng)
    life = tool_life_min(parts["speed_m_min"], parts["feed_mm"], parts["depth_mm"])
    used = np.cumsum(parts.pop("cut_min") / (life * np.exp(rng.normal(0.0, LIFE_SPREAD))))
    kept = used <= rng.uniform(1.05, 1.15)
    parts, wear_mm = parts[kept], flank_wear_mm(used[kept])
    parts.insert(0, "tool", number)
    parts.insert(1, "part", np.arange(1, len(parts) + 1))
    level = fresh_level(parts)
    for signal, (gain, noise, growth) in SIGNALS.items():
        loud = np.exp(rng.normal(0.0, gain) + rng.normal(0.0, noise, len(parts)))
        parts[signal] = level[signal] * (1 + growth * wear_mm) * loud
    measured = wear_mm * 1_000 + rng.normal(0.0, MICROSCOPE_UM, len(parts))
    return parts.assign(wear_um=np.maximum(measured, 0.0), parts_left=len(parts) - parts["part"])


def _orders(rng: np.random.Generator) -> pd.DataFrame:
    """Draw orders of 3 to 8 equal parts until no insert can last longer."""
    names = list(PRODUCTS)
    batches = [np.full(rng.integers(3, 9), rng.integers(len(names))) for _ in range(60)]
    product = np.concatenate(batches)
    speed, feed, depth, minutes = (np.array([PRODUCTS[n][i] for n in names])[product] for i in range(4))
    table = pd.DataFrame({"product": np.array(names)[product], "speed_m_min": speed, "feed_mm": feed})
    return table.assign(depth_mm=depth, minutes=np.cumsum(minutes), cut_min=minutes)
