"""My data: everything that is kept about the visitor, to look at, take along and correct, and which mail they want."""

from __future__ import annotations

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.portal import web
from hub.portal.access import access
from hub.portal.errors import ConflictError, DomainError, InvalidError
from hub.portal.i18n import in_language
from hub.portal.models import Person
from hub.portal.services.audit import Actor
from hub.portal.services.mail.kinds import KINDS
from hub.portal.services.people_records import facts_of
from hub.portal.services.privacy import my_data as service
from hub.portal.services.privacy.my_data import Correction

blueprint = Blueprint("my_data", __name__, url_prefix="/account/data")


def _actor() -> Actor:
    return Actor(g.visitor.subject, g.visitor.person_id, request.remote_addr)


@blueprint.get("")
@access()
def show() -> Response:
    """Show one's own data, the form to correct it, and who looked at it."""
    facts = facts_of(web.reading().get_one(Person, g.visitor.person_id), masked=False)
    return _page(Correction(facts.name, facts.phone or "", facts.email or ""), None)


def _page(form: Correction, problem: DomainError | None) -> Response:
    session, person_id = web.reading(), g.visitor.person_id
    person = session.get_one(Person, person_id)
    answer = web.page(
        "my_data.html",
        person=person,
        form=form,
        problem=None if problem is None else in_language(problem),
        field=None if problem is None else (problem.details or {}).get("field"),
        kinds=[kind for kind in KINDS.values() if kind.may_be_declined],
        refused=service.refused_kinds(session, person_id),
        looks=service.looks_at(session, person_id),
    )
    answer.status_code = 422 if problem else 200
    return answer


@blueprint.post("")
@access()
def correct() -> Response:
    """Correct one's name, phone and e-mail, or show the form again with what was typed."""
    form = Correction(*(request.form.get(name, "")[:300] for name in ("name", "phone", "email")))
    try:
        with web.writing() as session:
            person = session.get_one(Person, g.visitor.person_id, with_for_update=True)
            service.correct(session, _actor(), person, form, web.now())
    except (InvalidError, ConflictError) as error:
        return _page(form, error)
    flash(_("Your data was saved."), "success")
    return redirect(url_for("my_data.show"))


@blueprint.post("/mail")
@access()
def choose_mail() -> Response:
    """Keep which mail one wants."""
    with web.writing() as session:
        service.choose_mail(session, _actor(), g.visitor.person_id, request.form.getlist("kind"), web.now())
    flash(_("Your choice of mail was saved."), "success")
    return redirect(url_for("my_data.show"))


@blueprint.get("/my-data.json")
@access()
def as_json() -> Response:
    """Give everything as a file for programs."""
    answer = jsonify(service.all_data(web.reading(), web.reading().get_one(Person, g.visitor.person_id)))
    return _as_file(answer, "json")


@blueprint.get("/my-data.html")
@access()
def as_page() -> Response:
    """Give everything as a file for reading."""
    data = service.all_data(web.reading(), web.reading().get_one(Person, g.visitor.person_id))
    answer = Response(render_template("my_data_file.html", data=data, made_at=web.now()), mimetype="text/html")
    return _as_file(answer, "html")


def _as_file(answer: Response, ending: str) -> Response:
    answer.headers.set("Content-Disposition", "attachment", filename=f"my-data.{ending}")
    return answer
