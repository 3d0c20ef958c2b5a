"""The register: issued from a confirmed completion only, numbered without a gap, never rewritten."""

import threading
from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from hub.portal.errors import ConflictError, InvalidError
from hub.portal.models import (
    AuditEvent,
    Certificate,
    CertificateEvent,
    DecisionKind,
    EnrolmentState,
    MailMessage,
    Person,
)
from hub.portal.services.certificates import register
from hub.portal.services.certificates.content import Named, Terms
from hub.portal.services.certificates.terms import save_terms, terms_of
from hub.portal.services.timetable import KST
from tests.hub.portal.services.certificates.completed_cohort import CompletedCohort


def issue(room: CompletedCohort, username: str, now=None) -> str:
    with room.campus.database.writing() as session:
        return register.issue(session, room.office, room.enrolment(session, username), now or room.now).serial


def with_certificate(room: CompletedCohort, username: str, act):
    with room.campus.database.writing() as session:
        found = register.certificate_in_force(session, room.enrolment(session, username).id)
        assert found is not None
        return act(session, found)


def reissue(room: CompletedCohort, username: str, reason: str = "이름 정정"):
    return with_certificate(
        room, username, lambda session, found: register.reissue(session, room.office, found, reason, room.now)
    )


def revoke(room: CompletedCohort, username: str, reason: str = "수료 취소") -> None:
    with_certificate(
        room, username, lambda session, found: register.revoke(session, room.actor, found, reason, room.now)
    )


def test_a_confirmed_completion_gets_the_next_line_of_its_programmes_year(campus) -> None:
    room = CompletedCohort(campus, "kim", "lee")
    assert issue(room, "kim") == "제2026-GMA-0001호"
    assert issue(room, "lee") == "제2026-GMA-0002호"
    event = campus.get(CertificateEvent, certificate_id=1)
    assert (event.deed, event.issue_number, event.content["name"]) == ("issued", 1, "Kim")
    assert event.content["check_url"].endswith(campus.get(Certificate, id=1).code)


def test_a_new_year_begins_at_one_again(sqlite_campus) -> None:
    room = CompletedCohort(sqlite_campus, "kim", "lee")
    issue(room, "kim", datetime(2026, 12, 31, 23, 59, tzinfo=KST))
    assert issue(room, "lee", datetime(2027, 1, 1, 0, 1, tzinfo=KST)) == "제2027-GMA-0001호"


def test_nobody_gets_one_without_a_confirmed_completion(campus) -> None:
    room = CompletedCohort(campus)
    room.people["kim"] = campus.person("kim")
    with pytest.raises(ConflictError, match="not_completed"):
        issue(room, "kim")
    assert campus.count(Certificate) == 0


def test_nobody_gets_one_for_a_completion_that_was_taken_back(sqlite_campus) -> None:
    room = CompletedCohort(sqlite_campus, "kim")
    room.take_back("kim")
    with pytest.raises(ConflictError, match="not_completed"):
        issue(room, "kim")


def test_nobody_gets_two(campus) -> None:
    room = CompletedCohort(campus, "kim")
    issue(room, "kim")
    with pytest.raises(ConflictError, match="certificate_out"):
        issue(room, "kim")
    assert campus.count(Certificate) == 1


def test_a_number_that_was_not_used_up_is_given_to_the_next(campus) -> None:
    room = CompletedCohort(campus, "kim", "lee")
    with campus.database.writing() as session:
        register.issue(session, room.office, room.enrolment(session, "kim"), room.now)
        session.rollback()  # the power went
    assert issue(room, "lee") == "제2026-GMA-0001호"


