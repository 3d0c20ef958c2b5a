"""A receipt: proof of what arrived and when, the files as received, and what grading said."""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePosixPath

from flask import Blueprint, abort, g, make_response, request
from flask_babel import get_locale
from werkzeug.wrappers import Response

from graders.feedback import FeedbackOptions, make_feedback
from graders.feedback_words import Language
from graders.intake import IntakeLimits
from hub.portal import web
from hub.portal.access import access, scoped
from hub.portal.access_scopes import attempt_visible
from hub.portal.models import Attempt, Role
from hub.portal.security import SANDBOX_POLICY
from hub.portal.services.access import may_teach
from hub.portal.services.attempt_owners import owns
from hub.portal.services.attempts import view_attempt
from hub.portal.services.file_sets import StoredFile, list_files, load_file_set
from hub.portal.services.receipt_check import Checked, Received, check_digest, check_file
from hub.portal.services.report_overview import ReportOverview, report_overview
from hub.portal.services.watching import seconds_until_next_look, stamp_of_attempt
from hub.portal.services.workbench.mark_points import feedback_marks

blueprint = Blueprint("receipts", __name__, url_prefix="/receipts")

READERS = (Role.STUDENT, Role.INSTRUCTOR, Role.COORDINATOR)


def _report(attempt: Attempt) -> ReportOverview | None:
    is_staff = not owns(web.reading(), g.visitor.person_id, attempt)
    return report_overview(web.reading(), attempt, web.now(), is_staff=is_staff)


@blueprint.get("/<receipt_id>")
@access(*READERS, scope=attempt_visible)
def show() -> Response:
    """Show the receipt, and as soon as there is one, the result."""
    return _receipt_page(scoped(Attempt), None)


@blueprint.post("/<receipt_id>/check")
@access(*READERS, scope=attempt_visible)
def check() -> Response:
    """Say whether a file or a digest is what was received; nothing of it is kept."""
    attempt = scoped(Attempt)
    received = Received(attempt.submission_digest, _files(attempt))
    sent = request.files.get("file")
    if sent is not None and sent.filename:
        return _receipt_page(attempt, check_file(received, sent.read(), IntakeLimits()))
    return _receipt_page(attempt, check_digest(received, request.form.get("digest", "")[:200]))


def _files(attempt: Attempt) -> tuple[StoredFile, ...]:
    return list_files(web.reading(), [attempt.submission_digest])[attempt.submission_digest]


def _receipt_page(attempt: Attempt, checked: Checked | None) -> Response:
    stamp = stamp_of_attempt(web.reading(), g.visitor.person_id, attempt, web.now())
    if (seen := web.unchanged(stamp)) is not None:
        return seen
    view = view_attempt(web.reading(), attempt, g.visitor.person_id, web.now())
    return web.page(
        "receipt.html",
        stamp=stamp,
        next_look=seconds_until_next_look(view.queue_position),
        attempt=view,
        titles=attempt.assignment,
        person=attempt.person,
        digest=attempt.submission_digest,
        files=_files(attempt),
        checked=checked,
        report=_report(attempt),
        is_own=owns(web.reading(), g.visitor.person_id, attempt),
        teaches=may_teach(web.reading(), g.visitor.person_id, attempt.assignment.course_id),
    )


@blueprint.get("/<receipt_id>/files.zip")
@access(*READERS, scope=attempt_visible)
def download() -> Response:
    """Give back the files exactly as they were received."""
    attempt = scoped(Attempt)
    files = load_file_set(web.reading(), attempt.submission_digest)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.writestr(path, files.files[path])
    answer = make_response(packed.getvalue())
    answer.headers["Content-Type"] = "application/zip"
    name = f"{attempt.assignment.slug}-{attempt.number}-{attempt.receipt_id}.zip"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@blueprint.get("/<receipt_id>/feedback/<int:index>")
@access(*READERS, scope=attempt_visible)
def feedback(index: int) -> Response:
    """Show a graded notebook in an origin of its own: whatever a student put into it can do nothing here."""
    attempt = scoped(Attempt)
    report = _report(attempt)
    if report is None or not report.shows_feedback or index >= len(report.report.notebooks):
        abort(404)
    notebook = report.report.notebooks[index]
    language: Language = "en" if str(get_locale()) == "en" else "ko"
    title = attempt.assignment.title_en if language == "en" else attempt.assignment.title_ko
    marks = feedback_marks(web.reading(), attempt) if report.shows_hidden else {}  # people's words open with the rest
    options = FeedbackOptions(title, language, marks=marks, notebook=notebook.path)
    answer = make_response(make_feedback(report.report, options))
    answer.headers["Content-Security-Policy"] = SANDBOX_POLICY
    answer.headers.set("Content-Disposition", "inline", filename=PurePosixPath(notebook.path).stem + ".html")
    return answer
