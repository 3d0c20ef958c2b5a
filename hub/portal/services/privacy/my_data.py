"""What the platform keeps about somebody, for themselves: to look at, take along and correct; and their mail."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.errors import ConflictError, InvalidError
from hub.portal.models import (
    Assignment,
    Attempt,
    AttemptMember,
    AuditEvent,
    Cohort,
    CompletionDecision,
    Enrolment,
    EnrolmentEvent,
    Grade,
    Login,
    MailMessage,
    MailRefusal,
    Person,
    PersonMerge,
    ServerSession,
)
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.mail.kinds import KINDS
from hub.portal.services.programme.identifiers import clean_email, clean_name, clean_phone
from hub.portal.services.timetable import KST

#: Looks at one's data that the page lists; the file to take along has all.
SHOWN_LOOKS = 50


@dataclass(frozen=True)
class Correction:
    """What was typed, as it was typed. The birth date, which tells people apart, is a coordinator's to correct."""

    name: str
    phone: str
    email: str


def identities(session: Session, person_id: int) -> set[int]:
    """Return all ids under which facts about a person were written: theirs, and those of persons found to be them."""
    merged = session.scalars(
        sa.select(PersonMerge.merged_id).where(PersonMerge.kept_id == person_id, PersonMerge.undone_at.is_(None))
    )
    chained = session.scalars(sa.select(Person.id).where(Person.merged_into_id == person_id))
    return {person_id, *merged, *chained}


def correct(session: Session, actor: Actor, person: Person, wanted: Correction, now: datetime) -> list[str]:
    """Correct one's own data; returns the columns that changed. InvalidError names the field in ``details``;
    ConflictError where somebody else has the address."""
    found = _checked(wanted)
    email = found["email"]
    if email and email != person.email:
        same = sa.select(Person.id).where(
            Person.email == email, Person.id != person.id, Person.merged_into_id.is_(None)
        )
        if session.scalar(same.limit(1)) is not None:
            raise ConflictError(
                "email_taken",
                "다른 사람이 쓰고 있는 이메일입니다. 본인의 이메일을 적어 주십시오.",
                "Somebody else has this address. Please give your own.",
                details={"field": "email"},
            )
    changed = [name for name, value in found.items() if getattr(person, name) != value]
    before = {name: _text(getattr(person, name)) for name in changed}
    for name in changed:
        setattr(person, name, found[name])
    if changed:
        session.flush()
        subject = Subject("person", str(person.id), person.id)
        record(session, actor, Deed("person.corrected", subject, {"before": before}), now)
    return changed


def _checked(wanted: Correction) -> dict[str, str | None]:
    name, phone, email = clean_name(wanted.name), clean_phone(wanted.phone), clean_email(wanted.email)
    if name is None:
        raise _wrong("name", "이름을 적어 주십시오.", "Please give your name.")
    if wanted.phone.strip() and phone is None:
        raise _wrong("phone", "전화번호를 읽을 수 없습니다. 예: 010-1234-5678", "That is no Korean telephone number.")
    if wanted.email.strip() and email is None:
        raise _wrong("email", "이메일 주소를 읽을 수 없습니다. 예: minsu@example.ac.kr", "That is no e-mail address.")
    return {"name": name, "phone": phone, "email": email}


def _wrong(field: str, korean: str, english: str) -> InvalidError:
    return InvalidError(f"my_{field}", korean, english, details={"field": field})


def refused_kinds(session: Session, person_id: int) -> set[str]:
    """Return the kinds of mail that a person does not want."""
    return set(session.scalars(sa.select(MailRefusal.kind).where(MailRefusal.person_id == person_id)))


def choose_mail(session: Session, actor: Actor, person_id: int, wanted: Collection[str], now: datetime) -> None:
    """Keep which kinds of mail a person wants, of those that may be declined."""
    before = refused_kinds(session, person_id)
    refused = {kind.name for kind in KINDS.values() if kind.may_be_declined and kind.name not in wanted}
    session.execute(sa.delete(MailRefusal).where(MailRefusal.person_id == person_id, MailRefusal.kind.not_in(refused)))
    session.add_all(MailRefusal(person_id=person_id, kind=kind, since=now) for kind in refused - before)
    session.flush()
    if refused != before:
        subject = Subject("person", str(person_id), person_id)
        record(session, actor, Deed("mail.chosen", subject, {"refused": sorted(refused)}), now)


