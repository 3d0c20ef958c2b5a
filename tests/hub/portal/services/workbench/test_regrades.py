"""A regrade changes no grade until it is published, and then all of them at once."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from graders.contract import ReportState
from hub.portal.errors import ConflictError, ForbiddenError, InvalidError
from hub.portal.models import (
    AssignmentFetch,
    AssignmentVersion,
    Attempt,
    AttemptResult,
    AuditEvent,
    Grade,
    GradeRequestRow,
    GradingTask,
    Regrade,
    RegradeItem,
    Role,
    RoleGrant,
    TaskKind,
    TaskState,
    University,
    VersionState,
)
from hub.portal.services import queue
from hub.portal.services.attempts import Status, view_attempts
from hub.portal.services.audit import Actor
from hub.portal.services.seeds import SeedSubject
from hub.portal.services.workbench import regrades
from hub.portal.services.workbench.regrade_work import pick_sample
from tests.hub.portal.services.workbench.regrading import ENVIRONMENT, make_classroom

WRONG, RIGHT = {"a": 5.0, "b": 0.0}, {"a": 5.0, "b": 5.0}


@pytest.fixture
def classroom(campus):
    made = make_classroom(campus)
    for name in ("kim", "lee", "choi"):
        made.hand_in(name, WRONG)
    return made


@pytest.fixture
def sqlite_classroom(sqlite_campus):
    made = make_classroom(sqlite_campus)
    for name in ("kim", "lee", "choi"):
        made.hand_in(name, WRONG)
    return made


def test_a_sample_is_graded_and_nothing_counts_yet(classroom, monkeypatch):
    monkeypatch.setattr(regrades, "SAMPLE_SIZE", 2)
    classroom.start()
    assert classroom.grade_rest(RIGHT) == 2
    assert set(classroom.scores().values()) == {5.0}
    with classroom.campus.database.reading() as session:
        items = session.scalars(sa.select(RegradeItem)).all()
        assert [(item.old_score, item.new_score, item.is_changed) for item in items] == [(5.0, 10.0, True)] * 2
        assert [change["cell"] for change in items[0].changes] == ["b"]


def test_publishing_changes_all_grades_at_once_and_keeps_the_history(classroom):
    regrade = classroom.start()
    classroom.do(regrades.regrade_all, regrade)
    classroom.grade_rest(RIGHT)
    classroom.do(regrades.publish_regrade, regrade)
    assert classroom.scores() == {"kim": 10.0, "lee": 10.0, "choi": 10.0}
    assert classroom.campus.count(AttemptResult) == 6
    states = {v.number: v.state for v in _all(classroom, AssignmentVersion)}
    assert states == {1: VersionState.RETIRED, 2: VersionState.LIVE}
    [done] = _all(classroom, Regrade)
    assert done.counts == {"attempts": 3, "changed": 3}
    assert classroom.campus.count(AuditEvent, action="regrade.published") == 1


def test_discarding_midway_leaves_every_grade_and_stops_the_queue(classroom):
    regrade = classroom.start()
    classroom.do(regrades.regrade_all, regrade)
    classroom.grade_next(RIGHT)
    before = [(grade.result_id, grade.score, grade.updated_at) for grade in _all(classroom, Grade)]
    with classroom.campus.database.writing() as session:
        held = queue.claim(session, "worker-2", classroom.campus.now)
    classroom.end(regrades.discard_regrade, regrade)
    with classroom.campus.database.writing() as session:
        assert not queue.heartbeat(session, held, classroom.campus.now)
    assert not classroom.grade_next(RIGHT)
    assert [(grade.result_id, grade.score, grade.updated_at) for grade in _all(classroom, Grade)] == before
    assert classroom.campus.count(AttemptResult) == 3


def test_a_discarded_regrade_s_late_report_becomes_no_grade(classroom):
    regrade = classroom.start()
    classroom.end(regrades.discard_regrade, regrade)
    with classroom.campus.database.writing() as session:
        for task in session.scalars(sa.select(GradingTask).where(GradingTask.kind == TaskKind.REGRADE)):
            task.state = TaskState.QUEUED
    classroom.grade_rest(RIGHT)
    assert set(classroom.scores().values()) == {5.0}


def test_a_second_regrade_of_the_same_version_reuses_what_was_graded(classroom):
    first = classroom.start()
    classroom.grade_rest(RIGHT)
    classroom.end(regrades.discard_regrade, first)
    classroom.start()
    assert not classroom.grade_next(RIGHT)
    with classroom.campus.database.reading() as session:
        newest = sa.select(sa.func.max(Regrade.id)).scalar_subquery()
        query = sa.select(RegradeItem.new_score).where(RegradeItem.regrade_id == newest)
        assert session.scalars(query).all() == [10.0] * 3


def test_a_mended_test_can_be_taken_back_by_the_same_bundle(classroom):
    regrade = classroom.start()
    classroom.do(regrades.regrade_all, regrade)
    classroom.grade_rest(RIGHT)
    classroom.do(regrades.publish_regrade, regrade)
    classroom.version_id = next(v.id for v in _all(classroom, AssignmentVersion) if v.number == 1)
    back = classroom.start()
    classroom.do(regrades.regrade_all, back)
    assert classroom.grade_rest(WRONG) == 3
    classroom.do(regrades.publish_regrade, back)
    assert set(classroom.scores().values()) == {5.0}
    with classroom.campus.database.reading() as session:
        version = session.get_one(AssignmentVersion, classroom.version_id)
        assert version.replacement is None


def test_a_later_attempt_at_the_old_version_is_graded_by_the_mended_tests_on_its_own_data(classroom):
    regrade = classroom.start()
    classroom.do(regrades.regrade_all, regrade)
    classroom.grade_rest(RIGHT)
    old, new = sorted(_all(classroom, AssignmentVersion), key=lambda version: version.number)
    fetcher = classroom.campus.person("jung")
    _fetch(classroom, fetcher, old.id)
    classroom.do(regrades.publish_regrade, regrade)
    accepted = classroom.campus.submit(fetcher, "late answer")
    [task] = [task for task in _all(classroom, GradingTask) if task.attempt_id == accepted.attempt.id]
    request = classroom.campus.get(GradeRequestRow, digest=task.request_digest).request
    assert accepted.attempt.version_id == old.id
    assert request["bundle_digest"] == new.bundle_digest
    assert request["seed"] == classroom.campus.terms.keys.learner_seed(_subject(fetcher, 1))


def test_the_learner_s_seeds_stay_in_the_new_request(classroom):
    classroom.start()
    requests = [row.request for row in _all(classroom, GradeRequestRow)]
    assert len({request["bundle_digest"] for request in requests}) == 2
    assert len({request["submission_digest"] for request in requests}) == 3
    seeds = {(r["submission_digest"], r["seed"], r["hidden_seed"]) for r in requests}
    assert len(seeds) == 3
    assert sum(request["environment_digest"] == ENVIRONMENT for request in requests) == 3


def test_publishing_waits_until_everything_is_graded(classroom):
    regrade = classroom.start()
    with pytest.raises(ConflictError, match="sample_only"):
        classroom.do(regrades.publish_regrade, regrade)
    classroom.do(regrades.regrade_all, regrade)
    with pytest.raises(ConflictError, match="regrade_running"):
        classroom.do(regrades.publish_regrade, regrade)
    assert set(classroom.scores().values()) == {5.0}


def test_what_came_in_meanwhile_is_shown_before_it_is_published(classroom):
    regrade = classroom.start()
    classroom.do(regrades.regrade_all, regrade)
    classroom.grade_rest(RIGHT)
    classroom.hand_in("jung", WRONG)
    with pytest.raises(ConflictError, match="regrade_moved"):
        classroom.do(regrades.publish_regrade, regrade)
    assert classroom.do(regrades.catch_up, regrade) == 1
    classroom.grade_rest(RIGHT)
    classroom.do(regrades.publish_regrade, regrade)
    assert set(classroom.scores().values()) == {10.0}


def test_an_old_grading_that_ends_after_publication_does_not_count(classroom):
    person = classroom.campus.person("jung")
    classroom.campus.submit(person, "slow")
    with classroom.campus.database.writing() as session:
        slow = queue.claim(session, "worker-1", classroom.campus.now)
    regrade = classroom.start()
    classroom.do(regrades.regrade_all, regrade)
    classroom.grade_rest(RIGHT)
    classroom.do(regrades.publish_regrade, regrade)
    with classroom.campus.database.writing() as session:
        late = classroom.campus.report(slow.request_digest, 1.0)
        assert queue.finish(session, slow, late, "worker-1", classroom.campus.now) is None
    assert classroom.scores()["jung"] == 10.0


def test_what_the_new_version_can_t_grade_keeps_its_score(classroom):
    regrade = classroom.start()
    classroom.do(regrades.regrade_all, regrade)
    classroom.grade_next({}, ReportState.REFUSED)
    classroom.grade_rest(RIGHT)
    classroom.do(regrades.publish_regrade, regrade)
    assert sorted(classroom.scores().values()) == [5.0, 10.0, 10.0]


def test_students_see_nothing_of_a_regrade_that_runs(sqlite_classroom):
    classroom = sqlite_classroom
    classroom.start()
    classroom.grade_next(RIGHT)
    with classroom.campus.database.reading() as session:
        views = view_attempts(session, session.scalars(sa.select(Attempt)).all(), classroom.campus.now)
    assert [(view.status, view.score) for view in views] == [(Status.GRADED, 5.0)] * 3


def test_live_work_goes_before_a_regrade(sqlite_classroom):
    classroom = sqlite_classroom
    classroom.start()
    accepted = classroom.campus.submit(classroom.campus.person("jung"), "live")
    with classroom.campus.database.writing() as session:
        held = queue.claim(session, "worker-1", classroom.campus.now)
    assert held.attempt_id == accepted.attempt.id


def test_only_one_regrade_of_an_assignment_is_open(sqlite_classroom):
    sqlite_classroom.start()
    with pytest.raises(ConflictError, match="regrade_open"):
        sqlite_classroom.start()


@pytest.mark.parametrize("state", [VersionState.STAGED, VersionState.CHECKING, VersionState.REJECTED])
def test_an_unchecked_version_regrades_nobody(sqlite_classroom, state):
    with sqlite_classroom.campus.database.writing() as session:
        session.get_one(AssignmentVersion, sqlite_classroom.version_id).state = state
    with pytest.raises(ConflictError, match="version_not_ready"):
        sqlite_classroom.start()


def test_a_version_with_other_hand_graded_points_regrades_nobody(sqlite_classroom):
    with sqlite_classroom.campus.database.writing() as session:
        session.get_one(AssignmentVersion, sqlite_classroom.version_id).manual_max_score = 3
    with pytest.raises(ConflictError, match="manual_parts_differ"):
        sqlite_classroom.start()


def test_the_version_that_graded_everybody_has_nothing_to_regrade(sqlite_classroom):
    sqlite_classroom.version_id = next(v.id for v in _all(sqlite_classroom, AssignmentVersion) if v.number == 1)
    with pytest.raises(ConflictError, match="nothing_to_regrade"):
        sqlite_classroom.start()


def test_an_instructor_of_one_university_s_trainees_can_t_regrade(sqlite_classroom):
    with sqlite_classroom.campus.database.writing() as session:
        grant = session.scalars(sa.select(RoleGrant).where(RoleGrant.role == Role.INSTRUCTOR)).one()
        here = session.get_one(University, grant.university_id)
        grant.university_id = session.scalars(sa.select(University.id).where(University.id != here.id)).first()
    with pytest.raises(ForbiddenError, match="whole_course_only"):
        sqlite_classroom.start()


def test_a_student_can_t_regrade(sqlite_classroom):
    sqlite_classroom.actor = Actor("kim", sqlite_classroom.campus.person("kim"))
    with pytest.raises(ForbiddenError):
        sqlite_classroom.start()


def test_a_regrade_needs_a_reason(sqlite_classroom):
    with sqlite_classroom.campus.database.writing() as session:
        version = session.get_one(AssignmentVersion, sqlite_classroom.version_id)
        with pytest.raises(InvalidError, match="reason"):
            regrades.start_regrade(
                session, sqlite_classroom.actor, version, " ", ENVIRONMENT, sqlite_classroom.campus.now
            )


def test_what_has_ended_can_t_be_published(sqlite_classroom):
    regrade = sqlite_classroom.start()
    sqlite_classroom.end(regrades.discard_regrade, regrade)
    with pytest.raises(ConflictError, match="regrade_ended"):
        sqlite_classroom.do(regrades.publish_regrade, regrade)


def test_what_grading_gave_up_is_tried_again_on_request(sqlite_classroom):
    classroom = sqlite_classroom
    regrade = classroom.start()
    with classroom.campus.database.writing() as session:
        task = session.scalars(sa.select(GradingTask).where(GradingTask.kind == TaskKind.REGRADE)).first()
        task.state = TaskState.NOT_GRADED
    assert classroom.end(regrades.retry_failed, regrade) == 1
    assert classroom.grade_rest(RIGHT) == 3


def test_a_sample_reaches_from_the_lowest_to_the_highest_score():
    class Found:
        def __init__(self, score):
            self.score, self.counts, self.attempt = score, True, type("A", (), {"id": score})

    picked = pick_sample([Found(score) for score in (9, 1, 5, 3, 7, 2)], 3)
    assert [each.score for each in picked] in ([1, 3, 9], [1, 5, 9])


def _all(classroom, kind):
    with classroom.campus.database.reading() as session:
        return session.scalars(sa.select(kind)).all()


def _fetch(classroom, person_id, version_id):
    with classroom.campus.database.writing() as session:
        session.add(AssignmentFetch(person_id=person_id, version_id=version_id))


def _subject(person_id, number):
    return SeedSubject(person_id, "ai/a01", number)
