"""How a count grew toward its goal, and where it is going: steps so far, the forecast as a band, the goal as a line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from hub.portal.charts.svg import Scale, Words, frame, group, label, line, points, round_steps, tag


@dataclass(frozen=True)
class Band:
    """Where the count will lie at a day."""

    day: date
    low: float
    expected: float
    high: float


@dataclass(frozen=True)
class BurnUp:
    """What is drawn. ``grown``: (day, count) after each change; ``goal`` None where there is none."""

    days: tuple[date, date]
    today: date
    grown: Sequence[tuple[date, int]]
    bands: Sequence[Band]
    goal: int | None

    @property
    def count(self) -> int:
        """The count today."""
        return self.grown[-1][1] if self.grown else 0

    @property
    def most(self) -> float:
        """The highest value on the chart."""
        return max(self.goal or 0, self.count, *(band.high for band in self.bands), 10) * 1.05


@dataclass(frozen=True)
class Labels:
    """Words on the chart; ``month`` gives the name of a month's first day."""

    goal: str
    today: str
    expected: str
    month: Callable[[date], str]


@dataclass(frozen=True)
class _Layout:
    variant: str
    size: tuple[int, int]
    left: int
    right: int
    months: int  # about so many names of months fit


WIDE = _Layout("wide", (1080, 380), 52, 92, 12)
NARROW = _Layout("narrow", (400, 320), 38, 62, 4)
TOP, BOTTOM = 22, 36


def burn_up(words: Words, chart: BurnUp, labels: Labels) -> Markup:
    """Return the chart for wide and for narrow screens."""
    return _draw(words, chart, labels, WIDE) + _draw(words, chart, labels, NARROW)


def _draw(words: Words, chart: BurnUp, labels: Labels, layout: _Layout) -> Markup:
    width, height = layout.size
    x = Scale(chart.days[0].toordinal(), chart.days[1].toordinal(), layout.left, width - layout.right)
    marks = round_steps(chart.most)
    y = Scale(0, marks[-1], height - BOTTOM, TOP)
    return frame(
        words,
        layout.variant,
        layout.size,
        _grid(marks, x, y),
        _months(chart, labels, layout, x),
        _forecast(chart, x, y),
        _history(chart, x, y),
        _goal(chart, labels, x, y),
        _ends(chart, labels, x, y),
    )


def _grid(marks: Sequence[int], x: Scale, y: Scale) -> Markup:
    lines = [line((x.start, y(mark)), (x.end, y(mark)), "grid" if mark else "axis") for mark in marks]
    names = [label(x.start - 8, y(mark) + 5, f"{mark:,}", "tick", "end") for mark in marks]
    return group(*lines, *names)


def _months(chart: BurnUp, labels: Labels, layout: _Layout, x: Scale) -> Markup:
    first = chart.days[0].replace(day=1)
    months = [date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1) for n in range(60)]
    shown = [month for month in months if chart.days[0] <= month <= chart.days[1]]
    every = next((step for step in (1, 2, 3, 6, 12) if len(shown) / step <= layout.months), 12)
    base = layout.size[1] - BOTTOM
    chosen = [month for month in shown if (month.month - 1) % every == 0]
    return group(
        *(line((x.day(month), base), (x.day(month), base + 6), "axis") for month in chosen),
        *(label(x.day(month), base + 24, labels.month(month), "tick", "middle") for month in chosen),
    )


def _history(chart: BurnUp, x: Scale, y: Scale) -> Markup:
    """The count as steps: it is what it is until somebody is confirmed."""
    corners, count = [(x.start, y(0))], 0
    for day, people in chart.grown:
        at = max(x.day(day), x.start)
        corners += [(at, y(count)), (at, y(people))]
        count = people
    corners.append((x.day(chart.today), y(count)))
    closed = [*corners, (x.day(chart.today), y(0))]
    return group(
        tag("polygon", points=points(closed), class_="area"), tag("polyline", points=points(corners), class_="grown")
    )


def _forecast(chart: BurnUp, x: Scale, y: Scale) -> Markup:
    if not chart.bands:
        return Markup("")
    today = (x.day(chart.today), y(chart.count))
    upper = [today, *((x.day(band.day), y(band.high)) for band in chart.bands)]
    lower = [today, *((x.day(band.day), y(band.low)) for band in chart.bands)]
    middle = [today, *((x.day(band.day), y(band.expected)) for band in chart.bands)]
    last = chart.bands[-1]
    on = x.end  # after the last cohort nothing more comes
    for path, value in ((upper, last.high), (lower, last.low), (middle, last.expected)):
        path.append((on, y(value)))
    return group(
        tag("polygon", points=points([*upper, *reversed(lower)]), class_="band"),
        tag("polyline", points=points(upper), class_="band-edge"),
        tag("polyline", points=points(lower), class_="band-edge"),
        tag("polyline", points=points(middle), class_="expected"),
    )


def _goal(chart: BurnUp, labels: Labels, x: Scale, y: Scale) -> Markup:
    if chart.goal is None:
        return Markup("")
    at = y(chart.goal)
    return group(line((x.start, at), (x.end, at), "goal"), label(x.start + 8, at - 8, labels.goal, "goal-name"))


def _ends(chart: BurnUp, labels: Labels, x: Scale, y: Scale) -> Markup:
    """Mark today with its number, and the forecast's end with its own."""
    at = x.day(chart.today)
    is_late = at > (x.start + x.end) / 2
    parts = [
        line((at, TOP), (at, y(0)), "today"),
        tag("circle", cx=at, cy=y(chart.count), r=5, class_="dot"),
        label(
            at + (-10 if is_late else 10),
            y(chart.count) - 12,
            f"{chart.count:,}",
            "value",
            "end" if is_late else "start",
        ),
        label(at, y.start - 8, labels.today, "today-name", "middle" if not is_late else "end"),
    ]
    if chart.bands:
        last = chart.bands[-1]
        parts.append(label(x.end + 10, y(last.expected) - 3, f"{round(last.expected):,}", "value"))
        parts.append(label(x.end + 10, y(last.expected) + 15, labels.expected, "tick"))
    return group(*parts)
