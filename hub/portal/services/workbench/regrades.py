"""Regrading: a mended version tried on a sample, then on everybody, looked at, and published or thrown away.

Nothing counts before ``publish_regrade``, which is one transaction: whatever breaks or is cancelled before it, every
grade stays as it was. All of it is rows, so a restart at any moment goes on where it was.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.errors import ConflictError, ForbiddenError, InvalidError
from hub.portal.models import (
    Assignment,
    AssignmentVersion,
    Attempt,
    AttemptResult,
    GradeReportRow,
    GradingTask,
    Regrade,
    RegradeItem,
    RegradeState,
    TaskKind,
    TaskState,
    VersionReplacement,
    VersionState,
)
from hub.portal.services.access import require_teacher, taught_universities
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.blobs import insert_missing
from hub.portal.services.publishing import publish_version
from hub.portal.services.results import refresh_grades
from hub.portal.services.workbench import regrade_work as work
from hub.portal.services.workbench.regrade_trials import compare

SAMPLE_SIZE = 8
MAX_REASON = 500
OPEN = (RegradeState.SAMPLE, RegradeState.FULL)
#: Versions whose check has passed.
USABLE = (VersionState.READY, VersionState.LIVE, VersionState.RETIRED)


def start_regrade(
    session: Session, actor: Actor, version: AssignmentVersion, reason: str, environment_digest: str, now: datetime
) -> Regrade:
    """Begin with a sample; ConflictError while another regrade of the assignment is open or nothing would change."""
    assignment = version.assignment
    _check_person(session, actor, assignment)
    session.get_one(Assignment, assignment.id, with_for_update={"key_share": True})
    _check_version(session, version)
    regrade = Regrade(
        assignment_id=assignment.id,
        university_id=assignment.university_id,
        version_id=version.id,
        state=RegradeState.SAMPLE,
        reason=_checked(reason),
        made_by_id=actor.person_id or 0,
        made_at=now,
    )
    session.add(regrade)
    session.flush()
    found = work.candidates(session, regrade)
    if not found:
        raise ConflictError(
            "nothing_to_regrade",
            "이 버전으로 다시 채점할 제출물이 없습니다.",
            "There is no submission that this version would grade anew.",
        )
    work.add_items(session, regrade, work.pick_sample(found, SAMPLE_SIZE), environment_digest, now)
    _record(session, actor, regrade, "regrade.started", now, {"version": version.number})
    return regrade


def _check_person(session: Session, actor: Actor, assignment: Assignment) -> None:
    """Everybody's scores may change: an instructor who doesn't see all who handed in can't decide that."""
    require_teacher(session, actor.person_id or 0, assignment.course_id)
    universities = taught_universities(session, actor.person_id or 0, assignment.course_id)
    if universities is None:
        return
    others = sa.select(Attempt.id).where(
        Attempt.assignment_id == assignment.id, Attempt.university_id.not_in(universities)
    )
    if session.scalar(others.limit(1)) is not None:
        raise ForbiddenError(
            "whole_course_only",
            "다른 대학 학생의 점수도 바뀌므로, 과정 전체를 맡은 강사만 다시 채점할 수 있습니다.",
            "Other universities' trainees would get other scores too: only who teaches the whole course can regrade.",
        )


def _check_version(session: Session, version: AssignmentVersion) -> None:
    if version.state not in USABLE:
        raise ConflictError(
            "version_not_ready",
            "점검을 통과한 버전으로만 다시 채점할 수 있습니다.",
            "Only a version that has passed its check can regrade.",
        )
    if find_open(session, version.assignment_id) is not None:
        raise ConflictError(
            "regrade_open",
            "이 과제는 이미 다시 채점하는 중입니다. 그 결과를 먼저 반영하거나 버려 주십시오.",
            "A regrade of this assignment is open. Publish or discard it first.",
        )
    others = sa.select(AssignmentVersion.manual_max_score).where(
        AssignmentVersion.assignment_id == version.assignment_id,
        AssignmentVersion.id.in_(sa.select(Attempt.version_id)),
    )
    if set(session.scalars(others)) - {version.manual_max_score}:
        raise ConflictError(
            "manual_parts_differ",
            "직접 채점하는 배점이 다른 버전으로는 다시 채점할 수 없습니다. 이미 준 점수와 맞지 않게 됩니다.",
            "A version whose hand-graded points differ can't regrade: points given by people would no longer fit.",
        )


