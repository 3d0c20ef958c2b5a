"""The background jobs of this room: make an export, remove those whose time is over.

A job that died half-way is begun again from nothing: a file is kept whole or not at all, in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.errors import InvalidError
from hub.portal.models import Certificate, CertificateDeed, CertificateEvent, Cohort, Enrolment, Export, ExportKind
from hub.portal.services.certificates.content import Content
from hub.portal.services.certificates.paper import render
from hub.portal.services.job_context import JobContext
from hub.portal.services.reports.evidence import write_bundle
from hub.portal.services.reports.exports import Made, export_of_job, keep_result, remove_expired, wanted_of
from hub.portal.services.reports.figures import kpi, states
from hub.portal.services.reports.files import write_csv, write_workbook
from hub.portal.services.reports.lists import Wanted, completions, enrolments, register
from hub.portal.services.reports.tables import Table
from hub.portal.services.timetable import KST

REMOVE_EXPORTS = "remove_exports"
Step = Callable[[int, int], None]


def _kpi(session: Session, wanted: Wanted) -> Table:
    return kpi(session, wanted.scope)


TABLES: Mapping[ExportKind, Callable[[Session, Wanted], Table]] = {
    ExportKind.COMPLETIONS: completions,
    ExportKind.ENROLMENTS: enrolments,
    ExportKind.KPI: _kpi,
    ExportKind.REGISTER: register,
}
NAMES = {
    ExportKind.REPORT: "성과보고",
    ExportKind.COMPLETIONS: "수료자명단",
    ExportKind.ENROLMENTS: "수강생명단",
    ExportKind.KPI: "성과지표",
    ExportKind.REGISTER: "수료증발급대장",
    ExportKind.CERTIFICATES: "수료증",
    ExportKind.EVIDENCE: "증빙자료",
}


@dataclass(frozen=True)
class Task:
    """One export, read once: its kind, its format, what it may hold, and what to call it."""

    kind: ExportKind
    file_format: str
    wanted: Wanted
    name: str


def make_export(context: JobContext) -> dict[str, Any]:
    """Make the file of an export; says how far it is, and ends where it was cancelled."""
    with context.database.reading() as session:
        export = export_of_job(session, context.job_id)
        if export is None:
            return {"skipped": True}
        try:
            made = _make(session, _task(session, export), context.progress)
        except InvalidError as error:  # nothing to try again: it is for the asker to read
            return {"problem": error.text.model_dump()}
    with context.database.writing() as session:
        row = session.get_one(Export, export.id)
        keep_result(session, row, made, context.clock())
    return {"export_id": export.id, "size": len(made.content), "people": len(made.people)}


def remove_exports(context: JobContext) -> dict[str, Any]:
    """Remove files whose time is over."""
    with context.database.writing() as session:
        return {"removed": remove_expired(session, context.clock())}


def _task(session: Session, export: Export) -> Task:
    wanted = wanted_of(session, export)
    cohort = None if export.cohort_id is None else session.get_one(Cohort, export.cohort_id)
    day = datetime.fromisoformat(export.options["until"]).astimezone(KST)
    place = wanted.scope.programme.slug if cohort is None else cohort.slug
    return Task(export.kind, export.options["format"], wanted, f"{NAMES[export.kind]}_{place}_{day:%Y%m%d}")


def _make(session: Session, task: Task, step: Step) -> Made:
    if task.kind is ExportKind.EVIDENCE:
        content, people = write_bundle(session, task.wanted, step)
        return Made(f"{task.name}.zip", content, people)
    if task.kind is ExportKind.CERTIFICATES:
        return _certificates(session, task, step)
    if task.kind is ExportKind.REPORT:
        return _report(session, task, step)
    step(0, 1)
    table = TABLES[task.kind](session, task.wanted)
    content = write_csv(table) if task.file_format == "csv" else write_workbook([table])
    step(1, 1)
    return Made(f"{task.name}.{task.file_format}", content, table.people)


def _report(session: Session, task: Task, step: Step) -> Made:
    makers = (*TABLES.values(), _states)
    tables = []
    for number, make in enumerate(makers):
        step(number, len(makers))
        tables.append(make(session, task.wanted))
    order = [tables[2], tables[4], tables[0], tables[1], tables[3]]  # figures first, people after
    content = write_workbook(order)
    step(len(makers), len(makers))
    return Made(f"{task.name}.xlsx", content, frozenset().union(*(table.people for table in tables)))


def _states(session: Session, wanted: Wanted) -> Table:
    return states(session, wanted.scope)


def _certificates(session: Session, task: Task, step: Step) -> Made:
    """The newest issue of every certificate of the cohort that is in force, to print, one page each."""
    until = task.wanted.scope.until
    revoked = sa.select(CertificateEvent.certificate_id).where(CertificateEvent.deed == CertificateDeed.REVOKED)
    newest = (
        sa.select(sa.func.max(CertificateEvent.id))
        .where(CertificateEvent.issue_number.is_not(None), CertificateEvent.at < until)
        .group_by(CertificateEvent.certificate_id)
    )
    query = (
        sa.select(CertificateEvent.content, Certificate.person_id)
        .join(Certificate, Certificate.id == CertificateEvent.certificate_id)
        .join(Enrolment, Enrolment.id == Certificate.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(CertificateEvent.id.in_(newest), Certificate.id.not_in(revoked), *task.wanted.where())
        .order_by(Certificate.year, Certificate.number)
    )
    rows = session.execute(query).all()
    if not rows:
        raise InvalidError("no_certificates", "발급된 수료증이 없습니다.", "No certificate has been issued.")
    pages = render([Content.model_validate(row.content) for row in rows], on_page=step)
    return Made(f"{task.name}.pdf", pages, frozenset(row.person_id for row in rows))
