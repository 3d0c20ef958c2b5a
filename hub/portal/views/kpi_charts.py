"""The charts of a programme's progress in the visitor's language: data in, words and SVG out."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup

from hub.portal.charts.burn_up import Band, BurnUp, Labels, burn_up
from hub.portal.charts.heat_map import Row, heat_map
from hub.portal.charts.svg import Words
from hub.portal.charts.tile_map import tile_map
from hub.portal.i18n import in_language
from hub.portal.services.programme.progress import Progress
from hub.portal.services.programme.regions import REGIONS


def charts_of(progress: Progress, today: date) -> dict[str, Markup]:
    """Return the charts by the names that the template uses."""
    return {"burn_up": _burn_up(progress, today), "weeks": _weeks(progress), "regions": _regions(progress)}


def _burn_up(progress: Progress, today: date) -> Markup:
    programme, forecast = progress.kpi.programme, progress.forecast
    goal = programme.target if progress.kpi.is_whole else None
    chart = BurnUp(
        days=(min(programme.starts_on, today), max(programme.ends_on, today)),
        today=min(today, programme.ends_on),
        grown=[(step.day, step.people) for step in progress.growth],
        bands=[Band(each.day, each.low, each.expected, each.high) for each in forecast.path],
        goal=goal,
    )
    labels = Labels(
        goal=_("goal: %(target)s people", target=f"{programme.target:,}"),
        today=_("today"),
        expected=f"{forecast.end.low:,}–{forecast.end.high:,}",
        month=_month,
    )
    words = _(
        "%(count)s people today. At the end %(low)s to %(high)s are expected.",
        count=f"{chart.count:,}",
        low=f"{forecast.end.low:,}",
        high=f"{forecast.end.high:,}",
    )
    return burn_up(Words("burn-up", _("People counted, and the forecast"), words), chart, labels)


def _month(day: date) -> str:
    """Return ``3월`` or ``Mar``; the year stands at January."""
    if str(get_locale()) == "ko":
        return f"’{day:%y} {day.month}월" if day.month == 1 else f"{day.month}월"
    return f"{day:%b ’%y}" if day.month == 1 else f"{day:%b}"


def _weeks(progress: Progress) -> Markup:
    found = progress.activity
    weeks = range(len(found.weeks))
    rows = [
        Row(in_language(row.university, "name"), [(row.people[week], row.share(week)) for week in weeks])
        for row in found.rows
    ]
    words = Words(
        "weeks",
        _("Who handed work in, by university and week"),
        _("The last %(weeks)s weeks; the darker, the larger the share of a university's starters.", weeks=len(weeks)),
    )
    return heat_map(words, [f"{week.month}/{week.day}" for week in found.weeks], rows)


def _regions(progress: Progress) -> Markup:
    numbers = {line.key: line.count.counted for line in progress.kpi.breakdowns.region}
    names = {code: _region_name(code) for code in REGIONS}
    words = Words(
        "regions", _("People counted, by region"), _("The 18 cities and counties of Gyeongnam, about where they lie.")
    )
    return tile_map(words, names, numbers)


def _region_name(code: str) -> str:
    """Return the short name: ``창원``, ``Changwon``."""
    korean, english = REGIONS[code]
    return korean[:-1] if str(get_locale()) == "ko" else english


def region_words(code: str) -> str:
    """Return a region's name for tables; of what is not known, that."""
    if code not in REGIONS:
        return str(_("not known"))
    return REGIONS[code][0 if str(get_locale()) == "ko" else 1]


def chance_words(chance: float) -> str:
    """Return a chance as a whole percentage; nothing is quite sure or quite impossible."""
    if chance > 0.99:
        return str(_("more than 99 %"))
    return str(_("less than 1 %")) if chance < 0.01 else f"{100 * chance:.0f} %"


def template_words() -> dict[str, Any]:
    """Return what the templates of figures call."""
    return {"region_words": region_words, "chance_words": chance_words}
