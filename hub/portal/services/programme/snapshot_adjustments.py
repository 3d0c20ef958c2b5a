"""Corrections beside a closed count: one person more or less, with a reason; the snapshot itself stays as it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.errors import ConflictError, InvalidError
from hub.portal.models import KpiAdjustment, KpiSnapshot, KpiSnapshotPerson
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.programme.kpi_people import Scope, end_of_day, people, same_person

MAX_REASON = 2000


class Cause(StrEnum):
    """Why a snapshot and today's data disagree about somebody."""

    REVOKED = "revoked"  # counted then, no standing completion now
    MERGED = "merged"  # counted then, since found to be the same person as somebody else counted
    MISSING = "missing"  # not counted then, though a completion of that time stands now


@dataclass(frozen=True)
class Difference:
    """What today's data would say of one person of that day."""

    person_id: int
    university_id: int
    change: int
    cause: Cause


@dataclass(frozen=True)
class Correction:
    """What a coordinator asks for."""

    person_id: int
    change: int
    reason: str


def adjustments_of(
    session: Session, snapshot: KpiSnapshot, universities: frozenset[int] | None = None
) -> list[KpiAdjustment]:
    """Return the corrections beside a snapshot, the oldest first."""
    query = sa.select(KpiAdjustment).where(KpiAdjustment.snapshot_id == snapshot.id)
    if universities is not None:
        query = query.where(KpiAdjustment.university_id.in_(universities))
    return list(session.scalars(query.order_by(KpiAdjustment.id)))


def adjusted_people(session: Session, snapshot: KpiSnapshot) -> dict[int, int]:
    """Return who is counted when corrections are followed: person -> university."""
    rows = session.execute(
        sa.select(KpiSnapshotPerson.person_id, KpiSnapshotPerson.university_id).where(
            KpiSnapshotPerson.snapshot_id == snapshot.id
        )
    )
    counted = {row.person_id: row.university_id for row in rows}
    for row in adjustments_of(session, snapshot):
        if row.change > 0:
            counted[row.person_id] = row.university_id
        else:
            counted.pop(row.person_id, None)
    return counted


def differences(session: Session, snapshot: KpiSnapshot, now: datetime) -> list[Difference]:
    """Return what today's data would correct, corrections that were made already left out.

    Counted then and taken back since, or found to be somebody else's double; or a completion of that time that was
    not counted then (a cohort was set to count later).
    """
    counted = adjusted_people(session, snapshot)
    same = same_person()
    merged = {row.person_id: row.root_id for row in session.execute(sa.select(same))}
    standing = _standing(session, snapshot, now)
    as_of = _standing(session, snapshot, end_of_day(snapshot.closing_date))
    found = []
    kept: set[int] = set()
    for person, university in sorted(counted.items(), key=lambda item: (item[0] in merged, item[0])):
        root = merged.get(person, person)
        if root not in standing:
            found.append(Difference(person, university, -1, Cause.REVOKED))
        elif root in kept:
            found.append(Difference(person, university, -1, Cause.MERGED))
        kept.add(root)
    missing = {root: university for root, university in as_of.items() if root in standing and root not in kept}
    found += [Difference(root, university, 1, Cause.MISSING) for root, university in sorted(missing.items())]
    return found


def _standing(session: Session, snapshot: KpiSnapshot, until: datetime) -> dict[int, int]:
    found = people(Scope(snapshot.programme, until))
    query = sa.select(found.c.person_id, found.c.university_id).where(found.c.decision_id.is_not(None))
    return {row.person_id: row.university_id for row in session.execute(query)}


def adjust(
    session: Session, actor: Actor, snapshot: KpiSnapshot, correction: Correction, now: datetime
) -> KpiAdjustment:
    """Write a correction down. Only what today's data shows (``differences``) can be corrected, and only once."""
    reason = correction.reason.strip()
    if not 1 <= len(reason) <= MAX_REASON:
        raise InvalidError("reason", "이유를 써 주십시오. 기록에 남습니다.", "Please give a reason. It is kept.")
    locked = session.get_one(KpiSnapshot, snapshot.id, with_for_update=True)  # one correction at a time
    wanted = (correction.person_id, correction.change)
    found = next((each for each in differences(session, locked, now) if (each.person_id, each.change) == wanted), None)
    if found is None:
        raise ConflictError(
            "no_difference",
            "이미 조정했거나 지금 자료와 차이가 없습니다. 목록을 다시 확인해 주십시오.",
            "This was corrected already, or today's data shows no difference. Please look at the list again.",
        )
    row = KpiAdjustment(
        snapshot_id=locked.id,
        person_id=found.person_id,
        university_id=found.university_id,
        change=found.change,
        reason=reason,
        made_by_id=actor.person_id or 0,
        made_at=now,
    )
    session.add(row)
    session.flush()
    subject = Subject("kpi_snapshot", str(locked.id), found.person_id, found.university_id)
    record(session, actor, Deed("kpi.adjusted", subject, {"change": found.change}, reason), now)
    return row
