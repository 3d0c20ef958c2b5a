"""A class whose essays wait for a person: three points by a test, two cells by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from graders.contract import CellReport, Fault, GradeReport, Isolation, Outcome, RebuiltNotebook, ReportState
from hub.portal.models import Assignment, AssignmentVersion, Attempt, Grade, Role
from hub.portal.services import queue
from hub.portal.services.audit import Actor
from hub.portal.services.workbench.marking import MarkForm, Saved, save_marks, set_manual_grading

ESSAY, CODE = "essay", "code-by-hand"


def hand_report(digest: str, source: str = "# 답") -> GradeReport:
    """A report of three automatic points with two cells for a person, of four and six."""

    def cell(name: str, points: float | None, most: float) -> CellReport:
        manual = points is None
        return CellReport(
            notebook="a.ipynb",
            grade_id=name,
            points=points,
            max_points=most,
            outcome=Outcome.MANUAL if manual else Outcome.PASSED,
            isolation=Isolation.NONE if manual else Isolation.ISOLATED,
        )

    cells = [
        {"cell_type": "markdown", "id": "x", "metadata": {"nbgrader": {"grade_id": ESSAY}}, "source": source},
    ]
    content = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})
    return GradeReport(
        request_digest=digest,
        state=ReportState.GRADED,
        fault=Fault.NOBODY,
        gradable=True,
        succeeded=True,
        score=3,
        max_score=3,
        manual_max_score=10,
        cells=(cell("test-1", 3.0, 3), cell(ESSAY, None, 4), cell(CODE, None, 6)),
        notebooks=(RebuiltNotebook(path="a.ipynb", content=content),),
    )


@dataclass
class HandGraded:
    """The campus, its readers and what has been handed in."""

    campus: Any
    readers: tuple[Actor, Actor, Actor]

    def hand_in(self, name: str) -> int:
        """Have somebody hand in and the tests run; returns the attempt."""
        accepted = self.campus.submit(self.campus.person(name), f"answer of {name}")
        with self.campus.database.writing() as session:
            held = queue.claim(session, "worker", self.campus.now)
            queue.finish(session, held, hand_report(held.request_digest), "worker", self.campus.now)
        return int(accepted.attempt.id)

    def mark(self, attempt_id: int, *forms: MarkForm, by: int = 0) -> Saved:
        with self.campus.database.writing() as session:
            attempt = session.get_one(Attempt, attempt_id)
            return save_marks(session, self.readers[by], attempt, forms, self.campus.now)

    def set_up(self, *, anonymous: bool = False, second: bool = False) -> None:
        with self.campus.database.writing() as session:
            assignment = session.scalars(sa.select(Assignment)).one()
            wanted = {"is_anonymous": anonymous, "second_reader": second}
            set_manual_grading(session, self.readers[0], assignment, **wanted, now=self.campus.now)

    def grade(self, attempt_id: int) -> Grade:
        return self.campus.get(Grade, attempt_id=attempt_id)


def form(cell: str, free: str = "", **facts: Any) -> MarkForm:
    return MarkForm("a.ipynb", cell, free=free, **facts)


def make_hand_graded(campus: Any) -> HandGraded:
    readers = tuple(Actor(name, campus.person(name, Role.INSTRUCTOR, None)) for name in ("park", "seo", "noh"))
    with campus.database.writing() as session:
        session.execute(sa.update(AssignmentVersion).values(max_score=3.0, manual_max_score=10.0))
    return HandGraded(campus, readers)
