"""A small rewrite of a test cell: magics, the last value, questions about types, and modules that live elsewhere.

Everything else of a test runs as its author wrote it.
"""

from __future__ import annotations

import ast
import io
import tokenize

from IPython.core.inputtransformer2 import TransformerManager

#: Names under which the rewritten cell finds what the rewrite needs.
LAST, TYPE, ISINSTANCE, ISSUBCLASS, MODULE = (
    "__axc_last__",
    "__axc_type__",
    "__axc_isinstance__",
    "__axc_issubclass__",
    "__axc_module__",
)
_MAGIC_SIGNS = ("%", "!", "?", "In [", ">>> ", "...: ")
_NO_TEXT = frozenset(
    {tokenize.NEWLINE, tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
)
_CALLS = {"isinstance": ISINSTANCE, "issubclass": ISSUBCLASS}

#: Modules with state that student code fills: always the student side's.
REMOTE_MODULES = ("matplotlib.pyplot", "pylab", "seaborn")


def transform_magics(source: str) -> str:
    """Turn IPython's ``%`` and ``!`` syntax into plain calls of ``get_ipython()``."""
    if not any(sign in source for sign in _MAGIC_SIGNS):
        return source  # most test cells are plain Python, and the transformer is slow
    return str(TransformerManager().transform_cell(source))  # type: ignore[no-untyped-call]


def rewrite_test(source: str) -> ast.Module:
    """Parse a test cell (magics already plain) and rewrite it; raises ``SyntaxError``."""
    tree = ast.parse(source)
    rewritten: ast.Module = _Rewriter().visit(tree)
    if not is_quiet(source):
        _keep_last_value(rewritten)
    return ast.fix_missing_locations(rewritten)


def rewrite_given(nodes: list[ast.stmt]) -> ast.Module:
    """The same for imports and functions of given cells, which have no last value."""
    tree = _Rewriter().visit(ast.Module(body=nodes, type_ignores=[]))
    return ast.fix_missing_locations(tree)  # type: ignore[no-any-return]


def is_quiet(source: str) -> bool:
    """Whether the cell ends with a semicolon, by which IPython shows no last value."""
    if ";" not in source:
        return False
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (SyntaxError, tokenize.TokenError):
        return False  # a cell with magics that nobody has made plain
    return [token.string for token in tokens if token.type not in _NO_TEXT][-1:] == [";"]


def _keep_last_value(tree: ast.Module) -> None:
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        target = ast.copy_location(ast.Name(LAST, ast.Store()), last)
        tree.body[-1] = ast.copy_location(ast.Assign([target], last.value), last)


def is_remote_module(name: str) -> bool:
    """Whether a module is always the student side's."""
    return any(name == remote or name.startswith(remote + ".") for remote in REMOTE_MODULES)


class _Rewriter(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.func, ast.Name) or node.keywords:
            return node
        name = _CALLS.get(node.func.id)
        if node.func.id == "type" and len(node.args) == 1:
            name = TYPE
        if name:
            node.func = ast.copy_location(ast.Name(name, ast.Load()), node.func)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr != "__class__" or not isinstance(node.ctx, ast.Load):
            return node
        return ast.copy_location(ast.Call(ast.Name(TYPE, ast.Load()), [node.value], []), node)

    def visit_Import(self, node: ast.Import) -> list[ast.stmt]:
        return [_import_one(alias, node) for alias in node.names]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> list[ast.stmt]:
        return [_from_one(alias, node) for alias in node.names]


def _bind(name: str, value: ast.expr, node: ast.stmt) -> ast.stmt:
    return ast.copy_location(ast.Assign([ast.Name(name, ast.Store())], value), node)


def _module_call(module: str, attribute: str | None) -> ast.expr:
    return ast.Call(ast.Name(MODULE, ast.Load()), [ast.Constant(module), ast.Constant(attribute)], [])


def _import_one(alias: ast.alias, node: ast.stmt) -> ast.stmt:
    if alias.asname:
        return _bind(alias.asname, _module_call(alias.name, None), node)
    top = alias.name.partition(".")[0]
    if is_remote_module(alias.name):
        return _bind(top, _module_call(f"!{top}", None), node)
    call = _module_call(alias.name, "") if "." in alias.name else _module_call(top, None)
    return _bind(top, call, node)


def _from_one(alias: ast.alias, node: ast.ImportFrom) -> ast.stmt:
    if alias.name == "*" or node.level or node.module == "__future__":
        return ast.copy_location(ast.ImportFrom(node.module, [alias], node.level), node)
    return _bind(alias.asname or alias.name, _module_call(node.module or "", alias.name), node)
