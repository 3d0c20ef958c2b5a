"""Times as people here say them: Asia/Seoul, ``2026. 11. 22.(일) 18:00``, in words when near."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import format_date, format_datetime, get_locale, gettext, ngettext

SEOUL = ZoneInfo("Asia/Seoul")
_FORMATS = {"ko": "y. M. d.(E) HH:mm", "en": "EEE d MMM y, HH:mm"}
_DAY_FORMATS = {"ko": "y. M. d.", "en": "d MMM y"}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def moment(at: datetime | None) -> str:
    """Return the full form of a time, or a dash for none."""
    if at is None:
        return "–"
    return str(format_datetime(at, _FORMATS[str(get_locale())]))


def duration(span: timedelta) -> str:
    """Return the length of ``span`` in its one or two biggest units: ``2일 3시간``, ``18분``."""
    seconds = int(abs(span.total_seconds()))
    if seconds < _MINUTE:
        return str(gettext("less than a minute"))
    days, rest = divmod(seconds, _DAY)
    hours, minutes = rest // _HOUR, rest % _HOUR // _MINUTE
    if days >= 3:
        return str(ngettext("%(num)d day", "%(num)d days", days))
    parts = []
    if days:
        parts.append(ngettext("%(num)d day", "%(num)d days", days))
    if hours:
        parts.append(ngettext("%(num)d hour", "%(num)d hours", hours))
    if minutes and not days:
        parts.append(ngettext("%(num)d minute", "%(num)d minutes", minutes))
    return " ".join(parts[:2])


def day_and_time(at: datetime, now: datetime) -> str:
    """Return ``오늘 18:00`` for yesterday, today and tomorrow, else the full form."""
    local = at.astimezone(SEOUL)
    clock = f"{local:%H:%M}"
    days = (local.date() - now.astimezone(SEOUL).date()).days
    if days == 0:
        return str(gettext("today %(clock)s", clock=clock))
    if days == 1:
        return str(gettext("tomorrow %(clock)s", clock=clock))
    if days == -1:
        return str(gettext("yesterday %(clock)s", clock=clock))
    return moment(at)


def deadline(at: datetime | None, now: datetime) -> str:
    """Return a due time with what is left of it: ``오늘 18:00까지, 3시간 남음``."""
    if at is None:
        return str(gettext("no due date"))
    if at < now:
        return str(gettext("was due %(when)s, %(span)s ago", when=day_and_time(at, now), span=duration(now - at)))
    return str(gettext("due %(when)s, %(span)s left", when=day_and_time(at, now), span=duration(at - now)))


def roughly(span: timedelta) -> str:
    """Return the length of ``span`` in its biggest unit, for what has passed."""
    seconds = int(span.total_seconds())
    unit = next((unit for unit in (_DAY, _HOUR, _MINUTE) if seconds >= unit), 1)
    return duration(timedelta(seconds=seconds - seconds % unit))


def day(on: date) -> str:
    """Return a day without a time: ``2026. 11. 22.``."""
    return str(format_date(on, _DAY_FORMATS[str(get_locale())]))


def ago(at: datetime, now: datetime) -> str:
    """Return how long ago something happened, for a day; after that the full form."""
    if now - at >= timedelta(days=1):
        return moment(at)
    if now - at < timedelta(minutes=1):
        return str(gettext("just now"))
    return str(gettext("%(span)s ago", span=roughly(now - at)))


def install_dates(app: Flask) -> None:
    """Register the template filters."""
    app.jinja_env.filters.update(moment=moment, deadline=deadline, ago=ago, day=day)
