"""The register of certificates (발급대장): issue, reissue, revoke.

A certificate follows from a person's confirmed decision that has not been taken back. Serial numbers of a programme's
year run without a gap: the next one is taken under the programme's lock, in the transaction that writes the line.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeGuard

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.errors import ConflictError, InvalidError
from hub.portal.models import (
    Certificate,
    CertificateDeed,
    CertificateEvent,
    CompletionDecision,
    DecisionKind,
    Enrolment,
    EnrolmentState,
    Programme,
)
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.certificates.codes import make_code, make_serial
from hub.portal.services.certificates.content import Content, Terms
from hub.portal.services.certificates.fonts import unprintable
from hub.portal.services.certificates.terms import terms_of
from hub.portal.services.mail.outbox import queue_mail
from hub.portal.services.timetable import KST

MAX_REASON = 1000
CHECK_PATH = "/certificates/"
MINE_PATH = "/learn/certificates"


@dataclass(frozen=True)
class Office:
    """Who issues and where certificates can be checked: ``portal_url`` without a slash at the end."""

    actor: Actor
    portal_url: str


def newest_decision(session: Session, enrolment_id: int) -> CompletionDecision | None:
    """Return the decision in force: appeals and revocations are rows that follow the first one."""
    query = sa.select(CompletionDecision).where(CompletionDecision.enrolment_id == enrolment_id)
    return session.scalars(query.order_by(CompletionDecision.id.desc()).limit(1)).one_or_none()


def stands(decision: CompletionDecision | None) -> TypeGuard[CompletionDecision]:
    """Whether a decision in force says that somebody has completed."""
    return (
        decision is not None
        and decision.outcome is EnrolmentState.COMPLETED
        and decision.kind is not DecisionKind.REVOKED
    )


def certificate_in_force(session: Session, enrolment_id: int) -> Certificate | None:
    """Return the certificate of an enrolment that has not been revoked."""
    revoked = sa.select(CertificateEvent.certificate_id).where(CertificateEvent.deed == CertificateDeed.REVOKED)
    query = sa.select(Certificate).where(Certificate.enrolment_id == enrolment_id, Certificate.id.not_in(revoked))
    return session.scalars(query.order_by(Certificate.id.desc()).limit(1)).one_or_none()


def issue(session: Session, office: Office, enrolment: Enrolment, now: datetime) -> Certificate:
    """Write the next line of the register and have its holder told by mail. ConflictError unless the completion is
    confirmed and in force, or where a certificate is out already; InvalidError for a name that can't be printed."""
    _lock(session, enrolment.cohort.programme_id)
    decision = _require_issuable(session, enrolment)
    terms, today = terms_of(session, enrolment.cohort), now.astimezone(KST).date()
    certificate = _next_line(session, enrolment, decision, terms.series, now)
    content = _content(office, enrolment, terms, certificate, today)  # refuses before anything is written
    session.add(certificate)
    session.flush()
    _append(session, office.actor, certificate, Happening(CertificateDeed.ISSUED, now, None, content))
    told = {"course": content.course.model_dump(), "serial": certificate.serial, "path": MINE_PATH}
    queue_mail(session, "certificate", enrolment.person_id, f"certificate:{certificate.id}", told, now=now)
    return certificate


def _require_issuable(session: Session, enrolment: Enrolment) -> CompletionDecision:
    """Return the decision that a new certificate would follow from."""
    decision = newest_decision(session, enrolment.id)
    if not stands(decision):
        raise ConflictError(
            "not_completed",
            "수료가 확정되지 않아 수료증을 발급할 수 없습니다. 수료를 먼저 확정해 주십시오.",
            "The completion is not confirmed, so no certificate can be issued. Please confirm it first.",
        )
    if certificate_in_force(session, enrolment.id) is not None:
        raise ConflictError(
            "certificate_out",
            "이미 발급된 수료증이 있습니다. 다시 필요하면 재발급해 주십시오.",
            "There is a certificate already. Reissue it if another copy is needed.",
        )
    if session.scalar(sa.select(Certificate.id).where(Certificate.decision_id == decision.id)) is not None:
        raise ConflictError(
            "decision_used",
            "이 수료 결정으로 발급한 수료증이 취소되었습니다. 다시 발급하려면 수료를 새로 결정해 주십시오.",
            "The certificate of this decision was revoked. A new one needs a new decision on the completion.",
        )
    return decision


def _next_line(
    session: Session, enrolment: Enrolment, decision: CompletionDecision, series: str, now: datetime
) -> Certificate:
    """Make the register's next line of this year; the caller holds the programme's lock."""
    today, programme_id = now.astimezone(KST).date(), enrolment.cohort.programme_id
    number = _next_number(session, programme_id, today.year)
    return Certificate(
        programme_id=programme_id,
        university_id=enrolment.university_id,
        enrolment_id=enrolment.id,
        person_id=enrolment.person_id,
        decision_id=decision.id,
        year=today.year,
        number=number,
        serial=make_serial(today.year, series, number),
        code=make_code(),
        issued_on=today,
        made_at=now,
    )


@dataclass(frozen=True)
class Happening:
    """What happens to a certificate."""

    deed: CertificateDeed
    at: datetime
    reason: str | None
    content: Content | None = None


