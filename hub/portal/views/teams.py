"""The instructor's page of an assignment's teams: form, change, dissolve, and adjust one member's grade."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.portal import web
from hub.portal.access import access, scoped
from hub.portal.access_scopes import assignment_taught
from hub.portal.models import Assignment, Role
from hub.portal.services import teams as service
from hub.portal.services.adjustments import Adjustment, adjust_member, adjustments_of
from hub.portal.services.audit import Actor
from hub.portal.services.team_work import is_begun

blueprint = Blueprint("teams", __name__, url_prefix="/teach")

PAGE = "/<course>/<assignment>/teams"


def actor() -> Actor:
    """Return who acts, for the audit log."""
    return Actor(g.visitor.subject, g.visitor.person_id, request.remote_addr)


def _page_of(assignment: Assignment) -> str:
    """Return the page's address; asked for before anything is written, which lets go of what was read."""
    return url_for("teams.show", course=assignment.course.slug, assignment=assignment.slug)


def _back(address: str, words: str) -> Response:
    flash(words, "success")
    return redirect(address)


def _number(name: str) -> float:
    """Return a number typed into a form; nonsense becomes one that the service refuses."""
    try:
        return float(request.form.get(name, "").strip())
    except ValueError:
        return float("nan")


@blueprint.get(PAGE)
@access(Role.INSTRUCTOR, scope=assignment_taught)
def show() -> Response:
    """Show the teams, who is in none yet, and the adjustments in force."""
    found, session, person_id = scoped(Assignment), web.reading(), g.visitor.person_id
    teams = service.list_teams(session, person_id, found)
    return web.page(
        "teams.html",
        course=found.course,
        assignment=found,
        teams=teams,
        is_begun=is_begun(session, found.id),
        free=service.trainees_without_team(session, person_id, found) if found.is_team_work else [],
        adjustments=adjustments_of(session, [team.team_id for team in teams]),
    )


@blueprint.post(f"{PAGE}/work")
@access(Role.INSTRUCTOR, scope=assignment_taught)
def set_work() -> Response:
    """Say whether the assignment is done in teams."""
    found, wanted = scoped(Assignment), request.form.get("team_work") == "yes"
    back = _page_of(found)
    with web.writing() as session:
        service.set_team_work(session, actor(), session.get_one(Assignment, found.id), wanted, web.now())
    return _back(back, _("This assignment is done in teams.") if wanted else _("Everybody works alone."))


@blueprint.post(PAGE)
@access(Role.INSTRUCTOR, scope=assignment_taught)
def form() -> Response:
    """Form a team."""
    found, name = scoped(Assignment), request.form.get("name", "")
    back = _page_of(found)
    people = request.form.getlist("person", type=int)
    with web.writing() as session:
        service.form_team(session, actor(), session.get_one(Assignment, found.id), name, people, web.now())
    return _back(back, _("Team %(name)s is formed.", name=name))


@blueprint.post(f"{PAGE}/<int:team_id>/members")
@access(Role.INSTRUCTOR, scope=assignment_taught)
def add(team_id: int) -> Response:
    """Let a trainee join."""
    found, person_id = scoped(Assignment), request.form.get("person", 0, type=int)
    back = _page_of(found)
    with web.writing() as session:
        service.add_member(session, actor(), team_id, person_id, web.now())
    return _back(back, _("The team has a new member. Earlier submissions stay with those who made them."))


@blueprint.post(f"{PAGE}/<int:team_id>/members/<int:person_id>/remove")
@access(Role.INSTRUCTOR, scope=assignment_taught)
def remove(team_id: int, person_id: int) -> Response:
    """Let a member leave."""
    found = scoped(Assignment)
    back = _page_of(found)
    with web.writing() as session:
        service.remove_member(session, actor(), team_id, person_id, web.now())
    return _back(back, _("The member has left. What was handed in until now stays theirs."))


@blueprint.post(f"{PAGE}/<int:team_id>/dissolve")
@access(Role.INSTRUCTOR, scope=assignment_taught)
def dissolve(team_id: int) -> Response:
    """End a team."""
    found = scoped(Assignment)
    back = _page_of(found)
    with web.writing() as session:
        service.dissolve_team(session, actor(), team_id, web.now())
    return _back(back, _("The team is dissolved. Its submissions and grades stay."))


@blueprint.post(f"{PAGE}/<int:team_id>/members/<int:person_id>/adjust")
@access(Role.INSTRUCTOR, scope=assignment_taught)
def adjust(team_id: int, person_id: int) -> Response:
    """Give one member more or fewer points than the team."""
    found = scoped(Assignment)
    back = _page_of(found)
    wanted = Adjustment(_number("points"), request.form.get("reason", ""))
    with web.writing() as session:
        adjust_member(session, actor(), team_id, person_id, wanted, web.now())
    return _back(back, _("The grade is adjusted; the student sees the reason."))
