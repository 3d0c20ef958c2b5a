"""Stock nbgrader on the same submissions: ``nbgrader autograde`` of a whole assignment, as its users run it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.grading.workloads import Workload
from graders.files import FileSet

_CONFIGURATION = """
c = get_config()
c.CourseDirectory.course_id = "bench"
c.ExecutePreprocessor.timeout = 120
"""


def seconds_for(workload: Workload, submissions: Sequence[FileSet], folder: Path) -> float:
    """Return the wall time of stock autograde for all ``submissions``, after the assignment was generated."""
    course = folder / f"stock-{workload.name}"
    _write(course / "source" / "a", workload.source())
    (course / "nbgrader_config.py").write_text(_CONFIGURATION)
    _nbgrader(course, "generate_assignment", "a", "--create")
    for number, submission in enumerate(submissions):
        _write(course / "submitted" / f"s{number}" / "a", submission)
    began = time.monotonic()
    _nbgrader(course, "autograde", "a", "--create")
    return time.monotonic() - began


def _write(folder: Path, files: FileSet) -> None:
    folder.mkdir(parents=True)
    for path, data in files.files.items():
        (folder / path).write_bytes(data)


def _nbgrader(course: Path, *arguments: str) -> None:
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # it calls alembic by name
    environment = {
        **os.environ,
        "PATH": programs,
        "IPYTHONDIR": str(course / ".ipython"),
        "JUPYTER_PREFER_ENV_PATH": "1",
    }
    command = [sys.executable, "-m", "nbgrader", *arguments]
    result = subprocess.run(
        command, cwd=course, env=environment, capture_output=True, text=True, timeout=3600, check=False
    )
    if result.returncode != 0:
        raise RuntimeError(f"nbgrader {arguments[0]} failed: {result.stderr[-2000:]}")
