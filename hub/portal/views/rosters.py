"""The coordinator's rosters: upload, look at what it would do line by line, apply it or throw it away."""

from __future__ import annotations

from flask import Blueprint, flash, g, make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.portal import web
from hub.portal.access import access, scoped
from hub.portal.access_scopes import cohort_coordinated, roster_coordinated
from hub.portal.i18n import in_language
from hub.portal.models import Cohort, Job, JobState, Role, RosterImport
from hub.portal.services.audit import Actor
from hub.portal.services.jobs import cancel_job
from hub.portal.services.privacy.masking import masked_name
from hub.portal.services.programme import roster_imports as service
from hub.portal.services.programme import roster_jobs
from hub.portal.services.programme.roster_columns import BY_KEY, COLUMNS
from hub.portal.services.programme.roster_file import RosterFileError
from hub.portal.services.programme.roster_plan import Outcome
from hub.portal.services.programme.roster_template import make_template

blueprint = Blueprint("rosters", __name__, url_prefix="/programme")

LIST = "/cohorts/<cohort>/rosters"
ONE = f"{LIST}/<int:upload_id>"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Refused lines first: they are what needs a person.
ORDER = (Outcome.REFUSED, Outcome.CREATED, Outcome.ENROLLED, Outcome.CHANGED, Outcome.UNCHANGED)


def _actor() -> Actor:
    return Actor(g.visitor.subject, g.visitor.person_id, request.remote_addr)


@blueprint.get(LIST)
@access(Role.COORDINATOR, scope=cohort_coordinated)
def show() -> Response:
    """Show the form, the columns and earlier uploads."""
    return _list_page(scoped(Cohort), None)


def _list_page(cohort: Cohort, problem: str | None) -> Response:
    uploads = service.list_rosters(web.reading(), cohort)
    page = web.page("rosters.html", cohort=cohort, uploads=uploads, columns=COLUMNS, problem=problem)
    page.status_code = 422 if problem else 200
    return page


@blueprint.get("/roster-template.xlsx")
@access(Role.COORDINATOR)
def template() -> Response:
    """Give the template."""
    answer = make_response(make_template())
    answer.headers["Content-Type"] = XLSX
    answer.headers.set("Content-Disposition", "attachment", filename="roster-template.xlsx")
    return answer


@blueprint.post(LIST)
@access(Role.COORDINATOR, scope=cohort_coordinated)
def upload() -> Response:
    """Take a file and go to what it would do; a file that can't be read is explained on the same page."""
    cohort = scoped(Cohort)
    sent = request.files.get("file")
    content = b"" if sent is None else sent.read()
    name = (sent.filename or "") if sent is not None else ""
    cohort_id, slug = cohort.id, cohort.slug
    try:
        with web.writing() as session:
            found = service.take_roster(session, _actor(), session.get_one(Cohort, cohort_id), name, content, web.now())
            upload_id = found.id
    except RosterFileError as error:
        return _list_page(web.reading().get_one(Cohort, cohort_id), in_language(error))
    return redirect(url_for("rosters.check", cohort=slug, upload_id=upload_id))


@blueprint.get(ONE)
@access(Role.COORDINATOR, scope=roster_coordinated)
def check() -> Response:
    """Show what the upload would do, line by line."""
    found = scoped(RosterImport)
    if found.content is None:
        return web.page("roster_ended.html", cohort=found.cohort, upload=found, outcomes=ORDER)
    job = roster_jobs.find_apply(web.reading(), found)
    if job is not None and job.state in roster_jobs.UNFINISHED:
        progress = roster_jobs.signals_of(web.settings().run, job.id).progress() or (0, 0)
        return web.page("roster_applying.html", cohort=found.cohort, upload=found, progress=progress)
    plan = service.check_roster(web.reading(), found, web.now()).plan
    rows = sorted(plan.rows, key=lambda row: (ORDER.index(row.outcome), not row.notes, row.line))
    return web.page(
        "roster.html",
        cohort=found.cohort,
        upload=found,
        plan=plan,
        rows=rows,
        outcomes=ORDER,
        columns=BY_KEY,
        masked=masked_name,
        refused=(job.result or {}).get("refused") if job is not None else None,
        was_stopped=job is not None and job.state is JobState.CANCELLED,
    )


@blueprint.post(f"{ONE}/apply")
@access(Role.COORDINATOR, scope=roster_coordinated)
def apply() -> Response:
    """Carry out what was looked at."""
    found = scoped(RosterImport)
    upload_id, address = found.id, url_for("rosters.check", cohort=found.cohort.slug, upload_id=found.id)
    expected = request.form.get("plan", "")
    invites = request.form.get("invite") == "yes"
    if service.count_lines(found) > roster_jobs.AT_ONCE:
        with web.writing() as session:
            roster = session.get_one(RosterImport, upload_id)
            roster_jobs.order_apply(session, _actor(), roster, expected, invites, web.now())
        return redirect(address)
    with web.writing() as session:
        roster = session.get_one(RosterImport, upload_id, with_for_update=True)
        service.apply_roster(session, _actor(), roster, expected, web.now(), service.Application(invites=invites))
    flash(_("The roster was applied."), "success")
    return redirect(address)


@blueprint.post(f"{ONE}/stop")
@access(Role.COORDINATOR, scope=roster_coordinated)
def stop() -> Response:
    """Stop the application in the background; what has not been committed is as if it had never begun.

    The file first: on SQLite the row can't be written while the job holds its transaction.
    """
    found = scoped(RosterImport)
    address = url_for("rosters.check", cohort=found.cohort.slug, upload_id=found.id)
    job = roster_jobs.find_apply(web.reading(), found)
    if job is not None and job.state in roster_jobs.UNFINISHED:
        job_id = job.id
        signals = roster_jobs.signals_of(web.settings().run, job_id)
        signals.ask_to_stop()
        with web.writing() as session:
            cancel_job(session, job_id, web.now())
            has_ended = session.get_one(Job, job_id).state not in roster_jobs.UNFINISHED
        if has_ended:
            signals.forget()
        flash(_("It was asked to stop. Nothing is applied unless it had just ended."), "success")
    return redirect(address)


@blueprint.post(f"{ONE}/discard")
@access(Role.COORDINATOR, scope=roster_coordinated)
def discard() -> Response:
    """Throw the upload away."""
    found = scoped(RosterImport)
    upload_id, address = found.id, url_for("rosters.show", cohort=found.cohort.slug)
    with web.writing() as session:
        service.discard_roster(session, _actor(), session.get_one(RosterImport, upload_id), web.now())
    flash(_("The uploaded file was thrown away. Nothing was changed."), "success")
    return redirect(address)