def reissue(session: Session, office: Office, certificate: Certificate, reason: str, now: datetime) -> Content:
    """Issue the same serial number again, with the name and terms of today, for instance after a correction."""
    reason = checked_reason(reason)
    _lock(session, certificate.programme_id)
    _require_in_force(session, certificate)
    decision = newest_decision(session, certificate.enrolment_id)
    if not stands(decision):
        raise ConflictError(
            "not_completed",
            "수료가 취소되어 다시 발급할 수 없습니다. 이 수료증을 취소해 주십시오.",
            "The completion was taken back, so this can't be reissued. Please revoke the certificate.",
        )
    highest = sa.select(sa.func.max(CertificateEvent.issue_number))
    issues = session.scalar(highest.where(CertificateEvent.certificate_id == certificate.id)) or 0
    terms, enrolment = terms_of(session, certificate.enrolment.cohort), certificate.enrolment
    content = _content(office, enrolment, terms, certificate, now.astimezone(KST).date(), issues + 1)
    _append(session, office.actor, certificate, Happening(CertificateDeed.REISSUED, now, reason, content))
    return content


def revoke(session: Session, actor: Actor, certificate: Certificate, reason: str, now: datetime) -> None:
    """Take a certificate back for good; the public check says so from now on."""
    reason = checked_reason(reason)
    _lock(session, certificate.programme_id)
    _require_in_force(session, certificate)
    _append(session, actor, certificate, Happening(CertificateDeed.REVOKED, now, reason))


def checked_reason(reason: str) -> str:
    """Return a reason that says something; InvalidError for none."""
    found = reason.strip()
    if not 2 <= len(found) <= MAX_REASON:
        raise InvalidError("reason", "사유를 써 주십시오. 기록에 남습니다.", "Please give a reason. It is kept.")
    return found


def newest_content(session: Session, certificate_id: int) -> Content:
    """Return what the newest issue of a certificate says."""
    query = sa.select(CertificateEvent.content).where(
        CertificateEvent.certificate_id == certificate_id, CertificateEvent.issue_number.is_not(None)
    )
    return Content.model_validate(session.scalars(query.order_by(CertificateEvent.id.desc()).limit(1)).one())


def _lock(session: Session, programme_id: int) -> None:
    """One register, one writer: whoever comes second sees the first one's line. (SQLite has one writer anyway.)"""
    query = sa.select(Programme.id).where(Programme.id == programme_id)
    session.execute(query.with_for_update(key_share=True)).one()


def _next_number(session: Session, programme_id: int, year: int) -> int:
    highest = sa.select(sa.func.max(Certificate.number))
    return 1 + (session.scalar(highest.where(Certificate.programme_id == programme_id, Certificate.year == year)) or 0)


def _require_in_force(session: Session, certificate: Certificate) -> None:
    query = sa.select(CertificateEvent.id).where(
        CertificateEvent.certificate_id == certificate.id, CertificateEvent.deed == CertificateDeed.REVOKED
    )
    if session.scalar(query) is not None:
        raise ConflictError("revoked", "이미 취소된 수료증입니다.", "This certificate was revoked already.")


def _content(
    office: Office, enrolment: Enrolment, terms: Terms, certificate: Certificate, today: date, issue_number: int = 1
) -> Content:
    person, cohort = enrolment.person, enrolment.cohort
    content = Content(
        serial=certificate.serial,
        issue_number=issue_number,
        code=certificate.code,
        check_url=f"{office.portal_url}{CHECK_PATH}{certificate.code}",
        name=person.name,
        birth_date=person.birth_date if terms.has_birth_date else None,
        programme={"ko": cohort.programme.name_ko, "en": cohort.programme.name_en},
        course=terms.course,
        cohort={"ko": cohort.name_ko, "en": cohort.name_en},
        starts_on=cohort.starts_on,
        ends_on=cohort.ends_on,
        hours=terms.hours,
        issuers=terms.issuers,
        first_issued_on=certificate.issued_on,
        issued_on=today,
    )
    _require_printable(content)
    return content


def _require_printable(content: Content) -> None:
    signs = unprintable(
        content.name,
        *(text for named in (content.programme, content.course, content.cohort) for text in (named.ko, named.en)),
        *(text for named in content.issuers for text in (named.ko, named.en)),
    )
    if signs:
        raise InvalidError(
            "unprintable",
            f"수료증에 인쇄할 수 없는 글자가 있습니다: {signs}. 이름이나 문구를 고쳐 주십시오.",
            f"The certificate can't be printed with these characters: {signs}. Please correct the name or the words.",
        )


def _append(session: Session, actor: Actor, certificate: Certificate, what: Happening) -> None:
    event = CertificateEvent(
        certificate_id=certificate.id,
        university_id=certificate.university_id,
        deed=what.deed,
        issue_number=None if what.content is None else what.content.issue_number,
        content=None if what.content is None else what.content.model_dump(mode="json"),
        reason=what.reason,
        made_by_id=actor.person_id or 0,
        at=what.at,
    )
    session.add(event)
    session.flush()
    subject = Subject("certificate", certificate.serial, certificate.person_id, certificate.university_id)
    detail = {"issue_number": event.issue_number, "decision": certificate.decision_id}
    record(session, actor, Deed(f"certificate.{what.deed.value}", subject, detail, what.reason), what.at)