def test_many_at_once_get_numbers_without_gap_or_collision(campus) -> None:
    names = [f"student{number}" for number in range(8)]
    room = CompletedCohort(campus, *names)
    barrier, failures = threading.Barrier(len(names)), []

    def issue_together(name: str) -> None:
        barrier.wait()
        try:
            issue(room, name)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test tells
            failures.append(error)

    threads = [threading.Thread(target=issue_together, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with campus.database.reading() as session:
        assert sorted(session.scalars(sa.select(Certificate.number))) == list(range(1, 9))


def test_one_person_asked_for_at_once_by_two_gets_one(campus) -> None:
    room = CompletedCohort(campus, "kim")
    barrier, refused = threading.Barrier(2), []

    def issue_together() -> None:
        barrier.wait()
        try:
            issue(room, "kim")
        except ConflictError as error:
            refused.append(error.code)

    threads = [threading.Thread(target=issue_together) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["certificate_out"]
    assert campus.count(Certificate) == 1


def test_a_reissue_keeps_serial_and_code_and_says_the_corrected_name(campus) -> None:
    room = CompletedCohort(campus, "kim")
    serial = issue(room, "kim")
    with campus.database.writing() as session:
        session.get_one(Person, room.people["kim"]).name = "김서현"
    content = reissue(room, "kim")
    code = campus.get(Certificate).code
    assert (content.serial, content.code, content.issue_number, content.name) == (serial, code, 2, "김서현")
    assert campus.get(CertificateEvent, issue_number=1).content["name"] == "Kim"


@pytest.mark.parametrize("act", [reissue, revoke])
def test_reissue_and_revocation_ask_a_reason(sqlite_campus, act) -> None:
    room = CompletedCohort(sqlite_campus, "kim")
    issue(room, "kim")
    with pytest.raises(InvalidError, match="reason"):
        act(room, "kim", "  ")
    assert sqlite_campus.count(CertificateEvent) == 1


def test_a_revoked_certificate_is_neither_revoked_nor_reissued_again(campus) -> None:
    room = CompletedCohort(campus, "kim")
    issue(room, "kim")
    revoke(room, "kim")
    for act, who in ((register.reissue, room.office), (register.revoke, room.actor)):
        with campus.database.writing() as session:
            certificate = session.get_one(Certificate, 1)
            with pytest.raises(ConflictError, match="revoked"):
                act(session, who, certificate, "또 한 번", room.now)


def test_no_reissue_after_the_completion_was_taken_back(sqlite_campus) -> None:
    room = CompletedCohort(sqlite_campus, "kim")
    issue(room, "kim")
    room.take_back("kim")
    with pytest.raises(ConflictError, match="not_completed"):
        reissue(room, "kim")


def test_a_completion_restored_on_appeal_gets_a_new_number_after_the_revocation(sqlite_campus) -> None:
    room = CompletedCohort(sqlite_campus, "kim")
    issue(room, "kim")
    room.take_back("kim")
    revoke(room, "kim")
    room.decide("kim", DecisionKind.APPEAL, EnrolmentState.COMPLETED)
    assert issue(room, "kim") == "제2026-GMA-0002호"


def test_a_revoked_certificate_needs_a_new_decision_before_a_new_one(sqlite_campus) -> None:
    room = CompletedCohort(sqlite_campus, "kim")
    issue(room, "kim")
    revoke(room, "kim")
    with pytest.raises(ConflictError, match="decision_used"):
        issue(room, "kim")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE certificate SET number = 9",
        "DELETE FROM certificate",
        "UPDATE certificate_event SET reason = 'else'",
        "DELETE FROM certificate_event",
    ],
)
def test_the_database_itself_refuses_to_change_the_register(campus, statement) -> None:
    room = CompletedCohort(campus, "kim")
    issue(room, "kim")
    with pytest.raises(DBAPIError, match="never change"), campus.database.writing() as session:
        session.execute(sa.text(statement))


def test_every_step_is_in_the_audit_log_with_whose_certificate_it_is(sqlite_campus) -> None:
    room = CompletedCohort(sqlite_campus, "kim")
    serial = issue(room, "kim")
    reissue(room, "kim", "분실")
    revoke(room, "kim", "수료 취소")
    with sqlite_campus.database.reading() as session:
        rows = list(session.scalars(sa.select(AuditEvent).where(AuditEvent.subject_type == "certificate")))
    assert [(row.action, row.reason) for row in rows] == [
        ("certificate.issued", None),
        ("certificate.reissued", "분실"),
        ("certificate.revoked", "수료 취소"),
    ]
    assert {(row.subject_id, row.subject_person_id) for row in rows} == {(serial, room.people["kim"])}


def test_a_name_that_no_typeface_has_is_refused_and_takes_no_number(sqlite_campus) -> None:
    room = CompletedCohort(sqlite_campus, "kim")
    with sqlite_campus.database.writing() as session:
        session.get_one(Person, room.people["kim"]).name = "金瑞姸"
    with pytest.raises(InvalidError, match="unprintable"):
        issue(room, "kim")
    assert sqlite_campus.count(Certificate) == 0


def make_terms(series: str) -> Terms:
    return Terms(series=series, course=Named(ko="과정", en="Course"), issuers=(Named(ko="총장", en="President"),))


def test_the_letters_of_the_serial_number_are_fixed_by_the_first_certificate(sqlite_campus) -> None:
    room = CompletedCohort(sqlite_campus, "kim", "lee")
    with sqlite_campus.database.writing() as session:
        save_terms(session, room.actor, room.cohort(session), make_terms("GNAI"), room.now)
    assert issue(room, "kim") == "제2026-GNAI-0001호"
    with pytest.raises(ConflictError, match="series_in_use"), sqlite_campus.database.writing() as session:
        save_terms(session, room.actor, room.cohort(session), make_terms("XY"), room.now)
    with sqlite_campus.database.reading() as session:
        assert terms_of(session, room.cohort(session)).course.ko == "과정"


def test_new_terms_leave_issued_certificates_as_they_are(sqlite_campus) -> None:
    room = CompletedCohort(sqlite_campus, "kim")
    issue(room, "kim")
    with sqlite_campus.database.writing() as session:
        save_terms(session, room.actor, room.cohort(session), make_terms("GMA"), room.now)
        assert register.newest_content(session, 1).course.ko == "제조 AI"


def test_who_gets_a_certificate_is_told_by_mail_once(campus) -> None:
    room = CompletedCohort(campus, "kim")
    serial = issue(room, "kim")
    reissue(room, "kim")
    with pytest.raises(ConflictError):
        issue(room, "kim")
    letter = campus.get(MailMessage)
    assert letter.person_id == room.people["kim"]
    assert letter.context["serial"] == serial
    assert letter.context["course"]["ko"]
    assert campus.count(MailMessage) == 1
