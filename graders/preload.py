"""Which libraries to import in the warm process before any submission arrives."""

from __future__ import annotations

import ast
from collections.abc import Iterable

#: Libraries that are slow to import and safe to fork after import; others are imported by the cells themselves.
PRELOADABLE = ("numpy", "pandas", "scipy", "matplotlib", "sklearn", "seaborn", "statsmodels", "networkx", "sympy")

#: Our own courses' modules: students may read and import all of them. What is imported from one may be a module itself.
OWN = "courses"

#: Submodules that courses use almost always once they use the library, and that cost most of its import time.
WITH_SUBMODULES = {"matplotlib": ("matplotlib.pyplot",)}


def find_preload(codes: Iterable[str]) -> tuple[str, ...]:
    """List the modules to preload for these cell sources, in a fixed order."""
    wanted = {name for code in codes for name in imported_modules(code)}
    chosen = [name for name in wanted if name.split(".")[0] in (*PRELOADABLE, OWN)]
    extra = [sub for name in chosen for sub in WITH_SUBMODULES.get(name, ())]
    return tuple(sorted({*chosen, *extra, *(name.split(".")[0] for name in chosen)}))


def imported_modules(code: str) -> set[str]:
    """Names of the modules that a cell imports at its top level; a cell that is no plain Python imports none."""
    try:
        body = ast.parse(code).body
    except (SyntaxError, ValueError):
        return _by_line(code)
    return {name for node in body for name in _names(node)}


def _by_line(code: str) -> set[str]:
    """Cells with magics: read the lines that are plain import statements."""
    lines = [line for line in code.splitlines() if line.startswith(("import ", "from "))]
    found: set[str] = set()
    for line in lines:
        try:
            found |= {name for node in ast.parse(line).body for name in _names(node)}
        except (SyntaxError, ValueError):
            continue
    return found


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names if _may_be_own(node.module))]
    return []


def _may_be_own(module: str) -> bool:
    return module.split(".", maxsplit=1)[0] == OWN
