"""The notebooks to run: the instructor's structure with the student's answers and own cells at their places.

Test cells, locked cells, metadata, tags, kernels and files of the instructor are never the student's. Cells that
nbgrader leaves open (without a lock) are run as the student left them, as in nbgrader.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graders.alignment import Alignment, align, same_text
from graders.bundle import Bundle, BundleCell, BundleNotebook, CellKind
from graders.contract import Flag, Text
from graders.files import FileSet
from graders.intake import CellType, Submission, SubmittedCell, SubmittedNotebook
from graders.notebook_json import make_cell_id
from graders.rebuild_files import rebuild_files
from graders.rebuild_flags import TOLD_AT_SUBMIT, make_flag


@dataclass(frozen=True)
class CellToRun:
    """One cell in running order. ``origin`` is the instructor's cell; None for the student's own.

    ``source`` is what runs (of a test cell: with its hidden tests). ``answered``: an answer differs from its stub.
    """

    cell_id: str
    cell_type: CellType
    source: str
    origin: BundleCell | None = None
    answered: bool = False
    attachments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class NotebookToRun:
    """One notebook of the assignment as it will run."""

    path: str
    cells: tuple[CellToRun, ...]
    bundle: BundleNotebook


@dataclass(frozen=True)
class Rebuilt:
    """A whole submission ready to run; ``files`` is the working folder without the assignment's notebooks."""

    notebooks: tuple[NotebookToRun, ...]
    files: FileSet
    flags: tuple[Flag, ...]


def rebuild(bundle: Bundle, submission: Submission, helpers: FileSet | None = None) -> Rebuilt:
    """Rebuild every notebook of the assignment from a submission; ``helpers`` are the bundle's helper files."""
    partners, flags = _find_notebooks(bundle, submission)
    notebooks = []
    for notebook in bundle.notebooks:
        made, found = rebuild_notebook(notebook, partners.get(notebook.path))
        notebooks.append(made)
        flags += found
    taken = {notebook.path for notebook in bundle.notebooks} | {partner.path for partner in partners.values()}
    files, about_files = rebuild_files(
        helpers or FileSet({}), submission.files, notebooks=taken, student_files=bundle.student_files
    )
    return Rebuilt(tuple(notebooks), files, (*flags, *about_files))


def submit_warnings(bundle: Bundle, submission: Submission, helpers: FileSet | None = None) -> list[Text]:
    """What a student should know when submitting: missing, empty, copied, moved cells and ignored changes."""
    flags = rebuild(bundle, submission, helpers).flags
    return [flag.message for flag in flags if flag.code in TOLD_AT_SUBMIT]


def _find_notebooks(bundle: Bundle, submission: Submission) -> tuple[dict[str, SubmittedNotebook], list[Flag]]:
    """Pair notebooks by name, and renamed ones by the grade ids that they hold."""
    partners = {n.path: submission.notebooks[n.path] for n in bundle.notebooks if n.path in submission.notebooks}
    spare = {path: each for path, each in submission.notebooks.items() if path not in partners}
    flags = []
    for notebook in bundle.notebooks:
        if notebook.path in partners:
            continue
        renamed = _most_alike(notebook, spare, only_one=len(bundle.notebooks) == 1 and len(spare) == 1)
        if renamed is None:
            flags.append(make_flag("notebook_missing", notebook.path))
            continue
        partners[notebook.path] = spare.pop(renamed.path)
        flags.append(make_flag("notebook_renamed", notebook.path, renamed.path))
    return partners, flags


def _most_alike(
    notebook: BundleNotebook, spare: Mapping[str, SubmittedNotebook], *, only_one: bool
) -> SubmittedNotebook | None:
    names = {cell.grade_id for cell in notebook.cells if cell.grade_id}
    scored = [(len(names & {cell.grade_id for cell in each.cells}), each.path) for each in spare.values()]
    if not scored:
        return None
    shared, path = max(scored)
    return spare[path] if shared or only_one else None


