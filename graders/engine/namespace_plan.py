"""Where each name of a test comes from, decided on the instructor's source alone: students can't move a name."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from graders.engine.rewrite import transform_magics
from graders.engine.trusted_model import InstructorCell

#: ``test``: bound by a test cell; ``given``: the instructor's import or function, run on the trusted side;
#: ``library``: the reference's import of a library; ``student``: everything else that the notebook binds.
Source = Literal["test", "given", "library", "student"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Binding:
    """The last cell that bound a name, and the statement to run on the trusted side, if there is one."""

    source: Source
    statement: ast.stmt | None = None


@dataclass
class Plan:
    """Names at one test cell."""

    bindings: dict[str, Binding] = field(default_factory=dict)
    mentioned: frozenset[str] = frozenset()  # names that the instructor's non-test source uses

    def source_of(self, name: str) -> Source | None:
        """Where ``name`` was bound last, None if the instructor's notebook never binds it."""
        binding = self.bindings.get(name)
        return binding.source if binding else None


def parse_cell(source: str) -> ast.Module:
    """Parse a cell with its magics; a cell that is no Python binds nothing."""
    try:
        return ast.parse(transform_magics(source))
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module(body=[], type_ignores=[])


@cache
def nodes_of(source: str) -> tuple[ast.AST, ...]:
    """All syntax nodes of a cell, its module first: walked once, since walking is slower than parsing."""
    return tuple(ast.walk(parse_cell(source)))


def make_plans(cells: Iterable[InstructorCell]) -> list[Plan]:
    """One plan for each cell: the state of names just before it."""
    nodes = [(cell.role, nodes_of(cell.source)) for cell in cells]
    mentioned = frozenset(name for role, found in nodes if role != "test" for name in _mentioned(found))
    bindings: dict[str, Binding] = {}
    plans = []
    for role, (module, *_) in nodes:
        plans.append(Plan(dict(bindings), mentioned))
        for statement in module.body:  # type: ignore[attr-defined]
            bindings.update(_bindings(role, statement))
    return plans


def _bindings(role: str, statement: ast.stmt) -> dict[str, Binding]:
    names = list(bound_names([statement]))
    if role == "test":
        return dict.fromkeys(names, Binding("test"))
    if _is_import(statement):
        return dict.fromkeys(names, Binding("given" if role == "given" else "library", statement))
    if role == "given" and _is_plain_function(statement):
        return dict.fromkeys(names, Binding("given", statement))
    return dict.fromkeys(names, Binding("student"))


def _is_import(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Import):
        return True
    if isinstance(statement, ast.ImportFrom):
        return statement.level == 0
    return isinstance(statement, ast.Try) and all(map(_is_import_or_pass, statement.body + _handlers(statement)))


def _handlers(statement: ast.Try) -> list[ast.stmt]:
    return [inner for handler in statement.handlers for inner in handler.body] + statement.orelse + statement.finalbody


def _is_import_or_pass(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Pass) or _is_import(statement)


def _is_plain_function(statement: ast.stmt) -> bool:
    if not isinstance(statement, _FUNCTIONS) or statement.decorator_list:
        return False
    return not any(isinstance(node, ast.Global) for node in ast.walk(statement))


def _mentioned(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Global):
            yield from node.names


def bound_names(body: Iterable[ast.AST]) -> Iterator[str]:
    """Names that module-level statements bind, ``global`` inside functions included."""
    for node in body:
        yield from _bound_by(node)


def _bound_by(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
        yield node.name
        yield from (name for inner in ast.walk(node) if isinstance(inner, ast.Global) for name in inner.names)
        return
    if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.alias):
        yield node.asname or node.name.partition(".")[0]
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield node.name
    yield from bound_names(ast.iter_child_nodes(node))
