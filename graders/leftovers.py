"""Files that editors, caches and nbgrader leave in a folder: never part of a release or a submission."""

from __future__ import annotations

import fnmatch

#: nbgrader's own list (CourseDirectory.ignore) and what else is nobody's work.
LEFTOVERS = (".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", ".DS_Store", ".git")


def is_leftover(path: str, patterns: tuple[str, ...] = LEFTOVERS) -> bool:
    """Whether any part of the path matches one of the globs."""
    return any(fnmatch.fnmatchcase(part, pattern) for part in path.split("/") for pattern in patterns)
