"""Possible duplicates: the list, two persons side by side, merging them with a reason, and undoing that."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.portal import web
from hub.portal.access import access, scoped
from hub.portal.access_scopes import merge_coordinated, pair_coordinated
from hub.portal.models import Person, PersonMerge, Role
from hub.portal.services.audit import Actor
from hub.portal.services.merging.duplicates import PeoplePair, likely_pairs, recent_merges, records_of, tell_apart
from hub.portal.services.merging.merges import merge_people, merge_problems, undo_merge
from hub.portal.services.people_records import facts_of
from hub.portal.services.privacy.masking import masked_birth, masked_name, masked_phone

blueprint = Blueprint("duplicates", __name__, url_prefix="/programme/duplicates")

PAIR = "/<int:one>/<int:other>"


def _actor() -> Actor:
    return Actor(g.visitor.subject, g.visitor.person_id, request.remote_addr)


@blueprint.get("")
@access(Role.COORDINATOR)
def show() -> Response:
    """List the pairs that wait for a decision, and the merges that can be undone."""
    session, visitor = web.reading(), g.visitor.person_id
    return web.page(
        "duplicates.html",
        pairs=likely_pairs(session, visitor),
        merges=recent_merges(session, visitor),
        masked_name=masked_name,
        masked_birth=masked_birth,
        masked_phone=masked_phone,
    )


@blueprint.get(PAIR)
@access(Role.COORDINATOR, scope=pair_coordinated)
def compare() -> Response:
    """Show two persons side by side, what each has here, and what stands in the way."""
    session, pair = web.reading(), scoped(PeoplePair)
    both = [session.get_one(Person, person_id) for person_id in pair.ids]
    return web.page(
        "duplicate.html",
        pair=pair,
        people=[facts_of(person) for person in both],
        records=records_of(session, list(pair.ids)),
        problems=merge_problems(session, *pair.ids),
    )


@blueprint.post(f"{PAIR}/merge")
@access(Role.COORDINATOR, scope=pair_coordinated)
def merge() -> Response:
    """Merge them into the one that was chosen."""
    one, other = scoped(PeoplePair).ids
    kept, merged = (other, one) if request.form.get("keep") == str(other) else (one, other)
    with web.writing() as session:
        merge_people(session, _actor(), kept, merged, request.form.get("reason", ""), web.now())
    flash(_("The two are one person now. You can undo it below."), "success")
    return redirect(url_for("duplicates.show"))


@blueprint.post(f"{PAIR}/apart")
@access(Role.COORDINATOR, scope=pair_coordinated)
def apart() -> Response:
    """Say that they are two people."""
    one, other = scoped(PeoplePair).ids
    with web.writing() as session:
        tell_apart(session, _actor(), one, other, web.now())
    flash(_("They stay two people and are not listed again."), "success")
    return redirect(url_for("duplicates.show"))


@blueprint.post("/merges/<int:merge_id>/undo")
@access(Role.COORDINATOR, scope=merge_coordinated)
def undo() -> Response:
    """Part two persons again."""
    merge_id = scoped(PersonMerge).id
    with web.writing() as session:
        found = session.get_one(PersonMerge, merge_id, with_for_update=True)
        undo_merge(session, _actor(), found, request.form.get("reason", ""), web.now())
    flash(_("The merge was undone: they are two people as before."), "success")
    return redirect(url_for("duplicates.show"))
