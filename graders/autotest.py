"""AUTOTEST lines filled in by nbgrader, in a process of its own behind Landlock.

nbgrader runs the reference solution in a kernel for this. An author's notebook is code like any other: it must not
see the portal's files, and nbgrader leaves its kernel and sockets behind when a cell fails, so all of it ends with
this process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import courses
import graders
from graders.engine.landlock import abi_version

TIME_LIMIT_SECONDS = 600
#: Variables of this process that a kernel needs; everything else (tokens, keys) stays here.
KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "PYTHONDONTWRITEBYTECODE")


class AutotestError(ValueError):
    """nbgrader could not instantiate the tests; the text is its own."""


def instantiate_tests(
    notebook: Mapping[str, Any], files: Mapping[str, bytes], settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the notebook with each AUTOTEST line replaced; ``settings`` are nbgrader's InstantiateTests options."""
    with tempfile.TemporaryDirectory(prefix="axcampus-autotest-") as name:
        folder = Path(name).resolve()
        work = folder / "work"
        _write_files(work, files)
        _link_packages(folder / "packages")
        task = json.dumps({"notebook": notebook, "settings": settings, "folder": str(work)})
        return _answer_of(_run(folder, task))


def _write_files(work: Path, files: Mapping[str, bytes]) -> None:
    work.mkdir()
    for path, data in files.items():
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_bytes(data)


def _link_packages(folder: Path) -> None:
    """Make our packages importable without showing the folder around them, which may hold var/ and its secrets."""
    folder.mkdir()
    for package in _packages():
        (folder / package.name).symlink_to(package)


def _packages() -> list[Path]:
    return [Path(module.__path__[0]).resolve() for module in (courses, graders)]


def _run(folder: Path, task: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "graders.autotest_process"]
    try:
        return subprocess.run(
            _behind_landlock(folder, command),
            input=task,
            capture_output=True,
            text=True,
            env=_environment(folder),
            cwd=folder / "work",
            timeout=TIME_LIMIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise AutotestError(f"the reference did not end within {TIME_LIMIT_SECONDS} s") from error


def _behind_landlock(folder: Path, command: list[str]) -> list[str]:
    """Prefix the command with the file rules where the kernel has them (elsewhere an author trusts himself)."""
    if abi_version() < 1:
        return command
    rules = [word for package in _packages() for word in ("--execute", str(package))]
    return [sys.executable, "-P", "-m", "graders.engine.landlock", "--write", str(folder), *rules, "--", *command]


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    return {
        **kept,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "MPLCONFIGDIR": str(folder / "matplotlib"),
        "PYTHONPATH": str(folder / "packages"),
    }


def _answer_of(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    lines = done.stdout.strip().splitlines()
    try:
        answer: dict[str, Any] = json.loads(lines[-1])
    except (IndexError, ValueError) as error:
        raise AutotestError(f"the process ended with status {done.returncode}") from error
    if "error" in answer:
        raise AutotestError(answer["error"])
    notebook: dict[str, Any] = answer["notebook"]
    return notebook
