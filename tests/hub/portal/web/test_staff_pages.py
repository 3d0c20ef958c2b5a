from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from hub.portal.models import (
    Assignment,
    AssignmentVersion,
    AuditEvent,
    Enrolment,
    Person,
    Programme,
    VersionState,
)
from hub.portal.services.course_overview import (
    Filter,
    attempts_needing_staff,
    list_attempts,
    progress_of_course,
    taught_courses,
)
from hub.portal.services.header import header_of
from hub.portal.services.programme.kpi import scope_of
from hub.portal.services.programme.progress_cache import progress_now
from hub.portal.services.programme_overview import masked, trainees_of
from hub.portal.services.student_overview import student_overview
from tests.hub.portal.web.campus import add_attempt, build_campus

COURSE = "/teach/manufacturing-ai"
VERSION = f"{COURSE}/milling/versions/2"


def test_the_course_opens_on_what_needs_the_instructor(sign_in):
    page = sign_in("instructor").get(COURSE).text
    needs, _, rest = page.partition('id="progress"')
    assert "게시 대기" in needs
    assert "채점 불가" in needs
    assert "6명 중 4명 제출" in rest


def test_one_click_publishes_and_the_version_before_is_kept(sign_in, sqlite_database):
    client = sign_in("instructor")
    assert client.post(f"{VERSION}/publish").headers["Location"] == VERSION
    assert "게시 중" in client.get(VERSION).text
    with sqlite_database.reading() as session:
        query = sa.select(AssignmentVersion.state).join(Assignment).where(Assignment.slug == "milling")
        assert set(session.scalars(query)) == {VersionState.RETIRED, VersionState.LIVE}
        event = session.scalars(
            sa.select(AuditEvent).where(AuditEvent.subject_type.not_in(("session", "roster", "kpi_snapshot")))
        ).one()
        assert (event.action, event.actor) == ("version.published", "instructor")


def test_what_blocks_publishing_stands_before_what_is_only_good_to_know(sign_in, sqlite_database):
    texts = {"warns": {"ko": "느립니다", "en": "slow"}, "blocks": {"ko": "예시 답안이 틀립니다", "en": "wrong"}}
    findings = [{"code": "x", "severity": severity, "text": text} for severity, text in texts.items()]
    with sqlite_database.writing() as session:
        session.execute(
            sa.update(AssignmentVersion)
            .where(AssignmentVersion.number == 2)
            .values(check_report={"findings": findings}, state=VersionState.REJECTED)
        )
    page = sign_in("instructor").get(VERSION).text
    assert page.index("예시 답안이 틀립니다") < page.index("느립니다")


def test_what_is_live_can_t_be_published_again_and_the_page_says_why(sign_in):
    client = sign_in("instructor")
    client.post(f"{VERSION}/publish")
    answer = client.post(f"{VERSION}/publish")
    assert answer.status_code == 409
    assert "게시할 수 없습니다" in answer.text


@pytest.mark.parametrize("state", [VersionState.STAGED, VersionState.CHECKING, VersionState.REJECTED])
def test_a_version_that_is_not_ready_has_no_button_and_can_t_be_published(sign_in, sqlite_database, state):
    with sqlite_database.writing() as session:
        session.execute(sa.update(AssignmentVersion).where(AssignmentVersion.number == 2).values(state=state))
    client = sign_in("instructor")
    assert "/publish" not in client.get(VERSION).text
    assert client.post(f"{VERSION}/publish").status_code == 409


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("", 7),
        ("?status=graded", 4),
        ("?status=queued", 1),
        ("?status=not_graded", 1),
        ("?assignment=milling", 5),
        ("?search=김서연", 2),
        ("?search=%25", 0),
        ("?status=graded&search=김서연&sort=oldest", 1),
        ("?page=99", 7),
        ("?page=x&status='--&sort=;drop", 7),
    ],
)
def test_filters_live_in_the_address(sign_in, query, rows):
    page = sign_in("instructor").get(f"{COURSE}/attempts{query}").text
    assert page.count('<tr class="opens">') == rows


