"""A coordinator sets rules, looks at what they would mean, enters facts and confirms what was looked at."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa

from hub.portal.models import (
    Cohort,
    CompletionDecision,
    CompletionInput,
    CompletionRule,
    Enrolment,
    EnrolmentState,
    Login,
    Person,
)
from tests.hub.portal.web.completing import COHORT, hidden

BASE = COHORT
SURVEY_ONLY = {"use-survey": "all", "rounding": "tenth", "note": "2026년 공고"}
SURVEY_OR_PROJECT = {"use-survey": "any1", "use-capstone": "any1", "rounding": "tenth"}


def set_rules(client, form=SURVEY_ONLY) -> None:
    address = client.post(f"{BASE}/rules", data=form).headers["Location"]
    seen = hidden(client.get(address).text, "seen")
    assert client.post(f"{address}/activate", data={"seen": seen}).status_code == 302


def enrolment_of(database, username: str) -> Enrolment:
    with database.reading() as session:
        query = sa.select(Enrolment).join(Login, Login.person_id == Enrolment.person_id)
        return session.scalars(query.where(Login.subject == username)).one()


def person_page(database, username: str) -> str:
    return f"{BASE}/people/{enrolment_of(database, username).id}"


def rows(database, kind):
    """What these tests wrote: the campus has rules of another cohort and a decision by them from the start."""
    query = sa.select(kind).order_by(kind.id)
    if kind is CompletionDecision:
        query = query.join(CompletionDecision.rule)
    if kind is not CompletionInput:
        query = query.join(CompletionRule.cohort).where(Cohort.slug == "gnu-1")
    with database.reading() as session:
        return list(session.scalars(query))


def test_the_way_from_rules_to_a_confirmed_completion(sign_in, sqlite_database):
    client = sign_in("coordinator")
    assert "적용 중인 수료 기준이 없습니다" in client.get(BASE).text
    set_rules(client)
    page = client.get(BASE).text
    assert "만족도 조사 응답" in page
    assert 'data-count="undecided">6<' in page
    assert 'name="enrolment"' not in page  # nobody is decided while a fact is missing
    client.post(f"{person_page(sqlite_database, 'student0')}/facts", data={"has_survey": "yes"})
    page = client.get(BASE).text
    assert 'data-count="completed">1<' in page
    number = hidden(page, "enrolment")
    assert client.post(BASE, data={"enrolment": number, "seen": hidden(page, "seen")}).status_code == 302
    assert enrolment_of(sqlite_database, "student0").state is EnrolmentState.COMPLETED
    [decision] = rows(sqlite_database, CompletionDecision)
    assert (decision.outcome, decision.finding["parts"][0]["is_met"]) == (EnrolmentState.COMPLETED, True)


def test_names_are_masked_on_every_page(sign_in, sqlite_database):
    client = sign_in("coordinator")
    set_rules(client)
    for address in (BASE, f"{BASE}?show=all", person_page(sqlite_database, "student0"), f"{BASE}/rules/1"):
        page = client.get(address).text
        assert "김서연" not in page
    assert "김*연" in client.get(BASE).text


def test_what_changed_since_it_was_looked_at_is_not_confirmed(sign_in, sqlite_database):
    client = sign_in("coordinator")
    set_rules(client)
    one, two = person_page(sqlite_database, "student0"), person_page(sqlite_database, "student2")
    client.post(f"{one}/facts", data={"has_survey": "yes"})
    page = client.get(BASE).text
    client.post(f"{two}/facts", data={"has_survey": "no"})
    answer = client.post(BASE, data={"enrolment": hidden(page, "enrolment"), "seen": hidden(page, "seen")})
    assert answer.status_code == 409
    assert "다시 확인해 주십시오" in answer.text
    assert rows(sqlite_database, CompletionDecision) == []


def test_nobody_chosen_is_said(sign_in):
    client = sign_in("coordinator")
    set_rules(client)
    answer = client.post(BASE, data={"seen": "x"})
    assert answer.status_code == 422
    assert "확정할 사람을 고르십시오" in answer.text


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({}, "조건을 하나 이상"),
        ({"use-score": "any1", "minimum-score": "60"}, "둘 이상"),
        ({"use-score": "all", "minimum-score": "sixty"}, "수가 아닙니다"),
        ({"use-score": "all", "minimum-score": "101"}, "0~100"),
        ({"use-score": "all", "minimum-score": "60.05"}, "0~100"),
        ({"use-attendance": "all", "minimum-attendance": "80", "basis": "weeks"}, "0~100"),
        ({"use-attendance": "all", "minimum-attendance": "80", "interruptions": "0"}, "0~100"),
        ({"use-survey": "all", "rounding": "up"}, "비교할 값"),
    ],
)
def test_rules_that_cannot_be_are_explained_and_nothing_typed_is_lost(sign_in, sqlite_database, form, says):
    answer = sign_in("coordinator").post(f"{BASE}/rules", data={"rounding": "tenth", **form, "note": "회의 결정"})
    assert answer.status_code == 422
    assert says in answer.text
    assert "회의 결정" in answer.text
    assert rows(sqlite_database, CompletionRule) == []


def test_a_preview_names_whom_other_rules_would_change_and_changes_nobody(sign_in, sqlite_database):
    client = sign_in("coordinator")
    set_rules(client)
    page = person_page(sqlite_database, "student0")
    client.post(f"{page}/facts", data={"has_survey": "no", "has_capstone": "yes"})
    preview = client.post(f"{BASE}/rules", data=SURVEY_OR_PROJECT).headers["Location"]
    text = client.get(preview).text
    changes = text.partition('id="changes"')[2]
    assert changes.count("김*연") == 1
    assert "미수료 제안" in changes
    assert "수료 제안" in changes
    assert "미수료 제안" in client.get(page).text  # the version is a draft


def test_a_version_is_activated_only_as_it_was_looked_at(sign_in, sqlite_database):
    client = sign_in("coordinator")
    preview = client.post(f"{BASE}/rules", data=SURVEY_ONLY).headers["Location"]
    seen = hidden(client.get(preview).text, "seen")
    client.post(f"{person_page(sqlite_database, 'student0')}/facts", data={"has_survey": "yes"})
    assert client.post(f"{preview}/activate", data={"seen": seen}).status_code == 409
    assert rows(sqlite_database, CompletionRule)[0].activated_at is None


def test_the_form_starts_from_the_rules_in_force(sign_in):
    client = sign_in("coordinator")
    set_rules(client, {"use-score": "all", "minimum-score": "72.5", "use-survey": "all", "rounding": "exact"})
    page = client.get(f"{BASE}/rules").text
    assert 'name="minimum-score" value="72.5"' in page
    assert '<option value="exact" selected>' in page
    assert "평가 점수 72.5 % 이상" in page


FACTS = {
    "scheduled_days": "32",
    "scheduled_hours": "128",
    "present_days": "30",
    "attended_hours": "120.5",
    "has_survey": "yes",
    "has_capstone": "-",
}


def test_facts_are_entered_shown_and_kept_in_versions(sign_in, sqlite_database):
    client, page = sign_in("coordinator"), person_page(sqlite_database, "student0")
    client.post(f"{page}/facts", data=FACTS)
    client.post(f"{page}/facts", data={**FACTS, "present_days": "31"})
    text = client.get(page).text
    assert 'name="present_days" value="31"' in text
    assert 'name="attended_hours" value="120.5"' in text
    assert "출석 30일" in text
    assert [row.facts["attendance"]["present_days"] for row in rows(sqlite_database, CompletionInput)] == [30, 31]


def test_a_field_that_was_emptied_is_unknown_again(sign_in, sqlite_database):
    client, page = sign_in("coordinator"), person_page(sqlite_database, "student0")
    client.post(f"{page}/facts", data=FACTS)
    client.post(f"{page}/facts", data={"has_survey": "-"})
    assert rows(sqlite_database, CompletionInput)[-1].facts == {
        "attendance": None,
        "online_progress": None,
        "has_capstone": None,
        "has_survey": None,
    }


@pytest.mark.parametrize(
    "wrong", [{"present_days": "40"}, {"present_days": "many"}, {"scheduled_days": ""}, {"online_progress": "120"}]
)
def test_facts_that_do_not_fit_are_explained_and_stay_in_the_form(sign_in, sqlite_database, wrong):
    answer = sign_in("coordinator").post(f"{person_page(sqlite_database, 'student0')}/facts", data={**FACTS, **wrong})
    assert answer.status_code == 422
    assert "출석 값이 맞지 않습니다" in answer.text
    assert 'name="attended_hours" value="120.5"' in answer.text
    assert rows(sqlite_database, CompletionInput) == []


def completed(client, database, username: str = "student0") -> str:
    """Confirm a completion and return the trainee's page."""
    set_rules(client)
    address = person_page(database, username)
    client.post(f"{address}/facts", data={"has_survey": "yes"})
    page = client.get(BASE).text
    client.post(BASE, data={"enrolment": enrolment_of(database, username).id, "seen": hidden(page, "seen")})
    return address


