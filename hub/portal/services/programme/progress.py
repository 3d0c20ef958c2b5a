"""All that the coordinator's home shows of one programme, counted once: figures, forecast, growth, activity."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from hub.portal.services.programme.forecast import Forecast
from hub.portal.services.programme.forecast_records import cohort_records, ended_count, programme_forecast
from hub.portal.services.programme.kpi import ProgrammeKpi, needed_starters, programme_kpi
from hub.portal.services.programme.kpi_cube import Count, breakdown_of, count_cube
from hub.portal.services.programme.kpi_people import Scope
from hub.portal.services.programme.kpi_trend import ActivityMap, Step, activity, growth


@dataclass(frozen=True)
class Progress:
    """How far a programme is, how it got there and where it is going. ``ended``: the rate of ended cohorts."""

    kpi: ProgrammeKpi
    ended: Count
    needed_starters: int | None
    forecast: Forecast
    growth: tuple[Step, ...]
    activity: ActivityMap


def progress_of(session: Session, scope: Scope) -> Progress:
    """Read a programme's progress as a visitor may see it."""
    cube = count_cube(session, scope)
    kpi = programme_kpi(session, scope, cube)
    records = cohort_records(session, scope, cube)
    ended = ended_count(records)
    started = {key: count.started for key, count in breakdown_of(cube, lambda group: group.university_id).items()}
    return Progress(
        kpi=kpi,
        ended=ended,
        needed_starters=needed_starters(scope.programme.target, ended),
        forecast=programme_forecast(records, scope, kpi.headcount),
        growth=growth(session, scope),
        activity=activity(session, scope, {key: number for key, number in started.items() if isinstance(key, int)}),
    )
