"""Rows by weeks: how deep a cell is says how large a share of its row took part, the number in it how many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from hub.portal.charts.svg import Words, frame, label, shade, tag


@dataclass(frozen=True)
class Row:
    """One line: its name, and for each column the number and the share (0 to 1) behind the colour."""

    name: str
    cells: Sequence[tuple[int, float]]


def heat_map(words: Words, columns: Sequence[str], rows: Sequence[Row]) -> Markup:
    """Return the map for wide screens (names beside the rows) and narrow ones (names above them)."""
    return _wide(words, columns, rows) + _narrow(words, columns, rows)


def _wide(words: Words, columns: Sequence[str], rows: Sequence[Row]) -> Markup:
    left, high, top = 200, 44, 28
    width = (1080 - left) / max(len(columns), 1)
    parts = [label(left + (n + 0.5) * width, 18, name, "tick", "middle") for n, name in enumerate(columns)]
    for number, row in enumerate(rows):
        y = top + number * high
        parts.append(label(0, y + high / 2 + 5, row.name, "name"))
        parts += _cells(row, (left, y), (width, high))
    return frame(words, "wide", (1080, top + high * len(rows)), *parts)


def _narrow(words: Words, columns: Sequence[str], rows: Sequence[Row]) -> Markup:
    high, top, name_high = 34, 22, 26
    width = 400 / max(len(columns), 1)
    parts = [
        label((n + 0.5) * width, 15, name, "tick", "middle")
        for n, name in enumerate(columns)
        if n % 3 == len(columns) % 3
    ]
    for number, row in enumerate(rows):
        y = top + number * (high + name_high)
        parts.append(label(0, y + 19, row.name, "name"))
        parts += _cells(row, (0, y + name_high), (width, high))
    return frame(words, "narrow", (400, top + (high + name_high) * len(rows)), *parts)


def _cells(row: Row, corner: tuple[float, float], size: tuple[float, float]) -> list[Markup]:
    made = []
    for n, (number, share) in enumerate(row.cells):
        x, depth = corner[0] + n * size[0], shade(share)
        box = {"x": x + 1.5, "y": corner[1] + 1.5, "width": size[0] - 3, "height": size[1] - 3, "rx": 4}
        made.append(tag("rect", class_=f"cell {depth}", **box))
        if number:
            made.append(label(x + size[0] / 2, corner[1] + size[1] / 2 + 5, f"{number:,}", f"on {depth}", "middle"))
    return made
