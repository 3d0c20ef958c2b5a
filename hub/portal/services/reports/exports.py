"""Exports: asked for with a reason, made by a background job, kept for a time, given only to who asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from graders.files import sha256_hex
from hub.portal.errors import ConflictError, InvalidError, not_found
from hub.portal.models import Cohort, Export, ExportKind, JobState, Programme
from hub.portal.services.access import coordinated_universities, may_coordinate
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.certificates.register import checked_reason
from hub.portal.services.jobs import JobOrder, cancel_job, enqueue_job
from hub.portal.services.programme.kpi_people import Scope, end_of_day
from hub.portal.services.reports.lists import Wanted
from hub.portal.services.timetable import KST

MAKE_EXPORT = "make_export"
#: How long a file with people's data lies ready before it is removed.
KEEP = timedelta(hours=48)
#: Rows of the register of exports on one page.
SHOWN = 200
Format = Literal["xlsx", "csv"]
OF_COHORTS = frozenset({ExportKind.CERTIFICATES, ExportKind.EVIDENCE})
WITH_CSV = frozenset({ExportKind.COMPLETIONS, ExportKind.ENROLMENTS, ExportKind.KPI, ExportKind.REGISTER})


@dataclass(frozen=True)
class Wish:
    """What somebody asks for. ``as_of``: the last day that counts, None: until now."""

    kind: ExportKind
    programme: Programme
    cohort: Cohort | None
    reason: str
    file_format: Format = "xlsx"
    as_of: date | None = None


@dataclass(frozen=True)
class Made:
    """What a job has made."""

    name: str
    content: bytes
    people: frozenset[int]


def ask_export(session: Session, actor: Actor, wish: Wish, now: datetime) -> Export:
    """Ask for an export. InvalidError without a reason or for a combination that there is none of."""
    reason = checked_reason(wish.reason)
    cohort = wish.cohort
    if cohort is not None and cohort.programme_id != wish.programme.id:
        raise not_found()
    _check(wish, now)
    university_id = cohort.university_id if cohort is not None else _only_university(session, actor)
    order = JobOrder(MAKE_EXPORT, {}, actor.person_id, university_id)
    until = end_of_day(wish.as_of) if wish.as_of is not None else now
    export = Export(
        job_id=enqueue_job(session, order, now).id,
        kind=wish.kind,
        programme_id=wish.programme.id,
        cohort_id=None if cohort is None else cohort.id,
        university_id=university_id,
        options={"format": wish.file_format, "until": until.astimezone(UTC).isoformat()},
        reason=reason,
        asked_by_id=actor.person_id or 0,
        asked_at=now,
    )
    session.add(export)
    session.flush()
    detail = {"kind": wish.kind.value, "cohort": cohort and cohort.slug, **export.options}
    _record(session, actor, "export.asked", export, now, detail)
    return export


def _check(wish: Wish, now: datetime) -> None:
    if wish.kind in OF_COHORTS and wish.cohort is None:
        raise InvalidError("cohort", "기수를 골라 주십시오.", "Please choose a cohort.")
    if wish.file_format == "csv" and wish.kind not in WITH_CSV:
        raise InvalidError("format", "이 자료는 CSV로 만들 수 없습니다.", "This can't be made as CSV.")
    if wish.as_of is not None and wish.as_of > now.astimezone(KST).date():
        raise InvalidError("as_of", "기준일은 오늘까지만 고를 수 있습니다.", "The day can't be in the future.")


def _only_university(session: Session, actor: Actor) -> int | None:
    """Where somebody coordinates exactly one university, that one: its row belongs there."""
    universities = coordinated_universities(session, actor.person_id or 0)
    return next(iter(universities)) if universities is not None and len(universities) == 1 else None


def wanted_of(session: Session, export: Export) -> Wanted:
    """Return what an export may hold: what its asker sees when it is made, not when it was asked for."""
    programme = session.get_one(Programme, export.programme_id)
    until = datetime.fromisoformat(export.options["until"])
    scope = Scope(programme, until, coordinated_universities(session, export.asked_by_id))
    return Wanted(scope, export.cohort_id)


def keep_result(session: Session, export: Export, made: Made, now: datetime) -> None:
    """Put the file beside the export and write down whose data it holds."""
    export.file_name, export.content = made.name, made.content
    export.digest, export.size, export.people = sha256_hex(made.content), len(made.content), len(made.people)
    export.made_at, export.expires_at = now, now + KEEP
    actor = Actor("jobs", export.asked_by_id)
    detail = {"kind": export.kind.value, "digest": export.digest, "people": sorted(made.people)}
    _record(session, actor, "export.made", export, now, detail)


def find_own(session: Session, person_id: int, export_id: int) -> Export | None:
    """Return an export that the person asked for, None for any other."""
    found = session.get(Export, export_id, options=[joinedload(Export.job)])
    return found if found is not None and found.asked_by_id == person_id else None


def open_export(session: Session, actor: Actor, export: Export, now: datetime) -> Made:
    """Give the file to who asked for it. NotFoundError for anybody else or after they lost the right; ConflictError
    before it is made and after it went."""
    if export.asked_by_id != actor.person_id or not _may_still(session, actor, export):
        raise not_found()
    if export.content is None or export.expires_at is None or export.expires_at <= now:
        raise ConflictError(
            "export_gone",
            "파일이 아직 없거나 보관 기간이 지나 지워졌습니다. 필요하면 다시 만들어 주십시오.",
            "The file is not ready yet, or was removed after its time. Please ask for it again if you need it.",
        )
    export.downloads += 1
    _record(session, actor, "export.downloaded", export, now, {"digest": export.digest})
    return Made(export.file_name or "export", export.content, frozenset())


def _may_still(session: Session, actor: Actor, export: Export) -> bool:
    universities = coordinated_universities(session, actor.person_id or 0)
    if export.university_id is None:  # of several universities, at the time all that the asker saw
        return universities is None or bool(universities)
    return may_coordinate(session, actor.person_id or 0, export.university_id)


def cancel_export(session: Session, actor: Actor, export: Export, now: datetime) -> bool:
    """Stop the job of an export; False if it has ended already."""
    if not cancel_job(session, export.job_id, now):
        return False
    _record(session, actor, "export.cancelled", export, now, {})
    return True


def list_exports(session: Session, person_id: int) -> Sequence[Export]:
    """Return the register of exports, newest first: of the universities that somebody coordinates."""
    universities = coordinated_universities(session, person_id)
    query = sa.select(Export).options(joinedload(Export.job), joinedload(Export.asked_by))
    if universities is not None:
        query = query.where(sa.or_(Export.university_id.in_(universities), Export.asked_by_id == person_id))
    return session.scalars(query.order_by(Export.id.desc()).limit(SHOWN)).all()


def remove_expired(session: Session, now: datetime) -> int:
    """Remove files whose time is over; the register keeps its rows. Returns how many."""
    query = sa.update(Export).where(Export.expires_at <= now, Export.content.is_not(None)).values(content=None)
    return len(session.scalars(query.returning(Export.id), execution_options={"synchronize_session": False}).all())


def are_expired(session: Session, now: datetime) -> bool:
    """Whether the time of some file is over."""
    query = sa.select(Export.id).where(Export.expires_at <= now, Export.content.is_not(None))
    return session.scalar(query.limit(1)) is not None


def is_ready(export: Export, now: datetime) -> bool:
    """Whether the file can be fetched now."""
    return export.job.state is JobState.DONE and export.expires_at is not None and export.expires_at > now


def export_of_job(session: Session, job_id: int) -> Export | None:
    """Return the export that a job makes."""
    return session.scalars(sa.select(Export).where(Export.job_id == job_id)).one_or_none()


def _record(
    session: Session, actor: Actor, action: str, export: Export, now: datetime, detail: Mapping[str, object]
) -> None:
    subject = Subject("export", str(export.id), university_id=export.university_id)
    record(session, actor, Deed(action, subject, detail, export.reason), now)
