"""Attempts as people see them: status from queue and report, lateness from the rule, score as the policy allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from graders.contract import ReportState, Text
from hub.portal.models import (
    Assignment,
    Attempt,
    AttemptResult,
    Enrolment,
    FeedbackPolicy,
    Grade,
    GradeReportRow,
    GradingTask,
    TaskState,
)
from hub.portal.services.deadlines import Deadline, Lateness, explain_lateness, judge, last_moment
from hub.portal.services.queue import position
from hub.portal.services.scores import is_manual_pending
from hub.portal.services.timetable import extensions_of, make_deadline, rules_of_cohort


class Status(StrEnum):
    """Where an attempt is, in the student's words."""

    RECEIVED = "received"
    QUEUED = "queued"
    GRADING = "grading"
    GRADED = "graded"
    NOT_GRADED = "not_graded"
    NEEDS_PERSON = "needs_person"
    REFUSED = "refused"


_BY_TASK = {
    TaskState.QUEUED: Status.QUEUED,
    TaskState.CLAIMED: Status.GRADING,
    TaskState.NOT_GRADED: Status.NOT_GRADED,
    TaskState.CANCELLED: Status.NOT_GRADED,
}
_BY_REPORT = {
    ReportState.GRADED: Status.GRADED,
    ReportState.NEEDS_PERSON: Status.NEEDS_PERSON,
    ReportState.REFUSED: Status.REFUSED,
    ReportState.NOT_GRADED: Status.NOT_GRADED,
}


@dataclass(frozen=True)
class Cause:
    """Why an attempt has no score: in words for people, and the detail for staff."""

    text: Text
    staff: str = ""


@dataclass(frozen=True)
class AttemptView:
    """One attempt as somebody may see it; ``score`` is what tests gave, before the late penalty, None while hidden.

    ``manual_max_score`` more points come from a person; ``manual_score`` is None until then.
    """

    attempt_id: int
    receipt_id: str
    person_id: int
    course: str
    assignment: str
    title: Text
    version: int
    number: int
    received_at: datetime
    digest: str
    lateness: Lateness
    late_text: Text
    status: Status
    warnings: tuple[Text, ...] = ()
    queue_position: int | None = None
    score: float | None = None
    max_score: float | None = None
    manual_score: float | None = None
    manual_max_score: float = 0.0
    counts: bool = False
    cause: Cause | None = None
    request_digest: str | None = None
    graded_at: datetime | None = None

    @property
    def manual_pending(self) -> bool:
        """Whether tests are through and a person still has to grade a part; nobody grades what does not count."""
        return (
            self.status is Status.GRADED and self.counts and is_manual_pending(self.manual_max_score, self.manual_score)
        )

    @property
    def is_final(self) -> bool:
        """Nothing more happens by itself: no need to look again soon."""
        return self.status not in (Status.RECEIVED, Status.QUEUED, Status.GRADING)


@dataclass(frozen=True)
class _Facts:
    """What the database knows about a list of attempts, by attempt id."""

    tasks: dict[int, GradingTask]
    reports: dict[int, tuple[AttemptResult, GradeReportRow]]
    deadlines: dict[int, Deadline]
    grades: dict[tuple[int, int], Grade]


def is_shown(policy: FeedbackPolicy, deadline: Deadline, at: datetime, released_at: datetime | None) -> bool:
    """Whether a student may see now what ``policy`` guards."""
    if policy is FeedbackPolicy.IMMEDIATE:
        return True
    if policy is FeedbackPolicy.ON_RELEASE:
        return released_at is not None
    if policy is FeedbackPolicy.AFTER_DUE:
        return deadline.due_at is None or at > deadline.due_at + deadline.grace
    closes = last_moment(deadline)
    return closes is None or at > closes


def view_attempts(
    session: Session, attempts: Sequence[Attempt], now: datetime, *, as_staff: bool = False
) -> list[AttemptView]:
    """Return views in the order given. Staff see scores at once, students as the assignment's policy says."""
    facts = _load_facts(session, attempts)
    return [_view(session, attempt, facts, now, as_staff) for attempt in attempts]


def _load_facts(session: Session, attempts: Sequence[Attempt]) -> _Facts:
    ids = [attempt.id for attempt in attempts]
    tasks = session.scalars(sa.select(GradingTask).where(GradingTask.attempt_id.in_(ids)).order_by(GradingTask.id))
    results = (
        sa.select(AttemptResult, GradeReportRow)
        .join(GradeReportRow, GradeReportRow.request_digest == AttemptResult.request_digest)
        .where(AttemptResult.attempt_id.in_(ids))
        .order_by(AttemptResult.id)
    )
    people = {attempt.person_id for attempt in attempts}
    work = {attempt.assignment_id for attempt in attempts}
    grades = sa.select(Grade).where(Grade.person_id.in_(people), Grade.assignment_id.in_(work))
    return _Facts(
        tasks={task.attempt_id: task for task in tasks},
        reports={result.attempt_id: (result, report) for result, report in session.execute(results)},
        deadlines=_deadlines(session, attempts),
        grades={(grade.person_id, grade.assignment_id): grade for grade in session.scalars(grades)},
    )


