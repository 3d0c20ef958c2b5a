"""Certificates in the portal: the register, a student's own paper, and the check that anybody may make."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from hub import jobs
from hub.portal.models import AuditEvent, Certificate, CertificateEvent, CertificateTerms, Enrolment, Login
from hub.portal.views.certificates import CHECK_RATE
from tests.hub.portal.services.certificates.pdf_text import text_of
from tests.hub.portal.web.papers import TERMS, add_papers, complete, do_all_jobs

REGISTER = "/programme/cohorts/inje-1/certificates"
GNU = "/programme/cohorts/gnu-1/certificates"


@pytest.fixture
def papers(sqlite_database):
    return add_papers(sqlite_database)


def code_of(database) -> str:
    with database.reading() as session:
        return session.scalars(sa.select(Certificate.code)).one()


def test_the_register_shows_number_and_masked_name(sign_in, papers):
    page = sign_in("coordinator").get(REGISTER).text
    assert "-GNAI-0001호" in page
    assert "이*윤" in page
    assert "이도윤" not in page


def test_a_coordinator_issues_one_and_then_the_rest_by_a_job(sign_in, sqlite_database):
    with sqlite_database.writing() as session:
        chosen = complete(session, "student0", "gnu-1").id
        complete(session, "student2", "gnu-1")
    client = sign_in("coordinator")
    assert client.get(GNU).text.count('name="enrolment"') >= 2
    assert client.post(f"{GNU}/issue", data={"enrolment": chosen}).status_code == 302
    assert client.post(f"{GNU}/issue").status_code == 302
    assert "수료증을 발급하고 있습니다" in client.get(GNU).text
    do_all_jobs(sqlite_database)
    page = client.get(GNU).text
    assert "-GNAI-0001호" in page
    assert "-GNAI-0002호" in page
    assert 'name="enrolment"' not in page


def test_an_enrolment_of_another_cohort_is_not_there(sign_in, sqlite_database, papers):
    with sqlite_database.reading() as session:
        foreign = session.scalars(sa.select(Certificate.enrolment_id)).one()
    assert sign_in("coordinator").post(f"{GNU}/issue", data={"enrolment": foreign}).status_code == 404


def test_who_has_not_completed_gets_an_explanation_and_no_certificate(sign_in, sqlite_database):
    with sqlite_database.reading() as session:
        query = sa.select(Enrolment.id).join(Login, Login.person_id == Enrolment.person_id)
        number = session.scalars(query.where(Login.subject == "student0")).one()
    answer = sign_in("coordinator").post(f"{GNU}/issue", data={"enrolment": number})
    assert answer.status_code == 409
    assert "수료를 먼저 확정해 주십시오" in answer.text


def test_issuing_can_be_stopped_before_it_began(sign_in, sqlite_database):
    with sqlite_database.writing() as session:
        complete(session, "student0", "gnu-1")
    client = sign_in("coordinator")
    client.post(f"{GNU}/issue")
    client.post(f"{GNU}/stop")
    assert not jobs.JobRunner(sqlite_database, runner=None).run_one()
    assert "수료증을 기다리는 사람이 없습니다" not in client.get(GNU).text


def test_terms_are_saved_and_printed(sign_in, sqlite_database):
    client = sign_in("coordinator")
    assert client.post(f"{GNU}/terms", data=TERMS | {"series": "gnai"}).status_code == 302
    with sqlite_database.writing() as session:
        terms = session.scalars(sa.select(CertificateTerms.terms)).one()
        complete(session, "student0", "gnu-1")
    assert (terms["series"], terms["hours"], terms["issuers"][0]["en"]) == (
        *("GNAI", "39.5", "President, Inje University"),
    )
    client.post(f"{GNU}/issue")
    jobs.JobRunner(sqlite_database, runner=None).run_one()
    assert "-GNAI-0001호" in client.get(GNU).text


@pytest.mark.parametrize(
    "wrong",
    [{"series": "1"}, {"hours": "many"}, {"hours": "-1"}, {"issuers": ""}, {"issuers": "가\n" * 6}, {"course_ko": ""}],
)
def test_terms_that_can_not_be_used_are_explained_and_stay_in_the_form(sign_in, sqlite_database, wrong):
    answer = sign_in("coordinator").post(f"{GNU}/terms", data=TERMS | {"course_en": "Kept words"} | wrong)
    assert answer.status_code == 422
    assert "저장하지 않았습니다" in answer.text
    assert "Kept words" in answer.text
    with sqlite_database.reading() as session:
        assert session.scalars(sa.select(CertificateTerms)).first() is None


def test_reissue_and_revocation_ask_a_reason(sign_in, sqlite_database, papers):
    client, one = sign_in("coordinator"), f"{REGISTER}/{papers['certificate']}"
    assert client.post(f"{one}/reissue", data={"reason": " "}).status_code == 422
    assert client.post(f"{one}/reissue", data={"reason": "분실"}).status_code == 302
    assert client.post(f"{one}/revoke").status_code == 422
    assert client.post(f"{one}/revoke", data={"reason": "수료 취소"}).status_code == 302
    with sqlite_database.reading() as session:
        assert list(session.scalars(sa.select(CertificateEvent.deed))) == ["issued", "reissued", "revoked"]
    assert "취소됨" in client.get(REGISTER).text


def test_a_student_downloads_the_own_paper_and_nobody_elses(sign_in, papers):
    path = f"/learn/certificates/{papers['certificate']}/certificate.pdf"
    own = sign_in("student1").get(path)
    assert own.headers["Content-Type"] == "application/pdf"
    assert "이 도 윤" in text_of(own.data)
    assert sign_in("student0").get(path).status_code == 404


def test_a_revoked_paper_can_not_be_downloaded_any_more(sign_in, papers):
    sign_in("coordinator").post(f"{REGISTER}/{papers['certificate']}/revoke", data={"reason": "수료 취소"})
    student = sign_in("student1")
    assert student.get(f"/learn/certificates/{papers['certificate']}/certificate.pdf").status_code == 404
    assert "수료 취소" in student.get("/learn/certificates").text


def test_a_coordinators_download_is_logged_with_whose_paper_it_is(sign_in, sqlite_database, papers):
    sign_in("coordinator").get(f"{REGISTER}/{papers['certificate']}/certificate.pdf")
    with sqlite_database.reading() as session:
        row = session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "certificate.downloaded")).one()
        assert row.subject_person_id == session.scalars(sa.select(Certificate.person_id)).one()


def test_anybody_may_check_and_sees_validity_course_and_masked_name_only(client, sqlite_database, papers):
    answer = client.get(f"/certificates/{code_of(sqlite_database)}")
    assert answer.status_code == 200
    assert "유효한 수료증입니다" in answer.text
    assert "이*윤" in answer.text
    for secret in ("이도윤", "student1", "example.ac.kr", "인제대학교 1기"):
        assert secret not in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_the_check_says_when_a_paper_was_revoked_and_not_why(client, sign_in, sqlite_database, papers):
    sign_in("coordinator").post(f"{REGISTER}/{papers['certificate']}/revoke", data={"reason": "비밀 사유"})
    page = client.get(f"/certificates/{code_of(sqlite_database)}").text
    assert "취소된 수료증입니다" in page
    assert "비밀 사유" not in page


def test_unknown_codes_tell_nothing_and_all_look_alike(client, sqlite_database, papers):
    code = code_of(sqlite_database)
    near = code[:-1] + ("A" if code[-1] != "A" else "B")
    texts = set()
    for wrong in (near, "0" * 20, "nonsense"):
        answer = client.get(f"/certificates/{wrong}")
        assert answer.status_code == 404
        texts.add(answer.text.replace(wrong, "").split("<main")[1].split("</main")[0])
    assert len(texts) == 1


def test_a_typed_code_leads_to_its_page(client, sqlite_database, papers):
    code = code_of(sqlite_database)
    answer = client.get("/certificates", query_string={"code": f" {code[:4].lower()}-{code[4:]} "})
    assert answer.headers["Location"].endswith(f"/certificates/{code}")
    assert (
        client.get("/certificates", query_string={"code": "//evil.example"})
        .headers["Location"]
        .startswith("/certificates/")
    )


def test_trying_codes_is_slowed_down(client):
    allowed = int(CHECK_RATE.split()[0])
    statuses = [client.get(f"/certificates/{number:020}").status_code for number in range(allowed + 1)]
    assert set(statuses[:-1]) == {404}
    assert statuses[-1] == 429
