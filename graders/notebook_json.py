"""Notebooks as trusted nbformat 4.5 objects: instructors' sources read, given ids and written back the same way.

Untrusted notebooks come through ``graders.intake`` instead.
"""

from __future__ import annotations

import json
import re
from typing import Any

import nbformat
from nbformat import NotebookNode

from graders.files import canonical_json, sha256_hex

#: nbformat is only half annotated; its functions are used through this name.
format_library: Any = nbformat

CELL_ID = re.compile(r"[a-zA-Z0-9-_]{1,64}")
MINOR_WITH_IDS = 5
NOTEBOOK_SUFFIX = ".ipynb"


class NotebookError(ValueError):
    """A notebook of the instructor can't be read; the text says why."""


def is_top_notebook(path: str) -> bool:
    """Whether nbgrader sees this path as a notebook of the assignment (not one in a subfolder)."""
    return path.endswith(NOTEBOOK_SUFFIX) and "/" not in path


def load_notebook(data: bytes, path: str) -> NotebookNode:
    """Read a notebook of any nbformat as 4.5, with stable ids where it had none (same bytes, same ids)."""
    try:
        raw = json.loads(data.decode("utf-8-sig"))
        notebook: NotebookNode = format_library.from_dict(raw if raw.get("nbformat") == 4 else _converted(data))
    except (ValueError, AttributeError, KeyError, nbformat.ValidationError) as error:
        raise NotebookError(f"{path} is no Jupyter notebook: {error}") from error
    notebook.nbformat_minor = max(notebook.get("nbformat_minor", 0), MINOR_WITH_IDS)
    notebook.setdefault("metadata", format_library.from_dict({}))
    if not isinstance(notebook.get("cells"), list) or not all(isinstance(cell, dict) for cell in notebook.cells):
        raise NotebookError(f"{path} is no valid notebook: it has no list of cells")
    for cell in notebook.cells:
        _complete_cell(cell)
    ensure_cell_ids(notebook, path)
    return _validated(notebook, path)


def _converted(data: bytes) -> Any:
    return format_library.reads(data.decode("utf-8-sig"), as_version=4)


def _complete_cell(cell: NotebookNode) -> None:
    """Add what older minors allowed to be absent, and join sources kept as lists of lines."""
    cell.setdefault("metadata", format_library.from_dict({}))
    if isinstance(cell.get("source"), list):
        cell.source = "".join(cell.source)
    cell.setdefault("source", "")
    if cell.get("cell_type") == "code":
        cell.setdefault("outputs", [])
        cell.setdefault("execution_count", None)


def ensure_cell_ids(notebook: NotebookNode, path: str) -> None:
    """Give each cell a valid id of its own; equal notebooks get equal ids."""
    seen: set[str] = set()
    for index, cell in enumerate(notebook.get("cells", [])):
        cell_id = cell.get("id")
        if not isinstance(cell_id, str) or not CELL_ID.fullmatch(cell_id) or cell_id in seen:
            cell["id"] = make_cell_id(path, index, cell.source)
        seen.add(cell["id"])


def make_cell_id(path: str, index: int, source: str) -> str:
    """Derive a cell id from where and what the cell is."""
    return "ax" + sha256_hex(canonical_json([path, index, source]))[:14]


def _validated(notebook: NotebookNode, path: str) -> NotebookNode:
    try:
        format_library.validate(notebook)
    except nbformat.ValidationError as error:
        raise NotebookError(f"{path} is no valid notebook: {str(error).splitlines()[0]}") from error
    return notebook


def dump_notebook(notebook: NotebookNode) -> bytes:
    """Write a notebook as Jupyter does (indent 1, sources as lists of lines, UTF-8)."""
    text: str = format_library.writes(notebook, version=nbformat.NO_CONVERT)
    return (text + "\n").encode()
