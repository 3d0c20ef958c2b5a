"""Reminders: a day before, once, and not to whoever has handed in or has more time."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from hub.portal.models import Assignment, DeadlineRule, Enrolment, EnrolmentState, Extension, MailMessage, Role
from hub.portal.services.reminders import is_any_due, remind

HOUR = timedelta(hours=1)


@pytest.fixture
def due(campus):
    """When the assignment is due for the cohort of gnu."""
    kim = campus.person("kim")
    with campus.database.reading() as session:
        cohort = session.scalars(sa.select(Enrolment.cohort_id).where(Enrolment.person_id == kim)).one()
        return session.scalars(sa.select(DeadlineRule.due_at).where(DeadlineRule.cohort_id == cohort)).one()


def look(campus, at) -> int:
    with campus.database.writing() as session:
        return remind(session, at)


def test_a_day_before_and_once(campus, due) -> None:
    assert [look(campus, due - hours * HOUR) for hours in (25, 24, 10, 1, 0, -1)] == [0, 1, 0, 0, 0, 0]
    mail = campus.get(MailMessage)
    assert (mail.kind, mail.person_id) == ("deadline_reminder", campus.person("kim"))
    assert mail.context["path"] == "/courses/ai/assignments/a01"


def test_not_to_whoever_has_handed_in(campus, due) -> None:
    lee = campus.person("lee")
    campus.submit(campus.person("kim"))
    assert look(campus, due - HOUR) == 1
    assert campus.get(MailMessage).person_id == lee


def test_whoever_has_more_time_is_reminded_before_their_own_end(campus, due) -> None:
    kim, teacher = campus.person("kim"), campus.person("teacher", Role.INSTRUCTOR)
    with campus.database.writing() as session:
        work = session.scalars(sa.select(Assignment)).one()
        facts = {"assignment_id": work.id, "person_id": kim, "university_id": work.university_id}
        session.add(
            Extension(due_at=due + 48 * HOUR, reason="r", granted_by_id=teacher, granted_at=campus.now, **facts)
        )
    assert look(campus, due - HOUR) == 0
    assert look(campus, due + 30 * HOUR) == 1


def test_not_to_whoever_has_left(campus, due) -> None:
    with campus.database.writing() as session:
        session.scalars(sa.select(Enrolment)).one().state = EnrolmentState.WITHDRAWN
    assert look(campus, due - HOUR) == 0


def test_the_duty_asks_only_when_something_is_due(campus, due) -> None:
    with campus.database.reading() as session:
        assert [is_any_due(session, due - hours * HOUR) for hours in (30, 10, -1)] == [False, True, False]
