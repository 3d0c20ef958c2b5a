"""Grades to and from nbgrader's own gradebook: automatic points, points and comments of people, by its own API."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.bundle import Bundle, load_bundle
from graders.contract import GradeReport
from graders.feedback import CellKey, ManualMark
from graders.gradebook import GradebookRow
from hub.portal.errors import ConflictError
from hub.portal.models import (
    Assignment,
    AssignmentVersion,
    Attempt,
    AttemptResult,
    Grade,
    Login,
    MarkPart,
    VersionState,
)
from hub.portal.services.audit import Actor
from hub.portal.services.file_sets import load_file_set
from hub.portal.services.results import load_report
from hub.portal.services.workbench.mark_points import CellMarks, feedback_marks, marks_of
from hub.portal.services.workbench.marking import MarkForm, manual_cells, newest_report, save_marks


@dataclass(frozen=True)
class Exported:
    """What one trainee takes into a gradebook."""

    student: str
    report: GradeReport
    marks: dict[CellKey, ManualMark]


@dataclass
class Imported:
    """What came of an import: cells saved, and lines that say what was left out and why."""

    cells: int = 0
    left_out: list[str] = field(default_factory=list)


def bundle_of(session: Session, assignment: Assignment) -> Bundle:
    """Return the bundle of the live version; ConflictError if nothing is published."""
    query = sa.select(AssignmentVersion.bundle_digest).where(
        AssignmentVersion.assignment_id == assignment.id, AssignmentVersion.state == VersionState.LIVE
    )
    digest = session.scalar(query)
    if digest is None:
        raise ConflictError("not_published", "게시된 버전이 없습니다.", "No version is published.")
    return load_bundle(load_file_set(session, digest))


def exported(session: Session, assignment: Assignment) -> Iterable[Exported]:
    """Yield every trainee's counting result with a score, one after the other: reports are large."""
    query = (
        sa.select(Login.subject, Attempt, AttemptResult.request_digest)
        .join(Grade, Grade.person_id == Login.person_id)
        .join(Attempt, Attempt.id == Grade.attempt_id)
        .join(AttemptResult, AttemptResult.id == Grade.result_id)
        .where(Grade.assignment_id == assignment.id)
        .order_by(Login.subject)
    )
    for student, attempt, digest in session.execute(query).all():
        yield Exported(student, load_report(session, digest), feedback_marks(session, attempt))


def import_rows(
    session: Session, actor: Actor, assignment: Assignment, rows: Iterable[GradebookRow], now: datetime
) -> Imported:
    """Save points and comments that people gave in a gradebook, as ``actor``'s marks on the attempts that count.

    What is the same already stays as it is. What this platform can't keep is said, never dropped in silence.
    """
    result, by_student = Imported(), dict[str, list[GradebookRow]]()
    for row in rows:
        by_student.setdefault(row.student, []).append(row)
    for student, own in by_student.items():
        attempt = _counting(session, assignment, student)
        if attempt is None:
            result.left_out.append(f"{student}: no graded submission here")
            continue
        _import_student(session, actor, (student, attempt), own, (now, result))
    return result


def _counting(session: Session, assignment: Assignment, student: str) -> Attempt | None:
    query = (
        sa.select(Attempt)
        .join(Grade, Grade.attempt_id == Attempt.id)
        .join(Login, Login.person_id == Grade.person_id)
        .where(Login.subject == student, Grade.assignment_id == assignment.id)
    )
    return session.scalars(query).first()


def _import_student(
    session: Session,
    actor: Actor,
    whose: tuple[str, Attempt],
    rows: list[GradebookRow],
    into: tuple[datetime, Imported],
) -> None:
    (student, attempt), (now, result) = whose, into
    cells = {(cell.notebook, cell.grade_id) for cell in manual_cells(newest_report(session, attempt))}
    known = marks_of(session, attempt.id)
    forms = []
    for row in rows:
        key = row.notebook, row.grade_id
        if row.extra_credit:
            result.left_out.append(f"{student}: {row.grade_id}: extra credit of {row.extra_credit:g}")
        if row.manual_score is None and not row.comment:
            continue
        if key not in cells:
            result.left_out.append(f"{student}: {row.grade_id}: graded by a test here, not by a person")
            continue
        forms.append(_form(row, known.get(key, CellMarks())))
    saved = save_marks(session, actor, attempt, forms, now)
    result.cells += saved.cells
    result.left_out += [f"{student}: {key[1]}: {trouble.value}" for key, trouble in saved.troubles.items()]


def _form(row: GradebookRow, held: CellMarks) -> MarkForm:
    first = held.get(MarkPart.FIRST)
    points = "" if row.manual_score is None else f"{row.manual_score:.12g}"
    seen = first.revision if first is not None else 0
    return MarkForm(row.notebook, row.grade_id, free=points, comment=row.comment or "", seen=seen)
