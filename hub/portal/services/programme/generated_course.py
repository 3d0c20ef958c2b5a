"""The courses of a generated programme: real releases of small notebooks, made and published by the usual services."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hub.portal.models import Assignment, AssignmentVersion, CountingRule, Course, University
from hub.portal.services.deadlines import LateKind, LatePolicy
from hub.portal.services.publishing import add_version, prepare, publish_checked
from hub.portal.services.timetable import Moment, Schedule

NOTEBOOK = "work.ipynb"
SOLUTION_CELL = "solution"
#: Test cells of every assignment: name, points, whether students see the result only later.
TESTS = (("test-1", 3.0, False), ("test-2", 3.0, False), ("test-3", 4.0, True))
#: An assignment opens so many days after the one before, and is due and closes so long after it opened.
_EVERY, _DUE, _CLOSES = 9, 8, 13
WORKS = (
    ("a01-shopfloor", "제조 데이터 읽기와 품질 점검", "Reading and checking shop-floor data"),
    ("a02-spc", "관리도와 공정능력", "Control charts and process capability"),
    ("a03-milling", "밀링 설비 고장 예측", "Milling failure prediction"),
    ("a04-bearing", "베어링 진동 진단", "Bearing diagnosis without leakage"),
    ("a05-tool-wear", "CNC 공구 마모 예측", "Tool-wear regression"),
    ("a06-moulding", "사출성형 불량 선별", "Injection-moulding defect screening"),
    ("a07-casting", "주조 표면 결함 검사", "Casting surface inspection"),
    ("a08-process", "다변량 공정 이상 감지", "Multivariate process monitoring"),
    ("a09-life", "잔여수명 예측", "Remaining useful life"),
    ("a10-energy", "공장 에너지 부하 예측", "Plant load forecasting"),
    ("a11-jobshop", "작업 일정 최적화", "Job-shop scheduling"),
    ("a12-documents", "현장 문서 질의응답", "Answering from factory documents"),
)
_SOURCE = (
    ("markdown", "intro", "# {title}\n값들의 평균을 돌려주는 함수를 쓰십시오."),
    (
        "code",
        SOLUTION_CELL,
        "def average(values):\n    ### BEGIN SOLUTION\n    return sum(values) / len(values)\n    ### END SOLUTION",
    ),
    ("test", "test-1", "assert average([1, 2, 3]) == 2"),
    ("test", "test-2", "assert average([2.5]) == 2.5"),
    ("test", "test-3", "### BEGIN HIDDEN TESTS\nassert average([-1, 1, 6]) == 2\n### END HIDDEN TESTS"),
)


@dataclass(frozen=True)
class Work:
    """A published assignment, and what its students got: ``release`` is the notebook's JSON."""

    assignment: Assignment
    version: AssignmentVersion
    name: str
    release: dict[str, Any]


def make_course(
    session: Session, slug: str, titles: tuple[str, str], owners: Sequence[University], now: datetime, count: int = 12
) -> tuple[Course, list[Work]]:
    """Make a course with ``count`` live assignments, owned by the universities in turn."""
    course = Course(slug=slug, title_ko=titles[0], title_en=titles[1], university_id=owners[0].id, created_at=now)
    session.add(course)
    session.flush()
    works = [_make_work(session, course, owners[place % len(owners)], place, now) for place in range(count)]
    return course, works


def _make_work(session: Session, course: Course, owner: University, place: int, now: datetime) -> Work:
    slug, korean, english = WORKS[place]
    assignment = Assignment(
        course_id=course.id,
        course=course,
        university_id=owner.id,
        slug=slug,
        title_ko=korean,
        title_en=english,
        position=place,
        counting_rule=CountingRule.BEST,
        hours=10.0,
        default_schedule=_schedule(place).model_dump(mode="json"),
        created_at=now,
    )
    session.add(assignment)
    session.flush()
    prepared = prepare({NOTEBOOK: _source(korean)}, f"{course.slug}/{slug}")
    version = add_version(session, assignment, prepared, now, None)
    publish_checked(session, version, now)
    return Work(assignment, version, f"{course.slug}/{slug}", json.loads(prepared.release.student.files[NOTEBOOK]))


def _schedule(place: int) -> Schedule:
    day = place * _EVERY
    return Schedule(
        opens=Moment(day=day, time="09:00"),
        due=Moment(day=day + _DUE, time="23:59"),
        closes=Moment(day=day + _CLOSES, time="23:59"),
        grace_seconds=600,
        late=LatePolicy(kind=LateKind.PER_DAY, percent_per_day=10, cap_percent=50),
    )


def _source(title: str) -> bytes:
    points = {name: worth for name, worth, _ in TESTS}
    cells = [_cell(kind, name, text.replace("{title}", title), points.get(name)) for kind, name, text in _SOURCE]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": cells}).encode()


def _cell(kind: str, name: str, text: str, points: float | None) -> dict[str, Any]:
    if kind == "markdown":
        return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}
    is_test = kind == "test"
    marks = {"grade_id": name, "schema_version": 3, "grade": is_test, "locked": is_test, "solution": not is_test}
    marks |= {"task": False} | ({"points": points} if is_test else {})
    shape: dict[str, Any] = {"outputs": [], "execution_count": None, "cell_type": "code", "id": name, "source": text}
    return shape | {"metadata": {"nbgrader": marks}}
