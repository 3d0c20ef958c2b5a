"""One person for coordinators: masked, shown in full only with a reason; their enrolments, and changes of them."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.portal import web
from hub.portal.access import access, scoped
from hub.portal.access_scopes import enrolment_coordinated, person_coordinated
from hub.portal.errors import InvalidError
from hub.portal.models import Company, Enrolment, EnrolmentState, Person, Role, Track
from hub.portal.services.audit import Actor
from hub.portal.services.people_records import note_unmasking, record_of
from hub.portal.services.programme.enrolment_edits import SETTABLE, Particulars, change_state, edit_particulars
from hub.portal.services.programme.regions import REGIONS

blueprint = Blueprint("people", __name__, url_prefix="/programme")

ONE = "/people/<int:person_id>"
ENROLMENT = "/enrolments/<int:enrolment_id>"


def _actor() -> Actor:
    return Actor(g.visitor.subject, g.visitor.person_id, request.remote_addr)


@blueprint.get(ONE)
@access(Role.COORDINATOR, scope=person_coordinated)
def show() -> Response:
    """Show a person masked, with what can be changed."""
    return _page(scoped(Person).id, masked=True)


@blueprint.post(f"{ONE}/unmask")
@access(Role.COORDINATOR, scope=person_coordinated)
def unmask() -> Response:
    """Show the same page in full, once, after the reason was written down. It is never cached."""
    person_id = scoped(Person).id
    with web.writing() as session:
        person = session.get_one(Person, person_id)
        note_unmasking(session, _actor(), person, request.form.get("reason", ""), web.now())
    return _page(person_id, masked=False)


def _page(person_id: int, *, masked: bool) -> Response:
    session = web.reading()
    found = record_of(session, g.visitor.person_id, session.get_one(Person, person_id), masked=masked)
    companies = session.scalars(sa.select(Company).order_by(Company.name, Company.id)).all()
    return web.page(
        "person.html", record=found, companies=companies, states=SETTABLE, tracks=list(Track), regions=REGIONS
    )


@blueprint.post(f"{ENROLMENT}/state")
@access(Role.COORDINATOR, scope=enrolment_coordinated)
def move() -> Response:
    """Change an enrolment's state, with the reason."""
    enrolment_id, person_id = scoped(Enrolment).id, scoped(Enrolment).person_id
    wanted = request.form.get("state", "")
    if wanted not in set(EnrolmentState):
        raise InvalidError("state", "상태를 골라 주십시오.", "Please choose a state.")
    with web.writing() as session:
        found = session.get_one(Enrolment, enrolment_id, with_for_update=True)
        change_state(session, _actor(), found, EnrolmentState(wanted), request.form.get("reason", ""), web.now())
    flash(_("The state was changed."), "success")
    return redirect(url_for("people.show", person_id=person_id))


@blueprint.post(f"{ENROLMENT}/particulars")
@access(Role.COORDINATOR, scope=enrolment_coordinated)
def edit() -> Response:
    """Change track, company and regions."""
    enrolment_id, person_id = scoped(Enrolment).id, scoped(Enrolment).person_id
    track, company = request.form.get("track", ""), request.form.get("company", "")
    if track not in set(Track) or not ((company.isascii() and company.isdigit()) or company == ""):
        raise InvalidError("particulars", "목록에서 골라 주십시오.", "Please choose from the lists.")
    wanted = Particulars(
        Track(track),
        int(company) if company else None,
        request.form.get("work_region") or None,
        request.form.get("home_region") or None,
    )
    with web.writing() as session:
        edit_particulars(session, _actor(), session.get_one(Enrolment, enrolment_id), wanted, web.now())
    flash(_("The particulars were saved."), "success")
    return redirect(url_for("people.show", person_id=person_id))
