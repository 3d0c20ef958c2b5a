"""Closed counts (마감): what a programme's figures were at the end of a day in Seoul, and who was counted.

A snapshot never changes. It keeps everybody who was counted, the decision and the rules by which, and a digest over all
of it, so that any figure in it can be worked out again from its own rows (``recount``) whatever happened since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from graders.files import canonical_json, sha256_hex
from hub.portal.errors import ConflictError, InvalidError
from hub.portal.models import (
    Cohort,
    CompletionRule,
    KpiSnapshot,
    KpiSnapshotPerson,
    Programme,
)
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.programme.kpi_cube import count_cube
from hub.portal.services.programme.kpi_people import Scope, end_of_day, people
from hub.portal.services.timetable import KST


class Group(BaseModel):
    """One line of a breakdown: people counted, their completions."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    counted: int
    completions: int


class Figures(BaseModel):
    """What a snapshot says. Keys: row ids of universities and companies, codes of regions and tracks, ``none``."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    started: int  # all who had started by then: not among the people of a snapshot, so not counted again from them
    started_by_university: dict[str, int]
    university: dict[str, Group]
    company: dict[str, Group]
    region: dict[str, Group]
    track: dict[str, Group]


@dataclass(frozen=True)
class SnapshotState:
    """A snapshot as read back: whether its rows still say what its digest says."""

    snapshot: KpiSnapshot
    is_intact: bool


def today_in_seoul(now: datetime) -> date:
    """Return the date in Seoul."""
    return now.astimezone(KST).date()


def last_month_end(now: datetime) -> date:
    """Return the last day of the month before this one in Seoul."""
    return today_in_seoul(now).replace(day=1) - timedelta(days=1)


def take_snapshot(
    session: Session, actor: Actor, programme: Programme, closing_date: date, now: datetime
) -> KpiSnapshot:
    """Close a programme's count as it stood at the end of ``closing_date``.

    InvalidError for a day that is not over or lies before the programme; ConflictError where it is closed already.
    """
    _check_date(session, programme, closing_date, now)
    scope = Scope(programme, end_of_day(closing_date))
    counted = _counted(session, scope)
    snapshot = KpiSnapshot(
        programme_id=programme.id,
        closing_date=closing_date,
        target=programme.target,
        headcount=len(counted),
        completions=sum(row.completions for row in counted),
        figures=_figures(session, scope, counted).model_dump(mode="json"),
        rule_versions=_rule_versions(session, {row.rule_id for row in counted}),
        made_by_id=actor.person_id,
        made_at=now,
    )
    snapshot.digest = digest_of(snapshot, counted)
    session.add(snapshot)
    session.flush()
    for row in counted:
        row.snapshot_id = snapshot.id
    session.add_all(counted)
    session.flush()
    detail = {"closing_date": closing_date.isoformat(), "headcount": snapshot.headcount, "digest": snapshot.digest}
    record(session, actor, Deed("kpi.closed", Subject("kpi_snapshot", str(snapshot.id)), detail), now)
    return snapshot


def _check_date(session: Session, programme: Programme, closing_date: date, now: datetime) -> None:
    if not programme.starts_on <= closing_date < today_in_seoul(now):
        raise InvalidError(
            "closing_date",
            "사업 시작일부터 어제까지의 날짜만 마감할 수 있습니다.",
            "Only a day between the programme's start and yesterday can be closed.",
        )
    if find_snapshot(session, programme.id, closing_date) is not None:
        raise ConflictError(
            "closed_already",
            "이 날짜는 이미 마감했습니다. 마감한 수치는 바뀌지 않으며, 정정은 조정으로 남깁니다.",
            "This day is closed already. Closed figures never change; corrections are adjustments beside them.",
        )


def _counted(session: Session, scope: Scope) -> list[KpiSnapshotPerson]:
    found = people(scope)
    query = sa.select(found).where(found.c.decision_id.is_not(None)).order_by(found.c.person_id)
    return [
        KpiSnapshotPerson(
            person_id=row.person_id,
            university_id=row.university_id,
            enrolment_id=row.enrolment_id,
            decision_id=row.decision_id,
            rule_id=row.rule_id,
            counted_at=row.counted_at,
            completions=row.completions,
            track=row.track,
            company_id=row.company_id,
            region=row.region,
        )
        for row in session.execute(query)
    ]


def _figures(session: Session, scope: Scope, counted: Sequence[KpiSnapshotPerson]) -> Figures:
    started: Counter[str] = Counter()
    for group in count_cube(session, scope):
        started[str(group.university_id)] += group.count.started
    return Figures(started=started.total(), started_by_university=dict(sorted(started.items())), **recount(counted))


def recount(counted: Sequence[KpiSnapshotPerson]) -> dict[str, dict[str, Group]]:
    """Work the breakdowns out from the people of a snapshot."""
    return {
        "university": _grouped((row.university_id, row.completions) for row in counted),
        "company": _grouped((row.company_id, row.completions) for row in counted),
        "region": _grouped((row.region, row.completions) for row in counted),
        "track": _grouped((row.track.value, row.completions) for row in counted),
    }


def _grouped(pairs: Any) -> dict[str, Group]:
    persons: Counter[str] = Counter()
    completions: Counter[str] = Counter()
    for key, number in pairs:
        persons[_word(key)] += 1
        completions[_word(key)] += number
    return {key: Group(counted=persons[key], completions=completions[key]) for key in sorted(persons)}


def _word(key: Hashable) -> str:
    return "none" if key is None else str(key)


def _rule_versions(session: Session, rule_ids: set[int]) -> list[dict[str, Any]]:
    query = (
        sa.select(CompletionRule.id, CompletionRule.number, CompletionRule.rules, Cohort.slug)
        .join(Cohort, Cohort.id == CompletionRule.cohort_id)
        .where(CompletionRule.id.in_(rule_ids))
        .order_by(CompletionRule.id)
    )
    return [
        {"rule": row.id, "cohort": row.slug, "number": row.number, "digest": sha256_hex(canonical_json(row.rules))}
        for row in session.execute(query)
    ]


def digest_of(snapshot: KpiSnapshot, counted: Sequence[KpiSnapshotPerson]) -> str:
    """SHA-256 over what a snapshot says and whom it counts, in the order of person ids."""
    rows = [
        [
            *(row.person_id, row.university_id, row.enrolment_id, row.decision_id, row.rule_id),
            *(row.counted_at.astimezone(UTC).isoformat(), row.completions, row.track.value, row.company_id, row.region),
        ]
        for row in sorted(counted, key=lambda row: row.person_id)
    ]
    facts = [
        *(snapshot.programme_id, snapshot.closing_date.isoformat(), snapshot.target),
        *(snapshot.headcount, snapshot.completions, snapshot.figures, snapshot.rule_versions),
    ]
    return sha256_hex(canonical_json([facts, rows]))


def is_intact(session: Session, snapshot: KpiSnapshot) -> bool:
    """Whether a snapshot's rows still make its digest and its figures."""
    counted = counted_in(session, snapshot)
    figures = Figures.model_validate(snapshot.figures)
    again = recount(counted)
    return (
        digest_of(snapshot, counted) == snapshot.digest
        and len(counted) == snapshot.headcount
        and all(getattr(figures, name) == groups for name, groups in again.items())
    )


def counted_in(
    session: Session, snapshot: KpiSnapshot, universities: frozenset[int] | None = None
) -> list[KpiSnapshotPerson]:
    """Return the people of a snapshot, or those of some universities, by id."""
    query = sa.select(KpiSnapshotPerson).where(KpiSnapshotPerson.snapshot_id == snapshot.id)
    if universities is not None:
        query = query.where(KpiSnapshotPerson.university_id.in_(universities))
    return list(session.scalars(query.order_by(KpiSnapshotPerson.person_id)))


def find_snapshot(session: Session, programme_id: int, closing_date: date) -> KpiSnapshot | None:
    """Return the snapshot of a day, None where it was not closed."""
    query = sa.select(KpiSnapshot).where(
        KpiSnapshot.programme_id == programme_id, KpiSnapshot.closing_date == closing_date
    )
    return session.scalars(query).one_or_none()


def list_snapshots(session: Session, programme_id: int) -> list[KpiSnapshot]:
    """Return a programme's snapshots, the newest day first."""
    query = sa.select(KpiSnapshot).where(KpiSnapshot.programme_id == programme_id)
    return list(session.scalars(query.order_by(KpiSnapshot.closing_date.desc())))
