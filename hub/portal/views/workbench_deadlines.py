"""The instructor's page of deadlines: propose a rule for a cohort, see what each student would get, put it in force."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from pydantic import ValidationError
from werkzeug.wrappers import Response

from hub.portal import web
from hub.portal.access import access, scoped
from hub.portal.access_scopes import assignment_taught
from hub.portal.errors import InvalidError, not_found
from hub.portal.models import Assignment, Cohort, Role
from hub.portal.services.audit import Actor
from hub.portal.services.deadline_simulation import Row, simulate
from hub.portal.services.deadlines import Deadline, LateKind, LatePolicy
from hub.portal.services.timetable import KST, rules_of_assignment
from hub.portal.services.workbench.deadline_setting import check_deadline, cohorts_taught, set_deadline
from hub.portal.views.extensions import read_moment

blueprint = Blueprint("deadlines", __name__, url_prefix="/teach")

PAGE = "/<course>/<assignment>/deadlines"


def read_deadline(form: Any) -> Deadline:
    """Return the rule that a form proposes, Korean times; InvalidError says what can't be."""
    try:
        late = LatePolicy(
            kind=LateKind(form.get("late", "none")),
            percent_per_day=form.get("percent", "") or 10,
            cap_percent=form.get("cap", "") or 100,
        )
        grace = timedelta(minutes=int(form.get("grace", "") or 0))
    except (ValueError, ValidationError, OverflowError) as error:
        raise InvalidError("late_policy", "감점과 유예를 숫자로 써 주십시오.", "Please give numbers.") from error
    wanted = Deadline(
        opens_at=read_moment(form.get("opens_at", "")),
        due_at=read_moment(form.get("due_at", "")),
        closes_at=read_moment(form.get("closes_at", "")),
        grace=grace,
        late=late,
    )
    check_deadline(wanted)
    return wanted


def _chosen(assignment: Assignment) -> tuple[list[Cohort], Cohort | None]:
    cohorts = cohorts_taught(web.reading(), g.visitor.person_id, assignment.course_id)
    wanted = request.values.get("cohort", type=int)
    if wanted is None:
        return cohorts, cohorts[0] if cohorts else None
    found = next((cohort for cohort in cohorts if cohort.id == wanted), None)
    if found is None:
        raise not_found()
    return cohorts, found


@blueprint.get(PAGE)
@access(Role.INSTRUCTOR, scope=assignment_taught)
def show() -> Response:
    """Show the rule of a cohort; with a proposal in the address, what it would change for whom."""
    found, session = scoped(Assignment), web.reading()
    cohorts, cohort = _chosen(found)
    in_force = {each.id: deadline for each, deadline in rules_of_assignment(session, found.id)}
    current = in_force.get(cohort.id, Deadline()) if cohort is not None else Deadline()
    is_proposal = "due_at" in request.args and cohort is not None
    proposed = read_deadline(request.args) if is_proposal else current
    rows: list[Row] = []
    if is_proposal and cohort is not None:
        rows = simulate(session, g.visitor.person_id, found, cohort.id, proposed)
    return web.page(
        "deadlines.html",
        course=found.course,
        assignment=found,
        cohorts=cohorts,
        cohort=cohort,
        current=current,
        proposed=proposed,
        rows=[row for row in rows if row.changes],
        unchanged=sum(not row.changes for row in rows),
        is_proposal=is_proposal,
        typed=lambda at: at.astimezone(KST).strftime("%Y-%m-%dT%H:%M") if at else "",
    )


@blueprint.post(PAGE)
@access(Role.INSTRUCTOR, scope=assignment_taught)
def put_in_force() -> Response:
    """Put a rule in force; every grade that it touches follows at once."""
    found = scoped(Assignment)
    _cohorts, cohort = _chosen(found)
    if cohort is None:
        raise not_found()
    wanted, cohort_id = read_deadline(request.form), cohort.id
    back = url_for("deadlines.show", course=found.course.slug, assignment=found.slug, cohort=cohort_id)
    actor = Actor(g.visitor.subject, g.visitor.person_id, request.remote_addr)
    with web.writing() as session:
        set_deadline(session, actor, session.get_one(Assignment, found.id), cohort_id, wanted, web.now())
    flash(_("The deadline is in force. Grades have been worked out anew."), "success")
    return redirect(back)
