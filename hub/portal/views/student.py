"""The student's pages: home, courses, assignments."""

from __future__ import annotations

from urllib.parse import urljoin

from flask import Blueprint, g
from werkzeug.wrappers import Response

from hub.portal import web
from hub.portal.access import access, scoped
from hub.portal.access_scopes import assignment_taken, course_taken
from hub.portal.models import Assignment, Attempt, Course, Role
from hub.portal.services.adjustments import own_adjustment
from hub.portal.services.attempts import own_attempts
from hub.portal.services.extensions import own_extensions
from hub.portal.services.report_overview import report_overview
from hub.portal.services.student_overview import student_overview
from hub.portal.services.teams import members_of_own_team
from hub.portal.services.watching import seconds_until_next_look, stamp_of_person

blueprint = Blueprint("student", __name__)


def notebook_url() -> str:
    """Return where the hub starts the visitor's notebook server and opens JupyterLab."""
    return urljoin(web.settings().hub_url, "hub/user-redirect/lab")


@blueprint.get("/learn")
@access(Role.STUDENT)
def home() -> Response:
    """Answer: what is due, did it arrive, what did I get, what is missing for my certificate?"""
    stamp = stamp_of_person(web.reading(), g.visitor.person_id, web.now())
    if (seen := web.unchanged(stamp)) is not None:
        return seen
    overview = student_overview(web.reading(), g.visitor.person_id, web.now())
    return web.page("student_home.html", stamp=stamp, overview=overview, notebook_url=notebook_url())


@blueprint.get("/courses")
@access(Role.STUDENT)
def courses() -> Response:
    """List the courses that the visitor takes."""
    overview = student_overview(web.reading(), g.visitor.person_id, web.now())
    return web.page("student_courses.html", overview=overview)


@blueprint.get("/courses/<course>")
@access(Role.STUDENT, scope=course_taken)
def course() -> Response:
    """Show the assignments of one course."""
    found = scoped(Course)
    overview = student_overview(web.reading(), g.visitor.person_id, web.now())
    works = [work for work in overview.works if work.course.id == found.id]
    return web.page("student_course.html", course=found, works=works, notebook_url=notebook_url())


@blueprint.get("/courses/<course>/assignments/<assignment>")
@access(Role.STUDENT, scope=assignment_taken)
def assignment() -> Response:
    """Show one assignment: when it is due, every attempt with its receipt, and the newest result."""
    found = scoped(Assignment)
    session = web.reading()
    stamp = stamp_of_person(session, g.visitor.person_id, web.now(), found.id)
    if (seen := web.unchanged(stamp)) is not None:
        return seen
    overview = student_overview(session, g.visitor.person_id, web.now())
    work = next((each for each in overview.works if each.assignment.id == found.id), None)
    attempts = own_attempts(session, g.visitor.person_id, found.id, web.now())
    reported = next((attempt for attempt in attempts if attempt.request_digest), None)
    row = session.get_one(Attempt, reported.attempt_id) if reported else None
    report = report_overview(session, row, web.now(), is_staff=False) if row else None
    return web.page(
        "assignment.html",
        stamp=stamp,
        next_look=seconds_until_next_look(attempts[0].queue_position if attempts else None),
        course=found.course,
        assignment=found,
        work=work,
        attempts=attempts,
        report=report,
        reported=reported,
        extensions=own_extensions(session, g.visitor.person_id, found.id),
        adjustment=own_adjustment(session, g.visitor.person_id, found.id),
        team=members_of_own_team(session, g.visitor.person_id, found.id) if found.is_team_work else None,
        notebook_url=notebook_url(),
    )
