"""Takes over an existing nbgrader course folder as it is: notebooks and helper files are copied byte for byte.

What nbgrader does not know (owner, deadlines, rubrics) is filled with plain defaults in a course.yaml for a person to
edit. ``nbgrader_config.py`` is Python and is never run; ``gradebook.db`` is not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import yaml

from courses.build import notebook_from_ipynb
from courses.catalog import COURSE_FILE, HELPERS_FOLDER, load_catalog
from courses.errors import CourseError

SOURCE_FOLDER = "source"
DAYS_PER_ASSIGNMENT = 7
LEFT_BEHIND = frozenset({"__pycache__", "Thumbs.db"})
NOTE = """\
# Taken over from an nbgrader course folder. Edit titles, hours, deadlines and rubrics, then: axcampus course check
# 넘겨받은 강좌입니다. 제목, 시간, 마감, 루브릭을 고친 다음 axcampus course check를 실행하십시오.
"""


@dataclass(frozen=True)
class TakenOver:
    """What was written, and a line for each assignment or file that was left out."""

    files: tuple[Path, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """One assignment of the old course: its folder, our name for it, and its files by path."""

    folder: Path
    slug: str
    files: Mapping[str, bytes]
    notebooks: Mapping[str, nbformat.NotebookNode]

    @property
    def cells(self) -> list[dict[str, Any]]:
        """nbgrader metadata of all cells that have some."""
        cells = (cell for notebook in self.notebooks.values() for cell in notebook.cells)
        return [dict(cell.metadata["nbgrader"]) for cell in cells if "nbgrader" in cell.metadata]

    @property
    def points(self) -> float:
        """Sum of automatic and manual points."""
        return float(sum(cell.get("points", 0) for cell in self.cells))


def take_over(folder: Path, target: Path, course: str, university: str) -> TakenOver:
    """Write the course folder ``target/course`` from the nbgrader course ``folder``.

    Everything is read and checked before anything is written. Raises CourseError if the name is no slug, the
    university is unknown, the target exists, or a notebook can't be read.
    """
    if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", course) is None:
        raise CourseError(f"course id {course!r}: use small letters, digits and single hyphens")
    load_catalog().university(university)
    destination = target / course
    if destination.exists():
        raise CourseError(f"{destination} exists already: choose another id or remove it")
    found, left_out = _found_assignments(folder)
    worth = [each for each in found if each.points > 0]
    left_out += [f"{each.folder.name}: has no points" for each in found if each.points <= 0]
    if not worth:
        raise CourseError(f"{folder / SOURCE_FOLDER}: no assignment with graded cells")
    texts: dict[str, str | bytes] = {COURSE_FILE: _course_yaml(course, university, worth)}
    texts |= {f"{each.slug}/{path}": data for each in worth for path, data in _placed(each).items()}
    return TakenOver(tuple(_written(destination / path, data) for path, data in texts.items()), tuple(left_out))


def _found_assignments(folder: Path) -> tuple[list[Found], list[str]]:
    source = folder / SOURCE_FOLDER
    if not source.is_dir():
        raise CourseError(f"{source}: not there: give the folder of an nbgrader course")
    inside = [each for each in sorted(source.iterdir()) if each.is_dir() and not each.name.startswith(".")]
    folders = [each for each in inside if not each.is_symlink()]
    slugs = _slugs([each.name for each in folders])
    found: list[Found] = []
    left_out = [f"{each.name}: a link" for each in inside if each.is_symlink()]
    for each, slug in zip(folders, slugs, strict=True):
        files, links = _files_of(each)
        left_out += [f"{each.name}/{path}: a link" for path in links]
        found.append(Found(each, slug, files, _notebooks(each.name, files)))
    return found, left_out


def _slugs(names: list[str]) -> list[str]:
    """``["Problem Set 1", "진동"]`` -> ``["problem-set-1", "a02"]``; CourseError if two names become one."""
    slugs = []
    for number, name in enumerate(names, start=1):
        plain = "-".join(re.findall(r"[a-z0-9]+", name.lower()))[:64].strip("-")
        slugs.append(plain if plain and name.isascii() else f"a{number:02d}")
    twice = sorted({slug for slug in slugs if slugs.count(slug) > 1})
    if twice:
        raise CourseError(f"assignments whose names become the same: {', '.join(twice)}: rename one of them")
    return slugs


def _files_of(folder: Path) -> tuple[dict[str, bytes], list[str]]:
    """Return path -> bytes and the links, which are never followed: they may point anywhere on this machine."""
    files: dict[str, bytes] = {}
    links: list[str] = []
    for path in sorted(_walk(folder)):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            links.append(name)
        elif path.is_file():
            files[name] = path.read_bytes()
    return files, links


def _walk(folder: Path) -> list[Path]:
    """Everything under ``folder`` except hidden and generated names; folders that are links are not entered."""
    here: list[Path] = []
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name in LEFT_BEHIND:
            continue
        here += _walk(path) if path.is_dir() and not path.is_symlink() else [path]
    return here


def _notebooks(name: str, files: Mapping[str, bytes]) -> dict[str, nbformat.NotebookNode]:
    """Read the notebooks that nbgrader would: those at the top of the assignment's folder."""
    tops = {path: data for path, data in files.items() if path.endswith(".ipynb") and "/" not in path}
    return {path: notebook_from_ipynb(data, name=f"{name}/{path}") for path, data in tops.items()}


