"""The coordinator's pages: how many of 300, how far the others are, cohort by cohort."""

from __future__ import annotations

from flask import Blueprint, g, request
from werkzeug.wrappers import Response

from hub.portal import web
from hub.portal.access import access, scoped
from hub.portal.access_scopes import cohort_coordinated
from hub.portal.models import Cohort, Role
from hub.portal.services.programme_overview import programme_overview, programmes, trainees_of

blueprint = Blueprint("coordinator", __name__, url_prefix="/programme")


@blueprint.get("")
@access(Role.COORDINATOR)
def home() -> Response:
    """Answer: how many of the goal, will we make it, where are the others?"""
    session = web.reading()
    found = programmes(session)
    if not found:
        return web.page("no_programme.html")
    wanted = request.args.get("programme", "")
    programme = next((each for each in found if each.slug == wanted), found[0])
    overview = programme_overview(session, g.visitor.person_id, programme)
    return web.page("programme.html", programmes=found, overview=overview)


@blueprint.get("/cohorts/<cohort>")
@access(Role.COORDINATOR, scope=cohort_coordinated)
def cohort() -> Response:
    """Show the people of a cohort, names masked."""
    found = scoped(Cohort)
    return web.page("cohort.html", cohort=found, trainees=trainees_of(web.reading(), found.id))
