"""The coordinator's page that takes completion facts of a cohort from a file: look at every line, then enter them."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.portal import web
from hub.portal.access import access, scoped
from hub.portal.access_scopes import cohort_coordinated
from hub.portal.i18n import in_language
from hub.portal.models import Cohort, Role
from hub.portal.services.programme import completion_entry as service
from hub.portal.services.programme.roster_file import RosterFileError, read_table
from hub.portal.views.completion import acting
from hub.portal.views.rosters import XLSX

blueprint = Blueprint("completion_files", __name__, url_prefix="/programme/cohorts/<cohort>/completion/file")


@blueprint.get("")
@access(Role.COORDINATOR, scope=cohort_coordinated)
def show() -> Response:
    """Show the form and the columns."""
    return _page(scoped(Cohort), None)


def _page(cohort: Cohort, problem: str | None) -> Response:
    page = web.page("completion_file.html", cohort=cohort, columns=service.COLUMNS, problem=problem)
    page.status_code = 422 if problem else 200
    return page


@blueprint.get("/template.xlsx")
@access(Role.COORDINATOR, scope=cohort_coordinated)
def template() -> Response:
    """Give the template; it names nobody."""
    answer = make_response(service.make_facts_template())
    answer.headers["Content-Type"] = XLSX
    answer.headers.set("Content-Disposition", "attachment", filename="completion-facts.xlsx")
    return answer


@blueprint.post("")
@access(Role.COORDINATOR, scope=cohort_coordinated)
def check() -> Response:
    """Show what a file would enter, line by line; nothing is kept of it."""
    cohort, session = scoped(Cohort), web.reading()
    sent = request.files.get("file")
    try:
        lines = service.plan_facts(session, cohort, read_table(b"" if sent is None else sent.read()))
    except RosterFileError as error:
        return _page(cohort, in_language(error))
    changed = [line.enrolment_id for line in lines if line.is_change and line.enrolment_id is not None]
    return web.page(
        "completion_file_check.html",
        cohort=cohort,
        lines=sorted(lines, key=lambda line: (not line.problems, not line.is_change, line.line)),
        changes=len(changed),
        packed=service.pack(lines),
        basis=service.basis_of(session, cohort, changed),
        columns=service.COLUMNS,
    )


@blueprint.post("/enter")
@access(Role.COORDINATOR, scope=cohort_coordinated)
def enter() -> Response:
    """Enter what was looked at."""
    cohort = scoped(Cohort)
    cohort_id, address = cohort.id, url_for("completion.show", cohort=cohort.slug)
    packed, basis = request.form.get("packed", ""), request.form.get("basis", "")
    with web.writing() as session:
        found = session.get_one(Cohort, cohort_id)
        count = service.enter_packed(session, acting(), found, packed, basis, web.now())
    flash(_("Facts entered for people: %(count)s.", count=count), "success")
    return redirect(address)
