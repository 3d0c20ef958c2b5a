"""Submissions made from a bundle, to check an assignment: the reference, nothing at all, and hollow answers."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from typing import Any

from graders.bundle import Bundle, BundleCell, BundleNotebook
from graders.files import FileSet

AnswerWriter = Callable[[BundleCell], str]


def reference_submission(bundle: Bundle, helpers: FileSet) -> FileSet:
    """What the author would hand in."""
    return _submission(bundle, helpers, lambda cell: cell.released if cell.reference is None else cell.reference)


def empty_submission(bundle: Bundle, helpers: FileSet) -> FileSet:
    """The released notebooks, untouched."""
    return _submission(bundle, helpers, lambda cell: cell.released)


def hollow_submission(bundle: Bundle, helpers: FileSet) -> FileSet:
    """Answers that define every name of the reference and do nothing: tests must notice."""
    return _submission(bundle, helpers, lambda cell: hollow(cell.reference or cell.released))


def _submission(bundle: Bundle, helpers: FileSet, write: AnswerWriter) -> FileSet:
    notebooks = {notebook.path: _notebook(notebook, write) for notebook in bundle.notebooks}
    return FileSet({**helpers.files, **notebooks})


def _notebook(notebook: BundleNotebook, write: AnswerWriter) -> bytes:
    cells = [_cell(cell, write(cell) if cell.is_answer else cell.released) for cell in notebook.cells]
    body = {"nbformat": 4, "nbformat_minor": 5, "metadata": dict(notebook.metadata), "cells": cells}
    return json.dumps(body, ensure_ascii=False).encode()


def _cell(cell: BundleCell, source: str) -> dict[str, Any]:
    made = {"cell_type": cell.cell_type, "id": cell.cell_id, "metadata": dict(cell.metadata), "source": source}
    return made | ({"outputs": [], "execution_count": None} if cell.cell_type == "code" else {})


def hollow(source: str) -> str:
    """Empty every function and set every name to None; text that is no plain Python becomes nothing."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return ""
    return ast.unparse(ast.fix_missing_locations(_Hollow().visit(tree)))


class _Hollow(ast.NodeTransformer):
    """Keeps imports, names and signatures; takes the work away."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.body = [ast.Return(ast.Constant(None))]
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.body = [ast.Return(ast.Constant(None))]
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        names = [target for target in node.targets if isinstance(target, ast.Name)]
        if len(names) == len(node.targets):
            return ast.Assign(list(node.targets), ast.Constant(None))
        parts = [name for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)]
        written = [part.id for part in parts if isinstance(part.ctx, ast.Store)]
        return (
            ast.Assign([ast.Name(name, ast.Store()) for name in written], ast.Constant(None)) if written else ast.Pass()
        )

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        return ast.Assign([node.target], ast.Constant(None)) if isinstance(node.target, ast.Name) else node

    def visit_Expr(self, _node: ast.Expr) -> ast.AST:
        return ast.Pass()