def test_a_completion_is_taken_back_and_given_again_with_reasons(sign_in, sqlite_database):
    client = sign_in("coordinator")
    page = completed(client, sqlite_database)
    client.post(f"{page}/decisions", data={"outcome": "not_completed", "reason": "대리 응답 확인"})
    assert enrolment_of(sqlite_database, "student0").state is EnrolmentState.NOT_COMPLETED
    client.post(f"{page}/decisions", data={"outcome": "completed", "reason": "이의신청: 본인 응답 확인"})
    assert [row.kind.value for row in rows(sqlite_database, CompletionDecision)] == ["confirmed", "revoked", "appeal"]
    text = client.get(page).text
    assert text.index("이의신청: 본인 응답 확인") < text.index("대리 응답 확인")
    assert text.count('class="stack decision"') == 3


@pytest.mark.parametrize(
    "form", [{"outcome": "not_completed"}, {"outcome": "", "reason": "r"}, {"outcome": "applied", "reason": "r"}]
)
def test_a_decision_without_reason_or_outcome_is_refused(sign_in, sqlite_database, form):
    client = sign_in("coordinator")
    page = completed(client, sqlite_database)
    assert client.post(f"{page}/decisions", data=form).status_code == 422
    assert enrolment_of(sqlite_database, "student0").state is EnrolmentState.COMPLETED


