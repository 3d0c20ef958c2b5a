"""Joining two persons into one, and taking that back exactly. Both rows stay; the merged one points to the kept one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.errors import ConflictError, InvalidError
from hub.portal.models import Enrolment, Language, Person, PersonMerge, Role
from hub.portal.services.access import coordinated_universities, grants_of
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.merging.rows import Clashing, clashes, move_all, move_back

#: What the kept person gets from the merged one where it has nothing itself.
FILLED = ("email", "phone", "birth_date", "language")
_REASON_MAX = 500


def may_merge(session: Session, person_id: int, *people: int) -> bool:
    """Whether a coordinator may join or part these persons: they coordinate every university where one is enrolled.

    Persons with a staff role are joined by administrators only: log-ins move with them, and so would the role.
    """
    own = {grant.role for grant in grants_of(session, person_id)}
    if Role.ADMINISTRATOR in own:
        return True
    if person_id in people or any(grants_of(session, each) for each in people):
        return False
    universities = coordinated_universities(session, person_id)
    if universities is None:
        return True
    enrolled = set(session.scalars(sa.select(Enrolment.university_id).where(Enrolment.person_id.in_(people))))
    with_enrolment = set(session.scalars(sa.select(Enrolment.person_id).where(Enrolment.person_id.in_(people))))
    return bool(universities) and enrolled <= universities and set(people) <= with_enrolment


def merge_problems(session: Session, kept_id: int, merged_id: int) -> list[Clashing]:
    """Return what stands in the way of a merge, for the page that asks for confirmation."""
    return clashes(session, kept_id, merged_id)


def merge_people(
    session: Session, actor: Actor, kept_id: int, merged_id: int, reason: str, now: datetime
) -> PersonMerge:
    """Make ``merged`` the person ``kept``. InvalidError without a reason or for one and the same, ConflictError where
    one of them is merged already or both have what can be there only once."""
    _require_reason(reason)
    kept, merged = _two_people(session, kept_id, merged_id)
    found = clashes(session, kept_id, merged_id)
    if found:
        raise ConflictError(
            "merge_clash",
            "병합할 수 없습니다. " + " ".join(each.moving.what.ko for each in found),
            "They can't be merged. " + " ".join(each.moving.what.en for each in found),
        )
    merge = PersonMerge(
        kept_id=kept_id, merged_id=merged_id, moved={}, reason=reason, made_by_id=actor.person_id or 0, made_at=now
    )
    session.add(merge)
    session.flush()  # the database lets attempts follow only a merge that is written down
    rows = move_all(session, merged_id, kept_id)
    merge.moved = {"rows": rows, "filled": _fill(kept, merged)}
    merged.merged_into_id = kept_id
    session.flush()
    session.expire_all()  # rows were moved behind the session's back
    _note(session, actor, "person.merged", merge, {"rows": {name: len(found) for name, found in rows.items()}}, now)
    return merge


def undo_merge(session: Session, actor: Actor, merge: PersonMerge, reason: str, now: datetime) -> None:
    """Part two persons as they were. What came to the kept person since stays there. ConflictError if it was undone,
    or if the kept person was merged into another one later: that merge goes first."""
    _require_reason(reason)
    if merge.undone_at is not None:
        raise ConflictError("merge_undone", "이미 되돌린 병합입니다.", "This merge was undone already.")
    if session.get_one(Person, merge.kept_id).merged_into_id is not None:
        raise ConflictError(
            "merge_later",
            "이 사람은 나중에 다른 사람과 병합되었습니다. 나중의 병합을 먼저 되돌려 주십시오.",
            "This person was merged into another one later. Please undo the later merge first.",
        )
    merge.undone_at, merge.undone_by_id = now, actor.person_id
    kept, merged = session.get_one(Person, merge.kept_id), session.get_one(Person, merge.merged_id)
    merged.merged_into_id = None
    _empty(kept, merge.moved["filled"])
    session.flush()
    move_back(session, merge.moved["rows"], merge.merged_id, merge.kept_id)
    session.expire_all()
    _note(session, actor, "person.parted", merge, {"reason": reason}, now)


def _two_people(session: Session, kept_id: int, merged_id: int) -> tuple[Person, Person]:
    """Lock both, in one order, so that two coordinators at once can't merge in a circle."""
    query = sa.select(Person).where(Person.id.in_((kept_id, merged_id))).order_by(Person.id).with_for_update()
    found = {person.id: person for person in session.scalars(query)}
    if len(found) != 2:
        raise InvalidError("two_people", "서로 다른 두 사람을 골라 주십시오.", "Please choose two different people.")
    if any(person.merged_into_id is not None for person in found.values()):
        raise ConflictError("merged_already", "이미 병합된 사람입니다.", "One of them is merged already.")
    return found[kept_id], found[merged_id]


def _require_reason(reason: str) -> None:
    if not 0 < len(reason.strip()) <= _REASON_MAX:
        raise InvalidError("reason", "사유를 적어 주십시오(500자 이내).", "Please give a reason (at most 500 letters).")


def _fill(kept: Person, merged: Person) -> dict[str, str]:
    """Give the kept person what it lacks; returns what was filled in, as text."""
    filled = {}
    for name in FILLED:
        value = getattr(merged, name)
        if getattr(kept, name) is None and value is not None:
            setattr(kept, name, value)
            filled[name] = str(value)
    return filled


def _empty(kept: Person, filled: dict[str, str]) -> None:
    """Take back what was filled in, unless it was corrected since."""
    for name, text in filled.items():
        if getattr(kept, name) == _read(name, text):
            setattr(kept, name, None)


def _read(name: str, text: str) -> Any:
    if name == "birth_date":
        return date.fromisoformat(text)
    return Language(text) if name == "language" else text


def _note(
    session: Session, actor: Actor, action: str, merge: PersonMerge, detail: dict[str, Any], now: datetime
) -> None:
    subject = Subject("person_merge", str(merge.id), merge.kept_id)
    facts = {"people": [merge.kept_id, merge.merged_id], **detail}
    record(session, actor, Deed(action, subject, facts, merge.reason), now)
