"""The instructor's pages of grading by hand: what is left, one submission after the other, rubrics, who sees what."""

from __future__ import annotations

from pathlib import PurePosixPath

import sqlalchemy as sa
from flask import Blueprint, abort, flash, g, make_response, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from graders.feedback import FeedbackOptions, make_feedback
from graders.feedback_words import Language
from hub.portal import web
from hub.portal.access import access, scoped
from hub.portal.access_scopes import assignment_taught, attempt_taught
from hub.portal.models import Assignment, Attempt, Role
from hub.portal.security import SANDBOX_POLICY
from hub.portal.services.audit import Actor
from hub.portal.services.workbench import marking as service
from hub.portal.services.workbench import marking_overview as overview
from hub.portal.services.workbench.marking import MarkForm, RubricLine, Saved

blueprint = Blueprint("marking", __name__, url_prefix="/teach")

PAGE = "/<course>/<assignment>/marking"
ONE = "/<course>/marking/<receipt_id>"
MAX_CELLS = 500


def actor() -> Actor:
    """Return who acts."""
    return Actor(g.visitor.subject, g.visitor.person_id, request.remote_addr)


def _index_of(assignment: Assignment) -> str:
    return url_for("marking.index", course=assignment.course.slug, assignment=assignment.slug)


@blueprint.get(PAGE)
@access(Role.INSTRUCTOR, scope=assignment_taught)
def index() -> Response:
    """Show how far it is, every submission with who graded it and when, and how this assignment is graded."""
    found, session, person_id = scoped(Assignment), web.reading(), g.visitor.person_id
    address = _index_of(found)
    return web.page(
        "marking.html",
        course=found.course,
        assignment=found,
        left=overview.left_to_grade(session, person_id, found),
        listing=overview.list_submissions(session, person_id, found, request.args.get("page", 1, type=int)),
        settings=overview.settings_of(session, found),
        page_address=lambda number: f"{address}?page={number}",
    )


@blueprint.get(f"{PAGE}/next")
@access(Role.INSTRUCTOR, scope=assignment_taught)
def following() -> Response:
    """Open the next submission that needs this reader."""
    found, session = scoped(Assignment), web.reading()
    after = session.scalar(sa.select(Attempt.id).where(Attempt.receipt_id == request.args.get("after", "")))
    receipt_id = overview.next_ungraded(session, g.visitor.person_id, found, after or 0)
    if receipt_id is None:
        flash(_("Nothing is left for you to grade here."), "success")
        return redirect(_index_of(found))
    return redirect(url_for("marking.show", course=found.course.slug, receipt_id=receipt_id))


@blueprint.post(f"{PAGE}/settings")
@access(Role.INSTRUCTOR, scope=assignment_taught)
def settings() -> Response:
    """Say whether readers see names and whether two of them grade."""
    found, form = scoped(Assignment), request.form
    back = _index_of(found)
    wanted = {"is_anonymous": "anonymous" in form, "second_reader": "second_reader" in form}
    with web.writing() as session:
        assignment = session.get_one(Assignment, found.id)
        service.set_manual_grading(session, actor(), assignment, **wanted, now=web.now())
    flash(_("Saved."), "success")
    return redirect(back)


@blueprint.get(ONE)
@access(Role.INSTRUCTOR, scope=attempt_taught)
def show() -> Response:
    """Show one submission: the notebook as it ran, and a form for each cell that a person grades."""
    return _page(scoped(Attempt), {}, Saved(0, {}))


def _page(attempt: Attempt, typed: dict[tuple[str, str], MarkForm], saved: Saved) -> Response:
    session = web.reading()
    view = overview.grading_view(session, g.visitor.person_id, attempt)
    answer = web.page(
        "marking_one.html",
        course=attempt.assignment.course,
        assignment=attempt.assignment,
        view=view,
        typed=typed,
        troubles=saved.troubles,
        left=overview.left_to_grade(session, g.visitor.person_id, attempt.assignment),
    )
    answer.status_code = 409 if saved.troubles else 200
    return answer


