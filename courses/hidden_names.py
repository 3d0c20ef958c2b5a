"""Finds test cells that depend on what another test cell makes only after it has asked the learner's code.

If the first cell stops at a wrong answer, its later lines never run, and the second cell would fail through no fault of
the learner. What cells share belongs into a hidden block at the very top of the first one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import nbformat

BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"


def names_lent_too_late(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """Yield one line for each test cell that reads names which only a late line of an earlier test cell makes."""
    common: set[str] = set()
    late: dict[str, str] = {}
    for cell in (c for c in notebook.cells if c.cell_type == "code"):
        grade = cell.metadata.get("nbgrader", {})
        if not grade.get("grade") or grade.get("solution"):
            common |= bound_names(cell.source)
            continue
        top, rest = leading_hidden_block(cell.source)
        strange = sorted(free_names(cell.source) & set(late) - common)
        if strange:
            lenders = ", ".join(f"{name} ({late[name]})" for name in strange)
            yield f"cell {grade['grade_id']}: uses what another test makes after asking the learner: {lenders}"
        common |= bound_names(top)
        late |= dict.fromkeys(bound_names(rest), str(grade["grade_id"]))


def leading_hidden_block(source: str) -> tuple[str, str]:
    """Split a test cell into the hidden block that it begins with (may be empty) and the rest."""
    text = source.lstrip()
    if not text.startswith(BEGIN):
        return "", source
    top, _, rest = text.partition(END)
    return top, rest


def bound_names(source: str) -> set[str]:
    """Return the names that the top level of a cell binds; none for what is no Python."""
    tree = _parsed(source)
    names = {node.id for node in _outside_functions(tree) if isinstance(node, ast.Name) and _binds(node)}
    aliases = [
        alias for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names
    ]
    names |= {(alias.asname or alias.name).split(".")[0] for alias in aliases}
    defined = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef))
    return names | {node.name for node in defined}


def free_names(source: str) -> set[str]:
    """Return the names that a cell reads without binding them itself, in functions too."""
    tree = _parsed(source)
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not _binds(node)}
    inner = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    inner |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and _binds(node)}
    return read - inner - bound_names(source)


def _outside_functions(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk everything but bodies of functions, lambdas and comprehensions, whose names are their own."""
    own_scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, own_scope | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            yield node
            yield from _outside_functions(node)


def _binds(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store | ast.Del)


def _parsed(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.Module([], [])