def looks_at(session: Session, person_id: int, limit: int | None = SHOWN_LOOKS) -> list[AuditEvent]:
    """Return who looked at or changed a person's data, the newest first; their own acts are left out.

    A list that showed many people names them in its detail: SQLite and PostgreSQL are asked alike, by its text.
    """
    ids = identities(session, person_id)
    people = AuditEvent.detail["people"].as_string()
    listed = sa.or_(*(people.regexp_match(rf"(^|[^0-9]){each}([^0-9]|$)") for each in sorted(ids)))
    query = sa.select(AuditEvent).where(sa.or_(AuditEvent.subject_person_id.in_(ids), listed))
    query = query.where(sa.or_(AuditEvent.actor_person_id.is_(None), AuditEvent.actor_person_id.not_in(ids)))
    return list(session.scalars(query.order_by(AuditEvent.id.desc()).limit(limit)))


def all_data(session: Session, person: Person) -> dict[str, Any]:
    """Return everything that is kept about a person, as JSON; what names other people is left out."""
    ids = identities(session, person.id)
    return {
        "person": _row(person, "id", "name", "birth_date", "phone", "email", "language", "created_at"),
        "logins": _rows(session, Login, Login.person_id.in_(ids), "issuer", "subject", "created_at", "last_used_at"),
        "enrolments": [_enrolment(session, each) for each in _all(session, Enrolment, Enrolment.person_id.in_(ids))],
        "submissions": [_attempt(session, each) for each in _attempts(session, ids)],
        "grades": [_grade(session, each) for each in _all(session, Grade, Grade.person_id.in_(ids))],
        "notebook_sessions": _rows(
            session, ServerSession, ServerSession.person_id.in_(ids), "profile", "started_at", "stopped_at"
        ),
        "mail": _rows(session, MailMessage, MailMessage.person_id.in_(ids), "kind", "state", "created_at", "ended_at"),
        "mail_not_wanted": sorted(refused_kinds(session, person.id)),
        "looks_at_this_data": [
            {"at": _text(event.at), "action": event.action, "reason": event.reason}
            for event in looks_at(session, person.id, None)
        ],
    }


def _all(session: Session, model: Any, condition: Any) -> list[Any]:
    return list(session.scalars(sa.select(model).where(condition).order_by(model.id)))


def _rows(session: Session, model: Any, condition: Any, *names: str) -> list[dict[str, Any]]:
    return [_row(each, *names) for each in _all(session, model, condition)]


def _row(row: Any, *names: str) -> dict[str, Any]:
    return {name: _text(getattr(row, name)) for name in names}


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(KST).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value


def _attempts(session: Session, ids: Collection[int]) -> list[Attempt]:
    shared = sa.select(AttemptMember.attempt_id).where(AttemptMember.person_id.in_(ids))
    return _all(session, Attempt, sa.or_(Attempt.person_id.in_(ids), Attempt.id.in_(shared)))


def _attempt(session: Session, attempt: Attempt) -> dict[str, Any]:
    work = session.get_one(Assignment, attempt.assignment_id)
    facts = _row(attempt, "receipt_id", "number", "received_at", "submission_digest")
    return {"assignment": work.title_ko, **facts}


def _grade(session: Session, grade: Grade) -> dict[str, Any]:
    work = session.get_one(Assignment, grade.assignment_id)
    return {"assignment": work.title_ko, **_row(grade, "score", "max_score", "updated_at")}


def _enrolment(session: Session, enrolment: Enrolment) -> dict[str, Any]:
    cohort = session.get_one(Cohort, enrolment.cohort_id)
    found = enrolment.particulars
    return {
        "cohort": cohort.name_ko,
        **_row(enrolment, "track", "state", "state_reason", "state_since"),
        "company": found.company.name if found is not None and found.company is not None else None,
        "work_region": found.work_region if found is not None else None,
        "home_region": found.home_region if found is not None else None,
        "events": _rows(
            session, EnrolmentEvent, EnrolmentEvent.enrolment_id == enrolment.id, "to_state", "reason", "at"
        ),
        "decisions": _rows(
            session,
            CompletionDecision,
            CompletionDecision.enrolment_id == enrolment.id,
            *("kind", "outcome", "proposed", "facts", "finding", "reason", "made_at"),
        ),
    }
