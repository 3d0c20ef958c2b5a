"""A class whose test was wrong, for tests of regrades: graded by version 1, version 2 checked and ready."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from graders.contract import CellReport, Fault, GradeReport, Isolation, Outcome, ReportState, Text
from hub.portal.models import Assignment, AssignmentVersion, Grade, Login, Regrade, Role, VersionState
from hub.portal.services import queue
from hub.portal.services.audit import Actor
from hub.portal.services.workbench import regrades

ENVIRONMENT = "f" * 64


def report(digest: str, points: dict[str, float], state: ReportState = ReportState.GRADED) -> GradeReport:
    """A report of tests worth five points each; any other state than graded has no score."""
    is_graded = state is ReportState.GRADED
    cells = tuple(
        CellReport(
            notebook="a.ipynb",
            grade_id=name,
            points=value,
            max_points=5,
            outcome=Outcome.PASSED if value == 5 else Outcome.FAILED,
            isolation=Isolation.ISOLATED,
        )
        for name, value in points.items()
    )
    return GradeReport(
        request_digest=digest,
        state=state,
        fault=Fault.NOBODY if is_graded else Fault.STUDENT,
        gradable=is_graded,
        succeeded=is_graded,
        score=sum(points.values()) if is_graded else None,
        max_score=10,
        cells=cells if is_graded else (),
        reason=None if is_graded else Text(ko="읽을 수 없습니다.", en="Can't be read."),
    )


@dataclass
class Classroom:
    """The campus with its instructor and a version that mends the test ``b``."""

    campus: Any
    actor: Actor
    version_id: int

    def hand_in(self, name: str, points: dict[str, float]) -> int:
        """Have somebody hand in and be graded by the version of now; returns the person."""
        person = self.campus.person(name)
        self.campus.submit(person, f"answer of {name}")
        assert self.grade_next(points)
        return person

    def grade_next(self, points: dict[str, float], state: ReportState = ReportState.GRADED) -> bool:
        """Grade the next task of the queue; False if none waits."""
        with self.campus.database.writing() as session:
            held = queue.claim(session, "worker-1", self.campus.now)
        if held is None:
            return False
        with self.campus.database.writing() as session:
            queue.finish(session, held, report(held.request_digest, points, state), "worker-1", self.campus.now)
        return True

    def grade_rest(self, points: dict[str, float]) -> int:
        """Grade all that waits; returns how many."""
        count = 0
        while self.grade_next(points):
            count += 1
        return count

    def start(self) -> int:
        with self.campus.database.writing() as session:
            version = session.get_one(AssignmentVersion, self.version_id)
            made = regrades.start_regrade(session, self.actor, version, "b의 기준", ENVIRONMENT, self.campus.now)
            return made.id

    def do(self, step: Any, regrade_id: int) -> Any:
        """Take one step that asks for grading: ``regrade_all``, ``catch_up`` or ``publish_regrade``."""
        with self.campus.database.writing() as session:
            regrade = session.get_one(Regrade, regrade_id)
            return step(session, self.actor, regrade, ENVIRONMENT, self.campus.now)

    def end(self, step: Any, regrade_id: int) -> Any:
        """Take one step that asks for none: ``discard_regrade`` or ``retry_failed``."""
        with self.campus.database.writing() as session:
            return step(session, self.actor, session.get_one(Regrade, regrade_id), self.campus.now)

    def scores(self) -> dict[str, float]:
        """Return what counts: username -> score."""
        with self.campus.database.reading() as session:
            query = sa.select(Login.subject, Grade.score).join(Grade, Grade.person_id == Login.person_id)
            return {row[0]: row[1] for row in session.execute(query)}


def make_classroom(campus: Any) -> Classroom:
    teacher = campus.person("park", Role.INSTRUCTOR)
    with campus.database.writing() as session:
        assignment = session.scalars(sa.select(Assignment)).one()
        version = campus.add_version(session, assignment, VersionState.READY)
        return Classroom(campus, Actor("park", teacher), version.id)