def test_against_the_proposal_needs_a_reason_and_says_what_was_proposed(sign_in, sqlite_database):
    client = sign_in("coordinator")
    set_rules(client)
    page = person_page(sqlite_database, "student0")
    client.post(f"{page}/facts", data={"has_survey": "no"})
    client.post(f"{page}/decisions", data={"outcome": "completed", "reason": "조사 오류로 응답 불가"})
    [decision] = rows(sqlite_database, CompletionDecision)
    assert (decision.outcome, decision.proposed) == (EnrolmentState.COMPLETED, EnrolmentState.NOT_COMPLETED)


def give_phone(database, username: str, phone: str) -> None:
    with database.writing() as session:
        person = session.scalars(sa.select(Person).join(Login).where(Login.subject == username)).one()
        person.phone = phone


def send(client, text: str):
    return client.post(f"{BASE}/file", data={"file": (io.BytesIO(text.encode()), "수료.csv")})


HEADER = "성명,연락처,소정일수,소정시간,출석일수,만족도\n"


def test_a_file_is_shown_line_by_line_and_then_entered(sign_in, sqlite_database):
    give_phone(sqlite_database, "student0", "01011112222")
    client = sign_in("coordinator")
    page = send(client, HEADER + "김서연,010-1111-2222,32,128,31,예\n이도윤,010-3,32,128,1,예\n").text
    assert "이 기수에서 찾을 수 없습니다" in page
    assert "김서연" not in page
    assert rows(sqlite_database, CompletionInput) == []
    form = {"packed": hidden(page, "packed"), "basis": hidden(page, "basis")}
    assert client.post(f"{BASE}/file/enter", data=form).status_code == 302
    [row] = rows(sqlite_database, CompletionInput)
    assert (row.facts["attendance"]["present_days"], row.facts["has_survey"]) == (31, True)


