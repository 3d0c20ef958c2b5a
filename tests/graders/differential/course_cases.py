"""Our own courses' assignments as cases: the reference and two of the answers that their authors calibrated with."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from courses.catalog import Assignment as CourseAssignment
from courses.catalog import load_catalog
from courses.trial import answers_from_script
from graders.contract import LEARNER_FILE, Limits
from graders.files import FileSet, canonical_json, sha256_hex

SEED, HIDDEN_SEED = 1, 2
VARIANTS = ("naive", "wrong")


@dataclass(frozen=True)
class CourseCase:
    """``answers``: style -> grade_id -> source."""

    name: str
    source: FileSet
    answers: dict[str, dict[str, str]]
    limits: Limits
    preload: tuple[str, ...]
    digest: str


def course_cases() -> Iterator[CourseCase]:
    """One case for each assignment of the catalogue."""
    for course in load_catalog():
        for assignment in course.assignments:
            yield _case(f"{course.slug}/{assignment.slug}", assignment)


def _case(name: str, assignment: CourseAssignment) -> CourseCase:
    (notebook,) = assignment.notebooks().values()
    reference = {cell.metadata["nbgrader"]["grade_id"]: cell.source for cell in notebook.cells if _is_answer(cell)}
    scripts = assignment.solution_scripts()
    answers = {"reference": reference}
    for variant in VARIANTS:
        answers[variant] = reference | answers_from_script(scripts[variant], notebook, name=variant)
    source = FileSet({**assignment.source_fileset(), LEARNER_FILE: canonical_json({"seed": SEED})})
    code = [_plain(cell.source) for cell in notebook.cells if cell.cell_type == "code"]
    texts = {style: {name: _plain(text) for name, text in each.items()} for style, each in answers.items()}
    return CourseCase(
        name=name.replace("/", "-"),
        source=source,
        answers=answers,
        limits=Limits(**assignment.spec.limits.model_dump()),
        preload=tuple(assignment.spec.preload),
        digest=sha256_hex(canonical_json([name, code, texts])),
    )


def _is_answer(cell: object) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))  # type: ignore[attr-defined]


def _plain(source: str) -> str:
    """Source without its comments and layout, which change no score; what is no plain Python stays as it is."""
    try:
        return ast.dump(ast.parse(source))
    except SyntaxError:
        return source
