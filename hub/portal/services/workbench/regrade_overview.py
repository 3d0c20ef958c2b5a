"""A regrade as its instructor sees it: how far it is, which tests change, who would get what. Pages come from SQL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import ceil

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from hub.portal.models import (
    AssignmentVersion,
    Attempt,
    Grade,
    GradingTask,
    Person,
    Regrade,
    RegradeItem,
    TaskState,
)
from hub.portal.services.paging import Paged
from hub.portal.services.workbench.regrade_diff import CellChange
from hub.portal.services.workbench.regrade_work import tasks_of
from hub.portal.services.workbench.regrades import USABLE

PAGE_ROWS = 50


@dataclass(frozen=True)
class Progress:
    """How far a regrade is, in attempts; ``seconds_left`` is None while nothing says how fast it goes."""

    total: int
    done: int
    grading: int
    failed: int
    changed: int
    seconds_left: float | None

    @property
    def waiting(self) -> int:
        """Attempts that wait for a free place."""
        return max(0, self.total - self.done - self.grading - self.failed)

    @property
    def is_running(self) -> bool:
        """Whether anything is still to come by itself."""
        return self.done + self.failed < self.total


@dataclass(frozen=True)
class TestChange:
    """What one test changes over all attempts."""

    __test__ = False  # for pytest: this is no test class

    notebook: str
    cell: str
    max_points: float
    up: int
    down: int
    points: float


@dataclass(frozen=True)
class Line:
    """One attempt of a regrade and whose it is; ``manual`` are points that a person gave and that stay."""

    person_id: int
    name: str
    receipt_id: str
    number: int
    counts: bool
    old_score: float | None
    new_score: float | None
    manual: float | None
    state: str
    changes: tuple[CellChange, ...]


@dataclass(frozen=True)
class Lines(Paged):
    """One page of lines."""

    page_rows = PAGE_ROWS
    rows: list[Line]
    total: int
    page: int


def progress_of(session: Session, regrade: Regrade, now: datetime) -> Progress:
    """Count a regrade's attempts by what has become of them."""
    compared, changed = (
        RegradeItem.compared_at.is_not(None),
        sa.and_(RegradeItem.is_changed, RegradeItem.compared_at.is_not(None)),
    )
    counted = sa.select(
        sa.func.count(),
        sa.func.count(sa.case((compared, 1))),
        sa.func.count(sa.case((changed, 1))),
    ).where(RegradeItem.regrade_id == regrade.id)
    total, done, differing = session.execute(counted).one()
    states = dict(_task_states(session, regrade.id))
    left = total - done
    return Progress(
        total=total,
        done=done,
        grading=states.get(TaskState.CLAIMED, 0),
        failed=states.get(TaskState.NOT_GRADED, 0),
        changed=differing,
        seconds_left=_seconds_left(session, regrade, left, now) if left else None,
    )


def _task_states(session: Session, regrade_id: int) -> Iterable[tuple[TaskState, int]]:
    query = sa.select(GradingTask.state, sa.func.count()).where(tasks_of(regrade_id)).group_by(GradingTask.state)
    return [(row[0], row[1]) for row in session.execute(query)]


def _seconds_left(session: Session, regrade: Regrade, left: int, now: datetime) -> float | None:
    """Guess from the pace so far: gradings that ended since the first one began."""
    query = sa.select(sa.func.min(GradingTask.started_at), sa.func.count()).where(
        tasks_of(regrade.id), GradingTask.state == TaskState.DONE, GradingTask.started_at.is_not(None)
    )
    began, ended = session.execute(query).one()
    if not ended or began is None or now <= began:
        return None
    pace: float = (now - began).total_seconds() / ended
    return pace * left


def changed_tests(session: Session, regrade_id: int) -> list[TestChange]:
    """Sum up what changes by test, the largest effect first."""
    query = sa.select(RegradeItem.changes).where(
        RegradeItem.regrade_id == regrade_id, RegradeItem.is_changed, RegradeItem.compared_at.is_not(None)
    )
    by_test: dict[tuple[str, str], list[CellChange]] = {}
    for changes in session.scalars(query):
        for change in map(CellChange.model_validate, changes):
            by_test.setdefault((change.notebook, change.cell), []).append(change)
    found = [_summed(changes) for changes in by_test.values()]
    return sorted(found, key=lambda each: (-(each.up + each.down), each.notebook, each.cell))


def _summed(changes: list[CellChange]) -> TestChange:
    return TestChange(
        notebook=changes[0].notebook,
        cell=changes[0].cell,
        max_points=changes[0].max_points,
        up=sum(change.gain > 0 for change in changes),
        down=sum(change.gain < 0 for change in changes),
        points=sum(change.gain for change in changes),
    )


def list_lines(session: Session, regrade: Regrade, page: int, *, changed_only: bool) -> Lines:
    """Return one page of a regrade's attempts: the largest change first, then by name."""
    conditions = [RegradeItem.regrade_id == regrade.id]
    if changed_only:
        conditions += [RegradeItem.is_changed.is_(True), RegradeItem.compared_at.is_not(None)]
    total = session.scalar(sa.select(sa.func.count(RegradeItem.id)).where(*conditions)) or 0
    page = min(max(page, 1), max(1, ceil(total / PAGE_ROWS)))
    gain = sa.func.abs(sa.func.coalesce(RegradeItem.new_score, 0) - sa.func.coalesce(RegradeItem.old_score, 0))
    counting = sa.and_(Grade.attempt_id == RegradeItem.attempt_id, Grade.person_id == Attempt.person_id)
    query = (
        sa.select(RegradeItem, Attempt, Person.name, Grade.manual_points, Grade.id)
        .join(Attempt, Attempt.id == RegradeItem.attempt_id)
        .join(Person, Person.id == Attempt.person_id)
        .outerjoin(Grade, counting)
        .where(*conditions)
        .order_by(RegradeItem.compared_at.is_(None), gain.desc(), Person.name, RegradeItem.id)
        .limit(PAGE_ROWS)
        .offset((page - 1) * PAGE_ROWS)
    )
    rows = [_line(item, attempt, name, manual, grade) for item, attempt, name, manual, grade in session.execute(query)]
    return Lines(rows, total, page)


def _line(item: RegradeItem, attempt: Attempt, name: str, manual: float | None, grade_id: int | None) -> Line:
    return Line(
        person_id=attempt.person_id,
        name=name,
        receipt_id=attempt.receipt_id,
        number=attempt.number,
        counts=grade_id is not None,
        old_score=item.old_score,
        new_score=item.new_score,
        manual=manual,
        state=item.new_state or "queued",
        changes=tuple(map(CellChange.model_validate, item.changes)),
    )


def regrades_of(session: Session, assignment_id: int) -> list[Regrade]:
    """Return all regrades of an assignment, the newest first."""
    query = sa.select(Regrade).where(Regrade.assignment_id == assignment_id).order_by(Regrade.id.desc())
    return list(session.scalars(query.options(joinedload(Regrade.version), joinedload(Regrade.made_by))))


def usable_versions(session: Session, assignment_id: int) -> list[AssignmentVersion]:
    """Return the versions that may regrade an assignment, the newest first."""
    query = sa.select(AssignmentVersion).where(
        AssignmentVersion.assignment_id == assignment_id, AssignmentVersion.state.in_(USABLE)
    )
    return list(session.scalars(query.order_by(AssignmentVersion.number.desc())))