def test_a_file_is_entered_only_as_it_was_looked_at(sign_in, sqlite_database):
    give_phone(sqlite_database, "student0", "01011112222")
    client = sign_in("coordinator")
    page = send(client, HEADER + "김서연,01011112222,,,,예\n").text
    client.post(f"{person_page(sqlite_database, 'student0')}/facts", data={"has_survey": "no"})
    form = {"packed": hidden(page, "packed"), "basis": hidden(page, "basis")}
    assert client.post(f"{BASE}/file/enter", data=form).status_code == 409
    assert len(rows(sqlite_database, CompletionInput)) == 1


def test_a_trainee_of_another_cohort_can_t_be_slipped_into_the_form(sign_in, sqlite_database):
    foreign = enrolment_of(sqlite_database, "student1").id
    packed = f'{{"{foreign}": {{"has_survey": true}}}}'
    answer = sign_in("coordinator").post(f"{BASE}/file/enter", data={"packed": packed, "basis": ""})
    assert answer.status_code == 404
    assert rows(sqlite_database, CompletionInput) == []


@pytest.mark.parametrize("packed", ["", "[]", '{"1": {"score": 5, "nobody": 1}}', '{"x": {}}'])
def test_what_is_no_form_of_ours_is_refused(sign_in, sqlite_database, packed):
    answer = sign_in("coordinator").post(f"{BASE}/file/enter", data={"packed": packed, "basis": ""})
    assert answer.status_code == 422
    assert rows(sqlite_database, CompletionInput) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("성명,만족도\n김서연,예\n", "휴대전화 또는 생년월일"),
        ("성명,연락처\n김서연,01011112222\n", "입력할 값"),
        (HEADER + "김서연,900101-1234567,,,,예\n", "주민등록번호"),
        ("", "비어 있습니다"),
    ],
)
def test_a_file_that_cannot_be_taken_is_explained(sign_in, text, says):
    answer = send(sign_in("coordinator"), text)
    assert answer.status_code == 422
    assert says in answer.text


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("김서연,01011112222,32,128,40,예", "출석 값이 맞지 않습니다"),
        ("김서연,01011112222,32,128,30,아마", "예&#39; 또는"),
        ("김서연,01099998888,32,128,30,예", "찾을 수 없습니다"),
        ("김서연,,32,128,30,예", "찾을 수 없습니다"),
    ],
)
def test_a_line_that_cannot_be_entered_says_why_and_has_no_button_alone(sign_in, sqlite_database, line, says):
    give_phone(sqlite_database, "student0", "01011112222")
    page = send(sign_in("coordinator"), HEADER + line + "\n").text
    assert says in page
    assert "명 자료 입력" not in page


def test_the_second_line_about_somebody_is_refused(sign_in, sqlite_database):
    give_phone(sqlite_database, "student0", "01011112222")
    page = send(sign_in("coordinator"), HEADER + "김서연,01011112222,,,,예\n김서연,01011112222,,,,아니오\n").text
    assert "앞 줄에 같은 사람" in page
    assert "1명 자료 입력" in page


def test_the_template_is_understood_again(sign_in):
    client = sign_in("coordinator")
    content = client.get(f"{BASE}/file/template.xlsx").data
    page = client.post(f"{BASE}/file", data={"file": (io.BytesIO(content), "template.xlsx")}).text
    assert "이 기수에서 찾을 수 없습니다" in page  # its example is nobody of this cohort
