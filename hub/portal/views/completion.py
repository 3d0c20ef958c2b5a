"""The coordinator's completion pages: what rules propose, decisions that persons confirm, each trainee's history."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.portal import web
from hub.portal.access import access, scoped
from hub.portal.access_scopes import cohort_coordinated
from hub.portal.access_scopes_completion import enrolment_coordinated
from hub.portal.errors import InvalidError
from hub.portal.i18n import in_language
from hub.portal.models import Cohort, DecisionKind, Enrolment, EnrolmentState, Role
from hub.portal.services.audit import Actor
from hub.portal.services.programme import completion as service
from hub.portal.services.programme.completion_entry import ATTENDANCE, COLUMNS, read_facts
from hub.portal.services.programme.completion_form import describe
from hub.portal.services.programme.completion_pages import SHOWS, read_proposals, read_trainee
from hub.portal.services.programme.completion_rules import Facts

blueprint = Blueprint("completion", __name__, url_prefix="/programme/cohorts/<cohort>/completion")

ONE = "/people/<int:enrolment_id>"
#: Fields of the form that enters facts: the columns of a file without those that say whose they are.
FIELDS = tuple(column for column in COLUMNS[3:] if column.key not in ("has_survey", "has_capstone"))


def acting() -> Actor:
    """Return who acts, for the log."""
    return Actor(g.visitor.subject, g.visitor.person_id, request.remote_addr)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


@blueprint.get("")
@access(Role.COORDINATOR, scope=cohort_coordinated)
def show() -> Response:
    """Show what the rules in force propose, those who are still to be decided first."""
    cohort = scoped(Cohort)
    wanted = request.args.get("show", "")
    chosen = wanted if wanted in SHOWS else SHOWS[0]
    found = read_proposals(web.reading(), cohort, chosen, _number(request.args.get("page", "1")))
    described = describe(found.rules) if found.rules else []
    return web.page("completion.html", cohort=cohort, found=found, shows=SHOWS, described=described)


@blueprint.post("")
@access(Role.COORDINATOR, scope=cohort_coordinated)
def confirm() -> Response:
    """Confirm what was looked at for those who were chosen."""
    cohort = scoped(Cohort)
    cohort_id, address = cohort.id, url_for("completion.show", cohort=cohort.slug)
    chosen = {_number(text) for text in request.form.getlist("enrolment")}
    if not chosen:
        raise InvalidError("nobody", "확정할 사람을 고르십시오.", "Please choose whom to confirm.")
    seen = request.form.get("seen", "")
    with web.writing() as session:
        found = session.get_one(Cohort, cohort_id)
        made = service.confirm(session, acting(), found, chosen, seen, web.now())
    flash(_("Decisions confirmed: %(count)s.", count=len(made)), "success")
    return redirect(address)


@blueprint.get(ONE)
@access(Role.COORDINATOR, scope=enrolment_coordinated)
def person() -> Response:
    """Show one trainee: findings, what was entered, every decision."""
    return _person_page(scoped(Enrolment), None, {})


def _person_page(enrolment: Enrolment, problem: str | None, typed: dict[str, str]) -> Response:
    found = read_trainee(web.reading(), enrolment)
    page = web.page(
        "completion_person.html",
        cohort=enrolment.cohort,
        found=found,
        fields=FIELDS,
        values=typed or _values(found.facts),
        problem=problem,
    )
    page.status_code = 422 if problem else 200
    return page


def _values(facts: Facts) -> dict[str, str]:
    """Return the fields of the form as texts; empty for what is not known."""
    attendance = facts.attendance.model_dump() if facts.attendance else {}
    values = {key: _plain(attendance.get(key)) for key in ATTENDANCE}
    values["online_progress"] = _plain(facts.online_progress)
    for key in ("has_survey", "has_capstone"):
        values[key] = {True: "yes", False: "no", None: "-"}[getattr(facts, key)]
    return values


def _plain(value: object) -> str:
    text = "" if value is None else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


@blueprint.post(f"{ONE}/facts")
@access(Role.COORDINATOR, scope=enrolment_coordinated)
def enter() -> Response:
    """Enter what is known of one trainee; what was entered before stays in the history."""
    enrolment = scoped(Enrolment)
    number, address = enrolment.id, _address(enrolment)
    typed = {key: request.form.get(key, "").strip() for key in _values(Facts())}
    try:
        facts = read_facts({key: text or "-" for key, text in typed.items()}, Facts())
    except InvalidError as error:
        return _person_page(enrolment, in_language(error), typed)
    with web.writing() as session:
        service.enter_facts(session, acting(), session.get_one(Enrolment, number), facts, web.now())
    flash(_("What you entered was saved."), "success")
    return redirect(address)


@blueprint.post(f"{ONE}/decisions")
@access(Role.COORDINATOR, scope=enrolment_coordinated)
def decide() -> Response:
    """Decide against the proposal, an appeal or a revocation, with a reason."""
    enrolment = scoped(Enrolment)
    number, address = enrolment.id, _address(enrolment)
    verdict = _verdict(enrolment.state)
    with web.writing() as session:
        service.decide_anew(session, acting(), session.get_one(Enrolment, number), verdict, web.now())
    flash(_("The decision was made. It stands in the history with your reason."), "success")
    return redirect(address)


def _verdict(state: EnrolmentState) -> service.Verdict:
    """Return what the form says; which kind of decision it is follows from how things stand."""
    kinds = {EnrolmentState.COMPLETED: DecisionKind.REVOKED, EnrolmentState.NOT_COMPLETED: DecisionKind.APPEAL}
    kind = kinds.get(state, DecisionKind.CONFIRMED)
    wanted = request.form.get("outcome", "")
    if wanted not in [each.value for each in service.COMPLETION]:
        raise InvalidError("outcome", "결정을 고르십시오.", "Please choose the decision.")
    return service.Verdict(kind, EnrolmentState(wanted), request.form.get("reason", "").strip())


def _address(enrolment: Enrolment) -> str:
    """Return the trainee's page; asked for before anything is written, which lets go of what was read."""
    return url_for("completion.person", cohort=enrolment.cohort.slug, enrolment_id=enrolment.id)
