"""A student sees the own way to completion: met, missing, unknown, by when, what to do; and nobody else's."""

from __future__ import annotations

import pytest

from tests.hub.portal.web.test_completion_pages import completed, person_page, set_rules

BOTH = {"use-survey": "all", "use-submitted": "all", "minimum-submitted": "80", "rounding": "tenth"}


def test_home_leads_to_the_path(sign_in):
    assert 'href="/learn/path"' in sign_in("student0").get("/learn").text


def test_without_rules_it_says_so(sign_in):
    assert "수료 기준이 아직 정해지지 않았습니다" in sign_in("student0").get("/learn/path").text


def test_each_condition_says_how_it_stands_what_to_do_and_by_when(sign_in, sqlite_database):
    coordinator = sign_in("coordinator")
    set_rules(coordinator, BOTH)
    page = sign_in("student0").get("/learn/path").text
    assert "/ 2개 조건 충족" in page
    assert "과제 제출률 33.3 % (3개 중 1개, 기준 80.0 %)" in page
    assert "아직 내지 않은 과제를 마감 전에 제출하십시오" in page
    assert "까지" in page
    assert "만족도 조사에 응답하십시오" in page
    assert "/courses/manufacturing-ai/assignments/bearing" in page  # still open
    coordinator.post(f"{person_page(sqlite_database, 'student0')}/facts", data={"has_survey": "yes"})
    assert "만족도 조사: 응답함" in sign_in("student0").get("/learn/path").text


def test_a_decision_shows_its_figures_and_the_way_to_an_appeal(sign_in, sqlite_database):
    client = sign_in("coordinator")
    page = completed(client, sqlite_database)
    assert "수료하셨습니다" in sign_in("student0").get("/learn/path").text
    client.post(f"{page}/decisions", data={"outcome": "not_completed", "reason": "대리 응답 확인"})
    text = sign_in("student0").get("/learn/path").text
    assert "미수료로 결정되었습니다" in text
    assert "대리 응답 확인" in text
    assert "이의신청" in text


@pytest.mark.parametrize("username", ["student1", "student2"])
def test_nobody_sees_another_one_s_decision(sign_in, sqlite_database, username):
    client = sign_in("coordinator")
    completed(client, sqlite_database, "student0")
    assert "수료하셨습니다" not in sign_in(username).get("/learn/path").text
