"""Cohorts as the forecast sees them, and the growth and activity behind the charts, on both databases."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from hub.portal.models import Cohort, DecisionKind, Enrolment, EnrolmentState
from hub.portal.services.programme.forecast import CohortRecord, Verdict
from hub.portal.services.programme.forecast_records import cohort_records, ended_count, programme_forecast
from hub.portal.services.programme.kpi_cube import count_cube
from hub.portal.services.programme.kpi_people import Scope
from hub.portal.services.programme.kpi_trend import growth
from hub.portal.services.timetable import KST
from tests.hub.portal.services.programme.kpi_rows import NOT_DONE, Programmes, noon


def read(session: Session, scope: Scope) -> list[CohortRecord]:
    return cohort_records(session, scope, count_cube(session, scope))


def records(programmes: Programmes, *universities: str, until: datetime | None = None):
    with programmes.database.reading() as session:
        scope = programmes.scope(session, until, *universities)
        return {record.name: record for record in read(session, scope)}


def leave(programmes: Programmes, enrolment: int, at: datetime) -> None:
    programmes.change(Enrolment, enrolment, state=EnrolmentState.WITHDRAWN, state_since=at)


def test_a_cohort_is_told_in_completed_failed_left_and_open(programmes: Programmes):
    programmes.complete("gnu-1")
    programmes.decide(programmes.enrol(programmes.person(), "gnu-1"), noon(6, 30), NOT_DONE)
    programmes.enrol(programmes.person(), "gnu-1")
    leave(programmes, programmes.enrol(programmes.person(), "gnu-1"), noon(4, 30))
    record = records(programmes)["gnu-1"]
    assert (record.completed, record.failed, record.open, record.is_ended) == (1, 1, 1, False)
    assert record.left_at == (pytest.approx(0.5),)
    assert record.still_there(0.4) == 3
    assert record.still_there(0.6) == 2
    assert (record.ends_on, record.elapsed > 1) == (date(2026, 6, 30), True)


def test_who_is_counted_already_brings_nothing_more(programmes: Programmes):
    person = programmes.person()
    programmes.complete("gnu-1", person=person)
    programmes.enrol(person, "inje-1")
    programmes.enrol(programmes.person(), "inje-1")
    assert records(programmes)["inje-1"].open == 1


def test_somebody_in_two_running_cohorts_comes_once(programmes: Programmes):
    person = programmes.person()
    programmes.enrol(person, "gnu-1")
    programmes.enrol(person, "gnu-2")
    assert sum(record.open for record in records(programmes).values()) == 1


def test_a_revoked_completion_is_a_failure_of_its_cohort(programmes: Programmes):
    enrolment = programmes.complete("gnu-1")
    programmes.decide(enrolment, noon(7, 9), NOT_DONE, DecisionKind.REVOKED)
    record = records(programmes)["gnu-1"]
    assert (record.completed, record.failed, record.is_ended) == (0, 1, True)


def test_a_university_s_staff_forecast_their_own_without_a_goal(programmes: Programmes):
    programmes.complete("gnu-1")
    programmes.enrol(programmes.person(), "inje-1")
    assert list(records(programmes, "inje")) == ["inje-1"]
    with programmes.database.reading() as session:
        scope = programmes.scope(session, None, "inje")
        found = programme_forecast(read(session, scope), scope, 0)
        assert (found.chance, found.verdict, found.open) == (None, None, 1)
        whole = programmes.scope(session)
        assert programme_forecast(read(session, whole), whole, 1).verdict is Verdict.AT_RISK


def test_the_rate_so_far_is_that_of_cohorts_that_have_ended(programmes: Programmes):
    for _ in range(3):
        programmes.complete("gnu-1")
    leave(programmes, programmes.enrol(programmes.person(), "gnu-1"), noon(4, 1))
    programmes.enrol(programmes.person(), "inje-1")
    found = ended_count(list(records(programmes).values()))
    assert (found.started, found.counted) == (4, 3)


def test_cohorts_that_do_not_count_are_not_forecast(programmes: Programmes):
    programmes.enrol(programmes.person(), "gnu-1")
    programmes.change(Cohort, programmes.cohorts["gnu-1"], counts_toward_programme=False)
    assert records(programmes) == {}


def test_growth_is_by_days_in_seoul_and_counts_people_once(programmes: Programmes):
    person = programmes.person()
    programmes.complete("gnu-1", datetime(2026, 6, 30, 0, 30, tzinfo=KST), person)
    programmes.complete("inje-1", noon(9, 1), person)
    programmes.complete("gnu-2", datetime(2026, 6, 30, 23, 30, tzinfo=KST))
    programmes.complete("gnu-2", datetime(2026, 7, 1, 0, 30, tzinfo=KST))
    with programmes.database.reading() as session:
        steps = growth(session, programmes.scope(session))
    assert [(step.day, step.people) for step in steps] == [(date(2026, 6, 30), 2), (date(2026, 7, 1), 3)]
