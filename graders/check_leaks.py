"""Whether what students get gives away hidden tests or the reference: in other cells, helper files, anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator

from graders.bundle import Bundle, BundleCell, CellKind
from graders.check_findings import Finding, make_finding
from graders.files import FileSet
from graders.notebook_json import is_top_notebook

#: Shorter lines (``return x``, ``assert f(1)``) are in every notebook and prove nothing.
MIN_LINE_LETTERS = 12
#: This many lines of one answer in one file are no accident.
MIN_SOLUTION_LINES = 3


def find_leaks(bundle: Bundle, student: FileSet) -> Iterator[Finding]:
    """Compare every released file with every hidden line; in a notebook it may be meant, in another file never."""
    shown = {path: _lines(_text_of(path, data)) for path, data in student.files.items()}
    for notebook in bundle.notebooks:
        for cell in notebook.cells:
            for path, lines in shown.items():
                yield from _leaks_of(cell, path, lines)


def _leaks_of(cell: BundleCell, path: str, lines: set[str]) -> Iterator[Finding]:
    if cell.kind is CellKind.TEST and cell.hidden:
        found = sorted((_lines(cell.source) - _lines(cell.released)) & lines)
        if found:
            yield make_finding(
                "hidden_test_shown" if is_top_notebook(path) else "hidden_test_leaks",
                path,
                cell.grade_id,
                detail=found[0][:80],
            )
    if cell.reference:
        secret = _lines(cell.reference) - _lines(cell.released)
        found = sorted(secret & lines)
        if len(found) >= min(MIN_SOLUTION_LINES, len(secret)) and _weighs_enough(found):
            yield make_finding(
                "solution_shown" if is_top_notebook(path) else "solution_leaks",
                path,
                cell.grade_id,
                detail=found[0][:80],
            )


def _weighs_enough(found: list[str]) -> bool:
    """One short line may be given elsewhere for good reasons (an import, an example call)."""
    return len(found) >= MIN_SOLUTION_LINES or sum(map(len, found)) >= 5 * MIN_LINE_LETTERS


def _lines(text: str) -> set[str]:
    return {line.strip() for line in text.splitlines() if _tells_something(line.strip())}


def _tells_something(line: str) -> bool:
    is_boilerplate = line.startswith(("import ", "from ", "#", "raise NotImplementedError", "@"))
    return len(line) >= MIN_LINE_LETTERS and not is_boilerplate


def _text_of(path: str, data: bytes) -> str:
    """The readable text of a released file: sources of a notebook, the file itself otherwise."""
    text = data.decode("utf-8", "replace")
    if not path.endswith(".ipynb"):
        return text
    try:
        cells = json.loads(text)["cells"]
        return "\n".join("".join(cell["source"]) for cell in cells)
    except (ValueError, KeyError, TypeError):
        return text
