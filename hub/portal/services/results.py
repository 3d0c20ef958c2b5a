"""Reports stored once, results that point to them, and the grade that follows by the counting rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.contract import GradeReport
from hub.portal.models import Assignment, Attempt, AttemptResult, Enrolment, Grade, GradeReportRow
from hub.portal.services.blobs import insert_missing
from hub.portal.services.deadlines import Candidate, Deadline, Lateness, apply_penalty, choose, judge
from hub.portal.services.timetable import deadline_for


@dataclass(frozen=True)
class Scored:
    """An attempt with its newest result that has a score."""

    attempt: Attempt
    result: AttemptResult
    score: float
    max_score: float
    lateness: Lateness


def put_report(session: Session, report: GradeReport, worker: str, now: datetime) -> bool:
    """Store a report under its request's digest; False if there is one already, which stays as it is."""
    if session.get(GradeReportRow, report.request_digest) is not None:
        return False
    row = {
        "request_digest": report.request_digest,
        "state": report.state,
        "fault": report.fault,
        "score": report.score,
        "max_score": report.max_score,
        "report": report.model_dump(mode="json"),
        "worker": worker,
        "created_at": now,
    }
    insert_missing(session, GradeReportRow, [row])
    return True


def load_report(session: Session, request_digest: str) -> GradeReport:
    """Return a stored report; KeyError if there is none."""
    row = session.get(GradeReportRow, request_digest)
    if row is None:
        raise KeyError(request_digest)
    return GradeReport.model_validate(row.report)


def attach_result(session: Session, attempt: Attempt, request_digest: str, now: datetime) -> None:
    """Say that the attempt's result is the report of this request, and work out the person's grade anew."""
    known = sa.select(AttemptResult.id).where(
        AttemptResult.attempt_id == attempt.id, AttemptResult.request_digest == request_digest
    )
    if session.scalar(known) is None:
        session.add(
            AttemptResult(
                attempt_id=attempt.id,
                university_id=attempt.university_id,
                request_digest=request_digest,
                created_at=now,
            )
        )
        session.flush()
    refresh_grade(session, attempt, now)


def refresh_grade(session: Session, attempt: Attempt, now: datetime) -> Grade | None:
    """Work out what the owner of ``attempt`` has in its assignment now. Staff trying an assignment get no grade."""
    if attempt.enrolment_id is None:
        return None
    enrolment = lock_enrolment(session, attempt.enrolment_id)
    deadline = deadline_for(session, enrolment, attempt.assignment_id)
    scored = {found.attempt.number: found for found in _scored_attempts(session, attempt, deadline)}
    rule = session.get_one(Assignment, attempt.assignment_id).counting_rule
    chosen = choose(rule, [Candidate(number, each.score, each.lateness) for number, each in scored.items()])
    return None if chosen is None else _put_grade(session, scored[chosen.number], now)


def lock_enrolment(session: Session, enrolment_id: int) -> Enrolment:
    """Return the enrolment, locked until the transaction ends: one change of a person's work at a time."""
    query = sa.select(Enrolment).where(Enrolment.id == enrolment_id).with_for_update(key_share=True)
    return session.scalars(query).one()


def _scored_attempts(session: Session, attempt: Attempt, deadline: Deadline) -> list[Scored]:
    query = (
        sa.select(Attempt, AttemptResult, GradeReportRow.score, GradeReportRow.max_score)
        .join(AttemptResult, AttemptResult.attempt_id == Attempt.id)
        .join(GradeReportRow, GradeReportRow.request_digest == AttemptResult.request_digest)
        .where(
            Attempt.person_id == attempt.person_id,
            Attempt.assignment_id == attempt.assignment_id,
            Attempt.enrolment_id.is_not(None),
            GradeReportRow.score.is_not(None),
        )
        .order_by(AttemptResult.id)
    )
    newest = {row[0].id: row for row in session.execute(query)}
    return [
        Scored(found, result, score, max_score, judge(deadline, found.received_at))
        for found, result, score, max_score in newest.values()
        if score is not None
    ]


def _put_grade(session: Session, chosen: Scored, now: datetime) -> Grade:
    attempt = chosen.attempt
    query = sa.select(Grade).where(Grade.person_id == attempt.person_id, Grade.assignment_id == attempt.assignment_id)
    grade = session.scalars(query).one_or_none()
    manual = grade.manual_points if grade is not None and grade.attempt_id == attempt.id else None
    facts = _grade_facts(chosen, manual)
    if grade is None:
        grade = Grade(person_id=attempt.person_id, assignment_id=attempt.assignment_id)
    for name, value in facts.items():
        setattr(grade, name, value)
    grade.updated_at = now
    session.add(grade)
    session.flush()
    return grade


def _grade_facts(chosen: Scored, manual: float | None) -> dict[str, Any]:
    attempt, lateness = chosen.attempt, chosen.lateness
    manual_max = attempt.version.manual_max_score
    return {
        "university_id": attempt.university_id,
        "attempt_id": attempt.id,
        "result_id": chosen.result.id,
        "automatic_points": chosen.score,
        "manual_points": manual,
        "penalty_percent": lateness.penalty_percent,
        "score": apply_penalty(chosen.score + (manual or 0.0), lateness),
        "max_score": chosen.max_score + manual_max,
        "needs_manual": manual_max > 0 and manual is None,
    }
