"""What people see of an attempt: its status step by step, and its score only when the policy says so."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from graders.contract import Fault, ReportState, Text
from hub.portal.models import Assignment, Attempt, Extension, FeedbackPolicy, Grade, GradingTask, TaskState
from hub.portal.services import queue
from hub.portal.services.attempts import is_shown, select_attempts, view_attempts
from hub.portal.services.deadlines import Deadline
from hub.portal.services.results import refresh_grade


def view(campus, *, as_staff: bool = False, after: timedelta = timedelta(0)):
    with campus.database.reading() as session:
        attempts = session.scalars(select_attempts().order_by(Attempt.id)).all()
        return view_attempts(session, attempts, campus.now + after, as_staff=as_staff)[0]


def test_the_status_goes_from_queued_to_graded(campus) -> None:
    campus.submit(campus.person("kim"))
    seen = [(view(campus).status.value, view(campus).queue_position)]
    with campus.database.writing() as session:
        held = queue.claim(session, "w", campus.now)
    seen.append((view(campus).status.value, view(campus).queue_position))
    with campus.database.writing() as session:
        queue.finish(session, held, campus.report(held.request_digest, 4.0), "w", campus.now)
    assert seen == [("queued", 1), ("grading", None)]
    assert (view(campus).status.value, view(campus).score, view(campus).counts) == ("graded", 4.0, True)


@pytest.mark.parametrize(
    ("state", "fault", "status"),
    [
        (ReportState.REFUSED, Fault.STUDENT, "refused"),
        (ReportState.NEEDS_PERSON, Fault.TEST, "needs_person"),
    ],
)
def test_other_ends_have_their_own_word(sqlite_campus, state, fault, status) -> None:
    campus = sqlite_campus
    campus.submit(campus.person("kim"))
    with campus.database.writing() as session:
        held = queue.claim(session, "w", campus.now)
        succeeded = state is ReportState.NEEDS_PERSON
        changes = {
            "state": state,
            "fault": fault,
            "succeeded": succeeded,
            "gradable": succeeded,
            "score": 2.0 if succeeded else None,
            "reason": Text(ko="까닭", en="why"),
        }
        report = campus.report(held.request_digest).model_copy(update=changes)
        queue.finish(session, held, report, "w", campus.now)
    assert view(campus).status.value == status
    assert campus.count(Grade) == (1 if succeeded else 0)


def test_not_graded_tells_the_cause_and_no_score(sqlite_campus) -> None:
    sqlite_campus.submit(sqlite_campus.person("kim"))
    with sqlite_campus.database.writing() as session:
        failure = {"ko": "까닭", "en": "cause", "staff": "traceback"}
        session.execute(sa.update(GradingTask).values(state=TaskState.NOT_GRADED, failure=failure))
    found = view(sqlite_campus)
    assert (found.status.value, found.score, found.cause.text.en) == ("not_graded", None, "cause")


def test_a_score_waits_for_its_policy_but_not_for_staff(sqlite_campus) -> None:
    campus = sqlite_campus
    with campus.database.writing() as session:
        session.execute(sa.update(Assignment).values(score_policy=FeedbackPolicy.AFTER_DUE))
    campus.submit(campus.person("kim"))
    campus.grade(score=4.0)
    assert view(campus).score is None
    assert view(campus, as_staff=True).score == 4.0
    assert view(campus, after=timedelta(days=30)).score == 4.0


@pytest.mark.parametrize(
    ("policy", "before", "after_due", "after_close"),
    [
        (FeedbackPolicy.IMMEDIATE, True, True, True),
        (FeedbackPolicy.AFTER_DUE, False, True, True),
        (FeedbackPolicy.AFTER_CLOSE, False, False, True),
        (FeedbackPolicy.ON_RELEASE, False, False, False),
    ],
)
def test_when_a_policy_shows(sqlite_campus, policy, before, after_due, after_close) -> None:
    due = sqlite_campus.now
    deadline = Deadline(due_at=due, closes_at=due + timedelta(days=7))
    moments = (due, due + timedelta(days=1), due + timedelta(days=8))
    shown = [is_shown(policy, deadline, at, None) for at in moments]
    assert shown == [before, after_due, after_close]
    assert is_shown(FeedbackPolicy.ON_RELEASE, deadline, due, due)


def test_an_extension_granted_later_takes_the_penalty_away(campus) -> None:
    student, teacher = campus.person("kim"), campus.person("lee")
    late = campus.now + timedelta(days=8)
    campus.submit(student, received_at=late)
    campus.grade(score=10.0, at=late)
    assert campus.get(Grade).score == 9.0
    with campus.database.writing() as session:
        attempt = session.scalars(sa.select(Attempt)).one()
        session.add(
            Extension(
                assignment_id=attempt.assignment_id,
                person_id=student,
                university_id=attempt.university_id,
                due_at=late + timedelta(days=1),
                reason="입원",
                granted_by_id=teacher,
            )
        )
        session.flush()
        refresh_grade(session, attempt, late)
    assert campus.get(Grade).score == 10.0
    assert view(campus).late_text.ko == "기한 내 제출"
