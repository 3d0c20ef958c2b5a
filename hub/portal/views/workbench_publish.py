"""The instructor's pages of publishing without a terminal: upload a source folder, look at it as a student."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from hub.portal import web
from hub.portal.access import access, scoped
from hub.portal.access_scopes import course_taught, version_taught
from hub.portal.models import AssignmentVersion, Course, Role
from hub.portal.services.audit import Actor
from hub.portal.services.new_assignments import check_new_name, ensure_staged_assignment
from hub.portal.services.publishing import Prepared, prepare, stage_version
from hub.portal.services.workbench.gradebook import assignments_of
from hub.portal.services.workbench.source_upload import read_source
from hub.portal.services.workbench.student_preview import preview_of

blueprint = Blueprint("publish", __name__, url_prefix="/teach")


@blueprint.get("/<course>/upload")
@access(Role.INSTRUCTOR, scope=course_taught)
def form() -> Response:
    """Show the form: which assignment, which files."""
    found = scoped(Course)
    wanted = request.args.get("assignment", "")[:80]
    return web.page("upload.html", course=found, assignments=assignments_of(web.reading(), found.id), wanted=wanted)


@blueprint.post("/<course>/upload")
@access(Role.INSTRUCTOR, scope=course_taught)
def upload() -> Response:
    """Stage what was uploaded; its check begins in the background, and students see nothing of it."""
    found = scoped(Course)
    course, course_id = found.slug, found.id
    slug = check_new_name((request.form.get("new", "").strip() or request.form.get("assignment", "")).strip())
    sent = [(file.filename or "", file.read()) for file in request.files.getlist("files") if file.filename]
    web.close_reading()  # building the release takes seconds
    prepared = prepare(read_source(sent).files, f"{course}/{slug}")
    try:
        number = _stage(course_id, slug, prepared)
    except IntegrityError:  # somebody made the same assignment at the same moment
        number = _stage(course_id, slug, prepared)
    flash(_("Version %(number)s is uploaded and being checked. Students see nothing of it.", number=number), "success")
    return redirect(url_for("instructor.version", course=course, assignment=slug, number=number))


def _stage(course_id: int, slug: str, prepared: Prepared) -> int:
    actor = Actor(g.visitor.subject, g.visitor.person_id, request.remote_addr)
    with web.writing() as session:
        assignment = ensure_staged_assignment(session, actor, session.get_one(Course, course_id), slug, web.now())
        return stage_version(session, actor, assignment, prepared, web.now()).number


@blueprint.get("/<course>/<assignment>/versions/<int:number>/preview")
@access(Role.INSTRUCTOR, scope=version_taught)
def preview() -> Response:
    """Show a version as its students will get it."""
    found = scoped(AssignmentVersion)
    work = found.assignment
    preview = preview_of(web.reading(), found)
    return web.page("preview.html", course=work.course, assignment=work, version=found, preview=preview)