def _placed(found: Found) -> dict[str, bytes]:
    """Notebooks stay beside course.yaml's folder for the assignment, all else goes to the helper files."""
    return {path if path in found.notebooks else f"{HELPERS_FOLDER}/{path}": data for path, data in found.files.items()}


def _course_yaml(course: str, university: str, found: list[Found]) -> str:
    author = [{"name": {"ko": "이름", "en": "Name"}, "university": university}]
    data = {
        "id": course,
        "title": {"ko": course, "en": course},
        "summary": {"ko": "넘겨받은 강좌입니다.", "en": "A course taken over from nbgrader."},
        "university": university,
        "authors": author,
        "licence": {"text": "LicenseRef-unknown", "code": "LicenseRef-unknown"},
        "hours": float(len(found)),
        "assignments": [_entry(each, number, author) for number, each in enumerate(found, start=1)],
    }
    return NOTE + yaml.dump(data, allow_unicode=True, sort_keys=False, Dumper=_NoAliases, width=110)


class _NoAliases(yaml.SafeDumper):
    """Writes the author out each time: people edit this file."""

    def ignore_aliases(self, _data: Any) -> bool:
        """Never write an anchor."""
        return True


def _entry(found: Found, number: int, author: list[dict[str, Any]]) -> dict[str, Any]:
    last = DAYS_PER_ASSIGNMENT * number
    return {
        "id": found.slug,
        "title": {"ko": found.folder.name, "en": found.folder.name},
        "summary": {"ko": "넘겨받은 과제입니다.", "en": "An assignment taken over from nbgrader."},
        "university": author[0]["university"],
        "authors": author,
        "hours": 1.0,
        "points": found.points,
        "opens": {"day": 0, "time": "09:00"},
        "due": {"day": last - 1, "time": "23:59"},
        "closes": {"day": last + DAYS_PER_ASSIGNMENT - 1, "time": "23:59"},
        "rubrics": [_rubric(cell) for cell in found.cells if _needs_a_person(cell)],
    }


def _needs_a_person(cell: Mapping[str, Any]) -> bool:
    by_hand = (cell.get("grade") and cell.get("solution")) or cell.get("task")
    return bool(by_hand) and cell.get("points", 0) > 0


def _rubric(cell: Mapping[str, Any]) -> dict[str, Any]:
    item = {"name": {"ko": "답 전체", "en": "The answer as a whole"}, "points": float(cell["points"])}
    return {"grade_id": cell["grade_id"], "items": [item]}


def _written(path: Path, data: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path
