"""Teams, extensions, checking a receipt and retrying, as people click through them."""

from __future__ import annotations

import io
import re

import pytest
import sqlalchemy as sa

from hub.portal.models import (
    Assignment,
    Attempt,
    AttemptMember,
    Extension,
    GradingTask,
    TaskState,
    Team,
    TeamAttempt,
    TeamMember,
)
from hub.portal.services.file_sets import load_file_set

COURSE = "/teach/manufacturing-ai"
TEAMS = f"{COURSE}/tool-wear/teams"
EXTENSIONS = f"{COURSE}/milling/extensions"
TOOL_WEAR = "/courses/manufacturing-ai/assignments/tool-wear"
MILLING = "/courses/manufacturing-ai/assignments/milling"


@pytest.fixture
def teacher(sign_in):
    return sign_in("instructor")


@pytest.mark.parametrize("username", ["student3", "student4"])
def test_every_member_sees_who_handed_in_for_the_team(sign_in, campus, username):
    client = sign_in(username)
    for path in ("/learn", TOOL_WEAR, f"/receipts/{campus.team_receipt}"):
        assert "1조 팀의 정하은 님이 제출했습니다." in client.get(path).text
    assert campus.team_receipt in client.get(TOOL_WEAR).text
    assert client.get(f"/receipts/{campus.team_receipt}/files.zip").status_code == 200


def test_who_is_in_no_team_is_told_so_and_sees_nothing_of_others(sign_in, campus):
    page = sign_in("student0").get(TOOL_WEAR).text
    assert "아직 팀이 정해지지 않았습니다." in page
    assert campus.team_receipt not in page
    assert "정하은" not in page


@pytest.mark.parametrize("page", [TEAMS, f"{COURSE}/milling/teams"])
def test_what_was_handed_in_is_not_offered_to_be_changed(teacher, campus, page):
    assert 'name="team_work"' not in teacher.get(page).text


def test_what_nobody_handed_in_may_become_team_work_and_back(teacher, campus, sqlite_database):
    with sqlite_database.writing() as session:
        session.execute(sa.delete(GradingTask))
        session.execute(sa.delete(AttemptMember))
        session.execute(sa.delete(TeamAttempt))
        work = sa.select(Assignment.id).where(Assignment.slug == "tool-wear").scalar_subquery()
        session.execute(sa.delete(Attempt).where(Attempt.assignment_id == work))
    assert 'value="no"' in teacher.get(TEAMS).text


def test_an_instructor_forms_changes_adjusts_and_dissolves_teams(teacher, campus, sqlite_database):
    first, second = campus.free
    assert teacher.post(TEAMS, data={"name": "2조", "person": [first]}).status_code == 302
    with sqlite_database.reading() as session:
        team = session.scalars(sa.select(Team.id).where(Team.name == "2조")).one()
    assert teacher.post(f"{TEAMS}/{team}/members", data={"person": second}).status_code == 302
    assert teacher.post(f"{TEAMS}/{team}/members/{first}/remove").status_code == 302
    adjusted = teacher.post(
        f"{TEAMS}/{campus.team}/members/{campus.member}/adjust", data={"points": "-1.5", "reason": "참여 부족"}
    )
    assert adjusted.status_code == 302
    page = teacher.get(TEAMS).text
    assert "2조" in page
    assert "-1.5" in page
    assert "참여 부족" in page
    assert teacher.post(f"{TEAMS}/{team}/dissolve").status_code == 302
    with sqlite_database.reading() as session:
        assert session.get_one(Team, team).dissolved_at is not None
        assert session.scalar(sa.select(sa.func.count()).where(TeamMember.team_id == team)) == 2


def test_a_form_that_makes_no_sense_says_why_and_changes_nothing(teacher, campus, sqlite_database):
    answers = [
        teacher.post(TEAMS, data={"name": "2조"}),
        teacher.post(TEAMS, data={"name": "", "person": campus.free[0]}),
        teacher.post(f"{TEAMS}/{campus.team}/members/{campus.member}/adjust", data={"points": "many", "reason": "r"}),
        teacher.post(EXTENSIONS, data={"whom": f"person-{campus.free[0]}", "due_at": "soon", "reason": "r"}),
        teacher.post(EXTENSIONS, data={"whom": "everybody", "due_at": "2030-01-01T18:00", "reason": "r"}),
        teacher.post(EXTENSIONS, data={"whom": f"person-{campus.free[0]}", "due_at": "2030-01-01T18:00"}),
        teacher.post(f"{TEAMS}/work", data={"team_work": "no"}),
    ]
    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 422, 422, 409]
    with sqlite_database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Team)) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(Extension)) == 1


def test_an_assignment_becomes_team_work_by_a_click(teacher, sqlite_database):
    with sqlite_database.writing() as session:
        session.execute(sa.text("DELETE FROM attempt_member"))
        session.execute(sa.text("DELETE FROM team_attempt"))
        wear = sa.select(Assignment.id).where(Assignment.slug == "tool-wear")
        session.execute(sa.delete(Attempt).where(Attempt.assignment_id.in_(wear)))
    assert teacher.post(f"{TEAMS}/work", data={"team_work": "no"}).status_code == 302
    assert "각자 따로 제출하는 과제입니다." in teacher.get(TEAMS).text
    assert teacher.post(f"{TEAMS}/work", data={"team_work": "yes"}).status_code == 302
    assert "팀 만들기" in teacher.get(TEAMS).text


