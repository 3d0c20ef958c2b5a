"""The instructor's gradebook: everybody and everything on one page, statistics, files; when students see scores."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, flash, g, make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.portal import web
from hub.portal.access import access, scoped
from hub.portal.access_scopes import assignment_taught, course_taught
from hub.portal.disclosure import note_shown
from hub.portal.errors import InvalidError
from hub.portal.models import Assignment, Course, FeedbackPolicy, Role
from hub.portal.services.audit import Actor
from hub.portal.services.reports.files import write_csv, write_workbook
from hub.portal.services.reports.tables import Table
from hub.portal.services.workbench import gradebook as service
from hub.portal.services.workbench.policies import release_grades, set_policies, unreleased

blueprint = Blueprint("gradebook", __name__, url_prefix="/teach")

POLICY = "/<course>/<assignment>/policy"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/<course>/gradebook")
@access(Role.INSTRUCTOR, scope=course_taught)
def show() -> Response:
    """Show a page of the gradebook and the statistics of all of it."""
    found, session, person_id = scoped(Course), web.reading(), g.visitor.person_id
    search = request.args.get("search", "").strip()[:80]
    address = url_for("gradebook.show", course=found.slug)
    return web.page(
        "gradebook.html",
        course=found,
        book=service.load_gradebook(session, person_id, found, search, request.args.get("page", 1, type=int)),
        statistics=service.statistics_of(session, person_id, found),
        search=search,
        page_address=lambda number: f"{address}?{urlencode({'page': number, 'search': search})}",
    )


def _table() -> Table:
    found, session = scoped(Course), web.reading()
    book = service.load_gradebook(session, g.visitor.person_id, found, page=None)
    note_shown(book)
    return service.gradebook_table(book)


def _file(data: bytes, kind: str, ending: str) -> Response:
    answer = make_response(data)
    answer.headers["Content-Type"] = kind
    name = f"{scoped(Course).slug}-grades-{web.now():%Y%m%d}.{ending}"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@blueprint.get("/<course>/gradebook.csv")
@access(Role.INSTRUCTOR, scope=course_taught)
def as_csv() -> Response:
    """Give the whole gradebook as CSV for Excel; no name in it can become a formula."""
    return _file(write_csv(_table()), "text/csv; charset=utf-8", "csv")


@blueprint.get("/<course>/gradebook.xlsx")
@access(Role.INSTRUCTOR, scope=course_taught)
def as_xlsx() -> Response:
    """Give the whole gradebook as a workbook."""
    return _file(write_workbook([_table()]), XLSX, "xlsx")


@blueprint.get(POLICY)
@access(Role.INSTRUCTOR, scope=assignment_taught)
def policy() -> Response:
    """Show when students see scores and feedback, and release what waits for it."""
    found = scoped(Assignment)
    held, waiting = unreleased(web.reading(), found.id)
    return web.page("policy.html", course=found.course, assignment=found, held=held, waiting=waiting)


def _policy_in(name: str) -> FeedbackPolicy:
    try:
        return FeedbackPolicy(request.form.get(name, ""))
    except ValueError as error:
        raise InvalidError("policy", "언제 보여 줄지 골라 주십시오.", "Please choose when it is shown.") from error


@blueprint.post(POLICY)
@access(Role.INSTRUCTOR, scope=assignment_taught)
def set_policy() -> Response:
    """Change when students see scores and feedback."""
    found = scoped(Assignment)
    back = url_for("gradebook.policy", course=found.course.slug, assignment=found.slug)
    score, feedback = _policy_in("score"), _policy_in("feedback")
    actor = Actor(g.visitor.subject, g.visitor.person_id, request.remote_addr)
    with web.writing() as session:
        set_policies(session, actor, session.get_one(Assignment, found.id), score, feedback, web.now())
    flash(_("Saved. It holds at once."), "success")
    return redirect(back)


@blueprint.post(f"{POLICY}/release")
@access(Role.INSTRUCTOR, scope=assignment_taught)
def release() -> Response:
    """Show the grades that are complete."""
    found = scoped(Assignment)
    back = url_for("gradebook.policy", course=found.course.slug, assignment=found.slug)
    actor = Actor(g.visitor.subject, g.visitor.person_id, request.remote_addr)
    with web.writing() as session:
        count = release_grades(session, actor, session.get_one(Assignment, found.id), web.now())
    flash(_("%(count)s grades are released.", count=count), "success")
    return redirect(back)
