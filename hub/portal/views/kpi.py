"""The goal number's evidence and its closed counts: who is counted, month-end snapshots and corrections beside them."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from hub.portal import web
from hub.portal.access import access, scoped
from hub.portal.access_scopes import programme_known, programme_whole, snapshot_known, snapshot_whole
from hub.portal.models import KpiSnapshot, Programme, Role, Track
from hub.portal.services.audit import Actor
from hub.portal.services.programme.kpi import programmes, scope_of
from hub.portal.services.programme.kpi_evidence import Counted, Filter, counted_people
from hub.portal.services.programme.kpi_people import Scope
from hub.portal.services.programme.progress_cache import progress_now
from hub.portal.services.programme.snapshot_adjustments import Cause, Correction, adjust
from hub.portal.services.programme.snapshot_views import closing_days, snapshot_lines, snapshot_view
from hub.portal.services.programme.snapshots import take_snapshot, today_in_seoul
from hub.portal.views.kpi_charts import charts_of, template_words

blueprint = Blueprint("kpi", __name__, url_prefix="/programme/progress/<programme>")

BREAKDOWN_WORDS = {
    "university": _l("University"),
    "company": _l("Company"),
    "region": _l("Region"),
    "track": _l("Track"),
}
TRACKS = {
    Track.STUDENT: _l("University student"),
    Track.EMPLOYEE: _l("Employee"),
    Track.JOB_SEEKER: _l("Job seeker"),
    Track.CEO: _l("Company head"),
}
CAUSES = {
    Cause.REVOKED: _l("the completion was taken back since"),
    Cause.MERGED: _l("found to be the same person as somebody else counted"),
    Cause.MISSING: _l("a completion of that time that was not counted"),
}


def words() -> dict[str, Any]:
    """Return the words that templates about figures use."""
    return {"breakdown_words": BREAKDOWN_WORDS, "track_names": TRACKS, "cause_words": CAUSES, **template_words()}


def overview_page() -> Response:
    """Answer: how many of the goal, will we make it, where are the others?"""
    session = web.reading()
    found = programmes(session)
    if not found:
        return web.page("no_programme.html")
    wanted = request.args.get("programme", "")
    programme = next((each for each in found if each.slug == wanted), found[0])
    progress = progress_now(session, scope_of(session, g.visitor.person_id, programme, web.now()))
    charts = charts_of(progress, today_in_seoul(web.now()))
    return web.page("programme.html", programme=programme, progress=progress, charts=charts, **words())


def _scope(programme: Programme) -> Scope:
    return scope_of(web.reading(), g.visitor.person_id, programme, web.now())


def _actor() -> Actor:
    return Actor(g.visitor.subject, g.visitor.person_id, request.remote_addr)


@blueprint.get("/people")
@access(Role.COORDINATOR, scope=programme_known)
def people() -> Response:
    """List who stands behind a number, names masked."""
    programme = scoped(Programme)
    wanted = Filter(request.args.get("by", "")[:20], request.args.get("key", "")[:80])
    listing = counted_people(web.reading(), _scope(programme), wanted, request.args.get("page", 1, type=int))
    return web.page(
        "kpi_people.html",
        programme=programme,
        listing=listing,
        wanted=wanted,
        page_address=lambda number: url_for(
            "kpi.people", programme=programme.slug, by=wanted.by or None, key=wanted.key or None, page=number
        ),
        decision_address=_decision_address,
        **words(),
    )


def _decision_address(row: Counted) -> str:
    """Return where the decision that counts can be looked at."""
    return url_for("completion.person", cohort=row.cohort.slug, enrolment_id=row.enrolment_id)


@blueprint.get("/closings")
@access(Role.COORDINATOR, scope=programme_known)
def snapshots() -> Response:
    """List the closed counts."""
    programme = scoped(Programme)
    scope = _scope(programme)
    return web.page(
        "kpi_snapshots.html",
        programme=programme,
        is_whole=scope.universities is None,
        lines=snapshot_lines(web.reading(), scope),
        days=closing_days(web.reading(), programme, web.now()),
    )


@blueprint.post("/closings")
@access(Role.COORDINATOR, scope=programme_whole)
def close() -> Response:
    """Close a month by hand."""
    programme_id, slug = scoped(Programme).id, scoped(Programme).slug
    day = _day(request.form.get("closing_date", ""))
    with web.writing() as session:
        take_snapshot(session, _actor(), session.get_one(Programme, programme_id), day, web.now())
    flash(_("The count was closed. It never changes from now on."), "success")
    return redirect(url_for("kpi.snapshot", programme=slug, closing_date=day.isoformat()))


def _day(text: str) -> date:
    """Return the date that a form sent; one that is none lies before any programme and is refused as such."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min


@blueprint.get("/closings/<closing_date>")
@access(Role.COORDINATOR, scope=snapshot_known)
def snapshot() -> Response:
    """Show one closed count, who was counted, and the corrections beside it."""
    found = scoped(KpiSnapshot)
    view = snapshot_view(web.reading(), found, _scope(found.programme))
    return web.page("kpi_snapshot.html", programme=found.programme, view=view, **words())


@blueprint.post("/closings/<closing_date>/corrections")
@access(Role.COORDINATOR, scope=snapshot_whole)
def correct() -> Response:
    """Write a correction beside a closed count."""
    found = scoped(KpiSnapshot)
    snapshot_id, address = found.id, (found.programme.slug, found.closing_date.isoformat())
    wanted = Correction(
        request.form.get("person", 0, type=int),
        request.form.get("change", 0, type=int),
        request.form.get("reason", ""),
    )
    with web.writing() as session:
        adjust(session, _actor(), session.get_one(KpiSnapshot, snapshot_id), wanted, web.now())
    flash(_("The correction was written down beside the closed count."), "success")
    return redirect(url_for("kpi.snapshot", programme=address[0], closing_date=address[1]))
