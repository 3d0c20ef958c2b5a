"""The instructor's pages of regrading: begin with a sample, watch, compare, publish or throw away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from graders.environment import environment_digest
from hub.portal import web
from hub.portal.access import access, scoped
from hub.portal.access_scopes import assignment_taught
from hub.portal.errors import InvalidError
from hub.portal.models import Assignment, AssignmentVersion, Regrade, Role
from hub.portal.services.audit import Actor
from hub.portal.services.rights import Rights
from hub.portal.services.workbench import regrade_overview as overview
from hub.portal.services.workbench import regrades as service

blueprint = Blueprint("regrade", __name__, url_prefix="/teach")

PAGE = "/<course>/<assignment>/regrades"
ONE = f"{PAGE}/<int:regrade_id>"


def regrade_taught(session: Session, rights: Rights, path: dict[str, Any]) -> Regrade | None:
    """Find a regrade of an assignment that the visitor teaches."""
    regrade_id, assignment = path.pop("regrade_id"), assignment_taught(session, rights, path)
    found = session.get(Regrade, regrade_id)
    return found if found is not None and assignment is not None and found.assignment_id == assignment.id else None


def actor() -> Actor:
    """Return who acts."""
    return Actor(g.visitor.subject, g.visitor.person_id, request.remote_addr)


def _address(regrade: Regrade) -> str:
    work = regrade.assignment
    return url_for("regrade.show", course=work.course.slug, assignment=work.slug, regrade_id=regrade.id)


@blueprint.get(PAGE)
@access(Role.INSTRUCTOR, scope=assignment_taught)
def index() -> Response:
    """Choose the version that mends the tests; earlier regrades below."""
    found, session = scoped(Assignment), web.reading()
    return web.page(
        "regrades.html",
        course=found.course,
        assignment=found,
        versions=overview.usable_versions(session, found.id),
        regrades=overview.regrades_of(session, found.id),
        open=service.find_open(session, found.id),
        sample_size=service.SAMPLE_SIZE,
    )


@blueprint.post(PAGE)
@access(Role.INSTRUCTOR, scope=assignment_taught)
def start() -> Response:
    """Begin a regrade with a sample."""
    found = scoped(Assignment)
    course, assignment = found.course.slug, found.slug
    number = request.form.get("version", type=int)
    with web.writing() as session:
        query = sa.select(AssignmentVersion).filter_by(assignment_id=found.id, number=number)
        version = session.scalars(query).one_or_none()
        if version is None:
            raise InvalidError("version", "버전을 골라 주십시오.", "Please choose a version.")
        reason = request.form.get("reason", "")
        made = service.start_regrade(session, actor(), version, reason, environment_digest(), web.now()).id
    flash(_("A sample is being graded. No score has changed."), "success")
    return redirect(url_for("regrade.show", course=course, assignment=assignment, regrade_id=made))


@blueprint.get(ONE)
@access(Role.INSTRUCTOR, scope=regrade_taught)
def show() -> Response:
    """Show how far it is and what would change."""
    found, session = scoped(Regrade), web.reading()
    changed_only = request.args.get("show") != "all"
    address = _address(found)

    def page_address(number: int) -> str:
        return f"{address}?page={number}{'' if changed_only else '&show=all'}"

    return web.page(
        "regrade.html",
        course=found.assignment.course,
        assignment=found.assignment,
        regrade=found,
        progress=overview.progress_of(session, found, web.now()),
        tests=overview.changed_tests(session, found.id),
        lines=overview.list_lines(session, found, request.args.get("page", 1, type=int), changed_only=changed_only),
        changed_only=changed_only,
        address=address,
        page_address=page_address,
        is_open=found.state in service.OPEN,
    )


def _step(step: Callable[[Session, Regrade], Any]) -> tuple[Any, Response]:
    """Take a step in a transaction of its own; return what it gave, and the way back."""
    found = scoped(Regrade)
    back = redirect(_address(found))
    with web.writing() as session:
        return step(session, session.get_one(Regrade, found.id)), back


@blueprint.post(f"{ONE}/all")
@access(Role.INSTRUCTOR, scope=regrade_taught)
def go_on() -> Response:
    """Go on from the sample to everybody."""
    count, back = _step(lambda s, row: service.regrade_all(s, actor(), row, environment_digest(), web.now()))
    flash(_("%(count)s more submissions are being graded. No score has changed.", count=count), "success")
    return back


@blueprint.post(f"{ONE}/retry")
@access(Role.INSTRUCTOR, scope=regrade_taught)
def retry() -> Response:
    """Try again what grading could not finish."""
    count, back = _step(lambda s, row: service.retry_failed(s, actor(), row, web.now()))
    flash(_("%(count)s submissions are in the queue again.", count=count), "success")
    return back


@blueprint.post(f"{ONE}/publish")
@access(Role.INSTRUCTOR, scope=regrade_taught)
def publish() -> Response:
    """Let the new results count; what came in meanwhile is shown first."""
    new, back = _step(lambda s, row: service.catch_up(s, actor(), row, environment_digest(), web.now()))
    if new:
        flash(_("%(count)s results came in meanwhile. Please look again; nothing has been published.", count=new))
        return back
    _done, back = _step(lambda s, row: service.publish_regrade(s, actor(), row, environment_digest(), web.now()))
    flash(_("The new scores count. Points given by people stayed."), "success")
    return back


@blueprint.post(f"{ONE}/discard")
@access(Role.INSTRUCTOR, scope=regrade_taught)
def discard() -> Response:
    """Stop and throw away."""
    _done, back = _step(lambda s, row: service.discard_regrade(s, actor(), row, web.now()))
    flash(_("Thrown away. Every score is as it was."), "success")
    return back
