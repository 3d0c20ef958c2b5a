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
    AttemptMember,
    AttemptResult,
    FeedbackPolicy,
    Grade,
    GradeReportRow,
    GradingTask,
    TaskKind,
    TaskState,
    Team,
    TeamAttempt,
)
from hub.portal.services.attempt_owners import Owner, attempt_ids_of, cohorts_of, owners_of, owns, team_ids_of
from hub.portal.services.deadlines import Deadline, Lateness, explain_lateness, judge, last_moment
from hub.portal.services.queue import position
from hub.portal.services.scores import is_manual_pending
from hub.portal.services.timetable import extensions_of, extensions_of_teams, make_deadline, rules_of_cohort


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
class Member:
    """One person of a team."""

    person_id: int
    name: str


@dataclass(frozen=True)
class TeamWork:
    """Which team handed an attempt in, who belonged to it then, and who pressed the button."""

    name: str
    submitted_by: Member
    members: tuple[Member, ...]

    @property
    def words(self) -> Text:
        """Say who handed in for whom."""
        who = self.submitted_by.name
        return Text(ko=f"{self.name} 팀의 {who} 님이 제출했습니다.", en=f"Submitted by {who} for team {self.name}.")


@dataclass(frozen=True)
class AttemptView:
    """One attempt as somebody may see it; ``score`` is what tests gave, before the late penalty, None while hidden.

    ``person_id`` is whose grade and deadline it shows: of a team's attempt each member sees their own.
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
    team: TeamWork | None = None
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
    owners: dict[int, Owner]
    teams: dict[int, TeamWork]
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
    session: Session, attempts: Sequence[Attempt], now: datetime, *, as_staff: bool = False, owner_id: int | None = None
) -> list[AttemptView]:
    """Return views in the order given. Staff see scores at once, students as the assignment's policy says.

    Grade and deadline are those of ``owner_id`` where the attempt is theirs too, else of who handed it in.
    """
    facts = _load_facts(session, attempts, owner_id)
    return [_view(session, attempt, facts, now, as_staff) for attempt in attempts]


def _load_facts(session: Session, attempts: Sequence[Attempt], owner_id: int | None) -> _Facts:
    owners = {
        attempt_id: next((owner for owner in found if owner.person_id == owner_id), found[0])
        for attempt_id, found in owners_of(session, attempts).items()
    }
    ids = [attempt.id for attempt in attempts]
    live = sa.select(GradingTask).where(GradingTask.attempt_id.in_(ids), GradingTask.kind == TaskKind.LIVE)
    tasks = session.scalars(live.order_by(GradingTask.id))  # a regrade shows when it is published
    results = (
        sa.select(AttemptResult, GradeReportRow)
        .join(GradeReportRow, GradeReportRow.request_digest == AttemptResult.request_digest)
        .where(AttemptResult.attempt_id.in_(ids))
        .order_by(AttemptResult.id)
    )
    people = {owner.person_id for owner in owners.values()}
    work = {attempt.assignment_id for attempt in attempts}
    grades = sa.select(Grade).where(Grade.person_id.in_(people), Grade.assignment_id.in_(work))
    return _Facts(
        tasks={task.attempt_id: task for task in tasks},
        reports={result.attempt_id: (result, report) for result, report in session.execute(results)},
        owners=owners,
        teams=_teams(session, ids),
        deadlines=_deadlines(session, attempts, owners),
        grades={(grade.person_id, grade.assignment_id): grade for grade in session.scalars(grades)},
    )


def _teams(session: Session, attempt_ids: Sequence[int]) -> dict[int, TeamWork]:
    """Return the teams of those attempts that are a team's, with their members at that time."""
    query = (
        sa.select(TeamAttempt, Team.name)
        .join(Team, Team.id == TeamAttempt.team_id)
        .where(TeamAttempt.attempt_id.in_(attempt_ids))
        .options(joinedload(TeamAttempt.attempt).selectinload(Attempt.members).joinedload(AttemptMember.person))
    )
    found = {}
    for row, name in session.execute(query):
        members = {each.person_id: Member(each.person_id, each.person.name) for each in row.attempt.members}
        found[row.attempt_id] = TeamWork(name, members[row.attempt.person_id], tuple(members.values()))
    return found


def _deadlines(session: Session, attempts: Sequence[Attempt], owners: dict[int, Owner]) -> dict[int, Deadline]:
    cohorts = cohorts_of(session, {owner.enrolment_id for owner in owners.values() if owner.enrolment_id is not None})
    rules = {cohort_id: rules_of_cohort(session, cohort_id) for cohort_id in set(cohorts.values())}
    extensions = extensions_of(session, {owner.person_id for owner in owners.values()})
    teams = team_ids_of(session, list(owners))
    of_teams = extensions_of_teams(session, set(teams.values()))
    found = {}
    for attempt in attempts:
        owner = owners[attempt.id]
        rule = rules.get(cohorts.get(owner.enrolment_id or 0, 0), {}).get(attempt.assignment_id)
        own = extensions.get((owner.person_id, attempt.assignment_id), [])
        found[attempt.id] = make_deadline(rule, own + of_teams.get(teams.get(attempt.id, 0), []))
    return found


def _view(session: Session, attempt: Attempt, facts: _Facts, now: datetime, as_staff: bool) -> AttemptView:
    task, found = facts.tasks.get(attempt.id), facts.reports.get(attempt.id)
    deadline = facts.deadlines[attempt.id]
    lateness = judge(deadline, attempt.received_at)
    owner_id = facts.owners[attempt.id].person_id
    grade = facts.grades.get((owner_id, attempt.assignment_id))
    assignment = attempt.assignment
    shown = as_staff or is_shown(assignment.score_policy, deadline, now, grade.released_at if grade else None)
    result, report = found if found is not None else (None, None)
    status = _status(task, report)
    counts = grade is not None and grade.attempt_id == attempt.id
    return AttemptView(
        attempt_id=attempt.id,
        receipt_id=attempt.receipt_id,
        person_id=owner_id,
        team=facts.teams.get(attempt.id),
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
    query = select_attempts().where(Attempt.id.in_(attempt_ids_of(person_id)), Attempt.assignment_id == assignment_id)
    attempts = list(session.scalars(query.order_by(Attempt.number.desc())))
    return view_attempts(session, attempts, now, owner_id=person_id)


def view_attempt(session: Session, attempt: Attempt, viewer_id: int, now: datetime) -> AttemptView:
    """Return one attempt as ``viewer_id`` may see it; whether they may at all was asked before."""
    as_staff = not owns(session, viewer_id, attempt)
    return view_attempts(session, [attempt], now, as_staff=as_staff, owner_id=viewer_id)[0]
