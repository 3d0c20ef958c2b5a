"""Grading by hand as its readers see it: what is left, the next one, one attempt with its cells and opinions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any

import sqlalchemy as sa
from markupsafe import Markup
from sqlalchemy.orm import Session

from graders.feedback import CellKey
from graders.feedback_sanitise import render_markdown
from hub.portal.models import (
    Assignment,
    Attempt,
    Grade,
    ManualGrading,
    ManualMark,
    MarkPart,
    Person,
    RubricItem,
)
from hub.portal.services.access import taught_universities
from hub.portal.services.paging import Paged
from hub.portal.services.workbench.mark_points import CellMarks, has_second_reader, marks_of
from hub.portal.services.workbench.marking import manual_cells, newest_report, part_for

PAGE_ROWS = 50


@dataclass(frozen=True)
class Opinion:
    """One saved mark, for reading."""

    part: MarkPart
    points: float | None
    comment: str
    shown: Markup
    by: str
    at: datetime
    revision: int
    rubric: tuple[dict[str, Any], ...] = ()

    @property
    def free(self) -> float | None:
        """Points given beside the rubric's."""
        if self.points is None:
            return None
        return round(self.points - sum(float(item["points"]) for item in self.rubric), 4)

    @property
    def chosen(self) -> frozenset[int]:
        """Ids of the rubric's lines that were chosen."""
        return frozenset(item["id"] for item in self.rubric)


@dataclass(frozen=True)
class CellView:
    """One cell to grade: the reader's own opinion, those of others that the reader may see, the rubric."""

    notebook: str
    grade_id: str
    max_points: float
    own: Opinion | None
    others: tuple[Opinion, ...]
    history: tuple[Opinion, ...]
    rubric: tuple[RubricItem, ...]
    points: float | None
    differ: bool
    agreed: Opinion | None

    @property
    def key(self) -> CellKey:
        """Which cell."""
        return self.notebook, self.grade_id


@dataclass(frozen=True)
class GradingView:
    """One attempt to grade by hand. ``name`` is None where readers are not to know whose it is."""

    person_id: int
    name: str | None
    label: int
    receipt_id: str
    cells: list[CellView]
    notebooks: tuple[str, ...]
    second_reader: bool

    @property
    def is_done(self) -> bool:
        """Whether every cell has points that count."""
        return all(cell.points is not None for cell in self.cells)


