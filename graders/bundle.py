"""The grading bundle: everything the engine knows about an assignment, as one versioned model in a file set.

It is made once, at release (``graders.release``), and holds what a student must never see: hidden tests and
the reference solution. Only the trusted side reads it; the student's side gets rebuilt sources and the files
under ``files/``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from graders.contract import Frozen, Isolation, Limits
from graders.files import FileSet, canonical_json

BUNDLE_FILE = "bundle.json"
HELPERS_FOLDER = "files/"

#: Opaque JSON that another part of the engine wrote (the bridge's reference profile).
Json = Any


class BundleError(ValueError):
    """A file set is not a grading bundle that this version can read."""


class CellKind(StrEnum):
    """What a cell of the instructor's notebook is for; decides whose source counts."""

    GIVEN = "given"  # instructor's code without points
    SOLUTION = "solution"  # student's code, graded by later test cells
    TEST = "test"  # automatic points; always the instructor's source
    MANUAL = "manual"  # student's code or text, graded by a person
    TASK = "task"  # instructor's text with points; the answer is in the student's own cells after it
    MARKDOWN = "markdown"  # instructor's text
    RAW = "raw"


#: Kinds whose source is the student's.
ANSWER_KINDS = frozenset({CellKind.SOLUTION, CellKind.MANUAL})
#: Kinds whose points a person gives.
MANUAL_KINDS = frozenset({CellKind.MANUAL, CellKind.TASK})


class BundleCell(Frozen):
    """One cell of the instructor's notebook, in notebook order.

    ``source`` is what the engine runs for given and test cells (hidden tests included); for answer cells it is the
    stub that students start from. ``reference`` is the instructor's own answer of an answer cell.
    """

    kind: CellKind
    cell_id: str = Field(pattern=r"^[a-zA-Z0-9-_]{1,64}$")
    cell_type: Literal["code", "markdown", "raw"]
    source: str
    released: str = Field(description="source in the student's version")
    reference: str | None = None
    grade_id: str | None = None
    points: float = Field(default=0, ge=0)
    locked: bool = Field(description="a student's edit is ignored; answer cells and plain cells are not locked")
    hidden: bool = Field(default=False, description="the source holds tests that the student's version lacks")
    in_process_allowed: bool = Field(default=False, description="may run in the student's process if it can't cross")
    isolation: Isolation = Field(default=Isolation.ISOLATED, description="where the check found that this test runs")
    metadata: Mapping[str, Json] = Field(default_factory=dict, description="cell metadata of the student's version")
    profile: Json = Field(default=None, description="the bridge's record of the reference at this cell")

    @property
    def is_answer(self) -> bool:
        """Whether the source of this cell is the student's."""
        return self.kind in ANSWER_KINDS

    @property
    def is_manual(self) -> bool:
        """Whether a person gives the points of this cell."""
        return self.kind in MANUAL_KINDS

    @model_validator(mode="after")
    def _graded_cells_are_named(self) -> Self:
        named = self.is_answer or self.is_manual or self.kind is CellKind.TEST
        if named and not self.grade_id:
            raise ValueError(f"a {self.kind} cell needs a grade_id")
        return self


class BundleNotebook(Frozen):
    """One notebook of the assignment; ``metadata`` is the instructor's notebook metadata (kernelspec and so on)."""

    path: str = Field(pattern=r"\.ipynb$")
    kernel: str = "python3"
    language: str = "python"
    metadata: Mapping[str, Json] = Field(default_factory=dict)
    cells: tuple[BundleCell, ...]
    profile: Json = None

    def graded_cells(self) -> Iterator[BundleCell]:
        """Cells that carry points: automatic and manual."""
        return (cell for cell in self.cells if cell.kind is CellKind.TEST or cell.is_manual)


class Bundle(Frozen):
    """An assignment as the engine sees it; notebooks run in this order, in one folder."""

    bundle_version: Literal[1] = 1
    assignment: str = Field(min_length=1)
    notebooks: tuple[BundleNotebook, ...] = Field(min_length=1)
    preload: tuple[str, ...] = Field(default=(), description="modules to import in the warm process")
    limits: Limits = Limits()
    student_files: tuple[str, ...] = Field(default=(), description="helper files that students are meant to edit")

    @property
    def max_score(self) -> float:
        """Maximum of the automatic points."""
        return sum(c.points for n in self.notebooks for c in n.cells if c.kind is CellKind.TEST)

    @property
    def manual_max_score(self) -> float:
        """Maximum of the points that a person gives."""
        return sum(c.points for n in self.notebooks for c in n.cells if c.is_manual)

    def notebook(self, path: str) -> BundleNotebook:
        """Return the notebook at ``path``; KeyError if the assignment has none."""
        for notebook in self.notebooks:
            if notebook.path == path:
                return notebook
        raise KeyError(path)


def make_bundle_files(bundle: Bundle, helpers: FileSet) -> FileSet:
    """Pack a bundle and its helper files: ``bundle.json`` and ``files/<path>``."""
    packed = {HELPERS_FOLDER + path: data for path, data in helpers.files.items()}
    return FileSet({**packed, BUNDLE_FILE: canonical_json(bundle.model_dump(mode="json"))})


def load_bundle(files: FileSet) -> Bundle:
    """Read the bundle model from a bundle's file set."""
    if BUNDLE_FILE not in files.files:
        raise BundleError(f"no {BUNDLE_FILE} in this file set: make it with graders.release.make_release")
    try:
        return Bundle.model_validate_json(files.files[BUNDLE_FILE])
    except ValidationError as error:
        raise BundleError(f"{BUNDLE_FILE} is not a bundle of version 1: release the assignment again") from error


def helper_files(files: FileSet) -> FileSet:
    """Return the instructor's helper files of a bundle's file set, under their paths in the working folder."""
    start = len(HELPERS_FOLDER)
    return FileSet({path[start:]: data for path, data in files.files.items() if path.startswith(HELPERS_FOLDER)})
