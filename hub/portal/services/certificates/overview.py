"""What pages say about certificates: a cohort's register, a student's own, and the public check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from hub.portal.models import (
    Certificate,
    CertificateDeed,
    CertificateEvent,
    Cohort,
    CompletionDecision,
    DecisionKind,
    Enrolment,
    EnrolmentState,
    Person,
)
from hub.portal.services.certificates.codes import read_code
from hub.portal.services.certificates.content import Content
from hub.portal.services.privacy.masking import masked_name


@dataclass(frozen=True)
class Line:
    """One certificate of the register. ``stands``: whether the completion behind it has not been taken back."""

    certificate: Certificate
    person_id: int
    name: str
    issue_number: int
    issued_on: date
    revoked: CertificateEvent | None
    stands: bool
    events: tuple[CertificateEvent, ...]

    @property
    def is_valid(self) -> bool:
        """Whether the paper is worth something today."""
        return self.revoked is None and self.stands


@dataclass(frozen=True)
class Waiting:
    """Somebody who has completed and has no certificate; the name is masked."""

    enrolment_id: int
    person_id: int
    name: str


@dataclass(frozen=True)
class Check:
    """All that the public check says of a certificate; no id, no birth date, no whole name."""

    is_valid: bool
    serial: str
    masked_name: str
    content: Content


def _standing() -> sa.Select[int]:
    """Enrolments whose newest decision says that they have completed."""
    newest = sa.select(sa.func.max(CompletionDecision.id)).group_by(CompletionDecision.enrolment_id)
    return sa.select(CompletionDecision.enrolment_id).where(
        CompletionDecision.id.in_(newest),
        CompletionDecision.outcome == EnrolmentState.COMPLETED,
        CompletionDecision.kind != DecisionKind.REVOKED,
    )


def _waiting_query(cohort_id: int) -> sa.Select[Enrolment]:
    """Who stands and has no certificate of the decision in force."""
    newest = (
        sa.select(sa.func.max(CompletionDecision.id).label("id"), CompletionDecision.enrolment_id)
        .group_by(CompletionDecision.enrolment_id)
        .subquery()
    )
    revoked = sa.select(CertificateEvent.certificate_id).where(CertificateEvent.deed == CertificateDeed.REVOKED)
    in_force = sa.select(Certificate.enrolment_id).where(Certificate.id.not_in(revoked))
    used = sa.select(Certificate.decision_id)
    return (
        sa.select(Enrolment)
        .join(newest, newest.c.enrolment_id == Enrolment.id)
        .join(Person, Person.id == Enrolment.person_id)
        .where(
            Enrolment.cohort_id == cohort_id,
            Enrolment.id.in_(_standing()),
            Enrolment.id.not_in(in_force),
            newest.c.id.not_in(used),
        )
        .order_by(Person.name, Enrolment.id)
    )


def awaiting(session: Session, cohort_id: int) -> list[int]:
    """Return the enrolments of a cohort that have a right to a certificate and none, by name."""
    return list(session.scalars(_waiting_query(cohort_id).with_only_columns(Enrolment.id)))


def list_waiting(session: Session, cohort: Cohort) -> list[Waiting]:
    """Return the people of a cohort who have completed and have no certificate, by name."""
    query = _waiting_query(cohort.id).with_only_columns(Enrolment.id, Person.id, Person.name)
    return [Waiting(number, person_id, masked_name(name)) for number, person_id, name in session.execute(query)]


def lines_of(session: Session, cohort: Cohort) -> list[Line]:
    """Return a cohort's part of the register in the order of its numbers; names masked."""
    query = (
        sa.select(Certificate)
        .join(Enrolment, Enrolment.id == Certificate.enrolment_id)
        .where(Enrolment.cohort_id == cohort.id)
        .order_by(Certificate.year, Certificate.number)
    )
    return _lines(session, query)


def own_lines(session: Session, person_id: int) -> list[Line]:
    """Return a person's own certificates, the newest first."""
    query = sa.select(Certificate).join(Enrolment, Enrolment.id == Certificate.enrolment_id)
    return _lines(session, query.where(Enrolment.person_id == person_id).order_by(Certificate.id.desc()))


def _lines(session: Session, query: sa.Select[Certificate]) -> list[Line]:
    found = session.scalars(query.options(selectinload(Certificate.events))).all()
    standing = set(
        session.scalars(
            _standing().where(CompletionDecision.enrolment_id.in_([certificate.enrolment_id for certificate in found]))
        )
    )
    return [_line(certificate, certificate.enrolment_id in standing) for certificate in found]


def _line(certificate: Certificate, stands: bool) -> Line:
    newest = next(event for event in reversed(certificate.events) if event.content is not None)
    content = Content.model_validate(newest.content)
    revoked = next((event for event in certificate.events if event.deed is CertificateDeed.REVOKED), None)
    return Line(
        certificate=certificate,
        person_id=certificate.person_id,
        name=masked_name(content.name),
        issue_number=content.issue_number,
        issued_on=content.issued_on,
        revoked=revoked,
        stands=stands,
        events=tuple(certificate.events),
    )


def check_code(session: Session, text: str) -> Check | None:
    """Return what a code stands for; None for one that was never given out, however near it is."""
    code = read_code(text)
    if code is None:
        return None
    found = _lines(session, sa.select(Certificate).where(Certificate.code == code))
    if not found:
        return None
    newest = next(event for event in reversed(found[0].events) if event.content is not None)
    content = Content.model_validate(newest.content)
    return Check(found[0].is_valid, content.serial, found[0].name, content)