def test_a_long_list_is_paged_fifty_at_a_time(sign_in, sqlite_database):
    with sqlite_database.writing() as session:
        version = session.scalars(sa.select(AssignmentVersion)).first()
        enrolment = session.scalars(sa.select(Enrolment)).first()
        for number in range(10, 62):
            add_attempt(session, version, enrolment, number, datetime.now(UTC))
    client = sign_in("instructor")
    first = client.get(f"{COURSE}/attempts?search=김서연").text
    assert first.count('<tr class="opens">') == 50
    assert "전체 54건 중 1–50" in first
    assert client.get(f"{COURSE}/attempts?search=김서연&page=2").text.count('<tr class="opens">') == 4


def kpi_of(session, person_id):
    programme = session.scalars(sa.select(Programme)).one()
    return progress_now(session, scope_of(session, person_id, programme, datetime.now(UTC))).kpi


def test_the_coordinator_sees_people_counted_once_and_the_funnel_move(sign_in, sqlite_database):
    client = sign_in("coordinator")

    def people(stage):
        page = client.get("/programme?fragment=live").text
        return int(page.partition(f'data-stage="{stage}">')[2].partition("<")[0])

    assert [people(stage) for stage in ("started", "submitted", "passed", "completed")] == [8, 4, 2, 1]
    with sqlite_database.writing() as session:
        version = session.scalars(sa.select(AssignmentVersion)).first()
        newcomer = session.scalars(sa.select(Enrolment).order_by(Enrolment.id.desc())).first()
        add_attempt(session, version, newcomer, 1, datetime.now(UTC))
    assert people("submitted") == 5


def test_a_person_merged_into_another_counts_once(sqlite_database):
    with sqlite_database.writing() as session:
        first, second = session.scalars(sa.select(Person).order_by(Person.id).limit(2))
        second.merged_into_id = first.id
    with sqlite_database.reading() as session:
        coordinator = session.scalars(sa.select(Person.id).where(Person.email == "coordinator@example.ac.kr")).one()
        figures = kpi_of(session, coordinator)
    assert figures.people("started") == 7


def test_names_on_a_cohort_s_page_are_masked(sign_in):
    page = sign_in("coordinator").get("/programme/cohorts/gnu-1").text
    assert "김*연" in page
    assert "김서연" not in page


@pytest.mark.parametrize(("name", "shown"), [("김민수", "김*수"), ("김용", "김*"), ("남궁민수", "남**수"), ("이", "*")])
def test_one_masking_rule(name, shown):
    assert masked(name) == shown


def test_the_read_models_give_the_same_on_both_databases(database):
    build_campus(database)
    with database.reading() as session:
        by_mail = {person.email: person.id for person in session.scalars(sa.select(Person))}
        teacher, coordinator = by_mail["instructor@example.ac.kr"], by_mail["coordinator@example.ac.kr"]
        [course] = taught_courses(session, teacher)
        now = datetime.now(UTC)
        assert [row.submitted for row in progress_of_course(session, teacher, course.id)] == [4, 1, 2]
        assert [line.attempt.status for line in attempts_needing_staff(session, teacher, course.id, now)] == [
            "not_graded"
        ]
        for status, count in {"graded": 4, "queued": 1, "not_graded": 1, "grading": 0}.items():
            assert list_attempts(session, teacher, course.id, Filter(status=status), now).total == count
        figures = kpi_of(session, coordinator)
        assert [stage.people for stage in figures.funnel] == [8, 4, 4, 2, 1]
        assert len(trainees_of(session, figures.cohorts[0].cohort.id)) == 7
        assert student_overview(session, by_mail["student0@example.ac.kr"], now).passed == 1
        assert header_of(session, teacher).name_en == "Gyeongsang National University"


def test_an_error_page_says_what_is_safe_and_gives_nothing_away(app, sign_in):
    def burst():
        raise RuntimeError("secret detail")

    from hub.portal.access import public

    app.add_url_rule("/burst", "burst", public(burst))
    answer = sign_in("student0").get("/burst")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "이미 제출한 내용은 안전합니다" in answer.text
    assert answer.headers["X-Request-ID"] in answer.text


def test_a_database_that_does_not_answer_is_ours_to_mend(sign_in, sqlite_database):
    client = sign_in("student0")
    with sqlite_database.writing() as session:
        session.execute(sa.text("ALTER TABLE portal_session RENAME TO gone"))
    answer = client.get("/learn")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
