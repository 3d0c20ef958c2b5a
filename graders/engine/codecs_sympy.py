"""Codecs of sympy: an expression as a tree of allow-listed classes, built up again without evaluating anything.

Nothing is parsed or executed (sympy's own ``sympify`` and ``srepr`` go through ``eval``). What is not in the list
stays with the student as an object.
"""

from __future__ import annotations

import inspect
from typing import Any

import sympy
from sympy.core.function import AppliedUndef, UndefinedFunction
from sympy.functions.elementary.piecewise import ExprCondPair

from graders.engine.codecs_builtin import register_shared_class
from graders.engine.values import DECODERS, ENCODERS, NoCodecError, Node, Packer, Unpacker
from graders.engine.wire import GarbledError

_TEXT_MAX, _DIGITS_MAX, _PRECISION_MAX = 200, 100_000, 4000

#: Values without parts.
_CONSTANTS: dict[str, Any] = {
    name: getattr(sympy.S, name)
    for name in (
        *("Zero", "One", "NegativeOne", "Half", "Infinity", "NegativeInfinity", "ComplexInfinity", "NaN"),
        *("Pi", "Exp1", "ImaginaryUnit", "GoldenRatio", "EulerGamma", "Catalan", "EmptySet", "UniversalSet"),
        *("Reals", "Integers", "Naturals", "Naturals0", "Rationals", "Complexes"),
    )
} | {"true": sympy.true, "false": sympy.false}
_NAME_OF_CONSTANT = {type(value): name for name, value in _CONSTANTS.items()}

#: Classes that take their parts and ``evaluate=False``.
_OPERATORS = (
    *(
        [
            "Add",
            "Mul",
            "Pow",
            "Mod",
            "Min",
            "Max",
            "Abs",
            "sign",
            "re",
            "im",
            "conjugate",
            "arg",
            "exp",
            "log",
            "floor",
            "ceiling",
            "factorial",
            "binomial",
            "gamma",
        ]
    ),
    *(
        [
            "sin",
            "cos",
            "tan",
            "cot",
            "sec",
            "csc",
            "asin",
            "acos",
            "atan",
            "atan2",
            "acot",
            "sinh",
            "cosh",
            "tanh",
            "coth",
            "asinh",
            "acosh",
            "atanh",
            "sinc",
        ]
    ),
    *(
        [
            "erf",
            "erfc",
            "Heaviside",
            "DiracDelta",
            "LambertW",
            "zeta",
            "Eq",
            "Ne",
            "Lt",
            "Le",
            "Gt",
            "Ge",
            "And",
            "Or",
            "Not",
            "Union",
            "Intersection",
        ]
    ),
)
#: Classes that keep their parts as they are.
_HOLDERS = [
    "Tuple",
    "Interval",
    "Integral",
    "Derivative",
    "Sum",
    "Product",
    "Limit",
    "Piecewise",
    "Lambda",
    "FiniteSet",
]
_HEADS: dict[str, Any] = {name: getattr(sympy, name) for name in (*_OPERATORS, *_HOLDERS)}
_HEADS["ExprCondPair"] = ExprCondPair
_LAZY = frozenset(_OPERATORS)
_NAME_OF_HEAD = {kind: name for name, kind in _HEADS.items()}
_DENSE: dict[str, Any] = {"Matrix": sympy.Matrix, "ImmutableMatrix": sympy.ImmutableMatrix}
_NAME_OF_DENSE = {kind: name for name, kind in _DENSE.items()}
_ASSUMPTIONS = frozenset(sympy.Symbol("x", commutative=True, real=True, positive=True, integer=True).assumptions0)

for _kind in (*_HEADS.values(), sympy.Symbol, sympy.Integer, sympy.Rational, sympy.Float, *_DENSE.values()):
    if inspect.isclass(_kind):
        register_shared_class(_kind)


def _pack_expression(value: Any, packer: Packer) -> Node:
    name = _NAME_OF_HEAD[type(value)]
    return ["sy", name, [_part(part, packer) for part in value.args]]


def _part(value: Any, packer: Packer) -> Node:
    """A part must be sympy's own: whatever else hides inside makes the whole expression an object of the student."""
    if not isinstance(value, sympy.Basic) and type(value) not in _NAME_OF_DENSE:
        raise NoCodecError(type(value).__name__)
    before, packer.plain_only = packer.plain_only, True
    try:
        return packer.pack(value)
    finally:
        packer.plain_only = before


