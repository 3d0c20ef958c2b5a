"""Values of torch, networkx and sympy (torch brings the other two) cross with their exact type; nothing else does."""

from __future__ import annotations

import contextlib
import json
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graders.engine import codecs, codecs_late
from graders.engine.values import NoCodecError, Objects, Packer, Unpacker
from graders.engine.wire import GarbledError

pytestmark = pytest.mark.torch

LEFT_OUT = "TIER LEFT OUT: torch (make test-torch)"
torch = pytest.importorskip("torch", reason=LEFT_OUT)
nx = pytest.importorskip("networkx", reason=LEFT_OUT)
sympy = pytest.importorskip("sympy", reason=LEFT_OUT)
x, y = sympy.symbols("x y")
n = sympy.Symbol("n", integer=True, positive=True)
f = sympy.Function("f")


def refuse(value, _packer=None):
    raise NoCodecError(repr(value))


def refuse_node(_node, _unpacker):
    raise GarbledError("no handles here")


def unpack(node, blobs=(), objects=None):
    views = [memoryview(bytearray(blob)) for blob in blobs]
    return Unpacker(objects or Objects(1), views, refuse_node, lambda oid: oid < 0).value(node)


def cross(value, objects=None):
    packer = Packer(Objects(-1), refuse)
    return unpack(json.loads(json.dumps(packer.pack(value))), packer.blobs, objects)


TENSORS = [
    torch.arange(6, dtype=torch.float32).reshape(2, 3).T,
    torch.tensor(3),
    torch.tensor([True, False]),
    torch.tensor([1 + 2j], dtype=torch.complex64),
    torch.tensor([1.5, -2], dtype=torch.bfloat16),
    torch.empty((0, 4)),
    torch.ones(2, requires_grad=True),
    torch.nn.Parameter(torch.ones(2, 2)),
    torch.ones(3, 3).expand(2, 3, 3)[:, ::2],
]


@pytest.mark.parametrize("tensor", TENSORS, ids=str)
def test_a_tensor_crosses_with_type_contents_and_wish_for_a_gradient(tensor):
    made = cross(tensor)
    assert type(made) is type(tensor)
    assert (made.dtype, made.shape, made.requires_grad) == (tensor.dtype, tensor.shape, tensor.requires_grad)
    assert torch.equal(made, tensor)


@pytest.mark.parametrize(
    "value", [torch.float32, torch.Size([2, 3]), torch.device("cpu"), torch.device("cuda", 1)], ids=str
)
def test_what_describes_a_tensor_crosses(value):
    assert cross(value) == value
    assert type(cross(value)) is type(value)


@pytest.mark.parametrize(
    "tensor", [torch.ones(2).to_sparse(), torch.ones(2, device="meta"), type("Sub", (torch.Tensor,), {})()], ids=str
)
def test_another_kind_of_tensor_is_no_value(tensor):
    with pytest.raises(NoCodecError):
        cross(tensor)


def test_a_tensor_that_a_call_changed_is_updated_in_place():
    objects = Objects(1)
    packer = Packer(Objects(-1), refuse)
    tensor = torch.zeros(3)
    first = unpack(packer.pack(tensor), packer.blobs, objects)
    tensor += 1
    again = Packer(packer.objects, refuse)
    assert unpack(again.pack(tensor), again.blobs, objects) is first
    assert first.tolist() == [1, 1, 1]


def graph(kind):
    made = kind([(2, 1), (1, 3), (2, 3)], name="g")
    made.add_node("alone", colour="red")
    made.add_edge(3, 2, weight=1.5)
    return made


@pytest.mark.parametrize("kind", [nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph])
def test_a_graph_crosses_with_attributes_and_order(kind):
    value = graph(kind)
    made = cross(value)
    assert type(made) is kind
    assert nx.utils.graphs_equal(made, value)
    assert [list(made[node]) for node in made] == [list(value[node]) for node in value]
    assert list(made.edges(data=True)) == list(value.edges(data=True))
    assert made.graph == {"name": "g"}
    assert list(nx.bfs_edges(made, 2)) == list(nx.bfs_edges(value, 2))


def test_a_graph_of_own_objects_and_a_subclass_stay_with_the_student():
    for value in (nx.Graph([(object(), 1)]), type("Mine", (nx.Graph,), {})()):
        with pytest.raises(NoCodecError):
            cross(value)


