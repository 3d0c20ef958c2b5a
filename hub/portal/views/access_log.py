"""The access log for administrators: filters, pages, and the monthly sign-off."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.portal import web
from hub.portal.access import access
from hub.portal.models import Role
from hub.portal.services.audit import Actor
from hub.portal.services.privacy import access_log as service
from hub.portal.services.privacy.access_log import Filter
from hub.portal.services.programme.identifiers import read_date
from hub.portal.services.timetable import KST

blueprint = Blueprint("access_log", __name__, url_prefix="/administration/access-log")


@blueprint.get("")
@access(Role.ADMINISTRATOR)
def show() -> Response:
    """Show the rows that fit, the newest first, and what was signed off."""
    session = web.reading()
    wanted = _filter()
    page = max(1, request.args.get("page", 1, type=int))
    return web.page(
        "access_log.html",
        log=service.read_log(session, wanted, page),
        wanted=wanted,
        actions=service.actions_of(session),
        reviews=service.reviews(session),
        is_at_night=service.is_at_night,
        month=f"{web.now().astimezone(KST):%Y-%m}",
    )


def _filter() -> Filter:
    sent = request.args
    day: date | None = read_date(sent.get("day", ""))
    person = sent.get("person", "")
    return Filter(
        actor=sent.get("actor", "").strip()[:200],
        action=sent.get("action", "")[:80],
        person_id=int(person) if person.isascii() and person.isdigit() and len(person) < 16 else None,
        day=day,
        only_notable=sent.get("notable") == "yes",
    )


@blueprint.post("/reviews")
@access(Role.ADMINISTRATOR)
def sign_off() -> Response:
    """Write down that a month's log was looked through."""
    actor = Actor(g.visitor.subject, g.visitor.person_id, request.remote_addr)
    with web.writing() as session:
        month, findings = request.form.get("month", ""), request.form.get("findings", "")
        service.sign_off(session, actor, month, findings, web.now())
    flash(_("The review was written down."), "success")
    return redirect(url_for("access_log.show"))