def _unpack_expression(node: list[Any], unpacker: Unpacker) -> Any:
    _, name, nodes = node
    kind = _HEADS[unpacker.text(name)]
    parts = unpacker.plain(nodes)
    if not all(isinstance(part, sympy.Basic) for part in parts):
        raise GarbledError("not an expression")
    if name == "FiniteSet":
        return kind(*parts, evaluate=False)
    if name == "Piecewise":
        return kind(*(tuple(part.args) for part in parts), evaluate=False)
    return kind(*parts, evaluate=False) if name in _LAZY else kind(*parts)


def _pack_symbol(value: Any, _packer: Packer) -> Node:
    facts = {name: truth for name, truth in value._assumptions_orig.items() if truth is not None}
    return ["sym", str(value.name), sorted([name, bool(truth)] for name, truth in facts.items())]


def _unpack_symbol(node: list[Any], unpacker: Unpacker) -> Any:
    _, name, facts = node
    if any(fact not in _ASSUMPTIONS or type(truth) is not bool for fact, truth in facts):
        raise GarbledError("not assumptions")
    return sympy.Symbol(_short(name, unpacker), **dict(facts))


def _short(text: Any, unpacker: Unpacker) -> str:
    if len(unpacker.text(text)) > _TEXT_MAX:
        raise GarbledError("a name that is too long")
    return str(text)


def _pack_number(value: Any, _packer: Packer) -> Node:
    if type(value) is sympy.Float:
        return ["sd", "f", int(value._prec), *_parts_of_float(value)]
    return ["sd", "q", format(int(value.p), "x"), format(int(value.q), "x")]


def _parts_of_float(value: Any) -> list[Node]:
    sign, mantissa, exponent, bits = value._mpf_
    return [int(sign), format(int(mantissa), "x"), int(exponent), int(bits)]


def _unpack_number(node: list[Any], unpacker: Unpacker) -> Any:
    if node[1] == "q":
        return sympy.Rational(_integer(node[2], unpacker), _integer(node[3], unpacker))
    precision, sign, mantissa, exponent, _bits = node[2:7]
    if not 1 <= unpacker.integer(precision) <= _PRECISION_MAX or abs(unpacker.integer(exponent)) > 2**40:
        raise GarbledError("not a number of a sensible size")
    number = _integer(mantissa, unpacker)
    return sympy.Float((int(sign == 1), number, unpacker.integer(exponent), number.bit_length()), precision=precision)


def _integer(text: Any, unpacker: Unpacker) -> int:
    if len(unpacker.text(text)) > _DIGITS_MAX:
        raise GarbledError("a number that is too long")
    return int(text, 16)


def _pack_applied(value: Any, packer: Packer) -> Node:
    """``f(x)`` of an undefined function f, whose class sympy makes anew for each name."""
    kind = type(value)
    if type(kind) is not UndefinedFunction or kind.__bases__ != (AppliedUndef,):
        raise NoCodecError(kind.__name__)
    return ["sf", str(kind.__name__), [_part(part, packer) for part in value.args]]


def _unpack_applied(node: list[Any], unpacker: Unpacker) -> Any:
    _, name, nodes = node
    return sympy.Function(_short(name, unpacker))(*unpacker.plain(nodes))


def _pack_matrix(value: Any, packer: Packer) -> Node:
    return ["syc", _NAME_OF_DENSE[type(value)], *value.shape, [_part(part, packer) for part in value.flat()]]


def _unpack_constant_or_matrix(node: list[Any], unpacker: Unpacker) -> Any:
    if len(node) == 2:
        return _CONSTANTS[unpacker.text(node[1])]
    _, name, rows, columns, nodes = node
    parts = unpacker.plain(nodes)
    if len(parts) != unpacker.integer(rows) * unpacker.integer(columns):
        raise GarbledError("not a matrix")
    return _DENSE[unpacker.text(name)](rows, columns, parts)


ENCODERS.update(dict.fromkeys(_NAME_OF_HEAD, _pack_expression))
ENCODERS.update(dict.fromkeys((sympy.Integer, sympy.Rational, sympy.Float), _pack_number))
ENCODERS.update({kind: lambda v, _: ["syc", _NAME_OF_CONSTANT[type(v)]] for kind in _NAME_OF_CONSTANT})
ENCODERS.update(dict.fromkeys(_NAME_OF_DENSE, _pack_matrix))
ENCODERS[sympy.Symbol] = _pack_symbol
ENCODERS[UndefinedFunction] = _pack_applied  # found by the class of the class
DECODERS.update(
    {
        "sy": _unpack_expression,
        "sym": _unpack_symbol,
        "sd": _unpack_number,
        "sf": _unpack_applied,
        "syc": _unpack_constant_or_matrix,
    }
)
