"""The first page: what it shows follows from the role the visitor looks with."""

from __future__ import annotations

from flask import Blueprint, g, redirect, url_for
from werkzeug.wrappers import Response

from hub.portal import web
from hub.portal.access import public
from hub.portal.layout import active_role
from hub.portal.models import Role

blueprint = Blueprint("home", __name__)

HOMES = {
    Role.STUDENT: "student.home",
    Role.INSTRUCTOR: "instructor.courses",
    Role.COORDINATOR: "coordinator.home",
    Role.ADMINISTRATOR: "coordinator.home",
}


@blueprint.get("/")
@public
def index() -> Response:
    """Send the visitor to the home of their role; strangers see what this is."""
    if g.get("visitor") is None:
        return web.page("landing.html")
    role = active_role()
    return web.page("no_role.html") if role is None else redirect(url_for(HOMES[role]))
