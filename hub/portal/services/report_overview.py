"""A stored report as its reader may see it: results of hidden tests wait for the assignment's feedback policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.contract import CellReport, GradeReport
from hub.portal.models import (
    Attempt,
    AttemptResult,
    Enrolment,
    FeedbackPolicy,
    Grade,
    GradeReportRow,
    utc_now,
)
from hub.portal.services.attempt_owners import owners_of, team_id_of
from hub.portal.services.attempts import is_shown
from hub.portal.services.deadlines import Deadline, last_moment
from hub.portal.services.timetable import deadline_for


@dataclass(frozen=True)
class ReportOverview:
    """A report and what of it is shown. ``open_at``: when the rest opens, None if staff opens it by hand."""

    report: GradeReport
    shows_hidden: bool
    open_at: datetime | None
    is_staff: bool

    def is_shown(self, cell: CellReport) -> bool:
        """Whether the result of a cell may be seen now."""
        return self.shows_hidden or not cell.hidden

    @property
    def holds_back(self) -> bool:
        """Whether anything is kept back."""
        return any(not self.is_shown(cell) for cell in self.report.cells)

    @property
    def shows_feedback(self) -> bool:
        """Whether the rendered notebook may be seen: it holds every result."""
        return bool(self.report.notebooks) and not self.holds_back


def report_overview(session: Session, attempt: Attempt, now: datetime, *, is_staff: bool) -> ReportOverview | None:
    """Return the newest report of an attempt for this reader, or None while there is none."""
    query = (
        sa.select(GradeReportRow)
        .join(AttemptResult, AttemptResult.request_digest == GradeReportRow.request_digest)
        .where(AttemptResult.attempt_id == attempt.id)
        .order_by(AttemptResult.id.desc())
        .limit(1)
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        return None
    deadline = _latest_deadline(session, attempt)
    policy = attempt.assignment.feedback_policy
    is_open = is_staff or is_shown(policy, deadline, now, _released_at(session, attempt))
    opens = _opens_at(policy, deadline)
    return ReportOverview(GradeReport.model_validate(row.report), is_open, opens, is_staff)


def _latest_deadline(session: Session, attempt: Attempt) -> Deadline:
    """Return the deadline of the owner with the most time: no hidden results while a teammate may still submit."""
    team_id = team_id_of(session, attempt.id)
    enrolments = [
        session.get(Enrolment, owner.enrolment_id) if owner.enrolment_id else None
        for owner in owners_of(session, [attempt])[attempt.id]
    ]
    deadlines = [deadline_for(session, each, attempt.assignment_id, team_id) for each in enrolments]
    dated = [deadline for deadline in deadlines if deadline.due_at is not None]
    return max(dated, key=lambda deadline: deadline.due_at or utc_now(), default=deadlines[0])


def _opens_at(policy: FeedbackPolicy, deadline: Deadline) -> datetime | None:
    if policy is FeedbackPolicy.AFTER_DUE:
        return deadline.due_at and deadline.due_at + deadline.grace
    return last_moment(deadline) if policy is FeedbackPolicy.AFTER_CLOSE else None


def _released_at(session: Session, attempt: Attempt) -> datetime | None:
    query = sa.select(Grade.released_at).where(
        Grade.person_id == attempt.person_id, Grade.assignment_id == attempt.assignment_id
    )
    return session.scalar(query)
