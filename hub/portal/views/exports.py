"""Exports: ask for one with a reason, watch it being made, fetch it, and the register of all of them."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from flask import Blueprint, flash, g, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.portal import web
from hub.portal.access import access, scoped
from hub.portal.certificate_scopes import export_own
from hub.portal.errors import InvalidError, not_found
from hub.portal.i18n import in_language
from hub.portal.models import Cohort, Export, ExportKind, JobState, Programme, Role
from hub.portal.services.access import coordinated_universities
from hub.portal.services.audit import Actor
from hub.portal.services.reports import exports as service
from hub.portal.services.reports.exports import Wish

blueprint = Blueprint("exports", __name__, url_prefix="/programme/exports")

WORDS = {
    ExportKind.REPORT: _l("Report pack: figures, completions, enrolments, certificates"),
    ExportKind.COMPLETIONS: _l("People who completed"),
    ExportKind.ENROLMENTS: _l("Enrolments with states"),
    ExportKind.KPI: _l("Figures by university, company, region and track"),
    ExportKind.REGISTER: _l("Register of certificates"),
    ExportKind.CERTIFICATES: _l("Certificates to print (one PDF, a cohort)"),
    ExportKind.EVIDENCE: _l("Evidence bundle (a cohort)"),
}
JOB_WORDS = {
    JobState.QUEUED: _l("waiting"),
    JobState.RUNNING: _l("being made"),
    JobState.DONE: _l("ready"),
    JobState.FAILED: _l("failed"),
    JobState.CANCELLED: _l("stopped"),
}


def _actor() -> Actor:
    return Actor(g.visitor.subject, g.visitor.person_id, request.remote_addr)


@blueprint.get("")
@access(Role.COORDINATOR)
def show() -> Response:
    """Show the form and the register of exports."""
    return _page(None)


def _page(problem: str | None) -> Response:
    session = web.reading()
    rows = service.list_exports(session, g.visitor.person_id)
    page = web.page(
        "exports.html",
        rows=rows,
        is_ready=service.is_ready,
        words=WORDS,
        job_words=JOB_WORDS,
        is_moving=any(row.job.state in (JobState.QUEUED, JobState.RUNNING) for row in rows),
        programmes=session.scalars(sa.select(Programme).order_by(Programme.id.desc())).all(),
        cohorts=_cohorts(session),
        csv_kinds=service.WITH_CSV,
        keep_hours=int(service.KEEP.total_seconds() // 3600),
        typed=request.form,
        problem=problem,
    )
    page.status_code = 422 if problem else 200
    return page


def _cohorts(session: Session) -> list[Cohort]:
    universities = coordinated_universities(session, g.visitor.person_id)
    query = sa.select(Cohort).order_by(Cohort.starts_on.desc(), Cohort.name_ko)
    return list(session.scalars(query if universities is None else query.where(Cohort.university_id.in_(universities))))


def _wish(session: Session) -> Wish:
    """Read the form; NotFoundError for a cohort that the visitor does not coordinate."""
    slug = request.form.get("cohort", "")
    cohort = next((each for each in _cohorts(session) if each.slug == slug), None)
    if slug and cohort is None:
        raise not_found()
    wanted = sa.select(Programme).where(Programme.slug == request.form.get("programme", ""))
    programme = cohort.programme if cohort is not None else session.scalars(wanted).one_or_none()
    kind = request.form.get("kind", "")
    if programme is None or kind not in set(ExportKind):
        raise not_found()
    return Wish(
        ExportKind(kind),
        programme,
        cohort,
        request.form.get("reason", ""),
        "csv" if request.form.get("format") == "csv" else "xlsx",
        _day(request.form.get("as_of", "")),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidError("as_of", "기준일을 날짜로 써 주십시오.", "Please write the day as a date.") from error


@blueprint.post("")
@access(Role.COORDINATOR)
def ask() -> Response:
    """Ask for an export; what can't be made is explained on the same page, and nothing typed is lost."""
    try:
        with web.writing() as session:
            service.ask_export(session, _actor(), _wish(session), web.now())
    except InvalidError as error:
        return _page(in_language(error))
    flash(_("The file is being made. You may leave this page."), "success")
    return redirect(url_for("exports.show"))


@blueprint.post("/<int:export_id>/stop")
@access(Role.COORDINATOR, scope=export_own)
def stop() -> Response:
    """Stop making an export."""
    number = scoped(Export).id
    with web.writing() as session:
        stopped = service.cancel_export(session, _actor(), session.get_one(Export, number), web.now())
    flash(_("Stopped.") if stopped else _("It had ended already."), "success")
    return redirect(url_for("exports.show"))


@blueprint.get("/<int:export_id>/file")
@access(Role.COORDINATOR, scope=export_own)
def download() -> Response:
    """Give the file to who asked for it."""
    number = scoped(Export).id
    with web.writing() as session:
        made = service.open_export(session, _actor(), session.get_one(Export, number), web.now())
    answer = make_response(made.content)
    answer.headers["Content-Type"] = "application/octet-stream"
    answer.headers.set("Content-Disposition", "attachment", filename=made.name)
    return answer
