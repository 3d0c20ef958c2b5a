"""From an instructor's nbgrader source folder to what students get and what the engine needs.

The student's version is made by nbgrader's own preprocessors, in nbgrader's order, so a release here is the
release that ``nbgrader generate_assignment`` would make.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

from nbformat import NotebookNode
from nbgrader import utils as nbgrader_rules
from traitlets.config import Config

from graders.bundle import Bundle, BundleCell, BundleNotebook, CellKind, make_bundle_files
from graders.contract import LEARNER_FILE, Limits, Text
from graders.files import FileSet
from graders.leftovers import LEFTOVERS, is_leftover
from graders.notebook_json import NotebookError, dump_notebook, is_top_notebook, load_notebook
from graders.preload import find_preload
from graders.release_steps import ReleaseStepError, StepContext, make_graded, make_student, upgrade_metadata

#: Files of an assignment that students don't get: leftovers and nbgrader's templates of automatic tests.
IGNORED = (*LEFTOVERS, "autotests.yml")


class ReleaseError(ValueError):
    """An assignment can't be released; ``text`` tells the author what to mend."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True)
class ReleaseOptions:
    """What an author may choose. ``nbgrader`` is the traitlets configuration of an nbgrader course."""

    limits: Limits = field(default_factory=Limits)
    in_process_allowed: bool = False
    student_files: tuple[str, ...] = ()
    autotests: bytes | None = None
    preload: tuple[str, ...] | None = None
    ignored: tuple[str, ...] = IGNORED
    header: bytes | None = None
    footer: bytes | None = None
    nbgrader: Config = field(default_factory=Config)


@dataclass(frozen=True)
class Release:
    """Both halves of a released assignment; points are the maxima."""

    student: FileSet
    bundle: FileSet
    max_score: float
    manual_max_score: float
    warnings: tuple[Text, ...]


def make_release(source: FileSet, *, assignment: str, options: ReleaseOptions | None = None) -> Release:
    """Make the student's files and the grading bundle from a source folder; ReleaseError if it can't be."""
    options = options or ReleaseOptions()
    paths = [path for path in source if is_top_notebook(path)]
    if not paths:
        raise ReleaseError(Text(ko="과제 폴더에 노트북(.ipynb)이 없습니다.", en="The folder has no notebook (.ipynb)."))
    helpers = _helpers(source, options)
    made = {path: _release_notebook(source, path, options) for path in paths}
    bundle = Bundle(
        assignment=assignment,
        notebooks=tuple(notebook for notebook, _ in made.values()),
        preload=options.preload if options.preload is not None else find_preload(_codes(made)),
        limits=options.limits,
        student_files=options.student_files,
    )
    student = FileSet({**helpers.files, **{path: data for path, (_, data) in made.items()}})
    return Release(
        student=student,
        bundle=make_bundle_files(bundle, helpers),
        max_score=bundle.max_score,
        manual_max_score=bundle.manual_max_score,
        warnings=_warnings(bundle, helpers),
    )


def _codes(made: dict[str, tuple[BundleNotebook, bytes]]) -> list[str]:
    cells = [cell for notebook, _ in made.values() for cell in notebook.cells if cell.cell_type == "code"]
    return [cell.reference or cell.source for cell in cells]


def _helpers(source: FileSet, options: ReleaseOptions) -> FileSet:
    """Everything beside the notebooks that students get too; the learner's seed file is the portal's to write."""
    kept = {
        path: data
        for path, data in source.files.items()
        if not is_top_notebook(path) and path != LEARNER_FILE and not is_leftover(path, options.ignored)
    }
    return FileSet(kept)


def _release_notebook(source: FileSet, path: str, options: ReleaseOptions) -> tuple[BundleNotebook, bytes]:
    try:
        original = _framed(upgrade_metadata(load_notebook(source.files[path], path)), options)
        context = StepContext(source, path, options.autotests, options.nbgrader)
        graded = make_graded(copy.deepcopy(original), context)
        student = make_student(copy.deepcopy(graded), context)
    except (NotebookError, ReleaseStepError) as error:
        raise ReleaseError(_broken(path, str(error))) from error
    return _bundle_notebook(path, (original, graded, student), options), dump_notebook(student)