def rebuild_notebook(notebook: BundleNotebook, submitted: SubmittedNotebook | None) -> tuple[NotebookToRun, list[Flag]]:
    """Put one notebook together; without a submitted one every answer is empty."""
    if submitted is None:
        cells = tuple(_instructors_cell(cell) for cell in notebook.cells)
        return NotebookToRun(notebook.path, cells, notebook), []
    alignment = align(notebook.cells, submitted.cells)
    own = _own_cells(notebook, alignment)
    cells_to_run = list(own.get(-1, []))
    for place in range(len(notebook.cells)):
        cells_to_run += [_cell_to_run(alignment, place), *own.get(place, [])]
    return NotebookToRun(notebook.path, tuple(cells_to_run), notebook), _flags(notebook, alignment)


def _own_cells(notebook: BundleNotebook, alignment: Alignment) -> dict[int, list[CellToRun]]:
    """The student's own cells by the place of the instructor's cell that they follow (-1: before all)."""
    places = {partner: place for place, partner in alignment.matches.items()}
    used = {cell.cell_id for cell in notebook.cells}
    own: dict[int, list[CellToRun]] = {}
    anchor = -1
    for index, cell in enumerate(alignment.submitted):
        if index in places:
            anchor = places[index]
            continue
        cell_id = cell.cell_id if cell.cell_id and cell.cell_id not in used else make_cell_id("own", index, cell.source)
        used.add(cell_id)
        made = CellToRun(cell_id, cell.cell_type, cell.source, attachments=cell.attachments)
        own.setdefault(anchor, []).append(made)
    return own


def _cell_to_run(alignment: Alignment, place: int) -> CellToRun:
    cell = alignment.cells[place]
    partner = alignment.matches.get(place)
    if partner is None or cell.locked:
        return _instructors_cell(cell)
    return _students_cell(cell, alignment.submitted[partner])


def _instructors_cell(cell: BundleCell) -> CellToRun:
    """The instructor's own text; a deleted answer is empty, because its stub would undo an answer written elsewhere."""
    return CellToRun(cell.cell_id, cell.cell_type, "" if cell.is_answer else cell.source, cell)


def _students_cell(cell: BundleCell, submitted: SubmittedCell) -> CellToRun:
    answered = cell.is_answer and bool(submitted.source.strip()) and not same_text(submitted.source, cell.released)
    return CellToRun(cell.cell_id, cell.cell_type, submitted.source, cell, answered, submitted.attachments)


def _flags(notebook: BundleNotebook, alignment: Alignment) -> list[Flag]:
    moved = _moved(alignment)
    flags: list[Flag] = []
    for place, cell in enumerate(notebook.cells):
        codes = _codes_for(alignment, place, cell)
        codes += ["cell_moved"] if place in moved else []
        flags += [make_flag(code, notebook.path, cell.grade_id) for code in codes]
    return flags


def _codes_for(alignment: Alignment, place: int, cell: BundleCell) -> list[str]:
    partner = alignment.matches.get(place)
    if partner is None:
        if cell.is_answer:
            return ["answer_missing"]
        return ["cell_restored"] if cell.grade_id else []
    submitted = alignment.submitted[partner]
    signs = {
        "cell_copied": place in alignment.copied,
        "cell_recognised": place in alignment.guessed,
        "cell_type_changed": submitted.cell_type != cell.cell_type,
        "locked_edited": cell.locked and not same_text(submitted.source, cell.released),
        "given_edited": cell.kind is CellKind.GIVEN
        and not cell.locked
        and not same_text(submitted.source, cell.source),
        "unanswered": cell.is_answer and not _students_cell(cell, submitted).answered,
    }
    return [code for code, holds in signs.items() if holds]


def _moved(alignment: Alignment) -> set[int]:
    """Places of cells that stand before the partner of an earlier named cell."""
    moved, furthest = set(), -1
    for place in sorted(alignment.matches):
        partner = alignment.matches[place]
        if partner < furthest and alignment.cells[place].grade_id:
            moved.add(place)
        furthest = max(furthest, partner)
    return moved
