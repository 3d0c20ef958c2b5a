"""An ordinary nbgrader course folder: ``source/<assignment>/*.ipynb``, ``nbgrader_config.py``, ``autotests.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from traitlets.config.loader import Config, ConfigFileNotFound, PyFileConfigLoader

from graders.contract import Limits
from graders.files import FileSet
from graders.folders import read_folder
from graders.release import ReleaseOptions

CONFIG_FILE = "nbgrader_config.py"
AUTOTESTS_FILE = "autotests.yml"


class CourseFolderError(ValueError):
    """The folder is no nbgrader course, or has no such assignment; the text says what was looked for."""


@dataclass(frozen=True)
class CourseFolder:
    """A course on disk with its nbgrader settings."""

    root: Path
    config: Config

    @property
    def name(self) -> str:
        """The course's id in nbgrader's settings, else the folder's name."""
        return str(self._setting("course_id", "") or self.root.resolve().name)

    @property
    def source(self) -> Path:
        """The folder of all assignments' sources."""
        return self.root / str(self._setting("source_directory", "source"))

    def read_assignment(self, assignment: str) -> FileSet:
        """Read an assignment's source folder."""
        return self.read_assignment_at(self.source / assignment)

    def read_assignment_at(self, folder: Path) -> FileSet:
        """Read a source folder that nbgrader's settings place elsewhere."""
        if not folder.is_dir():
            there = ", ".join(sorted(path.name for path in folder.parent.glob("*") if path.is_dir())) or "–"
            raise CourseFolderError(
                f"{folder.parent}에 과제 '{folder.name}'이(가) 없습니다. 있는 과제: {there}\n"
                f"There is no assignment '{folder.name}' in {folder.parent}; there are: {there}"
            )
        return read_folder(folder)

    def release_options(self, assignment: str, *, in_process_allowed: bool) -> ReleaseOptions:
        """What nbgrader's settings of this course say about a release."""
        autotests = self.root / AUTOTESTS_FILE
        editable = self._section("Autograde").get("exclude_overwriting", {})
        return ReleaseOptions(
            limits=self._limits(),
            in_process_allowed=in_process_allowed,
            student_files=tuple(editable.get(assignment, ())) if isinstance(editable, dict) else (),
            autotests=autotests.read_bytes() if autotests.is_file() else None,
            header=self._frame("header"),
            footer=self._frame("footer"),
            nbgrader=self.config,
        )

    def _limits(self) -> Limits:
        """nbgrader's time limit of a cell is ours where the course sets one; nbgrader's own default is none."""
        seconds = self._section("ExecutePreprocessor").get("timeout") or self._section("Execute").get("timeout")
        if not isinstance(seconds, int | float) or seconds <= 0:
            return Limits()
        notebook = max(Limits().notebook_seconds, 5.0 * seconds)
        return Limits(
            cell_seconds=seconds,
            test_cell_seconds=seconds,
            notebook_seconds=notebook,
            submission_seconds=max(Limits().submission_seconds, 2 * notebook),
        )

    def _frame(self, name: str) -> bytes | None:
        """The course's header or footer notebook, whose path nbgrader's settings tell."""
        path = str(self._section("IncludeHeaderFooter").get(name, ""))
        if not path:
            return None
        try:
            return (self.root / path).read_bytes()
        except OSError as error:
            told = f"IncludeHeaderFooter.{name} = {path}"
            raise CourseFolderError(
                f"{CONFIG_FILE}의 {told}을(를) 읽을 수 없습니다.\n{told} of {CONFIG_FILE} can't be read."
            ) from error

    def _section(self, name: str) -> Mapping[str, Any]:
        section: Mapping[str, Any] = self.config.get(name, {})
        return section

    def _setting(self, name: str, default: str) -> Any:
        return self._section("CourseDirectory").get(name, default)


def load_course_folder(root: Path) -> CourseFolder:
    """Open a course folder; its nbgrader_config.py is Python and is executed, as nbgrader does."""
    if not root.is_dir():
        raise CourseFolderError(f"{root}은(는) 폴더가 아닙니다.\n{root} is no folder.")
    try:
        config = PyFileConfigLoader(CONFIG_FILE, path=str(root.resolve())).load_config()
    except ConfigFileNotFound:
        config = Config()
    except Exception as error:  # the file is the author's own Python and may raise anything
        told = f"{type(error).__name__}: {error}"
        raise CourseFolderError(f"{CONFIG_FILE}에 오류가 있습니다: {told}\n{CONFIG_FILE} fails: {told}") from error
    return CourseFolder(root, config)