EXPRESSIONS = [
    x**2 + 2 * x * y - sympy.Rational(1, 3),
    sympy.sin(x) * sympy.exp(-y) / sympy.sqrt(2),
    sympy.Float("1.25", 30) * sympy.pi,
    sympy.Integer(10) ** 60,
    sympy.oo,
    sympy.I,
    sympy.Integral(sympy.log(x), (x, 1, 2)),
    sympy.Derivative(f(x), (x, 2)),
    sympy.Sum(1 / n**2, (n, 1, sympy.oo)),
    sympy.Limit(sympy.sin(x) / x, x, 0),
    sympy.Eq(x, y + 1),
    sympy.Piecewise((x, x > 0), (-x, True)),
    sympy.FiniteSet(1, sympy.sqrt(2)),
    sympy.Interval(0, 1, True),
    sympy.Lambda(x, x**2),
    sympy.Matrix([[x, 1], [0, y]]),
    sympy.ImmutableMatrix([[1, 2]]),
    f(x) + n,
    sympy.Symbol("z", real=True),
    sympy.true,
]


@pytest.mark.parametrize("value", EXPRESSIONS, ids=str)
def test_an_expression_crosses_with_its_exact_class(value):
    made = cross(value)
    assert made == value
    assert str(type(made)) == str(type(value))
    assert sympy.srepr(made) == sympy.srepr(value)


def test_a_list_of_solutions_crosses():
    assert cross(sympy.solve(x**2 - 2, x)) == [-sympy.sqrt(2), sympy.sqrt(2)]


def test_rebuilding_evaluates_nothing():
    huge = ["sy", "Pow", [["sd", "q", "a", "1"], ["sy", "Pow", [["sd", "q", "a", "1"], ["sd", "q", "1000", "1"]]]]]
    assert unpack(huge).func is sympy.Pow


def test_only_listed_classes_are_made():
    for name in ("Function", "sympify", "parse_expr", "system", "__class__"):
        with pytest.raises(GarbledError):
            unpack(["sy", name, []])


def test_a_library_that_is_not_in_use_is_not_loaded(monkeypatch):
    monkeypatch.delitem(sys.modules, "torch")
    assert codecs_late.late_encoder(torch.Tensor) is None
    assert codecs_late.late_decoder("no such tag") is None


TAGS = sorted(tag for _, tags in codecs_late.LATE.values() for tag in tags)
nodes = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**66), 2**66)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["float32", "bool", "Graph", "MultiDiGraph", "Pow", "Pi", "q", "f", "Matrix", "ff"]),
    lambda inner: (
        st.lists(inner, max_size=6)
        | st.tuples(st.sampled_from(TAGS), st.lists(inner, max_size=7)).map(lambda t: [t[0], *t[1]])
    ),
    max_leaves=25,
)


@pytest.mark.parametrize("tag", TAGS)
@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_each_decoder_survives_any_fields(tag, data):
    fields = data.draw(st.lists(nodes, max_size=8))
    with contextlib.suppress(GarbledError):
        unpack([tag, *fields], [b"\0" * 16, b"\xff" * 8])


def test_mutable_values_are_tracked():
    assert {"tt", "tp", "nx"} <= set(codecs.TRACKED_TAGS)


@pytest.mark.parametrize(
    ("node", "blobs"),
    [
        (["tt", -1, "float32", [3], 0, False], [b"\0" * 8]),
        (["tt", -1, "float32", [2**39, 2**39], 0, False], [b""]),
        (["tt", -1, "bool", [1], 0, False], [b"\x07"]),
        (["tt", -1, "quint8", [1], 0, False], [b"\x07"]),
        (["nx", -1, "Graph", [], [[1, []]], [[0, 5, [], []]], [[]], []], []),
        (["nx", -1, "Graph", [], [[1, []], [1, []]], [], [[], []], []], []),
        (["nx", -1, "Graph", [], [[1, []]], [], [[0]], []], []),
        (["sd", "q", "f" * 200_000, "1"], []),
        (["sd", "f", 10**9, 0, "1", 0, 1], []),
        (["syc", "Matrix", 10**9, 10**9, []], []),
        (["sym", "x", [["evil", True]]], []),
    ],
    ids=str,
)
def test_what_does_not_fit_together_is_garbled(node, blobs):
    with pytest.raises(GarbledError):
        unpack(node, blobs)