def _framed(notebook: NotebookNode, options: ReleaseOptions) -> NotebookNode:
    """The cells of the course's header and footer notebooks around an assignment's own, as IncludeHeaderFooter does."""
    taken = {cell.id for cell in notebook.cells}
    header, footer = _cells(options.header, "header", taken), _cells(options.footer, "footer", taken)
    notebook.cells = [*header, *notebook.cells, *footer]
    return notebook


def _cells(data: bytes | None, name: str, taken: set[str]) -> list[NotebookNode]:
    """Cells of the header or footer; an id that the assignment has too gives way."""
    cells = [] if data is None else list(upgrade_metadata(load_notebook(data, name)).cells)
    for number, cell in enumerate(cells):
        cell.id = f"{name}-{number}" if cell.id in taken else cell.id
        taken.add(cell.id)
    return cells


def _broken(path: str, detail: str) -> Text:
    return Text(
        ko=f"노트북 {path}을(를) 배포용으로 바꿀 수 없습니다: {detail}",
        en=f"The notebook {path} can't be turned into a release: {detail}",
    )


Stages = tuple[NotebookNode, NotebookNode, NotebookNode]


def _bundle_notebook(path: str, stages: Stages, options: ReleaseOptions) -> BundleNotebook:
    student = stages[2]
    kernelspec = student.metadata.get("kernelspec", {})
    cells = zip(*(stage.cells for stage in stages), strict=True)
    return BundleNotebook(
        path=path,
        kernel=kernelspec.get("name", "python3"),
        language=kernelspec.get("language", "python"),
        metadata=student.metadata,
        cells=tuple(_bundle_cell(original, graded, released, options) for original, graded, released in cells),
    )


def _bundle_cell(
    original: NotebookNode, graded: NotebookNode, released: NotebookNode, options: ReleaseOptions
) -> BundleCell:
    kind = kind_of(graded)
    rules = released.metadata.get("nbgrader", {})
    return BundleCell(
        kind=kind,
        cell_id=released.id,
        cell_type=graded.cell_type,
        source=graded.source,
        released=released.source,
        reference=original.source if kind in (CellKind.SOLUTION, CellKind.MANUAL) else None,
        grade_id=rules.get("grade_id") or None,
        points=float(rules.get("points", 0)),
        locked=kind in (CellKind.TEST, CellKind.TASK) or bool(nbgrader_rules.is_locked(released)),
        hidden=graded.source != released.source,
        in_process_allowed=options.in_process_allowed,
        metadata=released.metadata,
    )


def kind_of(cell: NotebookNode) -> CellKind:
    """Tell what a cell is for from nbgrader's metadata."""
    graded, solution = nbgrader_rules.is_grade(cell), nbgrader_rules.is_solution(cell)
    if nbgrader_rules.is_task(cell) or (graded and not solution and cell.cell_type != "code"):
        return CellKind.TASK
    if graded:
        return CellKind.MANUAL if solution else CellKind.TEST
    if solution:
        return CellKind.SOLUTION
    return {"code": CellKind.GIVEN, "raw": CellKind.RAW}.get(cell.cell_type, CellKind.MARKDOWN)


def _warnings(bundle: Bundle, helpers: FileSet) -> tuple[Text, ...]:
    found = []
    if bundle.max_score + bundle.manual_max_score == 0:
        found.append(Text(ko="점수가 있는 셀이 없습니다.", en="No cell carries points."))
    for notebook in bundle.notebooks:
        if notebook.language != "python":
            found.append(_not_python(notebook))
    found += [_nested_notebook(path) for path in helpers if path.endswith(".ipynb")]
    return tuple(found)


def _not_python(notebook: BundleNotebook) -> Text:
    return Text(
        ko=f"{notebook.path}은(는) Python 노트북이 아니라서({notebook.language}) 자동 채점하지 않습니다.",
        en=f"{notebook.path} is not a Python notebook ({notebook.language}): it is not graded automatically.",
    )


def _nested_notebook(path: str) -> Text:
    return Text(
        ko=f"하위 폴더의 노트북 {path}은(는) 고치지 않고 그대로 배포합니다. 정답이 들어 있지 않은지 확인해 주십시오.",
        en=f"The notebook {path} in a subfolder is released as it is: make sure that it holds no solution.",
    )
