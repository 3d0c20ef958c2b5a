"""Certificates: the coordinator's register of a cohort, a student's own papers, and the check that anybody may make."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, request, url_for
from flask_babel import gettext as _
from pydantic import ValidationError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.portal import web
from hub.portal.access import access, public, scoped
from hub.portal.access_scopes import cohort_coordinated
from hub.portal.certificate_scopes import certificate_coordinated, certificate_own
from hub.portal.errors import not_found
from hub.portal.models import Certificate, Cohort, Enrolment, JobState, Role
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.certificates import issuing, overview, register
from hub.portal.services.certificates import terms as terms_service
from hub.portal.services.certificates.codes import group_code, read_code
from hub.portal.services.certificates.content import MAX_ISSUERS, Named, Terms
from hub.portal.services.certificates.overview import Line
from hub.portal.services.certificates.paper import render
from hub.portal.services.jobs import cancel_job

blueprint = Blueprint("certificates", __name__)

COHORT = "/programme/cohorts/<cohort>/certificates"
ONE = f"{COHORT}/<int:certificate_id>"
#: The public check answers this often to one address: reading a class's papers one after the other is possible.
CHECK_RATE = "20 per minute"


def throttled_views() -> tuple[str, ...]:
    """Return the endpoints at which somebody could try codes."""
    return ("certificates.check", "certificates.ask")


def _actor() -> Actor:
    return Actor(g.visitor.subject, g.visitor.person_id, request.remote_addr)


def _office() -> register.Office:
    return register.Office(_actor(), web.settings().portal_url)


@blueprint.get(COHORT)
@access(Role.COORDINATOR, scope=cohort_coordinated)
def show() -> Response:
    """Show who waits for a certificate, and the cohort's part of the register."""
    return _page(scoped(Cohort))


def _page(cohort: Cohort, terms: dict[str, Any] | None = None, problem: str | None = None) -> Response:
    session = web.reading()
    page = web.page(
        "certificates.html",
        cohort=cohort,
        waiting=overview.list_waiting(session, cohort),
        lines=overview.lines_of(session, cohort),
        job=issuing.newest_issuing(session, cohort),
        running=(JobState.QUEUED, JobState.RUNNING),
        terms=terms or _form_of(terms_service.terms_of(session, cohort)),
        are_set=terms_service.are_set(session, cohort.id),
        used_series=terms_service.used_series(session, cohort.programme_id),
        max_issuers=MAX_ISSUERS,
        problem=problem,
    )
    page.status_code = 422 if problem else 200
    return page


def _form_of(terms: Terms) -> dict[str, Any]:
    """The fields of the form as texts; issuers one a line, both languages parted by a slash."""
    return {
        "series": terms.series,
        "course_ko": terms.course.ko,
        "course_en": terms.course.en,
        "hours": "" if terms.hours is None else f"{terms.hours.normalize():f}",
        "issuers": "\n".join(f"{issuer.ko} / {issuer.en}" for issuer in terms.issuers),
        "birth_date": terms.has_birth_date,
    }


def _issuers_of(text: str) -> Iterator[Named]:
    for line in text.splitlines():
        korean, _slash, english = (part.strip() for part in line.partition("/"))
        if korean:
            yield Named(ko=korean, en=english or korean)


def _terms_of(form: dict[str, Any]) -> Terms:
    """Read the form; ValueError with words for the person where it can't be used."""
    try:
        hours = Decimal(form["hours"]) if form["hours"] else None
    except InvalidOperation as error:
        raise ValueError(_("Hours must be a number, for example 160 or 39.5.")) from error
    try:
        return Terms(
            series=form["series"].strip().upper(),
            course=Named(ko=form["course_ko"], en=form["course_en"]),
            hours=hours,
            issuers=tuple(_issuers_of(form["issuers"])),
            has_birth_date=form["birth_date"],
        )
    except ValidationError as error:
        raise ValueError(
            _("Please check the words: 2 to 6 letters for the number, both course names, 1 to 5 issuers.")
        ) from error


@blueprint.post(f"{COHORT}/terms")
@access(Role.COORDINATOR, scope=cohort_coordinated)
def set_terms() -> Response:
    """Set what the cohort's certificates say; what can't be used is explained on the same page, nothing is lost."""
    cohort = scoped(Cohort)
    names = ("series", "course_ko", "course_en", "hours", "issuers")
    form: dict[str, Any] = {name: request.form.get(name, "").strip() for name in names}
    form["birth_date"] = bool(request.form.get("birth_date"))
    try:
        terms = _terms_of(form)
    except ValueError as error:
        return _page(cohort, form, str(error))
    number, slug = cohort.id, cohort.slug
    with web.writing() as session:
        terms_service.save_terms(session, _actor(), session.get_one(Cohort, number), terms, web.now())
    flash(_("Saved. Certificates that are issued from now on say this."), "success")
    return redirect(url_for("certificates.show", cohort=slug))


