"""Percent scripts with nbgrader metadata become nbgrader source notebooks and back, always with the same bytes.

A script says only what differs from the defaults of its kind of cell::

    # %% nbgrader={"grade_id": "cost", "solution": true}          a solution cell
    # %% nbgrader={"grade_id": "cost-test", "grade": true, "points": 2}   an automatic test, locked
    # %% [markdown] nbgrader={"grade_id": "why", "grade": true, "solution": true, "points": 4}   graded by hand
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import jupytext
import nbformat

from courses.errors import CourseError
from courses.schema import is_grade_id

SCRIPT_FORMAT = "py:percent"
SCHEMA_VERSION = 3
NOTEBOOK_METADATA: Mapping[str, Any] = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}
NBGRADER_KEYS = frozenset(
    {"grade_id", "grade", "solution", "task", "locked", "points", "schema_version", "cell_type", "checksum"}
)


def complete_nbgrader(short: Mapping[str, Any], cell_type: str) -> dict[str, Any]:
    """Add the keys that nbgrader requires.

    ``{"grade_id": "t", "grade": True, "points": 2}`` gains ``solution`` and ``task`` False, ``locked`` True and the
    schema version. Raises CourseError for unknown keys and names nbgrader refuses.
    """
    unknown = sorted(set(short) - NBGRADER_KEYS)
    if unknown:
        raise CourseError(f"unknown nbgrader keys {', '.join(unknown)}")
    if not is_grade_id(str(short.get("grade_id", ""))):
        raise CourseError(f"grade_id {short.get('grade_id')!r} must be 1-64 letters, digits, - or _")
    full = {"grade": False, "solution": False, "task": False, **short, "schema_version": SCHEMA_VERSION}
    full["cell_type"] = cell_type
    full.setdefault("locked", not full["solution"])
    if (full["grade"] or full["task"]) and "points" not in full:
        raise CourseError(f"{full['grade_id']}: a graded cell needs points")
    return full


def shorten_nbgrader(full: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what ``complete_nbgrader`` adds again."""
    short = {key: full[key] for key in ("grade_id", "grade", "solution", "task", "points") if full.get(key)}
    if full.get("points") == 0 and (full.get("grade") or full.get("task")):
        short["points"] = 0
    if full.get("locked") != (not full.get("solution", False)):
        short["locked"] = full.get("locked", False)
    return short


def notebook_from_script(script: str, *, name: str) -> nbformat.NotebookNode:
    """Parse a percent script into an nbgrader source notebook with stable cell ids.

    ``name`` is the script's name, for error messages.
    """
    parsed = jupytext.reads(script, SCRIPT_FORMAT)
    cells: list[nbformat.NotebookNode] = []
    seen: Counter[str] = Counter()
    for number, cell in enumerate(parsed.cells, start=1):
        try:
            cells.append(_built_cell(cell, seen))
        except CourseError as error:
            raise CourseError(f"{name}, cell {number}: {error}") from error
    _refuse_repeated_grade_ids(cells, name)
    notebook: nbformat.NotebookNode = nbformat.v4.new_notebook(
        cells=cells, metadata=json.loads(json.dumps(NOTEBOOK_METADATA))
    )
    nbformat.validate(notebook)
    return notebook


def _built_cell(cell: nbformat.NotebookNode, seen: Counter[str]) -> nbformat.NotebookNode:
    """Return a clean copy of a parsed cell: full nbgrader metadata, our own id, no outputs."""
    metadata = dict(cell.metadata)
    if "nbgrader" in metadata:
        metadata["nbgrader"] = complete_nbgrader(metadata["nbgrader"], cell.cell_type)
    make: Callable[..., nbformat.NotebookNode]
    make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}.get(
        cell.cell_type, nbformat.v4.new_raw_cell
    )
    built: nbformat.NotebookNode = make(cell.source, id=_stable_id(cell, metadata, seen), metadata=metadata)
    return built


def _stable_id(cell: nbformat.NotebookNode, metadata: Mapping[str, Any], seen: Counter[str]) -> str:
    """Name a cell by its grade_id, or by its text and how often that text came before."""
    if "nbgrader" in metadata:
        return str(metadata["nbgrader"]["grade_id"])
    digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
    seen[digest] += 1
    return f"c-{digest}-{seen[digest]}"


def _refuse_repeated_grade_ids(cells: list[nbformat.NotebookNode], name: str) -> None:
    counts = Counter(c.metadata["nbgrader"]["grade_id"] for c in cells if "nbgrader" in c.metadata)
    twice = sorted(grade_id for grade_id, count in counts.items() if count > 1)
    if twice:
        raise CourseError(f"{name}: grade_id used twice: {', '.join(twice)}")


def notebook_from_ipynb(data: bytes, *, name: str) -> nbformat.NotebookNode:
    """Read an instructor's own source notebook; cells of older formats get stable ids.

    Raises CourseError for what is no notebook and for nbgrader metadata of another schema.
    """
    try:
        raw = json.loads(data)
        notebook: nbformat.NotebookNode = nbformat.from_dict(raw)
        if raw["nbformat"] != 4:
            raise CourseError(f"{name}: is a notebook of format {raw['nbformat']}: open it once in JupyterLab, save it")
        _check_cells(notebook.cells, name)
        notebook["nbformat_minor"] = max(5, notebook["nbformat_minor"])
        nbformat.validate(notebook)
    except (ValueError, KeyError, TypeError, AttributeError, nbformat.ValidationError) as error:
        raise CourseError(f"{name}: is no notebook: {str(error).splitlines()[0]}") from error
    return notebook


def _check_cells(cells: list[nbformat.NotebookNode], name: str) -> None:
    """Refuse old nbgrader metadata and repeated names; join split source lines; name cells without an id."""
    seen: Counter[str] = Counter()
    for cell in cells:
        if isinstance(cell.source, list):
            cell.source = "".join(cell.source)
        grade = cell.metadata.get("nbgrader")
        if grade is not None and grade.get("schema_version") != SCHEMA_VERSION:
            raise CourseError(f"{name}: nbgrader metadata of another version: run `nbgrader update` in its folder")
        cell.setdefault("id", _stable_id(cell, cell.metadata, seen))
    _refuse_repeated_grade_ids(cells, name)


def notebook_bytes(notebook: nbformat.NotebookNode) -> bytes:
    """Serialise so that equal notebooks give equal bytes (sorted keys, one space, final newline)."""
    return (json.dumps(notebook, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def build_notebook(script: str, *, name: str) -> bytes:
    """Percent script -> bytes of the nbgrader source ``.ipynb``."""
    return notebook_bytes(notebook_from_script(script, name=name))


def script_from_notebook(data: bytes) -> str:
    """Bytes of an instructor's ``.ipynb`` -> percent script; outputs, ids and default metadata are dropped."""
    notebook = nbformat.reads(data.decode(), as_version=4)
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"] = shorten_nbgrader(cell.metadata["nbgrader"])
    notebook.metadata = nbformat.from_dict({"jupytext": {"notebook_metadata_filter": "-all"}})
    return str(jupytext.writes(notebook, SCRIPT_FORMAT))
