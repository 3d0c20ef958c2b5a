"""Figures as rows: what was measured, against which goal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One line of the table; ``goal`` is the most that it may be, in the same unit, None for information only."""

    row: str
    name: str
    value: float
    unit: str
    goal: float | None = None

    @property
    def is_met(self) -> bool:
        """Whether the goal holds."""
        return self.goal is None or self.value <= self.goal

    def as_json(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {**asdict(self), "is_met": self.is_met}

    def __str__(self) -> str:
        goal = (
            "" if self.goal is None else f"  (goal ≤ {self.goal:g} {self.unit}: {'met' if self.is_met else 'MISSED'})"
        )
        return f"{self.row:18} {self.name:34} {self.value:10.3f} {self.unit}{goal}"


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that ``percent`` of all values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def spread(row: str, name: str, seconds: Sequence[float], **goals: float) -> list[Figure]:
    """Return p50, p95, p99 and the maximum; a goal is given as ``p95=2.0``."""
    made = [
        Figure(row, f"{name} p{percent}", percentile(seconds, percent), "s", goals.get(f"p{percent}"))
        for percent in (50, 95, 99)
    ]
    return [*made, Figure(row, f"{name} max", max(seconds), "s", goals.get("max"))]