@blueprint.post(f"{COHORT}/issue")
@access(Role.COORDINATOR, scope=cohort_coordinated)
def issue() -> Response:
    """Issue one certificate now, or ask for those of the whole cohort."""
    cohort = scoped(Cohort)
    number, slug = cohort.id, cohort.slug
    chosen = request.form.get("enrolment", type=int)
    with web.writing() as session:
        row = session.get_one(Cohort, number)
        if chosen is None:
            issuing.ask_issuing(session, _office(), row, web.now())
        else:
            _issue_one(session, chosen, row)
    flash(_("The certificate was issued.") if chosen else _("Certificates are being issued."), "success")
    return redirect(url_for("certificates.show", cohort=slug))


def _issue_one(session: Session, enrolment_id: int, cohort: Cohort) -> None:
    enrolment = session.get(Enrolment, enrolment_id)
    if enrolment is None or enrolment.cohort_id != cohort.id:
        raise not_found()
    register.issue(session, _office(), enrolment, web.now())


@blueprint.post(f"{COHORT}/stop")
@access(Role.COORDINATOR, scope=cohort_coordinated)
def stop() -> Response:
    """Stop issuing; what was issued stays."""
    cohort = scoped(Cohort)
    slug, job = cohort.slug, issuing.newest_issuing(web.reading(), cohort)
    number = None if job is None else job.id
    with web.writing() as session:
        if number is not None:
            cancel_job(session, number, web.now())
    flash(_("Stopped. Certificates that were issued stay."), "success")
    return redirect(url_for("certificates.show", cohort=slug))


@blueprint.get(f"{ONE}/certificate.pdf")
@access(Role.COORDINATOR, scope=certificate_coordinated)
def download() -> Response:
    """Give the newest issue of a certificate."""
    return _pdf(scoped(Certificate), "certificate.downloaded")


@blueprint.post(f"{ONE}/reissue")
@access(Role.COORDINATOR, scope=certificate_coordinated)
def reissue() -> Response:
    """Issue a certificate again under its number."""
    found, reason = scoped(Certificate), request.form.get("reason", "")
    number, slug = found.id, found.enrolment.cohort.slug
    with web.writing() as session:
        register.reissue(session, _office(), session.get_one(Certificate, number), reason, web.now())
    flash(_("The certificate was issued again under the same number."), "success")
    return redirect(url_for("certificates.show", cohort=slug))


@blueprint.post(f"{ONE}/revoke")
@access(Role.COORDINATOR, scope=certificate_coordinated)
def revoke() -> Response:
    """Take a certificate back."""
    found, reason = scoped(Certificate), request.form.get("reason", "")
    number, slug = found.id, found.enrolment.cohort.slug
    with web.writing() as session:
        register.revoke(session, _actor(), session.get_one(Certificate, number), reason, web.now())
    flash(_("The certificate was revoked. The public check says so from now on."), "success")
    return redirect(url_for("certificates.show", cohort=slug))


@blueprint.get("/learn/certificates")
@access(Role.STUDENT)
def mine() -> Response:
    """Show a student's own certificates."""
    return web.page("my_certificates.html", lines=overview.own_lines(web.reading(), g.visitor.person_id))


@blueprint.get("/learn/certificates/<int:certificate_id>/certificate.pdf")
@access(Role.STUDENT, scope=certificate_own)
def download_own() -> Response:
    """Give a student's own certificate while it is worth something."""
    return _pdf(scoped(Line).certificate, "certificate.downloaded")


def _pdf(certificate: Certificate, action: str) -> Response:
    content = register.newest_content(web.reading(), certificate.id)
    subject = Subject("certificate", certificate.serial, certificate.person_id, certificate.university_id)
    with web.writing() as session:
        detail = {"issue_number": content.issue_number}
        record(session, _actor(), Deed(action, subject, detail), web.now())
    answer = make_response(render([content]))
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers.set("Content-Disposition", "attachment", filename=f"certificate-{content.code[:8]}.pdf")
    return answer


@blueprint.get("/certificates")
@public
def ask() -> Response:
    """Ask for the code of a certificate, or go to what was typed."""
    typed = request.args.get("code", "")
    if typed:
        return redirect(url_for("certificates.check", code=(read_code(typed) or typed[:40]).replace("/", "-")))
    return web.page("certificate_check.html", found=None, typed=None, group_code=group_code)


@blueprint.get("/certificates/<code>")
@public
def check(code: str) -> Response:
    """Say whether a code stands for a valid certificate; an unknown one tells nothing else."""
    found = overview.check_code(web.reading(), code)
    page = web.page("certificate_check.html", found=found, typed=code[:40], group_code=group_code)
    page.headers["X-Robots-Tag"] = "noindex"
    page.status_code = 200 if found else 404
    return page
