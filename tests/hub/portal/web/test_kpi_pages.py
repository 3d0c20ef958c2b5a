"""The pages of the goal number: from each number to the people behind it, and counts that are closed and corrected."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from hub.portal.models import KpiAdjustment, KpiSnapshot

PEOPLE, CLOSINGS = "/programme/progress/gnai/people", "/programme/progress/gnai/closings"


def test_every_number_of_a_breakdown_opens_as_many_people(sign_in):
    client = sign_in("coordinator")
    page = client.get("/programme").text
    found = re.findall(rf'href="({PEOPLE}\?by=[^"]+)">.*?<b>([\d,]+)</b>', page, re.DOTALL)
    assert len(found) >= 4
    for address, number in found:
        people = client.get(address.replace("&amp;", "&")).text
        assert people.count("/completion/people/") == int(number), address


@pytest.mark.parametrize("query", ["?by=university&key=nothing", "?by=company&key=9e9", "?by=x", "?by=track&key=''--"])
def test_what_is_no_line_of_a_breakdown_shows_nobody(sign_in, query):
    page = sign_in("coordinator").get(PEOPLE + query)
    assert page.status_code == 200
    assert "아직 인정된 사람이 없습니다" in page.text


def test_names_are_masked_and_the_name_opens_the_decision(sign_in):
    client = sign_in("coordinator")
    page = client.get(PEOPLE).text
    assert "조*아" in page
    assert "조수아" not in page
    address = re.findall(r'class="opener" href="([^"]+)"', page)[0]
    assert client.get(address).status_code == 200


def test_a_university_s_staff_see_no_goal_verdict_and_can_t_close_or_correct(sign_in, campus):
    client = sign_in("gnu-coordinator")
    assert "우리 대학 인원입니다" in client.get("/programme").text
    assert "월 마감하기</h2>" not in client.get(CLOSINGS).text
    assert client.post(CLOSINGS, data={"closing_date": "2026-02-28"}).status_code == 404
    correction = {"person": campus.counted, "change": 1, "reason": "r"}
    assert client.post(f"{CLOSINGS}/{campus.closed}/corrections", data=correction).status_code == 404


def test_a_month_is_closed_by_hand_once(sign_in, sqlite_database):
    client = sign_in("coordinator")
    made = client.post(CLOSINGS, data={"closing_date": "2026-02-28"})
    assert made.headers["Location"] == f"{CLOSINGS}/2026-02-28"
    assert "자료와 일치합니다" in client.get(made.headers["Location"]).text
    assert client.post(CLOSINGS, data={"closing_date": "2026-02-28"}).status_code == 409
    assert client.post(CLOSINGS, data={"closing_date": "tomorrow"}).status_code == 422
    with sqlite_database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(KpiSnapshot)) == 2


def test_what_was_missing_is_corrected_beside_the_closed_count(sign_in, sqlite_database, campus):
    client, address = sign_in("coordinator"), f"{CLOSINGS}/{campus.closed}"
    assert "집계에서 빠졌습니다" in client.get(address).text
    client.post(f"{address}/corrections", data={"person": campus.counted, "change": 1, "reason": "뒤늦게 확인"})
    page = client.get(address).text
    assert "뒤늦게 확인" in page
    assert "조정 후 1명" in page
    assert "집계에서 빠졌습니다" not in page
    with sqlite_database.reading() as session:
        assert session.scalars(sa.select(KpiAdjustment.change)).all() == [1]
        assert session.scalars(sa.select(KpiSnapshot.headcount)).all() == [0]
