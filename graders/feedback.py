"""Feedback for a student: one self-contained HTML page from a report, in Korean or English.

What the student's own code printed is shown to the student alone, yet it may have been written to harm whoever opens
it: everything is sanitised, and the page's own policy forbids scripts and requests.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from graders.contract import CellReport, GradeReport, Text
from graders.feedback_outputs import Shown, show_outputs
from graders.feedback_sanitise import render_markdown
from graders.feedback_words import IN_PROCESS, OUTCOMES, STATES, Language, say, words_in
from graders.files import FileSet

_FOLDER = Path(__file__).with_name("feedback_page")
_PAGES = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)

#: A graded cell: (path of its notebook, grade id).
CellKey = tuple[str, str]


@dataclass(frozen=True)
class ManualMark:
    """What a person added to one cell; ``points`` replace the automatic ones where given. Comments are Markdown."""

    points: float | None = None
    comment: str | None = None


@dataclass(frozen=True)
class FeedbackOptions:
    """How a page is made. ``notebook`` limits it to one notebook of the assignment."""

    title: str
    language: Language = "ko"
    marks: Mapping[CellKey, ManualMark] = field(default_factory=dict)
    overall: str | None = None
    notebook: str | None = None


def feedback_files(report: GradeReport, options: FeedbackOptions) -> FileSet:
    """One page a notebook, as nbgrader names them (``a.ipynb`` gives ``a.html``)."""
    pages = {}
    for notebook in report.notebooks:
        own = FeedbackOptions(options.title, options.language, options.marks, options.overall, notebook.path)
        pages[str(PurePosixPath(notebook.path).with_suffix(".html"))] = make_feedback(report, own).encode()
    return FileSet(pages or {"feedback.html": make_feedback(report, options).encode()})


def make_feedback(report: GradeReport, options: FeedbackOptions) -> str:
    """Render the page for a report."""
    language = options.language
    cells = [cell for cell in report.cells if options.notebook in (None, cell.notebook)]
    notebooks = [each for each in report.notebooks if options.notebook in (None, each.path)]
    return _PAGES.get_template("page.html").render(
        language=language,
        words=words_in(language),
        title=options.title,
        style=Markup((_FOLDER / "style.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
        state=_sign(STATES[report.state], language),
        reason=_in(report.reason, language),
        totals=_totals(report, cells, options),
        rows=[_row(cell, options) for cell in cells],
        several=len({cell.notebook for cell in cells}) > 1,
        notes=[_in(flag.message, language) for flag in report.flags if options.notebook in (None, flag.notebook)],
        overall=render_markdown(options.overall) if options.overall else None,
        notebooks=[
            {"path": each.path, "cells": _notebook_cells(each.path, each.content, cells, options)} for each in notebooks
        ],
    )


def _in(text: Text | None, language: Language) -> str | None:
    return None if text is None else say((text.ko, text.en), language)


def _sign(entry: tuple[str, str, str, str], language: Language) -> dict[str, str]:
    sign, look, korean, english = entry
    return {"sign": sign, "look": look, "word": say((korean, english), language)}


def format_points(points: float) -> str:
    """Points without needless zeros: 2, 2.5, 0.33."""
    return f"{round(points, 2):g}"


def _totals(report: GradeReport, cells: Iterable[CellReport], options: FeedbackOptions) -> dict[str, str | None]:
    """The figures at the top; the points of one notebook where the page is about one."""
    shown = list(cells)
    given = [_points(cell, options) for cell in shown]
    known = report.succeeded or any(mark.points is not None for mark in options.marks.values())
    return {
        "score": format_points(sum(points for points in given if points is not None)) if known else None,
        "max": format_points(sum(cell.max_points for cell in shown)),
        "waiting": format_points(sum(c.max_points for c, points in zip(shown, given, strict=True) if points is None)),
    }


def _points(cell: CellReport, options: FeedbackOptions) -> float | None:
    mark = options.marks.get((cell.notebook, cell.grade_id))
    return cell.points if mark is None or mark.points is None else mark.points


def _row(cell: CellReport, options: FeedbackOptions) -> dict[str, Any]:
    mark = options.marks.get((cell.notebook, cell.grade_id))
    points = _points(cell, options)
    isolation = IN_PROCESS.get(cell.isolation)
    return {
        "anchor": f"{PurePosixPath(cell.notebook).stem}--{cell.grade_id}",
        "notebook": cell.notebook,
        "name": cell.grade_id,
        "outcome": _sign(OUTCOMES[cell.outcome], options.language),
        "points": None if points is None else format_points(points),
        "max": format_points(cell.max_points),
        "message": _in(cell.message, options.language),
        "isolation": say(isolation, options.language) if isolation else None,
        "hidden": cell.hidden,
        "comment": render_markdown(mark.comment) if mark and mark.comment else None,
    }


@dataclass(frozen=True)
class CellView:
    """One cell of the page; ``graded`` is its row of the table, if it carries points."""

    cell_type: str
    is_own: bool
    source: str
    html: Markup | None
    outputs: tuple[Shown, ...]
    graded: Mapping[str, Any] | None


def _notebook_cells(path: str, content: str, cells: Iterable[CellReport], options: FeedbackOptions) -> list[CellView]:
    graded = {cell.grade_id: _row(cell, options) for cell in cells if cell.notebook == path}
    return [_cell_view(cell, graded) for cell in json.loads(content)["cells"]]


def _cell_view(cell: Mapping[str, Any], graded: Mapping[str, Mapping[str, Any]]) -> CellView:
    source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
    is_markdown = cell["cell_type"] == "markdown"
    metadata = cell.get("metadata", {})
    return CellView(
        cell_type=cell["cell_type"],
        is_own=bool(metadata.get("axcampus_own")),
        source=source,
        html=render_markdown(source, cell.get("attachments")) if is_markdown else None,
        outputs=show_outputs(cell.get("outputs", ())),
        graded=graded.get(metadata.get("nbgrader", {}).get("grade_id", "")),
    )
