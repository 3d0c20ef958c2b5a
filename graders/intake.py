"""The first look at untrusted bytes: a submission is accepted as plain typed cells, or refused with a clear reason.

Nothing of a submitted notebook goes further than what is copied here: cell types, sources, ids, grade ids and
pictures attached to text. Metadata, outputs, tags and kernels of the student's file end at this point.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from graders.files import FileSet
from graders.intake_paths import IntakeLimits, check_paths
from graders.intake_refusals import Refusal, Refused, make_refusal
from graders.leftovers import is_leftover
from graders.notebook_json import CELL_ID, is_top_notebook
from graders.strict_json import StrictJsonError, parse_strict_json

CellType = Literal["code", "markdown", "raw"]
_CELL_TYPES: tuple[CellType, ...] = ("code", "markdown", "raw")
#: Picture types that a browser shows without running anything in them; others (SVG) are left out.
PICTURE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp")
MAX_GRADE_ID = 200

__all__ = ["IntakeLimits", "Refusal", "Submission", "SubmittedCell", "SubmittedNotebook", "accept", "check_paths"]


@dataclass(frozen=True)
class SubmittedCell:
    """One cell as the student saved it. ``attachments``: name to {type: base64}, pictures only."""

    cell_type: CellType
    source: str
    cell_id: str | None = None
    grade_id: str | None = None
    attachments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class SubmittedNotebook:
    """A notebook's cells in the student's order."""

    path: str
    cells: tuple[SubmittedCell, ...]


@dataclass(frozen=True)
class Submission:
    """An accepted submission: all its files as received, and its readable notebooks.

    ``unreadable`` are notebooks that the assignment does not ask for and that could not be read.
    """

    files: FileSet
    notebooks: Mapping[str, SubmittedNotebook]
    unreadable: tuple[Refusal, ...] = ()


def accept(
    files: FileSet | Mapping[str, bytes],
    limits: IntakeLimits | None = None,
    *,
    expected: Collection[str] | None = None,
) -> Submission | Refusal:
    """Check everything about a submission. ``expected`` are the assignment's notebooks: only those must be readable.

    Without ``expected`` every notebook must be. Files that editors leave behind (checkpoints, caches) are dropped.
    """
    limits = limits or IntakeLimits()
    given = files.files if isinstance(files, FileSet) else files
    kept = {path: data for path, data in given.items() if not is_leftover(path)}
    refusal = check_paths({path: len(data) for path, data in kept.items()}, limits)
    if refusal:
        return refusal
    try:
        return _read(FileSet(kept), limits, expected)
    except Refused as refused:
        return refused.refusal


def _read(files: FileSet, limits: IntakeLimits, expected: Collection[str] | None) -> Submission:
    notebooks: dict[str, SubmittedNotebook] = {}
    unreadable: list[Refusal] = []
    for path in filter(is_top_notebook, files):
        try:
            notebooks[path] = read_notebook(path, files.files[path], limits)
        except Refused as refused:
            if expected is None or path in expected:
                raise
            unreadable.append(refused.refusal)
    if not notebooks:
        raise Refused(unreadable[0] if unreadable else make_refusal("no_notebook"))
    return Submission(files, notebooks, tuple(unreadable))


def read_notebook(path: str, data: bytes, limits: IntakeLimits) -> SubmittedNotebook:
    """Read one untrusted notebook; raises Refused."""
    try:
        body = parse_strict_json(data, max_depth=limits.json_depth, max_nodes=limits.json_nodes)
    except StrictJsonError as error:
        raise Refused(make_refusal(error.code, path, detail=error.detail)) from error
    _need(isinstance(body, dict), path, "not an object")
    _check_format(path, body)
    cells = body.get("cells")
    _need(isinstance(cells, list), path, "cells")
    if len(cells) > limits.cells:
        raise Refused(make_refusal("too_many_cells", path, found=len(cells), limit=limits.cells))
    return SubmittedNotebook(path, tuple(_read_cell(path, index, cell, limits) for index, cell in enumerate(cells)))


def _need(holds: bool, path: str, detail: str) -> None:
    if not holds:
        raise Refused(make_refusal("bad_structure", path, detail=detail))


def _check_format(path: str, body: Mapping[str, Any]) -> None:
    """Accept nbformat 4 with any minor version (Jupyter, VS Code and Colab write 0 to 5)."""
    major, minor = body.get("nbformat"), body.get("nbformat_minor", 0)
    _need(type(major) is int and type(minor) is int and minor >= 0, path, "nbformat")
    if major != 4:
        raise Refused(make_refusal("old_format", path, detail=str(major)[:10]))
    _need(isinstance(body.get("metadata", {}), dict), path, "metadata")


def _read_cell(path: str, index: int, cell: Any, limits: IntakeLimits) -> SubmittedCell:
    where = f"cell {index + 1}"
    _need(isinstance(cell, dict), path, where)
    _need(cell.get("cell_type") in _CELL_TYPES, path, f"{where}: cell_type")
    metadata = cell.get("metadata", {})
    _need(isinstance(metadata, dict), path, f"{where}: metadata")
    _need(isinstance(cell.get("outputs", []), list), path, f"{where}: outputs")
    cell_id = cell.get("id")
    _need(cell_id is None or isinstance(cell_id, str), path, f"{where}: id")
    return SubmittedCell(
        cell_type=cell["cell_type"],
        source=_read_source(path, where, cell.get("source", "")),
        cell_id=cell_id if cell_id and CELL_ID.fullmatch(cell_id) else None,
        grade_id=_read_grade_id(path, where, metadata),
        attachments=_read_attachments(path, cell.get("attachments", {}), limits),
    )


def _read_source(path: str, where: str, source: Any) -> str:
    if isinstance(source, list):
        _need(all(isinstance(line, str) for line in source), path, f"{where}: source")
        source = "".join(source)
    _need(isinstance(source, str), path, f"{where}: source")
    # Python refuses NUL in source, and C code behind it may end the text there.
    _need("\0" not in source, path, f"{where}: source")
    return str(source).replace("\r\n", "\n").replace("\r", "\n")


def _read_grade_id(path: str, where: str, metadata: Mapping[str, Any]) -> str | None:
    rules = metadata.get("nbgrader", {})
    _need(isinstance(rules, dict), path, f"{where}: nbgrader")
    grade_id = rules.get("grade_id")
    _need(grade_id is None or (isinstance(grade_id, str) and len(grade_id) <= MAX_GRADE_ID), path, f"{where}: grade_id")
    return grade_id or None


def _read_attachments(path: str, attachments: Any, limits: IntakeLimits) -> dict[str, dict[str, str]]:
    _need(isinstance(attachments, dict), path, "attachments")
    kept: dict[str, dict[str, str]] = {}
    for name, kinds in attachments.items():
        _need(isinstance(kinds, dict), path, "attachments")
        pictures = {kind: _read_picture(path, kinds[kind], limits) for kind in PICTURE_TYPES if kind in kinds}
        if pictures:
            kept[name] = pictures
    return kept


def _read_picture(path: str, data: Any, limits: IntakeLimits) -> str:
    text = "".join(data) if isinstance(data, list) and all(isinstance(line, str) for line in data) else data
    try:
        raw = base64.b64decode("".join(text.split()), validate=True)
    except (AttributeError, ValueError, binascii.Error) as error:
        raise Refused(make_refusal("bad_attachment", path)) from error
    if len(raw) > limits.attachment_bytes:
        raise Refused(make_refusal("bad_attachment", path))
    return base64.b64encode(raw).decode()
