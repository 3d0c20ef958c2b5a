"""Saving marks: nobody overwrites what they have not seen, two readers stay apart, all of it stays as history."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.contract import CellReport, GradeReport, Outcome
from graders.feedback import CellKey
from hub.portal.errors import ConflictError, InvalidError
from hub.portal.models import Assignment, Attempt, AttemptResult, ManualGrading, ManualMark, MarkPart, RubricItem
from hub.portal.services.access import require_teacher
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.results import load_report, refresh_grade
from hub.portal.services.workbench.mark_points import CellMarks, has_second_reader, marks_of

MAX_COMMENT = 10_000
MAX_LABEL = 300
MAX_WORTH = 1000.0


@dataclass(frozen=True)
class MarkForm:
    """What somebody typed for one cell. ``seen``: the revision of their own part that the form was made from."""

    notebook: str
    grade_id: str
    free: str = ""
    rubric: tuple[int, ...] = ()
    comment: str = ""
    seen: int = 0
    agreed: bool = False

    @property
    def key(self) -> CellKey:
        """Which cell."""
        return self.notebook, self.grade_id


class Trouble(StrEnum):
    """Why a cell was not saved; what was typed is still in the form."""

    CONFLICT = "conflict"  # somebody saved meanwhile: look at theirs, save again to replace it
    NO_NUMBER = "no_number"
    OUT_OF_RANGE = "out_of_range"
    TOO_LONG = "too_long"


@dataclass(frozen=True)
class Saved:
    """What came of saving: how many cells are stored, and what is the matter with the others."""

    cells: int
    troubles: dict[CellKey, Trouble]


def newest_report(session: Session, attempt: Attempt) -> GradeReport | None:
    """Return the report that counts for an attempt; None before it is graded."""
    query = sa.select(AttemptResult.request_digest).where(AttemptResult.attempt_id == attempt.id)
    digest = session.scalar(query.order_by(AttemptResult.id.desc()).limit(1))
    return None if digest is None else load_report(session, digest)


def manual_cells(report: GradeReport | None) -> list[CellReport]:
    """Return the cells of a report whose points a person gives, in notebook order."""
    return [] if report is None else [cell for cell in report.cells if cell.outcome is Outcome.MANUAL]


def part_for(marks: CellMarks, person_id: int, *, second_reader: bool, agreed: bool) -> MarkPart:
    """Return whose opinion it is that a person writes down: with one reader everybody edits the same mark."""
    if agreed:
        return MarkPart.AGREED
    if not second_reader:
        return MarkPart.FIRST
    for part in (MarkPart.FIRST, MarkPart.SECOND):
        held = marks.get(part)
        if held is None or held.made_by_id == person_id:
            return part
    return MarkPart.AGREED


def save_marks(session: Session, actor: Actor, attempt: Attempt, forms: Sequence[MarkForm], now: datetime) -> Saved:
    """Save what changed, cell by cell; cells that can't be saved are named and the others are kept."""
    person_id = actor.person_id or 0
    require_teacher(session, person_id, attempt.assignment.course_id)
    session.get_one(Attempt, attempt.id, with_for_update={"key_share": True})
    cells = {(cell.notebook, cell.grade_id): cell for cell in manual_cells(newest_report(session, attempt))}
    known = marks_of(session, attempt.id)
    second = has_second_reader(session, attempt.assignment_id)
    items = _rubric(session, attempt.assignment_id, [each for form in forms for each in form.rubric])
    troubles: dict[CellKey, Trouble] = {}
    saved = 0
    for form in forms:
        if form.key not in cells:
            raise InvalidError("cell", "직접 채점하는 문항이 아닙니다.", "This is no cell that a person grades.")
        marks = known.get(form.key, CellMarks())
        part = part_for(marks, person_id, second_reader=second, agreed=form.agreed)
        made = _mark(form, cells[form.key], marks.get(part), items)
        if isinstance(made, Trouble):
            troubles[form.key] = made
        elif made is not None:
            made.attempt_id, made.university_id, made.part = attempt.id, attempt.university_id, part
            made.made_by_id, made.made_at = person_id, now
            session.add(made)
            saved += 1
    if saved:
        session.flush()
        refresh_grade(session, attempt, now)
        subject = Subject("attempt", attempt.receipt_id, attempt.person_id, attempt.university_id)
        record(session, actor, Deed("marks.saved", subject, {"cells": saved}), now)
    return Saved(saved, troubles)


def _rubric(session: Session, assignment_id: int, ids: Collection[int]) -> dict[int, RubricItem]:
    query = sa.select(RubricItem).where(RubricItem.assignment_id == assignment_id, RubricItem.id.in_(ids))
    return {item.id: item for item in session.scalars(query)}


