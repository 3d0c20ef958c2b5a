"""The goal number in tables: the whole, and by university, company, region, track, cohort and state.

Who counts is said in one place (``programme.kpi_people``); these are sums over it as it stood at the scope's moment.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import Cohort, Company, EnrolmentState, University
from hub.portal.services.programme.kpi_people import Scope, enrolments, people
from hub.portal.services.reports import words
from hub.portal.services.reports.tables import Column, Kind, Table, Value

UNKNOWN = "미상"
COLUMNS = (
    *(Column("구분", width=14), Column("항목", width=30), Column("목표", Kind.NUMBER, 10)),
    *(Column("입과 인원", Kind.NUMBER, 12), Column("수료 실인원", Kind.NUMBER, 12)),
    *(Column("수료 연인원", Kind.NUMBER, 12), Column("수료율(%)", Kind.NUMBER, 10)),
)


def kpi(session: Session, scope: Scope) -> Table:
    """성과지표: 실인원 and 연인원 of the whole and of each part; parts of one kind add up to the whole."""
    found = people(scope)
    target = scope.programme.target if scope.universities is None else None
    (whole,) = _sums(session, found, sa.literal("전체"))
    rows = [("전체", scope.programme.name_ko, target, *whole[1:])]
    tracks = [(words.TRACKS[row[0]] if row[0] else UNKNOWN, *row[1:]) for row in _sums(session, found, found.c.track)]
    regions = [(words.region(row[0]) or UNKNOWN, *row[1:]) for row in _sums(session, found, found.c.region)]
    for kind, lines in (
        ("대학", _sums(session, found, University.name_ko, (University, University.id == found.c.university_id))),
        ("기업", _sums(session, found, Company.name, (Company, Company.id == found.c.company_id))),
        ("지역", regions),
        ("교육생 구분", tracks),
    ):
        rows += [(kind, name or UNKNOWN, None, *counts) for name, *counts in lines]
    return Table("성과지표", COLUMNS, [*rows, *_cohorts(session, scope)])


def _sums(session: Session, found: sa.Subquery, key: Any, joined: tuple[Any, Any] | None = None) -> list[list[Any]]:
    """Lines of key, starters, 실인원, 연인원 and rate, most people who count first; what is not known comes last."""
    counted = sa.func.count(found.c.decision_id)
    query = sa.select(key, sa.func.count(), counted, sa.func.sum(found.c.completions)).select_from(found)
    if joined is not None:
        query = query.outerjoin(*joined)
    rows = session.execute(query.group_by(key).order_by(key.is_(None), counted.desc(), key)).all()
    return [[name, started, done, int(times or 0), _rate(done, started)] for name, started, done, times in rows]


def _rate(done: int, started: int) -> float | None:
    return round(100 * done / started, 1) if started else None


def _cohorts(session: Session, scope: Scope) -> list[tuple[Value, ...]]:
    """Cohorts count enrolments: whoever takes part in two is in both."""
    found = enrolments(scope)
    query = (
        sa.select(Cohort.name_ko, sa.func.count(), sa.func.count(found.c.decision_id))
        .join(found, found.c.cohort_id == Cohort.id)
        .where(scope.sees(found.c.university_id))
        .group_by(Cohort.id, Cohort.name_ko, Cohort.starts_on)
        .order_by(Cohort.starts_on, Cohort.name_ko, Cohort.id)
    )
    return [
        ("기수(수강 건수)", name, None, started, None, completed, _rate(completed, started))
        for name, started, completed in session.execute(query)
    ]


def states(session: Session, scope: Scope) -> Table:
    """Enrolments and people by state, of today: a state of another day is in the list of enrolments."""
    columns = (Column("상태", width=12), Column("수강 건수", Kind.NUMBER, 12), Column("인원", Kind.NUMBER, 12))
    found = enrolments(scope)
    query = (
        sa.select(found.c.state, sa.func.count(), sa.func.count(found.c.person_id.distinct()))
        .where(scope.sees(found.c.university_id))
        .group_by(found.c.state)
    )
    lines = {state: (number, persons) for state, number, persons in session.execute(query)}
    rows = [(words.STATES[state], *lines[state]) for state in EnrolmentState if state in lines]
    return Table("상태별 현황", columns, rows)
