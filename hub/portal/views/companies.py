"""Companies: the list, making and correcting one, and the capstone teams that work for it."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.portal import web
from hub.portal.access import access, scoped
from hub.portal.access_scopes import company_known
from hub.portal.errors import ConflictError, DomainError, InvalidError
from hub.portal.i18n import in_language
from hub.portal.models import Company, CompanySize, Role
from hub.portal.services.audit import Actor
from hub.portal.services.programme import companies as service
from hub.portal.services.programme.companies import CompanyForm
from hub.portal.services.programme.regions import REGIONS

blueprint = Blueprint("companies", __name__, url_prefix="/programme/companies")

ONE = "/<int:company_id>"


def _actor() -> Actor:
    return Actor(g.visitor.subject, g.visitor.person_id, request.remote_addr)


@blueprint.get("")
@access(Role.COORDINATOR)
def show() -> Response:
    """List companies, 50 a page, searched by name or number."""
    page = max(1, request.args.get("page", 1, type=int))
    search, supported = request.args.get("q", "").strip()[:100], request.args.get("supported") == "yes"
    total, lines = service.list_companies(web.reading(), search, supported, page)
    pages = max(1, -(-total // service.PAGE_ROWS))
    return web.page(
        "companies.html", lines=lines, total=total, page=page, pages=pages, search=search, supported=supported
    )


@blueprint.get("/new")
@access(Role.COORDINATOR)
def new() -> Response:
    """Show the empty form."""
    return _form_page(None, CompanyForm(), None)


@blueprint.post("/new")
@access(Role.COORDINATOR)
def create() -> Response:
    """Make a company, or show the form again with what is wrong."""
    return _save(None)


@blueprint.get(ONE)
@access(Role.COORDINATOR, scope=company_known)
def edit() -> Response:
    """Show a company's form and its teams."""
    found = scoped(Company)
    form = CompanyForm(
        found.name, found.business_number or "", found.size or "", found.region or "", found.is_supported
    )
    return _form_page(found, form, None)


@blueprint.post(ONE)
@access(Role.COORDINATOR, scope=company_known)
def update() -> Response:
    """Correct a company, or show the form again with what is wrong."""
    return _save(scoped(Company).id)


def _save(company_id: int | None) -> Response:
    sent = request.form
    form = CompanyForm(
        sent.get("name", "")[:300],
        sent.get("business_number", "")[:40],
        sent.get("size", ""),
        sent.get("region", ""),
        sent.get("supported") == "yes",
    )
    try:
        with web.writing() as session:
            known = None if company_id is None else session.get_one(Company, company_id)
            saved = service.save_company(session, _actor(), known, form, web.now()).id
    except (InvalidError, ConflictError) as error:
        return _form_page(None if company_id is None else web.reading().get_one(Company, company_id), form, error)
    flash(_("The company was saved."), "success")
    return redirect(url_for("companies.edit", company_id=saved))


def _form_page(company: Company | None, form: CompanyForm, problem: DomainError | None) -> Response:
    session = web.reading()
    answer = web.page(
        "company.html",
        company=company,
        form=form,
        problem=None if problem is None else in_language(problem),
        field=None if problem is None else (problem.details or {"field": "business_number"})["field"],
        sizes=list(CompanySize),
        regions=REGIONS,
        teams=[] if company is None else service.teams_of(session, company),
        free_teams=[] if company is None else service.free_teams(session, g.visitor.person_id),
    )
    answer.status_code = 422 if problem else 200
    return answer


@blueprint.post(f"{ONE}/teams")
@access(Role.COORDINATOR, scope=company_known)
def tie() -> Response:
    """Have a capstone team work for the company."""
    company_id = scoped(Company).id
    with web.writing() as session:
        team_id = request.form.get("team", 0, type=int)
        service.tie_team(session, _actor(), session.get_one(Company, company_id), team_id, web.now())
    flash(_("The team works for this company now."), "success")
    return redirect(url_for("companies.edit", company_id=company_id))


@blueprint.post(f"{ONE}/teams/<int:team_id>/end")
@access(Role.COORDINATOR, scope=company_known)
def untie(team_id: int) -> Response:
    """End that."""
    company_id = scoped(Company).id
    with web.writing() as session:
        service.untie_team(session, _actor(), session.get_one(Company, company_id), team_id, web.now())
    flash(_("The team no longer works for this company."), "success")
    return redirect(url_for("companies.edit", company_id=company_id))
