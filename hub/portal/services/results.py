"""Reports stored once, results that point to them, and the grade that follows by the counting rule."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.contract import GradeReport
from hub.portal.models import (
    Assignment,
    Attempt,
    AttemptResult,
    Enrolment,
    Grade,
    GradeAdjustment,
    GradeReportRow,
    TeamAttempt,
)
from hub.portal.services.attempt_owners import Owner, attempt_ids_of, owners_of
from hub.portal.services.blobs import insert_missing
from hub.portal.services.deadlines import Candidate, Lateness, adjust, apply_penalty, choose, judge
from hub.portal.services.timetable import deadline_for
from hub.portal.services.workbench.mark_points import manual_points


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
    """Work out what each owner of ``attempt`` has in its assignment now; returns the grade of who handed it in."""
    return refresh_grades(session, [attempt], now).get(attempt.person_id)


def refresh_grades(session: Session, attempts: Collection[Attempt], now: datetime) -> dict[int, Grade | None]:
    """Work out once what each owner of any of ``attempts``, all of one assignment, has in it now: person -> grade.

    Staff trying an assignment get no grade. All enrolments are locked before anything else and in one order, as
    acceptance and results take them: a team whose members changed between attempts never waits in a circle.
    """
    owners = {owner for found in owners_of(session, attempts).values() for owner in found if owner.enrolment_id}
    trainees = sorted(owners, key=lambda owner: owner.enrolment_id or 0)
    lock_enrolments(session, [owner.enrolment_id or 0 for owner in trainees])
    assignments = {attempt.assignment_id for attempt in attempts}
    return {
        owner.person_id: _refresh(session, owner, assignment_id, now)
        for assignment_id in sorted(assignments)
        for owner in trainees
    }


def _refresh(session: Session, owner: Owner, assignment_id: int, now: datetime) -> Grade | None:
    enrolment = session.get_one(Enrolment, owner.enrolment_id or 0)
    scored = {found.attempt.number: found for found in _scored_attempts(session, enrolment, assignment_id)}
    rule = session.get_one(Assignment, assignment_id).counting_rule
    chosen = choose(rule, [Candidate(number, each.score, each.lateness) for number, each in scored.items()])
    return None if chosen is None else _put_grade(session, owner, scored[chosen.number], now)


def lock_enrolment(session: Session, enrolment_id: int) -> Enrolment:
    """Return the enrolment, locked until the transaction ends: one change of a person's work at a time.

    On SQLite whoever writes is alone anyway.
    """
    if session.get_bind().dialect.name == "sqlite":
        return session.get_one(Enrolment, enrolment_id)
    query = sa.select(Enrolment).where(Enrolment.id == enrolment_id).with_for_update(key_share=True)
    return session.scalars(query).one()


def lock_enrolments(session: Session, enrolment_ids: Collection[int]) -> None:
    """Lock several enrolments by their ids, the one order in which anybody does."""
    query = sa.select(Enrolment.id).where(Enrolment.id.in_(enrolment_ids)).order_by(Enrolment.id)
    session.scalars(query.with_for_update(key_share=True)).all()


def _scored_attempts(session: Session, enrolment: Enrolment, assignment_id: int) -> list[Scored]:
    """Return the scored attempts of a trainee, handed in alone or by a team, each judged by the trainee's deadline."""
    query = (
        sa.select(Attempt, AttemptResult, GradeReportRow.score, GradeReportRow.max_score, TeamAttempt.team_id)
        .outerjoin(TeamAttempt, TeamAttempt.attempt_id == Attempt.id)
        .join(AttemptResult, AttemptResult.attempt_id == Attempt.id)
        .join(GradeReportRow, GradeReportRow.request_digest == AttemptResult.request_digest)
        .where(
            Attempt.id.in_(attempt_ids_of(enrolment.person_id)),
            Attempt.assignment_id == assignment_id,
            Attempt.enrolment_id.is_not(None),
            GradeReportRow.score.is_not(None),
        )
        .order_by(AttemptResult.id)
    )
    newest = {row[0].id: row for row in session.execute(query)}
    teams = {row[4] for row in newest.values()}
    deadlines = {team_id: deadline_for(session, enrolment, assignment_id, team_id) for team_id in teams}
    return [
        Scored(found, result, score, max_score, judge(deadlines[team_id], found.received_at))
        for found, result, score, max_score, team_id in newest.values()
        if score is not None
    ]


def _put_grade(session: Session, owner: Owner, chosen: Scored, now: datetime) -> Grade:
    attempt = chosen.attempt
    query = sa.select(Grade).where(Grade.person_id == owner.person_id, Grade.assignment_id == attempt.assignment_id)
    grade = session.scalars(query).one_or_none()
    manual = manual_points(session, attempt, attempt.version.manual_max_score)
    facts = _grade_facts(chosen, manual, _adjustment(session, owner, attempt)) | {"university_id": owner.university_id}
    if grade is None:
        grade = Grade(person_id=owner.person_id, assignment_id=attempt.assignment_id)
    for name, value in facts.items():
        setattr(grade, name, value)
    grade.updated_at = now
    session.add(grade)
    session.flush()
    return grade


def _adjustment(session: Session, owner: Owner, attempt: Attempt) -> float:
    """Return the points that a member gets more or less than the team that handed the attempt in."""
    query = (
        sa.select(GradeAdjustment.points)
        .join(TeamAttempt, TeamAttempt.team_id == GradeAdjustment.team_id)
        .where(
            TeamAttempt.attempt_id == attempt.id,
            GradeAdjustment.person_id == owner.person_id,
            GradeAdjustment.revoked_at.is_(None),
        )
    )
    return session.scalar(query) or 0.0


def _grade_facts(chosen: Scored, manual: float | None, adjustment: float) -> dict[str, Any]:
    attempt, lateness = chosen.attempt, chosen.lateness
    manual_max = attempt.version.manual_max_score
    after_penalty = apply_penalty(chosen.score + (manual or 0.0), lateness)
    max_score = chosen.max_score + manual_max
    return {
        "attempt_id": attempt.id,
        "result_id": chosen.result.id,
        "automatic_points": chosen.score,
        "manual_points": manual,
        "penalty_percent": lateness.penalty_percent,
        "adjustment_points": adjustment,
        "score": adjust(after_penalty, adjustment, max_score),
        "max_score": max_score,
        "needs_manual": manual_max > 0 and manual is None,
    }
