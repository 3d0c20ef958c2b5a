"""The coordinator's pages: how many of 300, how far the others are, cohort by cohort."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from hub.portal import web
from hub.portal.access import access, scoped
from hub.portal.access_scopes import cohort_coordinated
from hub.portal.models import Cohort, Role
from hub.portal.services.programme_overview import trainees_of
from hub.portal.views.kpi import overview_page

blueprint = Blueprint("coordinator", __name__, url_prefix="/programme")


@blueprint.get("")
@access(Role.COORDINATOR)
def home() -> Response:
    """Answer: how many of the goal, will we make it, where are the others?"""
    return overview_page()


@blueprint.get("/cohorts/<cohort>")
@access(Role.COORDINATOR, scope=cohort_coordinated)
def cohort() -> Response:
    """Show the people of a cohort, names masked."""
    found = scoped(Cohort)
    return web.page("cohort.html", cohort=found, trainees=trainees_of(web.reading(), found.id))