def _mark(
    form: MarkForm, cell: CellReport, held: ManualMark | None, items: dict[int, RubricItem]
) -> ManualMark | Trouble | None:
    """Return the next revision, what is the matter, or None: nothing changed."""
    points = _points(form, cell.max_points, items)
    if isinstance(points, Trouble):
        return points
    comment = form.comment.strip().replace("\r\n", "\n")
    if len(comment) > MAX_COMMENT:
        return Trouble.TOO_LONG
    chosen = [
        {"id": item.id, "label": item.label, "points": item.points}
        for item in (items[each] for each in form.rubric if each in items)
    ]
    now_held = (held.points, held.comment, held.rubric) if held is not None else (None, "", [])
    if (points, comment, chosen) == now_held:
        return None
    revision = held.revision if held is not None else 0
    if revision != form.seen:
        return Trouble.CONFLICT
    facts = {"points": points, "max_points": cell.max_points, "comment": comment, "rubric": chosen}
    return ManualMark(notebook=form.notebook, grade_id=form.grade_id, revision=revision + 1, **facts)


def _points(form: MarkForm, most: float, items: dict[int, RubricItem]) -> float | Trouble | None:
    chosen = [items[each].points for each in form.rubric if each in items]
    text = form.free.strip().replace(",", ".")
    if not text and not chosen:
        return None
    try:
        free = float(text) if text else 0.0
    except ValueError:
        return Trouble.NO_NUMBER
    if not math.isfinite(free):
        return Trouble.NO_NUMBER
    total = round(sum(chosen) + free, 4)
    return total if 0 <= total <= most else Trouble.OUT_OF_RANGE


def set_manual_grading(
    session: Session, actor: Actor, assignment: Assignment, *, is_anonymous: bool, second_reader: bool, now: datetime
) -> None:
    """Say how an assignment is graded by hand; a second reader can't be taken away once somebody was one."""
    require_teacher(session, actor.person_id or 0, assignment.course_id)
    row = session.get(ManualGrading, assignment.id, with_for_update=True)
    if row is None:
        row = ManualGrading(assignment_id=assignment.id, university_id=assignment.university_id)
        session.add(row)
    if row.has_second_reader and not second_reader and _has_second_marks(session, assignment.id):
        raise ConflictError(
            "second_marks",
            "두 번째 채점자가 이미 채점했습니다. 두 사람 채점을 끌 수 없습니다.",
            "A second reader has graded already: two readers can't be switched off.",
        )
    row.is_anonymous, row.has_second_reader = is_anonymous, second_reader
    session.flush()
    _refresh_marked(session, assignment.id, now)
    subject = Subject("assignment", str(assignment.id), university_id=assignment.university_id)
    detail = {"anonymous": is_anonymous, "second_reader": second_reader}
    record(session, actor, Deed("grading.set", subject, detail), now)


def _has_second_marks(session: Session, assignment_id: int) -> bool:
    query = sa.select(ManualMark.id).join(Attempt, Attempt.id == ManualMark.attempt_id)
    query = query.where(Attempt.assignment_id == assignment_id, ManualMark.part == MarkPart.SECOND)
    return session.scalar(query.limit(1)) is not None


def _refresh_marked(session: Session, assignment_id: int, now: datetime) -> None:
    marked = sa.select(ManualMark.attempt_id).distinct()
    query = sa.select(Attempt).where(Attempt.assignment_id == assignment_id, Attempt.id.in_(marked))
    for attempt in session.scalars(query).all():
        refresh_grade(session, attempt, now)


@dataclass(frozen=True)
class RubricLine:
    """A line of a cell's rubric as somebody typed it."""

    cell: CellKey
    label: str
    points: str


def add_rubric_item(
    session: Session, actor: Actor, assignment: Assignment, line: RubricLine, now: datetime
) -> RubricItem:
    """Add a line to the rubric of a cell; marks that are there already stay as they are."""
    require_teacher(session, actor.person_id or 0, assignment.course_id)
    if not 1 <= len(line.label.strip()) <= MAX_LABEL:
        raise InvalidError(
            "label", f"항목을 {MAX_LABEL}자 이내로 써 주십시오.", f"Please name it in {MAX_LABEL} characters."
        )
    item = RubricItem(
        assignment_id=assignment.id,
        university_id=assignment.university_id,
        notebook=line.cell[0][:400],
        grade_id=line.cell[1][:200],
        label=line.label.strip(),
        points=_worth(line.points),
        made_by_id=actor.person_id or 0,
        made_at=now,
    )
    session.add(item)
    session.flush()
    return item


def _worth(text: str) -> float:
    try:
        worth = float(text.strip().replace(",", "."))
    except ValueError:
        worth = math.nan
    if not math.isfinite(worth) or abs(worth) > MAX_WORTH:
        raise InvalidError("points", "점수를 숫자로 써 주십시오.", "Please give the points as a number.")
    return worth


def archive_rubric_item(session: Session, actor: Actor, assignment: Assignment, item_id: int, now: datetime) -> None:
    """Take a line off the rubric; marks that used it keep it."""
    require_teacher(session, actor.person_id or 0, assignment.course_id)
    item = _rubric(session, assignment.id, [item_id]).get(item_id)
    if item is not None and item.archived_at is None:
        item.archived_at = now
