"""The coordinator's pages of a cohort's completion rules: versions, a form, a preview on the cohort, activation."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.portal import web
from hub.portal.access import access, scoped
from hub.portal.access_scopes import cohort_coordinated
from hub.portal.access_scopes_completion import rules_coordinated
from hub.portal.errors import InvalidError
from hub.portal.i18n import in_language
from hub.portal.models import Cohort, CompletionRule, Role
from hub.portal.services.programme import completion as service
from hub.portal.services.programme.completion_form import (
    FIELDS,
    GROUPS,
    WITH_MINIMUM,
    RulesForm,
    describe,
    fill_form,
    read_rules,
    typed_form,
)
from hub.portal.services.programme.completion_pages import list_rules, preview_rules
from hub.portal.services.programme.completion_rules import DEFAULT_RULES, CompletionRules
from hub.portal.views.completion import acting

blueprint = Blueprint("completion_rules", __name__, url_prefix="/programme/cohorts/<cohort>/completion/rules")

ONE = "/<int:number>"


@blueprint.get("")
@access(Role.COORDINATOR, scope=cohort_coordinated)
def show() -> Response:
    """Show the versions and the form, filled in with the rules in force (or the usual ones)."""
    cohort = scoped(Cohort)
    in_force = service.rules_in_force(web.reading(), cohort.id)
    rules = CompletionRules.model_validate(in_force.rules) if in_force else DEFAULT_RULES
    form = fill_form(rules)
    note = None if form else _("The rules in force are more than this form can show. It starts from the usual ones.")
    return _page(cohort, form or fill_form(DEFAULT_RULES), note=note)


def _page(cohort: Cohort, form: RulesForm | None, problem: str | None = None, note: str | None = None) -> Response:
    session = web.reading()
    in_force = service.rules_in_force(session, cohort.id)
    versions = [
        (row, name, describe(CompletionRules.model_validate(row.rules))) for row, name in list_rules(session, cohort)
    ]
    page = web.page(
        "completion_rules.html",
        cohort=cohort,
        versions=versions,
        in_force=in_force,
        form=form,
        fields=list(FIELDS),
        groups=GROUPS,
        with_minimum=WITH_MINIMUM,
        problem=problem,
        note=note,
    )
    page.status_code = 422 if problem else 200
    return page


@blueprint.post("")
@access(Role.COORDINATOR, scope=cohort_coordinated)
def save() -> Response:
    """Keep a new version and go to what it would mean; what can't be is explained beside what was typed."""
    cohort, form = scoped(Cohort), typed_form(request.form)
    cohort_id, slug = cohort.id, cohort.slug
    try:
        rules = read_rules(form)
    except InvalidError as error:
        return _page(cohort, form, in_language(error))
    with web.writing() as session:
        found = session.get_one(Cohort, cohort_id)
        number = service.save_rules(session, acting(), found, rules, form.note, web.now()).number
    return redirect(url_for("completion_rules.preview", cohort=slug, number=number))


@blueprint.get(ONE)
@access(Role.COORDINATOR, scope=rules_coordinated)
def preview() -> Response:
    """Show what a version would mean for the cohort, beside the rules in force."""
    row = scoped(CompletionRule)
    found = preview_rules(web.reading(), row.cohort, row)
    return web.page("completion_preview.html", cohort=row.cohort, found=found, described=describe(found.rules))


@blueprint.post(f"{ONE}/activate")
@access(Role.COORDINATOR, scope=rules_coordinated)
def activate() -> Response:
    """Let a version decide from now on, as it was looked at."""
    row = scoped(CompletionRule)
    row_id, address = row.id, url_for("completion.show", cohort=row.cohort.slug)
    seen = request.form.get("seen", "")
    with web.writing() as session:
        service.activate_as_seen(session, acting(), session.get_one(CompletionRule, row_id), seen, web.now())
    flash(_("The rules are in force. Decisions that were made before stay as they are."), "success")
    return redirect(address)