def find_open(session: Session, assignment_id: int) -> Regrade | None:
    """Return the regrade of an assignment that is neither published nor discarded."""
    query = sa.select(Regrade).where(Regrade.assignment_id == assignment_id, Regrade.state.in_(OPEN))
    return session.scalars(query).one_or_none()


def regrade_all(session: Session, actor: Actor, regrade: Regrade, environment_digest: str, now: datetime) -> int:
    """Go on from the sample to every attempt; returns how many were added."""
    _open_to(session, actor, regrade)
    regrade.state = RegradeState.FULL
    found = work.candidates(session, regrade)
    work.add_items(session, regrade, found, environment_digest, now)
    _record(session, actor, regrade, "regrade.extended", now, {"attempts": len(found)})
    return len(found)


def catch_up(session: Session, actor: Actor, regrade: Regrade, environment_digest: str, now: datetime) -> int:
    """Take in what happened since: new attempts, and results that changed; returns how many lines are new."""
    _open_to(session, actor, regrade)
    moved = _compare_anew(session, regrade, now)
    found = work.candidates(session, regrade) if regrade.state is RegradeState.FULL else []
    work.add_items(session, regrade, found, environment_digest, now)
    return moved + len(found)


def _compare_anew(session: Session, regrade: Regrade, now: datetime) -> int:
    """Compare with the result that counts now, where that is another one than when the item was made."""
    newest = work.newest_results(regrade.assignment_id).subquery()
    query = (
        sa.select(RegradeItem, AttemptResult.request_digest)
        .join(newest, newest.c.attempt_id == RegradeItem.attempt_id)
        .join(AttemptResult, AttemptResult.id == newest.c.result_id)
        .where(RegradeItem.regrade_id == regrade.id)
        .where(sa.func.coalesce(RegradeItem.base_digest, "") != AttemptResult.request_digest)
    )
    rows = session.execute(query).all()
    for item, base in rows:
        item.base_digest = base
        if item.compared_at is not None:
            compare(session, item, now)
    return len(rows)


def retry_failed(session: Session, actor: Actor, regrade: Regrade, now: datetime) -> int:
    """Let grading try again what it could not finish; returns how many."""
    _open_to(session, actor, regrade)
    query = sa.select(GradingTask).where(work.tasks_of(regrade.id), GradingTask.state == TaskState.NOT_GRADED)
    tasks = session.scalars(query.with_for_update()).all()
    for task in tasks:
        work.ask_again(task)
    _record(session, actor, regrade, "regrade.retried", now, {"attempts": len(tasks)})
    return len(tasks)


def discard_regrade(session: Session, actor: Actor, regrade: Regrade, now: datetime) -> None:
    """Stop and throw away: every grade stays as it is. Reports stay as rows, and are reused if the same is asked."""
    _open_to(session, actor, regrade)
    cancelled = work.cancel_tasks(session, work.tasks_of(regrade.id), now)
    _end(regrade, RegradeState.DISCARDED, actor, now)
    _record(session, actor, regrade, "regrade.discarded", now, {"cancelled": cancelled})


def publish_regrade(session: Session, actor: Actor, regrade: Regrade, environment_digest: str, now: datetime) -> None:
    """Let the new results count, all at once, and have the version grade whatever still comes.

    Points that people gave stay. What the new version could not grade keeps the result that it has.
    """
    _open_to(session, actor, regrade)
    _check_complete(session, actor, regrade, environment_digest, now)
    items = session.scalars(_usable_items(regrade.id)).all()
    attempts = session.scalars(sa.select(Attempt).where(Attempt.id.in_([item.attempt_id for item in items]))).all()
    rows = [_result_row(item, now) for item in items]
    if rows:
        insert_missing(session, AttemptResult, rows)
    _stop_old_grading(session, [attempt.id for attempt in attempts], now)
    refresh_grades(session, attempts, now)
    _replace_versions(session, regrade)
    if regrade.version.state is not VersionState.LIVE:
        publish_version(session, actor, regrade.version, now)
    regrade.counts = {"attempts": len(items), "changed": sum(item.is_changed for item in items)}
    _end(regrade, RegradeState.PUBLISHED, actor, now)
    _record(session, actor, regrade, "regrade.published", now, regrade.counts)


