"""Invitations: a cohort's people and their sign-in, for coordinators; and the page behind the link, for the invited."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote, urljoin

from flask import Blueprint, flash, g, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.portal import oauth, web
from hub.portal.access import access, public, scoped
from hub.portal.access_scopes import cohort_coordinated, invitation_coordinated
from hub.portal.models import Cohort, Invitation, Person, Role
from hub.portal.services import invitations as service
from hub.portal.services.audit import Actor
from hub.portal.services.invitation_links import InvitationState, find_invitation, state_of
from hub.portal.services.privacy.masking import masked_name

blueprint = Blueprint("invitations", __name__)

LIST = "/programme/cohorts/<cohort>/invitations"
ONE = f"{LIST}/<int:invitation_id>"
#: Where the browser's signed session remembers a link between the page and the return from the hub.
REMEMBERED = "invitation"


def _actor() -> Actor:
    return Actor(g.visitor.subject, g.visitor.person_id, request.remote_addr)


@blueprint.get(LIST)
@access(Role.COORDINATOR, scope=cohort_coordinated)
def show() -> Response:
    """Show who can sign in, who was asked and who was not."""
    cohort = scoped(Cohort)
    invitees = service.invitees_of(web.reading(), cohort, web.now())
    return web.page("invitations.html", cohort=cohort, invitees=invitees)


@blueprint.post(LIST)
@access(Role.COORDINATOR, scope=cohort_coordinated)
def send() -> Response:
    """Ask everybody of the cohort who has an address and no log-in yet."""
    cohort_id, slug = scoped(Cohort).id, scoped(Cohort).slug
    with web.writing() as database:
        cohort = database.get_one(Cohort, cohort_id)
        people = [each.person_id for each in service.invitees_of(database, cohort, web.now()) if each.can_be_asked]
        invited = service.invite(database, _actor(), cohort, people, web.now())
    flash(
        ngettext("%(num)d invitation is on its way.", "%(num)d invitations are on their way.", len(invited)), "success"
    )
    return redirect(url_for("invitations.show", cohort=slug))


@blueprint.post(f"{ONE}/again")
@access(Role.COORDINATOR, scope=invitation_coordinated)
def again() -> Response:
    """Send one anew; the earlier link dies with it."""
    return _act(service.send_again, _("The invitation is sent again. The earlier link stops working."))


@blueprint.post(f"{ONE}/revoke")
@access(Role.COORDINATOR, scope=invitation_coordinated)
def revoke() -> Response:
    """Take one back."""
    return _act(service.revoke, _("The invitation was taken back. Its link no longer works."))


def _act(act: Callable[[Session, Actor, Invitation, datetime], None], words: str) -> Response:
    invitation_id = scoped(Invitation).id
    slug = web.reading().get_one(Cohort, scoped(Invitation).cohort_id).slug
    with web.writing() as database:
        found = database.get_one(Invitation, invitation_id, with_for_update=True)
        act(database, _actor(), found, web.now())
    flash(words, "success")
    return redirect(url_for("invitations.show", cohort=slug))


@blueprint.get("/invitations")
@public
def link() -> Response:
    """Show an invited person what the link is worth and the two ways to use it."""
    token = request.args.get("token", "")
    found = find_invitation(web.reading(), token)
    state = None if found is None else state_of(found, web.now())
    is_open = state is InvitationState.OPEN
    answer = web.page(
        "invitation.html",
        token=token,
        state=state,
        name=masked_name(web.reading().get_one(Person, found.person_id).name) if found is not None and is_open else "",
        cohort=web.reading().get_one(Cohort, found.cohort_id) if found is not None and is_open else None,
        account_url=urljoin(web.settings().hub_url, f"hub/invited?token={quote(token, safe='')}"),
        hide_sign_in=True,
    )
    answer.headers["Referrer-Policy"] = "no-referrer"  # the address is the secret
    answer.status_code = 200 if is_open else 410
    return answer


@blueprint.post("/invitations/sign-in")
@public
def sign_in() -> Response:
    """Sign in with an account that one has already; the callback gives it to the invited person."""
    session[REMEMBERED] = request.form.get("token", "")[:200]
    session["next"] = "/"
    return oauth.start_sign_in(web.settings())