def read_forms() -> list[MarkForm]:
    """Return what was typed, cell by cell; what two readers agree on is a form of its own where it was filled in."""
    form = request.form
    found = []
    for number in range(min(form.get("cells", 0, type=int), MAX_CELLS)):
        cell = form.get(f"notebook-{number}", ""), form.get(f"grade-id-{number}", "")
        own = MarkForm(
            *cell,
            free=form.get(f"free-{number}", "")[:40],
            rubric=tuple(form.getlist(f"rubric-{number}", type=int)),
            comment=form.get(f"comment-{number}", ""),
            seen=form.get(f"seen-{number}", 0, type=int),
        )
        found.append(own)
        if form.get(f"agreed-{number}", "").strip():
            seen = form.get(f"agreed-seen-{number}", 0, type=int)
            found.append(MarkForm(*cell, free=form[f"agreed-{number}"][:40], seen=seen, agreed=True))
    return found


@blueprint.post(ONE)
@access(Role.INSTRUCTOR, scope=attempt_taught)
def save() -> Response:
    """Save what was typed; what somebody else changed meanwhile stays, and so does what was typed here."""
    attempt, forms = scoped(Attempt), read_forms()
    work = attempt.assignment
    course, slug = work.course.slug, work.slug
    here, receipt_id = (
        url_for("marking.show", course=work.course.slug, receipt_id=attempt.receipt_id),
        attempt.receipt_id,
    )
    with web.writing() as session:
        saved = service.save_marks(session, actor(), session.get_one(Attempt, attempt.id), forms, web.now())
    if saved.troubles:
        typed = {form.key: form for form in forms if form.key in saved.troubles and not form.agreed}
        return _page(web.reading().get_one(Attempt, attempt.id), typed, saved)
    if saved.cells:
        flash(_("Saved: %(count)s cells.", count=saved.cells), "success")
    if request.form.get("then") == "next":
        return redirect(url_for("marking.following", course=course, assignment=slug, after=receipt_id))
    return redirect(here)


@blueprint.get(f"{ONE}/notebook/<int:index>")
@access(Role.INSTRUCTOR, scope=attempt_taught)
def notebook(index: int) -> Response:
    """Show a notebook in an origin of its own: whatever a student put into it can do nothing and ask nobody."""
    attempt = scoped(Attempt)
    report = service.newest_report(web.reading(), attempt)
    if report is None or index >= len(report.notebooks):
        abort(404)
    path = report.notebooks[index].path
    language: Language = "en" if str(get_locale()) == "en" else "ko"
    title = attempt.assignment.title_en if language == "en" else attempt.assignment.title_ko
    answer = make_response(make_feedback(report, FeedbackOptions(title, language, notebook=path)))
    answer.headers["Content-Security-Policy"] = SANDBOX_POLICY
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    answer.headers.set("Content-Disposition", "inline", filename=PurePosixPath(path).stem + ".html")
    return answer


@blueprint.post(f"{ONE}/rubric")
@access(Role.INSTRUCTOR, scope=attempt_taught)
def add_rubric() -> Response:
    """Add a line to a cell's rubric, for all submissions of the assignment."""
    attempt, form = scoped(Attempt), request.form
    back = url_for("marking.show", course=attempt.assignment.course.slug, receipt_id=attempt.receipt_id)
    cell = form.get("notebook", ""), form.get("grade_id", "")
    line = RubricLine(cell, form.get("label", ""), form.get("points", ""))
    with web.writing() as session:
        service.add_rubric_item(session, actor(), session.get_one(Assignment, attempt.assignment_id), line, web.now())
    flash(_("The rubric has a new line."), "success")
    return redirect(back)


@blueprint.post(f"{ONE}/rubric/<int:item_id>/remove")
@access(Role.INSTRUCTOR, scope=attempt_taught)
def remove_rubric(item_id: int) -> Response:
    """Take a line off the rubric; marks that used it keep it."""
    attempt = scoped(Attempt)
    back = url_for("marking.show", course=attempt.assignment.course.slug, receipt_id=attempt.receipt_id)
    with web.writing() as session:
        assignment = session.get_one(Assignment, attempt.assignment_id)
        service.archive_rubric_item(session, actor(), assignment, item_id, web.now())
    flash(_("The line is gone from the rubric. Marks that used it keep it."), "success")
    return redirect(back)