def _deadlines(session: Session, attempts: Sequence[Attempt]) -> dict[int, Deadline]:
    enrolments = {attempt.enrolment_id for attempt in attempts if attempt.enrolment_id is not None}
    query = sa.select(Enrolment.id, Enrolment.cohort_id).where(Enrolment.id.in_(enrolments))
    cohorts = {row.id: row.cohort_id for row in session.execute(query)}
    rules = {cohort_id: rules_of_cohort(session, cohort_id) for cohort_id in set(cohorts.values())}
    extensions = extensions_of(session, {attempt.person_id for attempt in attempts})
    found = {}
    for attempt in attempts:
        rule = rules.get(cohorts.get(attempt.enrolment_id or 0, 0), {}).get(attempt.assignment_id)
        found[attempt.id] = make_deadline(rule, extensions.get((attempt.person_id, attempt.assignment_id), ()))
    return found


def _view(session: Session, attempt: Attempt, facts: _Facts, now: datetime, as_staff: bool) -> AttemptView:
    task, found = facts.tasks.get(attempt.id), facts.reports.get(attempt.id)
    deadline = facts.deadlines[attempt.id]
    lateness = judge(deadline, attempt.received_at)
    grade = facts.grades.get((attempt.person_id, attempt.assignment_id))
    assignment = attempt.assignment
    shown = as_staff or is_shown(assignment.score_policy, deadline, now, grade.released_at if grade else None)
    result, report = found if found is not None else (None, None)
    status = _status(task, report)
    counts = grade is not None and grade.attempt_id == attempt.id
    return AttemptView(
        attempt_id=attempt.id,
        receipt_id=attempt.receipt_id,
        person_id=attempt.person_id,
        course=assignment.course.slug,
        assignment=assignment.slug,
        title=Text(ko=assignment.title_ko, en=assignment.title_en),
        version=attempt.version.number,
        number=attempt.number,
        received_at=attempt.received_at,
        digest=attempt.submission_digest,
        lateness=lateness,
        late_text=explain_lateness(lateness),
        status=status,
        warnings=tuple(Text.model_validate(warning) for warning in attempt.warnings),
        queue_position=position(session, task) if task is not None and status is Status.QUEUED else None,
        score=report.score if report is not None and shown else None,
        max_score=report.max_score if report is not None else attempt.version.max_score,
        manual_score=grade.manual_points if grade is not None and counts and shown else None,
        manual_max_score=attempt.version.manual_max_score,
        counts=counts,
        cause=_cause(task),
        request_digest=report.request_digest if report is not None else None,
        graded_at=result.created_at if result is not None else None,
    )


def _status(task: GradingTask | None, report: GradeReportRow | None) -> Status:
    """A regrade that waits or failed does not hide the result that is there."""
    if report is not None:
        return _BY_REPORT[report.state]
    if task is None:
        return Status.RECEIVED
    return _BY_TASK.get(task.state, Status.RECEIVED)


def _cause(task: GradingTask | None) -> Cause | None:
    if task is None or task.failure is None:
        return None
    failure = task.failure
    return Cause(Text(ko=failure["ko"], en=failure["en"]), failure.get("staff", ""))


def select_attempts() -> sa.Select[Attempt]:
    """Return the query of all attempts with what a view needs beside them: add conditions and an order."""
    return sa.select(Attempt).options(
        joinedload(Attempt.assignment).joinedload(Assignment.course), joinedload(Attempt.version)
    )


def own_attempts(session: Session, person_id: int, assignment_id: int, now: datetime) -> list[AttemptView]:
    """Return a person's attempts at an assignment, newest first."""
    query = select_attempts().where(Attempt.person_id == person_id, Attempt.assignment_id == assignment_id)
    return view_attempts(session, list(session.scalars(query.order_by(Attempt.number.desc()))), now)


def view_attempt(session: Session, attempt: Attempt, viewer_id: int, now: datetime) -> AttemptView:
    """Return one attempt as ``viewer_id`` may see it; whether they may at all was asked before."""
    return view_attempts(session, [attempt], now, as_staff=attempt.person_id != viewer_id)[0]
