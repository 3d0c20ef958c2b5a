"""Who looked at whose data: one row of the audit log for each look, whatever page or call gave it."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import Attempt, AuditEvent, Base, Person
from hub.portal.services.audit import Actor, Deed, Subject, record

#: A page that stays open asks for its moving part every few seconds: within this time that is the same look.
SAME_LOOK = timedelta(hours=1)


@dataclass(frozen=True)
class Look:
    """What was opened and whose data it showed; ``place`` names a list, ``attempt`` the one thing if there is one."""

    action: str
    place: str
    people: frozenset[int]
    attempt: Attempt | None = None

    @property
    def subject(self) -> Subject:
        """Whom or what the audit row is about: a person where it is one, else the list with the ids in its detail."""
        if self.attempt is not None:
            return Subject("attempt", self.attempt.receipt_id, self.attempt.person_id, self.attempt.university_id)
        return Subject("page", self.place[:80], next(iter(self.people)) if len(self.people) == 1 else None)


def people_in(shown: Any) -> frozenset[int]:
    """Return the ids of all people whose data is in ``shown``: rows and read models that carry a ``person_id``.

    Read models are searched inside, rows are not: what a row could load is not yet what a page shows.
    """
    if isinstance(shown, Base):
        found = shown.id if isinstance(shown, Person) else getattr(shown, "person_id", None)
        return frozenset() if found is None else frozenset({found})
    if isinstance(shown, dict):
        return _people_in_all(shown.values())
    if isinstance(shown, list | tuple | set | frozenset):
        return _people_in_all(shown)
    if not is_dataclass(shown) or isinstance(shown, type):
        return frozenset()
    return _people_of_model(shown)


def _people_of_model(shown: Any) -> frozenset[int]:
    found = _people_in_all(getattr(shown, field.name) for field in fields(shown))
    person_id = getattr(shown, "person_id", None)
    return found if person_id is None else found | {person_id}


def _people_in_all(parts: Any) -> frozenset[int]:
    return frozenset().union(*(people_in(part) for part in parts))


def record_look(session: Session, actor: Actor, look: Look, at: datetime) -> AuditEvent:
    """Write a look into the audit log; a list, and a team's attempt, name everybody on it."""
    is_one = look.attempt is not None and look.people == {look.attempt.person_id}
    detail = {} if is_one else {"people": sorted(look.people)}
    return record(session, actor, Deed(look.action, look.subject, detail), at)


def is_written(session: Session, actor: Actor, look: Look, at: datetime) -> bool:
    """Whether this person's look at the same people here is in the log already, from the last hour."""
    subject = look.subject
    query = sa.select(AuditEvent).where(
        AuditEvent.subject_type == subject.kind,
        AuditEvent.subject_id == subject.id,
        AuditEvent.actor_person_id == actor.person_id,
        AuditEvent.action == look.action,
        AuditEvent.at > at - SAME_LOOK,
    )
    seen = {person for row in session.scalars(query) for person in row.detail.get("people", [row.subject_person_id])}
    return look.people <= seen
