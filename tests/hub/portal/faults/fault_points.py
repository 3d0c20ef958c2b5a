"""Named moments in the life of a transaction at which a real process ends itself by SIGKILL, once.

The moments are told by SQLAlchemy's own events, so production code has no hook. ``arm`` is called by the entry
points beside this file (``faulty_portal``, ``faulty_worker``), which then run the real part.
"""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

POINT_VARIABLE = "TEST_FAULT_POINT"
MARK_VARIABLE = "TEST_FAULT_MARK"
#: The digest of a submission that ends whatever process reads its files, every time.
POISON_VARIABLE = "TEST_POISON"


@dataclass(frozen=True)
class FaultPoint:
    """``when``: before or after the statement, or before or after the commit of the transaction that ran it."""

    when: str
    statement: str


#: Accepting a submission, step by step; after the commit is before the answer.
PORTAL = {
    "before the bytes": FaultPoint("before", "INSERT INTO blob "),
    "after the attempt": FaultPoint("after", "INSERT INTO attempt "),
    "before the commit": FaultPoint("before commit", "INSERT INTO grading_task "),
    "before the answer": FaultPoint("after commit", "INSERT INTO grading_task "),
}

_CLAIM = "grading_task.tries +"
_BEAT = "UPDATE grading_task SET lease_until"

#: Grading a submission, step by step.
WORKER = {
    "before the claim's commit": FaultPoint("before commit", _CLAIM),
    "after the claim's commit": FaultPoint("after commit", _CLAIM),
    "after the grade": FaultPoint("after", "INSERT INTO grade "),
    "before the report's commit": FaultPoint("before commit", "INSERT INTO grade_report "),
    "after the report's commit": FaultPoint("after commit", "INSERT INTO grade_report "),
}
HEARTBEAT = {
    "before the heartbeat": FaultPoint("before", _BEAT),
    "after the heartbeat's commit": FaultPoint("after commit", _BEAT),
}
POINTS = PORTAL | WORKER | HEARTBEAT


def arm() -> None:
    """Arm the point that the environment names, unless its mark says that it has struck already."""
    name, mark = os.environ.get(POINT_VARIABLE), os.environ.get(MARK_VARIABLE)
    if name and mark and not Path(mark).exists():
        _listen(POINTS[name], Path(mark))
    if poison := os.environ.get(POISON_VARIABLE):
        _arm_poison(poison)


def _arm_poison(digest: str) -> None:
    def read(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "FROM file_set_entry" in statement and digest in str(parameters):
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(Engine, "before_cursor_execute", read)


def _die(mark: Path) -> None:
    mark.touch()
    os.kill(os.getpid(), signal.SIGKILL)


def _listen(point: FaultPoint, mark: Path) -> None:
    seen = threading.local()

    def before(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if point.when == "before" and point.statement in statement:
            _die(mark)

    def after(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if point.statement in statement:
            seen.here = True
            if point.when == "after":
                _die(mark)

    def commit(_connection: Any) -> None:
        if point.when == "before commit" and getattr(seen, "here", False):
            _die(mark)

    def committed(_session: Session) -> None:
        if point.when == "after commit" and getattr(seen, "here", False):
            _die(mark)

    sa.event.listen(Engine, "before_cursor_execute", before)
    sa.event.listen(Engine, "after_cursor_execute", after)
    sa.event.listen(Engine, "commit", commit)
    sa.event.listen(Session, "after_commit", committed)
