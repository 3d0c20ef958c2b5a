"""Calls that read: courses, assignments, receipts, files, feedback."""

from __future__ import annotations

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from graders.exchange import wire
from graders.feedback import FeedbackOptions, feedback_files
from graders.files import FileSet
from hub.portal import web
from hub.portal.api import answers
from hub.portal.api.context import context, require_person
from hub.portal.disclosure import note_shown
from hub.portal.errors import ConflictError, not_found
from hub.portal.models import Assignment, Attempt
from hub.portal.services.access import courses_of, get_assignment, get_attempt, get_course
from hub.portal.services.attempt_owners import owns
from hub.portal.services.attempts import own_attempts, view_attempt
from hub.portal.services.audit import Actor
from hub.portal.services.coursework import list_coursework
from hub.portal.services.file_sets import load_file_set
from hub.portal.services.receipts import read_receipt_id
from hub.portal.services.releases import Fetch, fetch_release
from hub.portal.services.report_overview import ReportOverview, report_overview
from hub.portal.services.teams import members_of_own_team
from hub.portal.services.watching import stamp_of_attempt, stamp_of_person
from hub.portal.services.workbench.mark_points import feedback_marks


def list_courses() -> Response:
    """Courses in which the bearer has a role."""
    actor = require_person()
    found = courses_of(web.reading(), actor.person_id or 0)
    courses = tuple(
        wire.Course(slug=course.slug, title_ko=course.title_ko, title_en=course.title_en, role=role.value)
        for course, role in found
    )
    return answers.answer(answers.CourseList(courses=courses))


def list_assignments(course: str) -> Response:
    """Published assignments of a course with the bearer's own attempts."""
    actor = require_person()
    session = web.reading()
    found = get_course(session, actor.person_id or 0, course)
    stamp = stamp_of_person(session, actor.person_id or 0, web.now())
    if (seen := answers.unchanged(stamp)) is not None:
        return seen
    listed = []
    for work in list_coursework(session, actor.person_id or 0, found, web.now()):
        facts: dict[str, Any] = {
            "slug": work.assignment.slug,
            "title_ko": work.assignment.title_ko,
            "title_en": work.assignment.title_en,
            "status": work.status,
            "version": work.version.number,
            "due_at": work.deadline.due_at,
            "closes_at": work.deadline.closes_at,
            "points": work.version.max_score,
            "manual_points": work.version.manual_max_score,
            "is_team_work": work.assignment.is_team_work,
            "team": _team(session, actor.person_id or 0, work.assignment),
            "attempts": answers.make_receipts(session, work.attempts),
        }
        listed.append(wire.Assignment(**facts))
    return answers.answer(answers.AssignmentList(assignments=tuple(listed)), stamp=stamp)


def _team(session: Session, person_id: int, assignment: Assignment) -> wire.TeamWork | None:
    found = members_of_own_team(session, person_id, assignment.id) if assignment.is_team_work else None
    if found is None:
        return None
    name, members = found
    return wire.TeamWork(name=name, members=tuple(member.name for member in members))


def release(course: str, assignment: str) -> Response:
    """Files to work on, with the bearer's own seed; the fetch is written down."""
    actor = require_person()
    fetch = Fetch(actor.person_id or 0, course, assignment, web.now())
    with web.writing() as session:
        fetched = fetch_release(session, fetch, context().terms.keys)
        number = fetched.version.number
    files = _wire_files(fetched.files)
    return answers.answer(wire.Release(course=course, assignment=assignment, version=number, files=files))


def list_attempts(course: str, assignment: str) -> Response:
    """The bearer's receipts, newest first."""
    actor = require_person()
    session = web.reading()
    found = get_assignment(session, actor.person_id or 0, course, assignment)
    views = own_attempts(session, actor.person_id or 0, found.id, web.now())
    return answers.answer(answers.ReceiptList(attempts=answers.make_receipts(session, views)))


def receipt(receipt_id: str) -> Response:
    """A receipt with its present status."""
    actor = require_person()
    attempt = _find(actor, receipt_id)
    session = web.reading()
    stamp = stamp_of_attempt(session, actor.person_id or 0, attempt, web.now())
    if (seen := answers.unchanged(stamp)) is not None:
        return seen
    view = view_attempt(session, attempt, actor.person_id or 0, web.now())
    return answers.answer(answers.make_receipts(session, [view])[0], stamp=stamp)


def received(receipt_id: str) -> Response:
    """The files as they were received."""
    attempt = _find(require_person(), receipt_id)
    files = load_file_set(web.reading(), attempt.submission_digest)
    return answers.answer(answers.FileList(files=_wire_files(files)))


def feedback(receipt_id: str) -> Response:
    """Feedback as HTML pages; what hidden tests found waits for the assignment's policy."""
    actor = require_person()
    attempt = _find(actor, receipt_id)
    is_staff = not owns(web.reading(), actor.person_id or 0, attempt)
    overview = report_overview(web.reading(), attempt, web.now(), is_staff=is_staff)
    if overview is None:
        raise ConflictError("not_graded_yet", "아직 채점이 끝나지 않았습니다.", "Grading has not finished yet.")
    marks = feedback_marks(web.reading(), attempt) if overview.shows_hidden else {}  # people's words open with the rest
    options = FeedbackOptions(title=attempt.assignment.title_ko, marks=marks)
    return answers.answer(answers.FileList(files=_wire_files(feedback_files(visible_report(overview), options))))


def visible_report(overview: ReportOverview) -> Any:
    """Return the report without what its reader may not see yet: hidden cells, and notebooks that show them."""
    if not overview.holds_back:
        return overview.report
    cells = tuple(cell for cell in overview.report.cells if overview.is_shown(cell))
    return overview.report.model_copy(update={"cells": cells, "notebooks": ()})


def _find(actor: Actor, receipt_id: str) -> Attempt:
    """Return an attempt that the bearer may see; a look at somebody else's goes into the audit log with the answer."""
    readable = read_receipt_id(receipt_id)
    if readable is None:
        raise not_found()
    attempt = get_attempt(web.reading(), actor.person_id or 0, readable)
    note_shown(attempt)
    return attempt


def _wire_files(files: FileSet) -> tuple[wire.WireFile, ...]:
    return tuple(wire.WireFile(path=path, content=data) for path, data in files.files.items())
