from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from hub.portal.models import AuditEvent, Cohort, DeadlineRule, Extension, Grade, Login
from hub.portal.services.timetable import KST

PAGE = "/teach/manufacturing-ai/milling/deadlines"
EXTENSIONS = "/teach/manufacturing-ai/milling/extensions"


def typed(delta: timedelta) -> str:
    return (datetime.now(UTC) + delta).astimezone(KST).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
def cohort(sqlite_database) -> int:
    with sqlite_database.reading() as session:
        return session.scalars(sa.select(Cohort.id).where(Cohort.slug == "gnu-1")).one()


@pytest.fixture
def stricter(cohort) -> dict[str, object]:
    """A deadline of half a day ago, ten per cent a day: everybody but who handed in before is late."""
    times = {"opens_at": "", "due_at": typed(timedelta(hours=-12)), "closes_at": ""}
    return {**times, "cohort": cohort, "grace": "0", "late": "per_day", "percent": "10", "cap": "50"}


def scores(database) -> list[float]:
    with database.reading() as session:
        return sorted(session.scalars(sa.select(Grade.score)).all())


def test_a_proposal_shows_who_would_get_what_and_changes_nothing(sign_in, sqlite_database, stricter):
    before = scores(sqlite_database)
    page = sign_in("instructor").get(PAGE, query_string=stricter).text
    assert "아직 바뀐 것은 없습니다" in page
    assert "김서연" in page
    assert "<b>6.3</b>" in page  # 7 of 10, ten per cent less
    assert scores(sqlite_database) == before


def test_what_is_put_in_force_is_a_new_revision_and_all_grades_follow(sign_in, sqlite_database, stricter):
    sign_in("instructor").post(PAGE, data=stricter)
    with sqlite_database.reading() as session:
        student = sa.select(Login.person_id).where(Login.subject == "student0").scalar_subquery()
        assert session.scalars(sa.select(Grade.score).where(Grade.person_id == student)).one() == pytest.approx(6.3)
        revisions = session.scalars(
            sa.select(DeadlineRule.revision)
            .where(DeadlineRule.cohort_id == stricter["cohort"])
            .order_by(DeadlineRule.id)
        ).all()
        assert revisions == [1, 1, 1, 2]
        assert session.scalar(sa.select(sa.func.count()).where(AuditEvent.action == "deadline.set")) == 1


def test_the_one_who_has_an_extension_is_not_late(sign_in, sqlite_database, stricter):
    with sqlite_database.reading() as session:
        student = session.scalars(sa.select(Login.person_id).where(Login.subject == "student3")).one()
        before = session.scalars(sa.select(Grade.score).where(Grade.person_id == student)).one()
    sign_in("instructor").post(PAGE, data=stricter)
    with sqlite_database.reading() as session:
        assert session.scalars(sa.select(Grade.score).where(Grade.person_id == student)).one() == before


@pytest.mark.parametrize(
    "changes",
    [
        {"closes_at": "2020-01-01T00:00"},
        {"due_at": "yesterday"},
        {"percent": "150"},
        {"percent": "nan"},
        {"late": "never"},
        {"grace": "-5"},
        {"grace": "99999999999"},
    ],
)
def test_a_rule_that_can_t_be_is_refused(sign_in, sqlite_database, stricter, changes):
    client = sign_in("instructor")
    assert client.post(PAGE, data={**stricter, **changes}).status_code == 422
    assert client.get(PAGE, query_string={**stricter, **changes}).status_code == 422
    with sqlite_database.reading() as session:
        assert session.scalar(sa.select(sa.func.max(DeadlineRule.revision))) == 1


def test_another_university_s_cohort_is_not_there(sign_in, sqlite_database, stricter):
    with sqlite_database.reading() as session:
        foreign = session.scalars(sa.select(Cohort.id).where(Cohort.slug == "inje-1")).one()
    assert sign_in("instructor").post(PAGE, data={**stricter, "cohort": foreign}).status_code == 404


def test_more_time_for_a_list_is_granted_to_all_of_them_or_to_none(sign_in, sqlite_database, campus):
    form = {"due_at": "2030-01-01T18:00", "reason": "정전"}
    people = [f"person-{person}" for person in campus.free]
    assert sign_in("instructor").post(EXTENSIONS, data={**form, "whom": [*people, "person-999999"]}).status_code == 404
    assert count(sqlite_database) == 1
    assert sign_in("instructor").post(EXTENSIONS, data={**form, "whom": [*people, people[0]]}).status_code == 302
    assert count(sqlite_database) == 3


def count(database) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count(Extension.id)))
