"""Coordinators' pages about persons: masked until a reason is given; states, particulars, duplicates, companies."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from hub.portal.models import AuditEvent, Company, Enrolment, EnrolmentEvent, Login, Person, PersonMerge, TeamCompany

NUMBER = "124-81-00998"


def find(database, username: str) -> tuple[int, int]:
    """A person's id and their enrolment's."""
    with database.writing() as session:
        person = session.scalars(sa.select(Login).where(Login.subject == username)).one().person
        person.phone, person.birth_date = "01012345678", date(2001, 2, 3)
        enrolment = session.scalars(sa.select(Enrolment.id).where(Enrolment.person_id == person.id)).one()
        return person.id, enrolment


def test_a_person_is_masked_until_a_reason_is_written_down(sign_in, sqlite_database):
    person, _ = find(sqlite_database, "student0")
    client = sign_in("gnu-coordinator")
    page = client.get(f"/programme/people/{person}").text
    assert "김*연" in page
    assert "010-****-5678" in page
    assert "st***@example.ac.kr" in page
    for secret in ("김서연", "01012345678", "010-1234-5678", "student0@", "02-03"):
        assert secret not in page
    page = client.post(f"/programme/people/{person}/unmask", data={"reason": "본인 확인 전화"})
    assert "김서연" in page.text
    assert "010-1234-5678" in page.text
    assert "no-store" in page.headers["Cache-Control"]
    with sqlite_database.reading() as session:
        event = session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "person.unmasked")).one()
        assert (event.subject_person_id, event.reason, event.actor) == (person, "본인 확인 전화", "gnu-coordinator")


@pytest.mark.parametrize("reason", ["", "    ", "일"])
def test_without_a_reason_nothing_is_shown(sign_in, sqlite_database, reason):
    person, _ = find(sqlite_database, "student0")
    answer = sign_in("coordinator").post(f"/programme/people/{person}/unmask", data={"reason": reason})
    assert answer.status_code == 422
    assert "김서연" not in answer.text


def test_a_person_of_another_university_is_not_there(sign_in, sqlite_database):
    person, enrolment = find(sqlite_database, "student1")
    client = sign_in("gnu-coordinator")
    assert client.get(f"/programme/people/{person}").status_code == 404
    assert client.post(f"/programme/people/{person}/unmask", data={"reason": "long enough"}).status_code == 404
    assert client.post(f"/programme/enrolments/{enrolment}/state", data={}).status_code == 404
    assert client.post(f"/programme/enrolments/{enrolment}/particulars", data={}).status_code == 404


def test_a_state_changes_with_a_reason(sign_in, sqlite_database):
    _, enrolment = find(sqlite_database, "student0")
    client = sign_in("coordinator")
    address = f"/programme/enrolments/{enrolment}/state"
    assert client.post(address, data={"state": "withdrawn", "reason": "개인 사정"}).status_code == 302
    with sqlite_database.reading() as session:
        event = session.scalars(sa.select(EnrolmentEvent).where(EnrolmentEvent.enrolment_id == enrolment)).one()
        assert (event.from_state, event.to_state, event.reason) == ("in_progress", "withdrawn", "개인 사정")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"state": "withdrawn", "reason": ""}, 422),
        ({"state": "completed", "reason": "수료 처리"}, 422),
        ({"state": "nonsense", "reason": "r"}, 422),
        ({"state": "in_progress", "reason": "같은 상태"}, 409),
    ],
)
def test_a_change_of_state_that_is_not_by_hand_is_refused(sign_in, sqlite_database, sent, status):
    _, enrolment = find(sqlite_database, "student0")
    assert sign_in("coordinator").post(f"/programme/enrolments/{enrolment}/state", data=sent).status_code == status
    with sqlite_database.reading() as session:
        assert session.get_one(Enrolment, enrolment).state == "in_progress"


def test_particulars_are_chosen_from_lists(sign_in, sqlite_database):
    person, enrolment = find(sqlite_database, "student0")
    client = sign_in("coordinator")
    client.post("/programme/companies/new", data={"name": "가람정밀", "business_number": NUMBER})
    with sqlite_database.reading() as session:
        company = session.scalars(sa.select(Company)).one()
    address = f"/programme/enrolments/{enrolment}/particulars"
    sent = {"track": "employee", "company": str(company.id), "work_region": "changwon", "home_region": ""}
    assert client.post(address, data=sent).headers["Location"] == f"/programme/people/{person}"
    with sqlite_database.reading() as session:
        found = session.get_one(Enrolment, enrolment)
        assert (found.track, found.particulars.company_id, found.particulars.work_region) == (
            "employee",
            company.id,
            "changwon",
        )
    for wrong in ({"work_region": "seoul"}, {"company": "999"}, {"company": "x"}, {"track": "king"}):
        assert client.post(address, data=sent | wrong).status_code == 422


def test_a_company_is_made_corrected_and_found(sign_in, sqlite_database):
    client = sign_in("gnu-coordinator")
    sent = {
        "name": "가람정밀",
        "business_number": NUMBER,
        "size": "small_or_medium",
        "region": "gimhae",
        "supported": "yes",
    }
    address = client.post("/programme/companies/new", data=sent).headers["Location"]
    assert "124-81-00998" in client.get("/programme/companies?q=가람&supported=yes").text
    assert client.post(address, data=sent | {"name": "가람정밀㈜"}).status_code == 302
    assert "가람정밀㈜" in client.get("/programme/companies?q=1248100998").text
    assert "가람정밀" not in client.get("/programme/companies?q=%25").text


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"business_number": "124-81-00999"}, "검증 숫자"),
        ({"name": " "}, "회사명을"),
        ({"size": "huge"}, "규모를"),
        ({"region": "seoul"}, "시군을"),
    ],
)
def test_a_company_that_is_none_keeps_what_was_typed(sign_in, sqlite_database, wrong, says):
    sent = {"name": "가람정밀", "business_number": NUMBER, "size": "", "region": ""} | wrong
    page = sign_in("coordinator").post("/programme/companies/new", data=sent)
    assert page.status_code == 422
    assert says in page.text
    assert f'value="{sent["name"]}"' in page.text
    with sqlite_database.reading() as session:
        assert session.scalars(sa.select(Company)).all() == []


def test_one_business_number_is_one_company(sign_in):
    client = sign_in("coordinator")
    client.post("/programme/companies/new", data={"name": "가람정밀", "business_number": NUMBER})
    page = client.post("/programme/companies/new", data={"name": "나래테크", "business_number": NUMBER})
    assert page.status_code == 422
    assert "가람정밀" in page.text


def test_a_team_works_for_a_company(sign_in, campus, sqlite_database):
    client = sign_in("coordinator")
    address = client.post("/programme/companies/new", data={"name": "가람정밀"}).headers["Location"]
    assert client.post(f"{address}/teams", data={"team": campus.team}).status_code == 302
    assert client.post(f"{address}/teams", data={"team": campus.team}).status_code == 422
    assert "1조" in client.get(address).text
    assert client.post(f"{address}/teams/{campus.team}/end").status_code == 302
    with sqlite_database.reading() as session:
        assert session.scalars(sa.select(TeamCompany)).all() == []


@pytest.fixture
def twins(sign_in, campus, sqlite_database) -> tuple[int, int]:
    """Two persons who share everything: one enrolled at each university."""
    first, _ = find(sqlite_database, "student0")
    second, _ = find(sqlite_database, "student1")
    with sqlite_database.writing() as session:
        session.get_one(Person, second).name = "김 서연"
    return first, second


def test_the_way_from_the_list_to_the_merge_and_back(sign_in, sqlite_database, twins):
    one, other = twins
    client = sign_in("coordinator")
    assert f"/programme/duplicates/{one}/{other}" in client.get("/programme/duplicates").text
    page = client.get(f"/programme/duplicates/{one}/{other}").text
    assert "김서연" not in page
    sent = {"keep": str(other), "reason": "같은 전화번호"}
    assert client.post(f"/programme/duplicates/{one}/{other}/merge", data=sent).status_code == 302
    with sqlite_database.reading() as session:
        merge = session.scalars(sa.select(PersonMerge)).one()
        assert (merge.kept_id, merge.merged_id) == (other, one)
    assert "되돌리기" in client.get("/programme/duplicates").text
    assert sign_in("student0").get("/learn").status_code == 200
    assert client.post(f"/programme/duplicates/merges/{merge.id}/undo", data={"reason": "다른 사람"}).status_code == 302
    assert f"/programme/duplicates/{one}/{other}" in client.get("/programme/duplicates").text


def test_nobody_merges_people_of_a_university_that_is_not_theirs(sign_in, sqlite_database, twins):
    one, other = twins
    client = sign_in("gnu-coordinator")
    assert client.get("/programme/duplicates").text.count("/programme/duplicates/") == 0
    for path in ("", "/merge", "/apart"):
        address = f"/programme/duplicates/{one}/{other}{path}"
        assert (client.post(address) if path else client.get(address)).status_code == 404
    sign_in("coordinator").post(f"/programme/duplicates/{one}/{other}/merge", data={"keep": one, "reason": "같은 사람"})
    with sqlite_database.reading() as session:
        merge = session.scalars(sa.select(PersonMerge.id)).one()
    assert client.post(f"/programme/duplicates/merges/{merge}/undo", data={"reason": "r"}).status_code == 404


def test_told_apart_they_are_not_listed_again(sign_in, twins):
    one, other = twins
    client = sign_in("coordinator")
    client.post(f"/programme/duplicates/{one}/{other}/apart")
    assert f"/programme/duplicates/{one}/{other}" not in client.get("/programme/duplicates").text
