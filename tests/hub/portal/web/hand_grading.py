"""Submissions of the small campus whose essay waits for a person; the notebook may be as hostile as wanted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.contract import CellReport, Isolation, Outcome, RebuiltNotebook
from hub.portal.database import Database
from hub.portal.models import Assignment, AssignmentVersion, Attempt, Enrolment, Login, TaskState
from hub.portal.services.results import attach_result, put_report
from tests.hub.portal.web.campus import add_attempt, add_task, make_report

#: Everything that a student could put into a notebook to act in, or call home from, the browser of whoever grades it.
HOSTILE_HTML = """
<script>document.title = 'owned'; fetch('http://127.0.0.1:9/script')</script>
<img src="http://127.0.0.1:9/picture.png" onerror="parent.document.title='owned'">
<iframe src="http://127.0.0.1:9/frame"></iframe><link rel="stylesheet" href="http://127.0.0.1:9/style.css">
<meta http-equiv="refresh" content="0;url=http://127.0.0.1:9/refresh">
<form action="http://127.0.0.1:9/form"><button id="go">x</button></form>
<svg onload="parent.document.title='owned'"><image href="http://127.0.0.1:9/svg.png"/></svg>
<video src="http://127.0.0.1:9/video" autoplay></video><object data="http://127.0.0.1:9/object"></object>
<div style="background: url(http://127.0.0.1:9/style)">text that stays</div>
<a id="leave" href="http://127.0.0.1:9/link" target="_top">link</a>
<a href="javascript:parent.document.title='owned'">js</a>
"""


def notebook(source: str, html: str) -> str:
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "id": "e", "metadata": {"nbgrader": {"grade_id": "essay"}}, "source": source},
        {
            "cell_type": "code",
            "id": "c",
            "metadata": {},
            "source": "show()",
            "execution_count": 1,
            "outputs": [{"output_type": "display_data", "metadata": {}, "data": {"text/html": html}}],
        },
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


def add_essays(
    database: Database, usernames: tuple[str, ...], html: str = "<b>표</b>", slug: str = "tool-wear"
) -> list[str]:
    """Hand in an essay for each person, run its tests; returns the receipts."""
    with database.writing() as session:
        assignment = session.scalars(sa.select(Assignment).where(Assignment.slug == slug)).one()
        assignment.is_team_work = False
        version = session.scalars(sa.select(AssignmentVersion).filter_by(assignment_id=assignment.id)).first()
        assert version is not None
        version.manual_max_score = 4.0
        return [_essay(session, version, username, html) for username in usernames]


def _essay(session: Session, version: AssignmentVersion, username: str, html: str) -> str:
    now = datetime.now(UTC)
    enrolment = session.scalars(
        sa.select(Enrolment).join(Login, Login.person_id == Enrolment.person_id).where(Login.subject == username)
    ).one()
    taken = sa.select(sa.func.max(Attempt.number)).filter_by(
        person_id=enrolment.person_id, assignment_id=version.assignment_id
    )
    attempt = add_attempt(session, version, enrolment, (session.scalar(taken) or 0) + 1, now - timedelta(hours=1))
    task = add_task(session, attempt, TaskState.DONE)
    report = make_report(task.request_digest)
    essay = CellReport(
        notebook="milling.ipynb",
        grade_id="essay",
        points=None,
        max_points=4,
        outcome=Outcome.MANUAL,
        isolation=Isolation.NONE,
    )
    book = RebuiltNotebook(path="milling.ipynb", content=notebook(f"{username}의 답\n\n{html}", html))
    report = report.model_copy(update={"cells": (*report.cells, essay), "notebooks": (book,), "manual_max_score": 4.0})
    put_report(session, report, "test", now)
    attach_result(session, attempt, task.request_digest, now)
    return attempt.receipt_id
