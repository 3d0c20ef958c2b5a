"""What marks come to: one opinion, two that agree, or what both settled on; complete or not yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.feedback import CellKey
from graders.feedback import ManualMark as FeedbackMark
from hub.portal.models import Attempt, ManualGrading, ManualMark, MarkPart

#: Points that add up to a cell's maximum within this are the maximum: sums of tenths are not exact.
CLOSE = 1e-6


@dataclass(frozen=True)
class CellMarks:
    """The newest opinions on one cell, by whose they are."""

    by_part: Mapping[MarkPart, ManualMark] = field(default_factory=dict)

    def get(self, part: MarkPart) -> ManualMark | None:
        """Return one opinion."""
        return self.by_part.get(part)

    def points(self, *, has_second_reader: bool) -> float | None:
        """Return what the cell gets; None while somebody still has to say, or two differ."""
        first, second = self._points_of(MarkPart.FIRST), self._points_of(MarkPart.SECOND)
        agreed = self._points_of(MarkPart.AGREED)
        if agreed is not None:
            return agreed
        if not has_second_reader:
            return first
        return first if first is not None and second is not None and abs(first - second) <= CLOSE else None

    @property
    def differ(self) -> bool:
        """Whether two people gave different points and have not settled it."""
        first, second = self._points_of(MarkPart.FIRST), self._points_of(MarkPart.SECOND)
        if first is None or second is None or self._points_of(MarkPart.AGREED) is not None:
            return False
        return abs(first - second) > CLOSE

    @property
    def comment(self) -> str:
        """Return what the student reads: what both agreed on, else each one's words."""
        parts = [self.get(MarkPart.AGREED)] if self._has_words(MarkPart.AGREED) else list(self._opinions())
        return "\n\n".join(mark.comment for mark in parts if mark is not None and mark.comment)

    def _opinions(self) -> tuple[ManualMark | None, ManualMark | None]:
        return self.get(MarkPart.FIRST), self.get(MarkPart.SECOND)

    def _has_words(self, part: MarkPart) -> bool:
        mark = self.get(part)
        return mark is not None and bool(mark.comment)

    def _points_of(self, part: MarkPart) -> float | None:
        mark = self.get(part)
        return None if mark is None else mark.points


def has_second_reader(session: Session, assignment_id: int) -> bool:
    """Whether two people grade an assignment."""
    row = session.get(ManualGrading, assignment_id)
    return row is not None and row.has_second_reader


def marks_of(session: Session, attempt_id: int) -> dict[CellKey, CellMarks]:
    """Return the newest marks of an attempt: (notebook, grade id) -> opinions."""
    query = sa.select(ManualMark).where(ManualMark.attempt_id == attempt_id).order_by(ManualMark.revision)
    found: dict[CellKey, dict[MarkPart, ManualMark]] = {}
    for mark in session.scalars(query):
        found.setdefault((mark.notebook, mark.grade_id), {})[mark.part] = mark
    return {key: CellMarks(parts) for key, parts in found.items()}


def manual_points(session: Session, attempt: Attempt, manual_max: float) -> float | None:
    """Return what people gave an attempt in all; None while a part of ``manual_max`` has no points."""
    if manual_max <= 0:
        return None
    second = has_second_reader(session, attempt.assignment_id)
    total = graded = 0.0
    for marks in marks_of(session, attempt.id).values():
        points = marks.points(has_second_reader=second)
        if points is not None:
            total += points
            graded += next(iter(marks.by_part.values())).max_points
    return total if graded >= manual_max - CLOSE else None


def feedback_marks(session: Session, attempt: Attempt) -> dict[CellKey, FeedbackMark]:
    """Return points and comments as the student's feedback shows them; what is not settled has no points yet."""
    second = has_second_reader(session, attempt.assignment_id)
    return {
        key: FeedbackMark(marks.points(has_second_reader=second), marks.comment or None)
        for key, marks in marks_of(session, attempt.id).items()
    }
