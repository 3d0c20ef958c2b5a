"""Reads every course folder into one immutable catalogue; what other rooms know about courses comes from here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import nbformat
import yaml
from pydantic import BaseModel, ValidationError

from courses.build import build_notebook, notebook_from_ipynb, notebook_from_script
from courses.errors import CourseError, UnknownCourseError
from courses.schema import AssignmentSpec, CourseSpec, University

#: The course folders and partners.yaml lie beside this file, in a checkout and in an installed wheel.
PACKAGED_ROOT = Path(__file__).resolve().parent
COURSE_FILE = "course.yaml"
PARTNERS_FILE = "partners.yaml"
HELPERS_FOLDER = "files"
SOLUTIONS_FOLDER = "solutions"

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Assignment:
    """An assignment of a course and the folder its sources lie in."""

    spec: AssignmentSpec
    folder: Path

    @property
    def slug(self) -> str:
        """Name in the portal, in nbgrader and on disk."""
        return self.spec.id

    @cached_property
    def scripts(self) -> Mapping[str, str]:
        """Notebook name without suffix -> percent script, in name order."""
        return {path.stem: path.read_text(encoding="utf-8") for path in sorted(self.folder.glob("*.py"))}

    @cached_property
    def own_notebooks(self) -> Mapping[str, bytes]:
        """Name without suffix -> bytes of each ``.ipynb`` that is itself the source (courses taken over)."""
        return {path.stem: path.read_bytes() for path in sorted(self.folder.glob("*.ipynb"))}

    def source_fileset(self) -> dict[str, bytes]:
        """Return nbgrader's source folder of this assignment: path -> bytes (notebooks and helper files)."""
        built = {f"{stem}.ipynb": build_notebook(text, name=f"{stem}.py") for stem, text in self.scripts.items()}
        as_they_are = {f"{stem}.ipynb": data for stem, data in self.own_notebooks.items()}
        return {**self._helper_files(), **as_they_are, **built}

    def notebooks(self) -> dict[str, nbformat.NotebookNode]:
        """Return the source notebooks as objects: name without suffix -> notebook."""
        read = {stem: notebook_from_ipynb(data, name=f"{stem}.ipynb") for stem, data in self.own_notebooks.items()}
        built = {stem: notebook_from_script(text, name=f"{stem}.py") for stem, text in self.scripts.items()}
        return dict(sorted({**read, **built}.items()))

    def _helper_files(self) -> dict[str, bytes]:
        root = self.folder / HELPERS_FOLDER
        files = (path for path in sorted(root.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}

    def solution_scripts(self) -> dict[str, str]:
        """Return the calibration variants beside the source: naive, leaky, wrong, ... -> percent script."""
        folder = self.folder / SOLUTIONS_FOLDER
        return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py"))}


@dataclass(frozen=True)
class Course:
    """A course folder: its course.yaml and its assignments in teaching order."""

    spec: CourseSpec
    folder: Path

    @property
    def slug(self) -> str:
        """Name in the portal, in nbgrader and on disk."""
        return self.spec.id

    @cached_property
    def assignments(self) -> tuple[Assignment, ...]:
        """The assignments in the order of course.yaml."""
        return tuple(Assignment(spec, self.folder / spec.id) for spec in self.spec.assignments)

    def assignment(self, slug: str) -> Assignment:
        """Return one assignment; UnknownCourseError if the course has none of this name."""
        for assignment in self.assignments:
            if assignment.slug == slug:
                return assignment
        raise UnknownCourseError(f"course {self.slug} has no assignment {slug!r}")


@dataclass(frozen=True)
class Catalog:
    """All courses and the universities that own them."""

    universities: tuple[University, ...]
    courses: tuple[Course, ...]

    def __iter__(self) -> Iterator[Course]:
        return iter(self.courses)

    def course(self, slug: str) -> Course:
        """Return one course; UnknownCourseError if there is none of this name."""
        for course in self.courses:
            if course.slug == slug:
                return course
        known = ", ".join(c.slug for c in self.courses) or "none"
        raise UnknownCourseError(f"there is no course {slug!r} (known: {known})")

    def university(self, code: str) -> University:
        """Return one university; UnknownCourseError if partners.yaml does not name it."""
        for university in self.universities:
            if university.code == code:
                return university
        raise UnknownCourseError(f"{PARTNERS_FILE} names no university {code!r}")


def load_catalog(root: Path | None = None) -> Catalog:
    """Read partners.yaml and every folder with a course.yaml under ``root`` (default: the packaged courses).

    Raises CourseError naming file and field of the first thing that is wrong.
    """
    folder = PACKAGED_ROOT if root is None else root
    universities = _load_universities(folder)
    files = sorted(folder.glob(f"*/{COURSE_FILE}"))
    return Catalog(universities, tuple(_load_course(file, universities) for file in files))


def _load_universities(folder: Path) -> tuple[University, ...]:
    file = folder / PARTNERS_FILE
    entries = _read_yaml(file if file.exists() else PACKAGED_ROOT / PARTNERS_FILE)
    if not isinstance(entries, list):
        raise CourseError(f"{file}: must be a list of universities")
    return tuple(_validated(University, entry, file) for entry in entries)


def _load_course(file: Path, universities: tuple[University, ...]) -> Course:
    spec = _validated(CourseSpec, _read_yaml(file), file)
    if spec.id != file.parent.name:
        raise CourseError(f"{file}: id is {spec.id!r}, but the folder is {file.parent.name!r}: they must be the same")
    unknown = sorted(spec.universities - {university.code for university in universities})
    if unknown:
        raise CourseError(f"{file}: universities not in {PARTNERS_FILE}: {', '.join(unknown)}")
    course = Course(spec, file.parent)
    missing = [a.slug for a in course.assignments if not _sources(a, "*.py") | _sources(a, "*.ipynb")]
    if missing:
        raise CourseError(f"{file}: no percent script (*.py) and no notebook in the folder of: {', '.join(missing)}")
    twice = [a.slug for a in course.assignments if _sources(a, "*.py") & _sources(a, "*.ipynb")]
    if twice:
        raise CourseError(f"{file}: a script and a notebook of the same name in the folder of: {', '.join(twice)}")
    return course


def _sources(assignment: Assignment, pattern: str) -> set[str]:
    return {path.stem for path in assignment.folder.glob(pattern)}


def _read_yaml(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CourseError(f"{file}: can't be read ({error.strerror})") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CourseError(f"{file}: is not YAML: {error}") from error


def _validated(model: type[Model], data: Any, file: Path) -> Model:
    """Validate and turn pydantic's report into lines ``file: field: what``."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        lines = [f"{file}: {_field_path(e['loc'])}: {e['msg']}" for e in error.errors()]
        raise CourseError("\n".join(lines)) from error


def _field_path(location: tuple[int | str, ...]) -> str:
    """``("assignments", 0, "due", "day")`` -> ``assignments[0].due.day``."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in location]
    return "".join(parts).removeprefix(".") or "(whole file)"
