"""A version as its students will get it: the released notebooks, cell by cell, and the other files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from sqlalchemy.orm import Session

from graders.feedback_sanitise import render_markdown
from graders.files import FileSet
from hub.portal.models import AssignmentVersion
from hub.portal.services.file_sets import load_file_set


@dataclass(frozen=True)
class PreviewCell:
    """One cell; ``html`` of Markdown, else the source. ``points`` where the cell carries any."""

    kind: str
    source: str
    html: Markup | None
    points: float | None
    is_answer: bool
    is_locked: bool


@dataclass(frozen=True)
class PreviewNotebook:
    """One notebook of the release."""

    path: str
    cells: tuple[PreviewCell, ...]


@dataclass(frozen=True)
class Preview:
    """What a student fetches, less the data file with their own seed."""

    notebooks: tuple[PreviewNotebook, ...]
    files: tuple[tuple[str, int], ...]


def preview_of(session: Session, version: AssignmentVersion) -> Preview:
    """Return the release of a version for looking at; a notebook that can't be read is shown as a file."""
    return make_preview(load_file_set(session, version.release_digest))


def make_preview(files: FileSet) -> Preview:
    """Part a release into notebooks, as cells, and other files, as path and size in bytes."""
    notebooks = {path: _notebook(path, files.files[path]) for path in files if path.endswith(".ipynb")}
    others = tuple((path, len(files.files[path])) for path in files if notebooks.get(path) is None)
    return Preview(tuple(book for book in notebooks.values() if book is not None), others)


def _notebook(path: str, data: bytes) -> PreviewNotebook | None:
    try:
        cells = json.loads(data)["cells"]
        return PreviewNotebook(path, tuple(_cell(cell) for cell in cells))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _cell(cell: dict[str, Any]) -> PreviewCell:
    source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
    marked = cell.get("metadata", {}).get("nbgrader", {})
    carries = marked.get("grade") or marked.get("task")
    return PreviewCell(
        kind=str(cell["cell_type"]),
        source=source,
        html=render_markdown(source, cell.get("attachments")) if cell["cell_type"] == "markdown" else None,
        points=float(marked.get("points") or 0) if carries else None,
        is_answer=bool(marked.get("solution")),
        is_locked=bool(marked.get("locked")),
    )
