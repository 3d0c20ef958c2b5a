"""The few pieces of SVG that charts are made of: elements, scales, round axis steps, and the frame with its words.

Colours and type sizes are classes (``static/charts.css``) over the tokens; numbers go into attributes, because the
content policy allows no inline style. Text that comes from data is escaped here, nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import ceil, floor, log10

from markupsafe import Markup, escape


def tag(element: str, *children: str, **attributes: object) -> Markup:
    """Return an element: ``tag("rect", x=1.5, class_="bar")`` gives ``<rect x="1.5" class="bar"></rect>``.

    Underscores in names become hyphens; None leaves an attribute out; children that are not markup are escaped.
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(_plain(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    inside = "".join(escape(child) for child in children)
    return Markup(f"<{element}{written}>{inside}</{element}>")  # noqa: S704 - every part is escaped above


def _plain(value: object) -> object:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else value


def group(*children: str, **attributes: object) -> Markup:
    """Return a ``g`` element."""
    return tag("g", *children, **attributes)


def label(x: float, y: float, words: object, kind: str, anchor: str = "start") -> Markup:
    """Return a line of text; ``kind`` is its class."""
    return tag("text", str(words), x=float(x), y=float(y), class_=kind, text_anchor=anchor)


def line(start: tuple[float, float], end: tuple[float, float], kind: str) -> Markup:
    """Return a straight line."""
    return tag("line", x1=float(start[0]), y1=float(start[1]), x2=float(end[0]), y2=float(end[1]), class_=kind)


def points(pairs: list[tuple[float, float]]) -> str:
    """Return coordinates as ``points`` wants them."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in pairs)


@dataclass(frozen=True)
class Scale:
    """A straight line from values to pixels."""

    first: float
    last: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return where a value lies."""
        span = self.last - self.first or 1.0
        return self.start + (value - self.first) / span * (self.end - self.start)

    def day(self, day: date) -> float:
        """Return where a day lies on a scale of ordinals."""
        return self(day.toordinal())


def round_steps(most: float, about: int = 5) -> list[int]:
    """Return the marks of an axis from zero to at least ``most`` in steps of 1, 2 or 5 times a power of ten."""
    if most <= 0:
        return [0, 1]
    raw = max(most / about, 1.0)
    power = 10 ** floor(log10(raw))
    step = int(next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999))
    return list(range(0, step * ceil(most / step) + 1, step))


@dataclass(frozen=True)
class Words:
    """What a chart is called and what it says, for who can't see it."""

    name: str  # becomes part of ids
    title: str
    description: str


def frame(words: Words, variant: str, size: tuple[int, int], *children: str) -> Markup:
    """Return a chart: an image with a title and a description; ``variant`` (wide, narrow) says on which screens."""
    title, description = f"{words.name}-{variant}-title", f"{words.name}-{variant}-words"
    return tag(
        "svg",
        tag("title", words.title, id=title),
        tag("desc", words.description, id=description),
        *children,
        class_=f"chart {variant}",
        viewBox=f"0 0 {size[0]} {size[1]}",
        role="img",
        aria_labelledby=f"{title} {description}",
    )


def shade(share: float) -> str:
    """Return the class of a cell by its share of the most, 0 to 1: nothing, or one of five depths."""
    return "heat-0" if share <= 0 else f"heat-{min(ceil(share * 5), 5)}"