def _usable_items(regrade_id: int) -> sa.Select[RegradeItem]:
    """Items whose new report has a score."""
    query = sa.select(RegradeItem).join(GradeReportRow, GradeReportRow.request_digest == RegradeItem.request_digest)
    return query.where(RegradeItem.regrade_id == regrade_id, GradeReportRow.score.is_not(None))


def _result_row(item: RegradeItem, now: datetime) -> dict[str, object]:
    ids = {"attempt_id": item.attempt_id, "university_id": item.university_id}
    return {**ids, "request_digest": item.request_digest, "created_at": now}


def _check_complete(session: Session, actor: Actor, regrade: Regrade, environment_digest: str, now: datetime) -> None:
    if regrade.state is not RegradeState.FULL:
        raise ConflictError(
            "sample_only",
            "표본만 채점했습니다. 먼저 전체를 다시 채점해 주십시오.",
            "Only a sample was graded. Regrade everybody first.",
        )
    if catch_up(session, actor, regrade, environment_digest, now):
        raise ConflictError(
            "regrade_moved",
            "그사이 새 제출이나 새 결과가 있습니다. 바뀐 비교를 다시 확인해 주십시오.",
            "Submissions or results came in meanwhile. Please look at the comparison again.",
        )
    waiting = sa.select(GradingTask.id).where(work.tasks_of(regrade.id), GradingTask.state.in_(work.UNFINISHED))
    if session.scalar(waiting.limit(1)) is not None:
        raise ConflictError(
            "regrade_running", "아직 채점하고 있습니다. 끝난 뒤에 반영해 주십시오.", "Grading is still under way."
        )


def _stop_old_grading(session: Session, attempt_ids: list[int], now: datetime) -> None:
    """Gradings by the replaced tests that still wait or run must not come in later and count."""
    which = sa.and_(GradingTask.attempt_id.in_(attempt_ids), GradingTask.kind == TaskKind.LIVE)
    work.cancel_tasks(session, which, now)


def _replace_versions(session: Session, regrade: Regrade) -> None:
    """Whoever still works on an older version hands in to the mended tests."""
    target = regrade.version
    older = session.scalars(
        sa.select(AssignmentVersion.id).where(
            AssignmentVersion.assignment_id == regrade.assignment_id,
            AssignmentVersion.id != target.id,
            AssignmentVersion.state.in_(USABLE),
        )
    ).all()
    session.execute(sa.delete(VersionReplacement).where(VersionReplacement.version_id.in_([*older, target.id])))
    session.add_all(
        VersionReplacement(version_id=each, by_version_id=target.id, regrade_id=regrade.id) for each in older
    )
    session.flush()


def _open_to(session: Session, actor: Actor, regrade: Regrade) -> None:
    """Lock the regrade; ConflictError if somebody has ended it."""
    _check_person(session, actor, regrade.assignment)
    session.refresh(regrade, with_for_update=True)
    if regrade.state not in OPEN:
        raise ConflictError(
            "regrade_ended",
            "이미 끝난 재채점입니다. 다른 사람이 반영했거나 버렸습니다.",
            "This regrade has ended: somebody published or discarded it.",
        )


def _end(regrade: Regrade, state: RegradeState, actor: Actor, now: datetime) -> None:
    regrade.state, regrade.ended_at, regrade.ended_by_id = state, now, actor.person_id


def _checked(reason: str) -> str:
    reason = reason.strip()
    if not 1 <= len(reason) <= MAX_REASON:
        raise InvalidError(
            "reason",
            f"무엇을 고쳤는지 {MAX_REASON}자 이내로 써 주십시오.",
            f"Please say in at most {MAX_REASON} characters what was mended.",
        )
    return reason


def _record(
    session: Session, actor: Actor, regrade: Regrade, action: str, at: datetime, detail: dict[str, object]
) -> None:
    subject = Subject("regrade", str(regrade.id), university_id=regrade.university_id)
    detail = {"assignment": regrade.assignment_id, **detail}
    record(session, actor, Deed(action, subject, detail, regrade.reason), at)