def test_an_extension_is_granted_shown_to_its_student_only_and_ended(teacher, sign_in, campus, sqlite_database):
    person = campus.free[0]
    form = {"whom": f"person-{person}", "due_at": "2030-01-02T18:00", "reason": "예비군 훈련"}
    assert teacher.post(EXTENSIONS, data=form).status_code == 302
    assert "예비군 훈련" in teacher.get(EXTENSIONS).text
    page = sign_in("student2").get(MILLING).text
    assert "예비군 훈련" in page
    assert "2030. 1. 2." in page
    assert "18:00" in page
    assert "예비군 훈련" not in sign_in("student0").get(MILLING).text
    with sqlite_database.reading() as session:
        extension = session.scalars(sa.select(Extension.id).where(Extension.person_id == person)).one()
    assert teacher.post(f"{EXTENSIONS}/{extension}/end").status_code == 302
    assert "예비군 훈련" not in sign_in("student2").get(MILLING).text


def test_what_was_received_can_be_checked(sign_in, campus, sqlite_database):
    client, check = sign_in("student0"), f"/receipts/{campus.graded_receipt}/check"
    with sqlite_database.reading() as session:
        digest = session.scalars(
            sa.select(Attempt.submission_digest).where(Attempt.receipt_id == campus.graded_receipt)
        ).one()
        [(name, data)] = load_file_set(session, digest).files.items()
    archive = client.get(f"/receipts/{campus.graded_receipt}/files.zip").data
    yes, no = "접수된 것과 같습니다", "접수된 것과 다릅니다"
    for sent, expected in ((data, yes), (archive, yes), (data + b" ", no), (b"", no)):
        page = client.post(check, data={"file": (io.BytesIO(sent), name)}).text
        assert expected in page
        assert ({yes, no} - {expected}).pop() not in page
    assert yes in client.post(check, data={"digest": f" SHA256:{digest.upper()} "}).text
    assert client.post(check, data={"digest": "12"}).status_code == 422


def test_the_receipt_says_all_there_is_to_check(sign_in, campus, sqlite_database):
    page = sign_in("student0").get(f"/receipts/{campus.graded_receipt}").text
    assert re.search(r"<code class=\"fine\">[0-9a-f]{64}</code>", page)
    for words in ("제출 차수", "제출한 사람", "김서연", "버전", "기한 내 제출"):
        assert words in page


def test_somebody_else_can_check_nothing(sign_in, campus):
    answer = sign_in("student2").post(f"/receipts/{campus.graded_receipt}/check", data={"digest": "0" * 64})
    assert answer.status_code == 404


def test_staff_let_grading_try_again_and_students_cannot(teacher, sign_in, campus, sqlite_database):
    page = teacher.get(f"/receipts/{campus.failed_receipt}").text
    assert "다시 채점하기" in page
    assert "lost" in page
    retry = f"{COURSE}/attempts/{campus.failed_receipt}/retry"
    assert sign_in("student4").post(retry).status_code == 403
    assert teacher.post(retry).status_code == 302
    with sqlite_database.reading() as session:
        tasks = sa.select(GradingTask.state).join(Attempt).where(Attempt.receipt_id == campus.failed_receipt)
        assert session.scalars(tasks).all() == [TaskState.QUEUED]
    assert teacher.post(retry).status_code == 409


def test_the_student_sees_why_an_attempt_was_not_graded_but_not_what_is_for_staff(sign_in, campus):
    page = sign_in("student4").get(f"/receipts/{campus.failed_receipt}").text
    assert "채점 서버가 응답하지 않았습니다." in page
    assert "0점이 아닙니다" in page or "0점" in page
    assert "다시 채점하기" not in page
    assert "lost" not in page


def test_a_watcher_s_second_look_reads_no_page(sign_in, campus, monkeypatch):
    client = sign_in("student0")
    for path in (MILLING, f"/receipts/{campus.graded_receipt}", "/learn"):
        first = client.get(f"{path}?fragment=live")
        with monkeypatch.context() as patch:
            for name in ("student_overview", "own_attempts"):
                patch.setattr(f"hub.portal.views.student.{name}", None)
            patch.setattr("hub.portal.views.receipts.view_attempt", None)
            again = client.get(f"{path}?fragment=live", headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_another_language_is_another_page(sign_in, campus):
    client = sign_in("student0")
    korean = client.get(f"{MILLING}?fragment=live", headers={"Accept-Language": "ko"})
    english = client.get(
        f"{MILLING}?fragment=live", headers={"Accept-Language": "en", "If-None-Match": korean.headers["ETag"]}
    )
    assert english.status_code == 200


def test_members_are_frozen_as_the_page_shows_them(teacher, campus, sqlite_database):
    assert teacher.post(f"{TEAMS}/{campus.team}/members/{campus.member}/remove").status_code == 302
    with sqlite_database.reading() as session:
        shares = session.scalar(sa.select(sa.func.count()).select_from(AttemptMember))
    assert shares == 2
