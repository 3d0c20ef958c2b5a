"""The instructor's pages: a course opens on what needs them; publishing is one click."""

from __future__ import annotations

from dataclasses import asdict, replace

from flask import Blueprint, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.portal import web
from hub.portal.access import access, scoped
from hub.portal.access_scopes import attempt_taught, course_taught, version_taught
from hub.portal.models import AssignmentVersion, Attempt, Course, Role
from hub.portal.services import course_overview as overview
from hub.portal.services.audit import Actor
from hub.portal.services.publishing import publish_version
from hub.portal.services.retrying import retry_attempt

blueprint = Blueprint("instructor", __name__, url_prefix="/teach")

STATUSES = ("queued", "grading", "graded", "needs_person", "not_graded", "refused")


@blueprint.get("")
@access(Role.INSTRUCTOR)
def courses() -> Response:
    """List the courses that the visitor teaches; a single one opens at once."""
    found = overview.taught_courses(web.reading(), g.visitor.person_id)
    if len(found) == 1:
        return redirect(url_for("instructor.course", course=found[0].slug))
    return web.page("taught_courses.html", courses=found)


@blueprint.get("/<course>")
@access(Role.INSTRUCTOR, scope=course_taught)
def course() -> Response:
    """Open on what needs the instructor, then progress by assignment, then attempts as they come."""
    found, session, person_id = scoped(Course), web.reading(), g.visitor.person_id
    return web.page(
        "taught_course.html",
        course=found,
        versions=overview.waiting_versions(session, found.id),
        stuck=overview.attempts_needing_staff(session, person_id, found.id, web.now()),
        progress=overview.progress_of_course(session, person_id, found.id),
        listing=overview.list_attempts(session, person_id, found.id, overview.Filter(), web.now()),
    )


def read_filter() -> overview.Filter:
    """Return what of the attempts the address asks for; nonsense in it falls back to the default."""
    arguments = request.args
    return overview.Filter(
        assignment=arguments.get("assignment", "")[:80],
        status=arguments.get("status", "") if arguments.get("status") in STATUSES else "",
        search=arguments.get("search", "").strip()[:80],
        sort=arguments.get("sort", "newest") if arguments.get("sort") in overview.SORTS else "newest",
        page=arguments.get("page", 1, type=int),
    )


@blueprint.get("/<course>/attempts")
@access(Role.INSTRUCTOR, scope=course_taught)
def attempts() -> Response:
    """List attempts: filter, order and page are in the address, so that a view can be sent to a colleague."""
    found, wanted = scoped(Course), read_filter()
    listing = overview.list_attempts(web.reading(), g.visitor.person_id, found.id, wanted, web.now())

    def address(**changes: object) -> str:
        values = {key: value for key, value in asdict(replace(wanted, **changes)).items() if value}  # type: ignore[arg-type]
        return url_for("instructor.attempts", course=found.slug, **values)

    return web.page(
        "attempts.html",
        course=found,
        listing=listing,
        wanted=wanted,
        address=address,
        statuses=STATUSES,
        progress=overview.progress_of_course(web.reading(), g.visitor.person_id, found.id),
    )


@blueprint.post("/<course>/attempts/<receipt_id>/retry")
@access(Role.INSTRUCTOR, scope=attempt_taught)
def retry() -> Response:
    """Let grading try an attempt again that it could not finish."""
    attempt = scoped(Attempt)
    actor = Actor(g.visitor.subject, g.visitor.person_id, request.remote_addr)
    with web.writing() as session:
        retry_attempt(session, actor, session.get_one(Attempt, attempt.id), web.now())
    flash(_("It is in the queue again."), "success")
    return redirect(url_for("receipts.show", receipt_id=attempt.receipt_id))


def version_address(version: AssignmentVersion) -> str:
    """Return the page of a version."""
    assignment = version.assignment
    return url_for(
        "instructor.version", course=assignment.course.slug, assignment=assignment.slug, number=version.number
    )


@blueprint.get("/<course>/<assignment>/versions/<int:number>")
@access(Role.INSTRUCTOR, scope=version_taught)
def version() -> Response:
    """Show a version with its check report, and the one click that makes it live."""
    found = scoped(AssignmentVersion)
    return web.page(
        "version.html",
        course=found.assignment.course,
        assignment=found.assignment,
        version=found,
        versions=overview.versions_of(web.reading(), found.assignment_id),
    )


@blueprint.post("/<course>/<assignment>/versions/<int:number>/publish")
@access(Role.INSTRUCTOR, scope=version_taught)
def publish() -> Response:
    """Make a checked version live. Grades of earlier versions stay."""
    version = scoped(AssignmentVersion)
    back = version_address(version)
    actor = Actor(g.visitor.subject, g.visitor.person_id, request.remote_addr)
    with web.writing() as session:
        publish_version(session, actor, session.get_one(AssignmentVersion, version.id), web.now())
    flash(_("Version %(number)s is live: students get it from now on.", number=version.number), "success")
    return redirect(back)
