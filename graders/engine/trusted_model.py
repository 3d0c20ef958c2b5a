"""What the trusted test process is told: the instructor's notebook and one test cell. Plain data, sent as JSON."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from graders.contract import Flag, Frozen, Isolation, Outcome, Text

CellRole = Literal["given", "solution", "test"]


class InstructorCell(Frozen):
    """One code cell of the instructor's notebook; a solution cell has the reference's source."""

    role: CellRole
    source: str


class TrustedNotebook(Frozen):
    """What a fresh trusted process needs for one notebook. ``folder`` is its own copy of the helper files."""

    name: str
    cells: tuple[InstructorCell, ...]
    folder: str
    student_folder: str = Field(default="", description="the same folder on the student's side; '' if it has no other")
    hidden_seed: int | None = None
    memory_bytes: int = 2 * 2**30
    local_modules_in_student: bool = Field(default=False, description="rung two of the ladder")


class TestCell(Frozen):
    """One test cell to run; ``index`` is its position among ``TrustedNotebook.cells``."""

    __test__ = False

    grade_id: str
    index: int
    source: str
    released: str = Field(default="", description="the student's version of the cell: only its lines may be quoted")
    max_points: float
    seconds: float = 60
    profile: Any = None
    in_process: bool = Field(default=False, description="last rung: run it in a fork of the student's process")
    record: bool = Field(default=False, description="the reference runs: write a profile")


class CellAnswer(Frozen):
    """What the trusted process reports about one test cell."""

    outcome: Outcome
    points: float | None
    message: Text | None = None
    staff_message: str | None = None
    isolation: Isolation = Isolation.ISOLATED
    printed: str = ""
    seconds: float = 0
    flags: tuple[Flag, ...] = ()
    profile: Any = None
    bridge_seconds: float = 0
    requests: int = 0
    cannot_cross: tuple[tuple[int, str], ...] = Field(
        default=(), description="line and what to do, from a recording run"
    )
