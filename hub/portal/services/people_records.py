"""One person as coordinators see them: masked until somebody says why they must see more; and the enrolments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from hub.portal.errors import InvalidError
from hub.portal.models import Enrolment, EnrolmentParticulars, Login, Person, PersonMerge
from hub.portal.services.access import coordinated_universities
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.privacy.masking import masked_birth, masked_email, masked_name, masked_phone, shown_phone

REASON_MIN, REASON_MAX = 5, 500


@dataclass(frozen=True)
class PersonFacts:
    """What a page shows of a person, masked or whole; the values are texts for reading."""

    person_id: int
    name: str
    birth: str | None
    phone: str | None
    email: str | None
    is_masked: bool


@dataclass(frozen=True)
class PersonRecord:
    """A person with the enrolments that the visitor may see, and the merges in force that made them."""

    facts: PersonFacts
    logins: int
    enrolments: tuple[Enrolment, ...]
    merges: tuple[PersonMerge, ...]


def facts_of(person: Person, *, masked: bool = True) -> PersonFacts:
    """Return a person's facts; masked unless the caller has written down why not."""
    if masked:
        hidden = masked_name(person.name), masked_birth(person.birth_date), masked_phone(person.phone)
        return PersonFacts(person.id, *hidden, masked_email(person.email), True)
    born = person.birth_date.isoformat() if person.birth_date else None
    return PersonFacts(person.id, person.name, born, shown_phone(person.phone), person.email, False)


def find_coordinated(session: Session, visitor_id: int, person_id: int) -> Person | None:
    """Return a person who is enrolled at a university that the visitor coordinates; None for any other."""
    person = session.get(Person, person_id)
    if person is None:
        return None
    universities = coordinated_universities(session, visitor_id)
    enrolled = sa.select(Enrolment.id).where(Enrolment.person_id == person_id)
    if universities is not None:
        enrolled = enrolled.where(Enrolment.university_id.in_(universities))
    return person if session.scalar(enrolled.limit(1)) is not None else None


def record_of(session: Session, visitor_id: int, person: Person, *, masked: bool = True) -> PersonRecord:
    """Read a person's record as far as the visitor may see it."""
    query = sa.select(Enrolment).where(Enrolment.person_id == person.id).order_by(Enrolment.id)
    universities = coordinated_universities(session, visitor_id)
    if universities is not None:
        query = query.where(Enrolment.university_id.in_(universities))
    query = query.options(
        joinedload(Enrolment.cohort), joinedload(Enrolment.particulars).joinedload(EnrolmentParticulars.company)
    )
    logins = sa.select(sa.func.count()).select_from(Login).where(Login.person_id == person.id)
    merges = sa.select(PersonMerge).where(PersonMerge.kept_id == person.id, PersonMerge.undone_at.is_(None))
    return PersonRecord(
        facts_of(person, masked=masked),
        session.scalar(logins.where(Login.disabled_at.is_(None))) or 0,
        tuple(session.scalars(query)),
        tuple(session.scalars(merges.order_by(PersonMerge.id))),
    )


def note_unmasking(session: Session, actor: Actor, person: Person, reason: str, now: datetime) -> None:
    """Write down that a person's data was shown in full, to whom and why; InvalidError without a reason."""
    if not REASON_MIN <= len(reason.strip()) <= REASON_MAX:
        raise InvalidError(
            "reason",
            "열람 사유를 5자 이상 적어 주십시오. 사유는 접속 기록에 남습니다.",
            "Please say why, in at least 5 letters. The reason is kept in the access log.",
        )
    subject = Subject("person", str(person.id), person.id)
    facts = {"fields": ["name", "birth_date", "phone", "email"]}
    record(session, actor, Deed("person.unmasked", subject, facts, reason.strip()), now)
