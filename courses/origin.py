"""What measured marks depend on, as one digest: code of notebooks and solutions, points, and simulators behind them.

Words are left out (text cells, comments, docstrings): mending a sentence keeps the marks, changing a formula does not.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path

from courses.build import notebook_from_script
from courses.catalog import PACKAGED_ROOT, Assignment

SIMULATORS = "courses.simulators"


def origin_digest(assignment: Assignment, *, root: Path = PACKAGED_ROOT) -> str:
    """SHA-256 over all that a calibration of the assignment runs; ``root`` is the folder of the package ``courses``."""
    sources = dict(_assignment_sources(assignment))
    parts = {name: code_only(source).encode() for name, source in sources.items()}
    parts |= simulator_parts(list(sources.values()), root)
    digest = hashlib.sha256()
    for name in sorted(parts):
        digest.update(f"{name}\0{len(parts[name])}\0".encode() + parts[name])
    return digest.hexdigest()


def _assignment_sources(assignment: Assignment) -> Iterator[tuple[str, str]]:
    """Give each code cell of notebooks and solution variants a name that says where it stands and what it is worth."""
    notebooks = assignment.notebooks()
    scripts = {f"solutions/{name}": text for name, text in assignment.solution_scripts().items()}
    notebooks |= {name: notebook_from_script(text, name=name) for name, text in scripts.items()}
    for stem, notebook in notebooks.items():
        code = (cell for cell in notebook.cells if cell.cell_type == "code")
        for number, cell in enumerate(code):
            grade = cell.metadata.get("nbgrader", {})
            yield f"{stem}/{number:03}/{grade.get('grade_id', '')}/{grade.get('points', '')}", cell.source


def simulator_parts(sources: list[str], root: Path = PACKAGED_ROOT) -> dict[str, bytes]:
    """Return path -> content of every simulator that the sources import, directly or through another, and its data.

    Data of the simulator ``press`` are files beside ``press.py`` whose names begin with ``press_``.
    """
    parts: dict[str, bytes] = {}
    waiting = [module for source in sources for module in imported_simulators(source)]
    while waiting:
        file = root / "simulators" / f"{waiting.pop()}.py"
        if file.name in parts or not file.is_file():
            continue
        text = file.read_text(encoding="utf-8")
        parts[file.name] = code_only(text).encode()
        data = (path for path in file.parent.glob(f"{file.stem}_*") if path.is_file() and path.suffix != ".py")
        parts |= {path.name: path.read_bytes() for path in data}
        waiting += imported_simulators(text)
    return parts


def imported_simulators(source: str) -> list[str]:
    """Return names of the modules of ``courses.simulators`` that a source imports; none for what is no Python."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        return []
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            plain += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    names = (name.removeprefix(f"{SIMULATORS}.").split(".")[0] for name in plain if name.startswith(f"{SIMULATORS}."))
    return sorted(set(names))


def code_only(source: str) -> str:
    """Drop docstrings, comments (but for nbgrader's markers, ``###``) and blank lines; what is no Python stays."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return source
    words = {line for node in ast.walk(tree) for line in _docstring_lines(node)}
    lines = (line for number, line in enumerate(source.splitlines(), start=1) if number not in words)
    return "\n".join(line for line in lines if line.strip() and not _is_comment(line.lstrip()))


def _is_comment(text: str) -> bool:
    return text.startswith("#") and not text.startswith("###")


def _docstring_lines(node: ast.AST) -> range:
    """Return the lines of a docstring that stands on lines of its own."""
    if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) or not node.body:
        return range(0)
    first = node.body[0]
    is_text = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    above = 0 if isinstance(node, ast.Module) else node.lineno
    if not is_text or first.lineno <= above or first.end_lineno is None:
        return range(0)
    return range(first.lineno, first.end_lineno + 1)
