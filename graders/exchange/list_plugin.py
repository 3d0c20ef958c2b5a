"""nbgrader's ``list``: the portal's assignments in the shape that nbgrader's own interface reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nbgrader.exchange.abc import ExchangeList
from traitlets import Bool

from graders.exchange.errors import RefusedHereError
from graders.exchange.plugin import PortalExchange, write_line
from graders.exchange.speech import screen_time, status_text
from graders.exchange.wire import Assignment, AttemptStatus, Receipt
from graders.exchange.work import Desk, feedback_folder

Row = dict[str, Any]


class PortalList(PortalExchange, ExchangeList):
    """``nbgrader list [--inbound] [--json]``: released or fetched assignments, or one's own submissions."""

    as_json = Bool(False, help="Print the list as JSON.").tag(config=True)

    def work(self) -> list[Row]:
        """Return nbgrader's list; ``--remove`` is refused, because nothing accepted is ever removed."""
        if self.remove:
            raise _no_removal()
        desk = self.desk
        assignments = [(course, item) for course in self._courses(desk) for item in self._wanted(desk, course)]
        rows = [self._row(desk, course, item) for course, item in assignments]
        listed = [row for row in rows if row is not None]
        self._show(listed)
        return listed

    def _courses(self, desk: Desk) -> list[str]:
        if self.coursedir.course_id:
            return [str(self.coursedir.course_id)]
        return [course.slug for course in desk.client.courses()]

    def _wanted(self, desk: Desk, course: str) -> list[Assignment]:
        wanted = str(self.coursedir.assignment_id)
        return [item for item in desk.client.assignments(course) if wanted in ("", item.slug)]

    def _row(self, desk: Desk, course: str, item: Assignment) -> Row | None:
        if self.inbound or self.cached:
            return submitted_row(desk, course, item) if item.attempts else None
        return released_row(desk, course, item)

    def _show(self, rows: list[Row]) -> None:
        if self.as_json:
            write_line(json.dumps(rows, ensure_ascii=False, indent=2))
            return
        for row in rows:
            for line in _lines(row):
                self.log.info(line)
        if not rows:
            self.log.info("아직 아무것도 없습니다. / Nothing here yet.")


def released_row(desk: Desk, course: str, item: Assignment) -> Row:
    """An assignment to fetch, or fetched: which of the two, the folder in the home says."""
    folder = desk.folder(course, item.slug)
    row = _common(course, item) | {"status": "released", "path": str(folder), "notebooks": []}
    if folder.is_dir():
        row |= {"status": "fetched", "notebooks": [_notebook(path) for path in sorted(folder.glob("*.ipynb"))]}
    return row


def submitted_row(desk: Desk, course: str, item: Assignment) -> Row:
    """All own attempts of an assignment, oldest first."""
    attempts = sorted(item.attempts, key=lambda receipt: receipt.number)
    submissions = [_submission(desk, receipt) for receipt in attempts]
    return _common(course, item) | {"student_id": "", "status": "submitted", "submissions": submissions}


def _common(course: str, item: Assignment) -> Row:
    return {
        "course_id": course,
        "assignment_id": item.slug,
        "title_ko": item.title_ko,
        "title_en": item.title_en,
        "due_at": item.due_at.isoformat() if item.due_at else None,
        "points": item.points,
    }


def _notebook(path: Path) -> Row:
    return {"notebook_id": path.stem, "path": str(path)}


def _submission(desk: Desk, receipt: Receipt) -> Row:
    folder = feedback_folder(desk, receipt)
    has_local = folder.is_dir()
    is_graded = receipt.status is AttemptStatus.GRADED
    return {
        "course_id": receipt.course,
        "assignment_id": receipt.assignment,
        "student_id": "",
        "status": "submitted",
        "timestamp": screen_time(receipt.received_at),
        "path": str(desk.folder(receipt.course, receipt.assignment)),
        "receipt_id": receipt.receipt_id,
        "number": receipt.number,
        "is_late": receipt.is_late,
        "grading": receipt.status.value,
        "grading_text": status_text(receipt),
        "score": receipt.score,
        "max_score": receipt.max_score,
        "portal_url": receipt.portal_url,
        "team": receipt.team.name if receipt.team else None,
        "submitted_by": receipt.team.submitted_by if receipt.team else None,
        "notebooks": [
            _submitted_notebook(file.path, has_local, is_graded)
            for file in receipt.files
            if file.path.endswith(".ipynb")
        ],
        "has_local_feedback": has_local,
        "has_exchange_feedback": is_graded,
        "feedback_updated": False,
        "local_feedback_path": str(folder) if has_local else None,
    }


def _submitted_notebook(path: str, has_local: bool, is_graded: bool) -> Row:
    return {
        "notebook_id": Path(path).stem,
        "has_local_feedback": has_local,
        "has_exchange_feedback": is_graded,
        "feedback_updated": False,
        "local_feedback_path": None,
    }


def _lines(row: Row) -> list[str]:
    title = f"{row['course_id']} {row['assignment_id']}  {row['title_ko']} / {row['title_en']}"
    if row["status"] == "submitted":
        return [title, *(_submission_line(one) for one in row["submissions"])]
    state = {"released": "가져올 수 있음 / released", "fetched": "가져옴 / already downloaded"}[row["status"]]
    return [f"{title}  ({state})"]


def _submission_line(one: Row) -> str:
    late = " · 지각 late" if one["is_late"] else ""
    team = f" · {one['team']} ({one['submitted_by']})" if one["team"] else ""
    return f"    {one['number']}. {one['timestamp']} · {one['receipt_id']} · {one['grading_text']}{late}{team}"


def _no_removal() -> RefusedHereError:
    return RefusedHereError(
        "no_removal",
        "제출한 것과 공개된 과제는 지울 수 없습니다. 모든 제출은 기록으로 남습니다.",
        "Submissions and released assignments cannot be removed: every attempt is kept.",
    )
