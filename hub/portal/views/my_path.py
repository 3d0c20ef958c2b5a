"""The student's page of the way to completion: what is met, missing or not known yet, by when, and what to do."""

from __future__ import annotations

from flask import Blueprint, g
from werkzeug.wrappers import Response

from hub.portal import web
from hub.portal.access import access
from hub.portal.models import Role
from hub.portal.services.programme.my_path import read_paths
from hub.portal.services.student_overview import student_overview

blueprint = Blueprint("my_path", __name__)


@blueprint.get("/learn/path")
@access(Role.STUDENT)
def show() -> Response:
    """Show the way of each enrolment, those that run first."""
    session, person_id = web.reading(), g.visitor.person_id
    overview = student_overview(session, person_id, web.now())
    return web.page("my_path.html", paths=read_paths(session, overview, person_id, web.now()))
