"""What ``axcampus grade`` prints: one JSON object a line, or a live table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from graders.contract import CellReport, GradeReport, ReportState, Text
from graders.feedback import format_points
from graders.feedback_words import STATES
from graders.runners.base import Progress, Stage

_LOOKS = {"success": "green", "danger": "red", "warning": "yellow", "information": "cyan"}


def report_line(path: Path, report: GradeReport) -> str:
    """One submission as one line of JSON; the keys are a promise to scripts."""
    several = len({cell.notebook for cell in report.cells}) > 1
    return json.dumps(
        {
            "path": str(path),
            "state": report.state.value,
            "score": report.score,
            "max_score": report.max_score,
            "cells": {_name(cell, several): _cell(cell) for cell in report.cells},
            "flags": [_flag(flag.code, flag.notebook, flag.cell, flag.message) for flag in report.flags],
            "reason": _both(report.reason),
            "seconds": round(report.seconds, 3),
        },
        ensure_ascii=False,
    )


def _name(cell: CellReport, several: bool) -> str:
    return f"{PurePosixPath(cell.notebook).stem}/{cell.grade_id}" if several else cell.grade_id


def _cell(cell: CellReport) -> dict[str, Any]:
    return {
        "points": cell.points,
        "max": cell.max_points,
        "outcome": cell.outcome.value,
        "isolation": cell.isolation.value,
        "message": _both(cell.message),
    }


def _flag(code: str, notebook: str | None, cell: str | None, message: Text) -> dict[str, Any]:
    return {"code": code, "notebook": notebook, "cell": cell, "message": _both(message)}


def _both(text: Text | None) -> dict[str, str] | None:
    return None if text is None else {"en": text.en, "ko": text.ko}


class LiveTable:
    """A table with a row for each submission that changes while it is graded."""

    def __init__(self, paths: Sequence[Path], console: Console) -> None:
        self._rows: dict[Path, tuple[str, str, str, str]] = dict.fromkeys(paths, ("·", "", "", ""))
        self._live = Live(self._table(), console=console, refresh_per_second=8, vertical_overflow="visible")

    def __enter__(self) -> LiveTable:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.update(self._table(), refresh=True)
        self._live.stop()

    def show_progress(self, path: Path, progress: Progress) -> None:
        """Say how far one submission is."""
        if progress.stage is Stage.CELL:
            self._set(path, (f"[dim]{progress.done}/{progress.total}[/dim]", "", "", ""))

    def show_report(self, path: Path, report: GradeReport) -> None:
        """Put a submission's result in its row."""
        sign, look, korean, english = STATES[report.state]
        score = "–" if report.score is None else format_points(report.score)
        state = f"[{_LOOKS[look]}]{sign} {korean} {english}[/]"
        remark = f"{report.reason.ko}\n{report.reason.en}" if report.reason else _remark(report)
        self._set(path, (state, f"{score} / {format_points(report.max_score)}", f"{report.seconds:.1f}", remark))

    def _set(self, path: Path, row: tuple[str, str, str, str]) -> None:
        self._rows[path] = row
        self._live.update(self._table())

    def _table(self) -> Table:
        table = Table("제출물 Submission", "상태 State", box=None, pad_edge=False)
        table.add_column("점수 Score", justify="right")
        table.add_column("초 s", justify="right")
        table.add_column("비고 Remarks")
        for path, row in self._rows.items():
            table.add_row(str(path), *row)
        return table


def summary(reports: Sequence[GradeReport], seconds: float) -> str:
    """One line for the end of a batch: how many of each state, the mean of the scores, the time."""
    counts = [(STATES[state], sum(report.state is state for report in reports)) for state in ReportState]
    there = [(words, count) for words, count in counts if count]
    korean = ", ".join(f"{korean} {count}" for (_, _, korean, _), count in there) or "없음"
    english = ", ".join(f"{count} {english.lower()}" for (_, _, _, english), count in there) or "none"
    scores = [report.score for report in reports if report.score is not None]
    mean = format_points(round(sum(scores) / len(scores), 2)) if scores else "–"
    return f"{korean} · 평균 {mean}점 · {seconds:.1f}초\n{english} · mean {mean} points · {seconds:.1f} s"


def _remark(report: GradeReport) -> str:
    """Names of the cells that lost points; the whole story is in the JSON and in the feedback."""
    lost = [cell.grade_id for cell in report.cells if cell.points is not None and cell.points < cell.max_points]
    return ", ".join(lost)