@dataclass(frozen=True)
class Left:
    """How far the grading by hand of an assignment is, in submissions that count; and who gave how many marks."""

    total: int
    done: int
    readers: list[tuple[str, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """One submission of the list."""

    person_id: int
    name: str | None
    label: int
    receipt_id: str
    points: float | None
    max_points: float
    readers: str
    marked_at: datetime | None


@dataclass(frozen=True)
class Rows(Paged):
    """One page of the list."""

    page_rows = PAGE_ROWS
    rows: list[Row]
    total: int
    page: int


def settings_of(session: Session, assignment: Assignment) -> ManualGrading:
    """Return how an assignment is graded by hand; the default where nobody has said."""
    found = session.get(ManualGrading, assignment.id)
    default = {"is_anonymous": False, "has_second_reader": False}
    return found or ManualGrading(assignment_id=assignment.id, university_id=assignment.university_id, **default)


def _mine(session: Session, person_id: int, assignment: Assignment) -> list[sa.ColumnElement[bool]]:
    """Return the conditions for the grades that a reader sees, each submission once."""
    universities = taught_universities(session, person_id, assignment.course_id)
    seen = [Grade.assignment_id == assignment.id, Grade.person_id == Attempt.person_id]
    return seen if universities is None else [*seen, Grade.university_id.in_(universities)]


def next_ungraded(session: Session, person_id: int, assignment: Assignment, after: int = 0) -> str | None:
    """Return the receipt of the next submission that needs this reader, in one indexed query; it starts over once.

    Where two people grade, what this reader has marked waits for the other one.
    """
    query = (
        sa.select(Attempt.receipt_id)
        .select_from(Grade)
        .join(Attempt, Attempt.id == Grade.attempt_id)
        .where(Grade.needs_manual, Grade.attempt_id != after, *_mine(session, person_id, assignment))
        .order_by(Grade.attempt_id < after, Grade.attempt_id)
        .limit(1)
    )
    if has_second_reader(session, assignment.id):
        own = sa.exists().where(ManualMark.attempt_id == Attempt.id, ManualMark.made_by_id == person_id)
        query = query.where(~own)
    return session.scalar(query)


def left_to_grade(session: Session, person_id: int, assignment: Assignment) -> Left:
    """Count the submissions with a part for a person."""
    counts = sa.select(sa.func.count(), sa.func.count(sa.case((~Grade.needs_manual, 1)))).select_from(Grade)
    counts = counts.join(Attempt, Attempt.id == Grade.attempt_id).where(*_mine(session, person_id, assignment))
    has_part = sa.or_(Grade.needs_manual, Grade.manual_points.is_not(None))
    total, done = session.execute(counts.where(has_part)).one()
    readers = (
        sa.select(Person.name, sa.func.count(sa.distinct(ManualMark.attempt_id)))
        .join(ManualMark, ManualMark.made_by_id == Person.id)
        .join(Attempt, Attempt.id == ManualMark.attempt_id)
        .where(Attempt.assignment_id == assignment.id)
        .group_by(Person.id, Person.name)
        .order_by(Person.name)
    )
    return Left(total, done, [(row[0], row[1]) for row in session.execute(readers)])


def list_submissions(session: Session, person_id: int, assignment: Assignment, page: int) -> Rows:
    """Return one page of the submissions with a part for a person: those without points first."""
    is_anonymous = settings_of(session, assignment).is_anonymous
    has_part = sa.or_(Grade.needs_manual, Grade.manual_points.is_not(None))
    base = sa.select(Grade.id).join(Attempt, Attempt.id == Grade.attempt_id)
    base = base.where(has_part, *_mine(session, person_id, assignment))
    total = session.scalar(sa.select(sa.func.count()).select_from(base.subquery())) or 0
    page = min(max(page, 1), max(1, ceil(total / PAGE_ROWS)))
    query = (
        sa.select(Grade, Attempt, Person.name)
        .join(Attempt, Attempt.id == Grade.attempt_id)
        .join(Person, Person.id == Attempt.person_id)
        .where(Grade.id.in_(base))
        .order_by(Grade.needs_manual.desc(), Attempt.id if is_anonymous else Person.name, Attempt.id)
        .limit(PAGE_ROWS)
        .offset((page - 1) * PAGE_ROWS)
    )
    rows = session.execute(query).all()
    readers = _readers(session, [attempt.id for _, attempt, _ in rows])
    found = [_row(grade, attempt, None if is_anonymous else name, readers) for grade, attempt, name in rows]
    return Rows(found, total, page)


def _row(grade: Grade, attempt: Attempt, name: str | None, readers: dict[int, tuple[str, datetime]]) -> Row:
    who, when = readers.get(attempt.id, ("", None))
    manual_max = attempt.version.manual_max_score
    facts = (attempt.person_id, name, attempt.id, attempt.receipt_id, grade.manual_points, manual_max)
    return Row(*facts, who, when)


def _readers(session: Session, attempt_ids: list[int]) -> dict[int, tuple[str, datetime]]:
    query = (
        sa.select(ManualMark.attempt_id, Person.name, sa.func.max(ManualMark.made_at))
        .join(Person, Person.id == ManualMark.made_by_id)
        .where(ManualMark.attempt_id.in_(attempt_ids))
        .group_by(ManualMark.attempt_id, Person.id, Person.name)
        .order_by(Person.name)
    )
    found: dict[int, tuple[str, datetime]] = {}
    for attempt_id, name, at in session.execute(query):
        names, latest = found.get(attempt_id, ("", at))
        found[attempt_id] = (f"{names}, {name}" if names else name, max(latest, at))
    return found


def grading_view(session: Session, person_id: int, attempt: Attempt) -> GradingView:
    """Return an attempt as ``person_id`` grades it; a second reader sees the first's marks after their own."""
    report, marks = newest_report(session, attempt), marks_of(session, attempt.id)
    second, settings = has_second_reader(session, attempt.assignment_id), settings_of(session, attempt.assignment)
    rubric, history = _rubrics(session, attempt.assignment_id), _history(session, attempt.id)
    cells = []
    for cell in manual_cells(report):
        key = cell.notebook, cell.grade_id
        facts = _Facts(marks.get(key, CellMarks()), history.get(key, ()), tuple(rubric.get(key, ())))
        cells.append(_cell(key, cell.max_points, facts, person_id, second))
    return GradingView(
        person_id=attempt.person_id,
        name=None if settings.is_anonymous else attempt.person.name,
        label=attempt.id,
        receipt_id=attempt.receipt_id,
        cells=cells,
        notebooks=tuple(each.path for each in report.notebooks) if report else (),
        second_reader=second,
    )


@dataclass(frozen=True)
class _Facts:
    marks: CellMarks
    history: tuple[tuple[ManualMark, str], ...]
    rubric: tuple[RubricItem, ...]


def _cell(key: CellKey, max_points: float, facts: _Facts, person_id: int, second: bool) -> CellView:
    mine = part_for(facts.marks, person_id, second_reader=second, agreed=False)
    names = {mark.id: name for mark, name in facts.history}
    opinions = {part: _opinion(mark, names[mark.id]) for part, mark in facts.marks.by_part.items()}
    own = opinions.get(mine)
    sees_all = not second or own is not None
    others = tuple(each for part, each in opinions.items() if part not in (mine, MarkPart.AGREED)) if sees_all else ()
    visible = [(mark, name) for mark, name in facts.history if sees_all or mark.part is mine]
    return CellView(
        *(*key, max_points, own, others),
        history=tuple(_opinion(mark, name) for mark, name in visible),
        rubric=facts.rubric,
        points=facts.marks.points(has_second_reader=second) if sees_all else None,
        differ=sees_all and facts.marks.differ,
        agreed=opinions.get(MarkPart.AGREED) if sees_all else None,
    )


def _opinion(mark: ManualMark, name: str) -> Opinion:
    shown = render_markdown(mark.comment)
    facts = (mark.part, mark.points, mark.comment, shown, name, mark.made_at, mark.revision)
    return Opinion(*facts, tuple(mark.rubric))


def _history(session: Session, attempt_id: int) -> dict[CellKey, tuple[tuple[ManualMark, str], ...]]:
    query = sa.select(ManualMark, Person.name).join(Person, Person.id == ManualMark.made_by_id)
    query = query.where(ManualMark.attempt_id == attempt_id).order_by(ManualMark.id.desc())
    found: dict[CellKey, tuple[tuple[ManualMark, str], ...]] = {}
    for mark, name in session.execute(query):
        key = mark.notebook, mark.grade_id
        found[key] = (*found.get(key, ()), (mark, name))
    return found


def _rubrics(session: Session, assignment_id: int) -> dict[CellKey, list[RubricItem]]:
    query = sa.select(RubricItem).where(RubricItem.assignment_id == assignment_id, RubricItem.archived_at.is_(None))
    found: dict[CellKey, list[RubricItem]] = {}
    for item in session.scalars(query.order_by(RubricItem.id)):
        found.setdefault((item.notebook, item.grade_id), []).append(item)
    return found
