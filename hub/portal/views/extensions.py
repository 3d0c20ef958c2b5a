"""The instructor's page of an assignment's extensions: grant one for a person or a team, end it, see all."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.portal import web
from hub.portal.access import access, scoped
from hub.portal.access_scopes import assignment_taught
from hub.portal.errors import InvalidError
from hub.portal.models import Assignment, Role
from hub.portal.services import extensions as service
from hub.portal.services.audit import Actor
from hub.portal.services.teams import list_teams, trainees_of_assignment
from hub.portal.services.timetable import KST, rules_of_assignment

blueprint = Blueprint("extensions", __name__, url_prefix="/teach")

PAGE = "/<course>/<assignment>/extensions"


def read_moment(text: str) -> datetime | None:
    """Return a moment typed as Korean time (``2026-11-30T18:00``), None for nothing; InvalidError for nonsense."""
    if not text.strip():
        return None
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%dT%H:%M").replace(tzinfo=KST)
    except ValueError as error:
        raise InvalidError(
            "moment", "날짜와 시각을 다시 골라 주십시오.", "Please choose the date and the time again."
        ) from error


def read_recipient(text: str) -> service.Recipient:
    """Return whom a choice of the form names: ``person-12`` or ``team-3``."""
    kind, _dash, number = text.partition("-")
    if kind not in ("person", "team") or not number.isdecimal() or len(number) > 15:
        return service.Recipient()
    return service.Recipient(**{f"{kind}_id": int(number)})


def _page_of(assignment: Assignment) -> str:
    """Return the page's address; asked for before anything is written, which lets go of what was read."""
    return url_for("extensions.show", course=assignment.course.slug, assignment=assignment.slug)


def _back(address: str, words: str) -> Response:
    flash(words, "success")
    return redirect(address)


@blueprint.get(PAGE)
@access(Role.INSTRUCTOR, scope=assignment_taught)
def show() -> Response:
    """List the extensions, with the form to grant one."""
    found, session, person_id = scoped(Assignment), web.reading(), g.visitor.person_id
    return web.page(
        "extensions.html",
        course=found.course,
        assignment=found,
        extensions=service.list_extensions(session, person_id, found),
        rules=rules_of_assignment(session, found.id),
        teams=list_teams(session, person_id, found) if found.is_team_work else [],
        trainees=trainees_of_assignment(session, person_id, found),
    )


@blueprint.post(PAGE)
@access(Role.INSTRUCTOR, scope=assignment_taught)
def grant() -> Response:
    """Grant an extension to everybody who was chosen: all of them or, where one can't be, none."""
    found, form = scoped(Assignment), request.form
    back = _page_of(found)
    due_at = read_moment(form.get("due_at", ""))
    if due_at is None:
        raise InvalidError("moment", "새 마감을 골라 주십시오.", "Please choose the new deadline.")
    more = service.MoreTime(due_at, read_moment(form.get("closes_at", "")), form.get("reason", ""))
    whom = [read_recipient(each) for each in dict.fromkeys(filter(None, form.getlist("whom")))] or [service.Recipient()]
    actor = Actor(g.visitor.subject, g.visitor.person_id, request.remote_addr)
    with web.writing() as session:
        assignment = session.get_one(Assignment, found.id)
        for each in whom:
            service.grant_extension(session, actor, assignment, each, more, web.now())
    return _back(back, _("The extension is granted. The student sees it and its reason at once."))


@blueprint.post(f"{PAGE}/<int:extension_id>/end")
@access(Role.INSTRUCTOR, scope=assignment_taught)
def end(extension_id: int) -> Response:
    """End an extension."""
    found = scoped(Assignment)
    back = _page_of(found)
    actor = Actor(g.visitor.subject, g.visitor.person_id, request.remote_addr)
    with web.writing() as session:
        service.end_extension(session, actor, extension_id, web.now())
    return _back(back, _("The extension has ended. Grades follow the usual deadline again."))
