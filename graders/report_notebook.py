"""A graded notebook as students and staff may see it: rebuilt cells with this run's outputs, no hidden test."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from graders.bundle import ANSWER_KINDS
from graders.contract import RebuiltNotebook
from graders.rebuild import CellToRun, NotebookToRun

Outputs = Sequence[Mapping[str, Any]]


def make_report_notebook(notebook: NotebookToRun, outputs: Mapping[str, Outputs]) -> RebuiltNotebook:
    """Write a rebuilt notebook as nbformat 4.5 JSON; ``outputs`` are by cell id, as nbformat has them."""
    cells = [_cell_json(cell, outputs.get(cell.cell_id, ())) for cell in notebook.cells]
    body = {"nbformat": 4, "nbformat_minor": 5, "metadata": dict(notebook.bundle.metadata), "cells": cells}
    return RebuiltNotebook(path=notebook.path, content=json.dumps(body, ensure_ascii=False))


def shown_source(cell: CellToRun) -> str:
    """The text of a cell that a student may see: the released one where the instructor's holds hidden parts."""
    origin = cell.origin
    if origin is not None and origin.hidden and origin.kind not in ANSWER_KINDS:
        return origin.released
    return cell.source


def _cell_json(cell: CellToRun, outputs: Outputs) -> dict[str, Any]:
    made: dict[str, Any] = {
        "cell_type": cell.cell_type,
        "id": cell.cell_id,
        "metadata": dict(cell.origin.metadata) if cell.origin else {"axcampus_own": True},
        "source": shown_source(cell),
    }
    if cell.cell_type == "code":
        made |= {"outputs": [dict(output) for output in outputs], "execution_count": None}
    elif cell.attachments:
        made["attachments"] = {name: dict(kinds) for name, kinds in cell.attachments.items()}
    return made
