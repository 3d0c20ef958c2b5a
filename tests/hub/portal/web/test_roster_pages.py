"""A coordinator uploads a roster, looks at every line, applies it; or throws it away."""

from __future__ import annotations

import io

import openpyxl
import pytest
import sqlalchemy as sa

from hub.portal.models import AuditEvent, Job, JobState, Person, RosterImport
from hub.portal.services.programme import roster_jobs
from tests.hub.portal.web.campus import ROSTER

LIST = "/programme/cohorts/gnu-1/rosters"


def upload(client, content: bytes, name: str = "명단.csv"):
    return client.post(LIST, data={"file": (io.BytesIO(content), name)})


def test_the_way_from_the_file_to_the_people(sign_in, sqlite_database):
    client = sign_in("coordinator")
    page = client.get(upload(client, ROSTER).headers["Location"])
    assert "아직 아무것도 바뀌지 않았습니다" in page.text
    assert "고*별" in page.text
    assert "고은별" not in page.text  # a name is masked also where it was just typed
    plan = page.text.partition('name="plan" value="')[2].partition('"')[0]
    address = page.request.path
    assert client.post(f"{address}/apply", data={"plan": plan}).headers["Location"] == address
    done = client.get(address).text
    assert "명단을 반영했습니다" in done
    assert "더 이상 보관하지 않습니다" in done
    with sqlite_database.reading() as session:
        assert session.scalars(sa.select(Person.phone).where(Person.name == "고은별")).all() == ["01077778888"]


def test_what_changed_meanwhile_is_told_and_nothing_is_applied(sign_in, campus, sqlite_database):
    answer = sign_in("coordinator").post(f"{LIST}/{campus.roster}/apply", data={"plan": "seen long ago"})
    assert answer.status_code == 409
    assert "다시 확인해 주십시오" in answer.text
    with sqlite_database.reading() as session:
        assert session.scalars(sa.select(Person.id).where(Person.name == "고은별")).all() == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "비어 있습니다"),
        (b"PK\x03\x04 no workbook", "다시 저장해 주십시오"),
        ("이름,메모\n김,900101-1234567".encode(), "없는 열"),
        (ROSTER + "이유나,900101-1234567,010-1111-2222,재학생".encode(), "주민등록번호"),
    ],
)
def test_a_file_that_cannot_be_taken_is_explained_on_the_same_page(sign_in, campus, sqlite_database, content, says):
    answer = upload(sign_in("coordinator"), content)
    assert answer.status_code == 422
    assert says in answer.text
    assert "900101" not in answer.text
    with sqlite_database.reading() as session:
        assert session.scalars(sa.select(RosterImport.id)).all() == [campus.roster]


def test_a_refused_line_says_why_and_has_no_button_alone(sign_in):
    client = sign_in("coordinator")
    page = client.get(upload(client, "이름,생년월일,휴대전화,구분\n,어제,x,?\n".encode()).headers["Location"]).text
    assert "이름 칸이 비어 있습니다" in page
    assert "/apply" not in page


def test_thrown_away_is_gone(sign_in, campus):
    client = sign_in("coordinator")
    client.post(f"{LIST}/{campus.roster}/discard")
    page = client.get(LIST).text
    assert "올린 파일을 지웠습니다" in page
    assert client.post(f"{LIST}/{campus.roster}/apply", data={"plan": campus.roster_plan}).status_code == 409


def test_the_template_keeps_zeros_and_is_understood_again(sign_in):
    client = sign_in("coordinator")
    content = client.get("/programme/roster-template.xlsx").data
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert sheet["C1"].value == "휴대전화"
    assert (sheet["C2"].value, sheet["C2"].number_format) == ("010-1234-5678", "@")
    page = client.get(upload(client, content, "template.xlsx").headers["Location"]).text
    assert 'id="count-created">1<' in page


def test_uploads_and_applications_are_in_the_audit_log(sign_in, campus, sqlite_database):
    client = sign_in("gnu-coordinator")
    client.post(f"{LIST}/{campus.roster}/apply", data={"plan": campus.roster_plan})
    with sqlite_database.reading() as session:
        query = sa.select(AuditEvent.action, AuditEvent.actor).where(AuditEvent.subject_type == "roster")
        assert session.execute(query).all() == [
            ("roster.uploaded", "coordinator"),
            ("roster.applied", "gnu-coordinator"),
        ]


def test_a_large_roster_can_be_stopped_and_applied_again(sign_in, campus, sqlite_database, monkeypatch):
    monkeypatch.setattr(roster_jobs, "AT_ONCE", 0)
    client, address = sign_in("coordinator"), f"{LIST}/{campus.roster}"
    plan = client.get(address).text.partition('name="plan" value="')[2].partition('"')[0]
    for _ in range(2):
        assert client.post(f"{address}/apply", data={"plan": plan}).headers["Location"] == address
        assert f"{address}/stop" in client.get(address).text
        client.post(f"{address}/stop")
        page = client.get(address).text
        assert f"{address}/apply" in page
        assert plan in page
    with sqlite_database.reading() as session:
        states = session.scalars(sa.select(Job.state).where(Job.kind == roster_jobs.APPLY_ROSTER)).all()
        assert states == [JobState.CANCELLED] * 2
        assert session.scalars(sa.select(Person.id).where(Person.name == "고은별")).all() == []
