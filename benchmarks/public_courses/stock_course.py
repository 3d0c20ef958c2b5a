"""Stock nbgrader in a process of its own: release and autograde every assignment of a folder, print JSON scores.

Run as a script in a course folder. Whoever starts it puts it behind Landlock: public notebooks run here unprotected.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

SECONDS_PER_CELL = 60


def main() -> None:
    """Write ``{assignment: {"error": text | null, "scores": {student: {notebook: {cell: points}}}}}``."""
    subprocess.run([sys.executable, "-m", "nbgrader", "update", "."], check=True)  # metadata of older versions
    answers = {path.name: _grade(path.name) for path in sorted(Path("source").iterdir())}
    Path(sys.argv[1]).write_text(json.dumps(answers))


def _api() -> NbGraderAPI:
    config = Config()
    config.CourseDirectory.root = str(Path.cwd())
    config.CourseDirectory.course_id = "public"
    for name in ("Execute", "ExecutePreprocessor"):  # the class has both names, by version
        config[name].timeout = SECONDS_PER_CELL
        config[name].kernel_name = "python3"
    return NbGraderAPI(config=config)


def _grade(assignment: str) -> dict[str, Any]:
    made = _api().generate_assignment(assignment, force=True, create=True)
    if not made["success"]:
        return {"error": _last_line(made), "scores": {}}
    for student in sorted(path.name for path in Path("submitted").iterdir()):
        if Path("submitted", student, assignment).is_dir():
            _api().autograde(assignment, student, force=True, create=True)
    return {"error": None, "scores": _scores(assignment)}


def _last_line(result: dict[str, Any]) -> str:
    lines = f"{result.get('log') or ''}\n{result.get('error') or ''}".strip().splitlines()
    told = [line for line in lines if "Error" in line or "Exception" in line]
    return " / ".join(told[-3:])[:600] or "failed"


def _scores(assignment: str) -> dict[str, Any]:
    with Gradebook(f"sqlite:///{Path.cwd() / 'gradebook.db'}") as gradebook:
        return {
            submission.student.id: {
                notebook.name: {grade.cell.name: grade.auto_score for grade in notebook.grades}
                for notebook in submission.notebooks
            }
            for submission in gradebook.assignment_submissions(assignment)
        }


if __name__ == "__main__":
    main()
