"""Whole gradings of notebooks with torch, networkx and sympy: apart from the student's code, right and wrong."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from graders.bundle import load_bundle
from graders.contract import GradeReport, GradeRequest, Isolation
from graders.engine.zygote_pool import WarmProcesses
from graders.environment import environment_digest
from graders.files import FileSet
from graders.recording import record_reference
from graders.release import ReleaseOptions, make_release
from graders.runners.local import LocalRunner
from tests.graders.differential.corpus import fill
from tests.graders.notebooks import given, graded, notebook, solution

pytestmark = [pytest.mark.torch, pytest.mark.slow]

for library in ("torch", "networkx", "sympy"):
    pytest.importorskip(library, reason="TIER LEFT OUT: torch (make test-torch)")

_LIAR = (
    "class Liar:\n    def __eq__(s, o): return True\n    __hash__ = None\n    def __getattr__(s, n): return Liar()\n"
    "    def __call__(s, *a, **k): return Liar()\n    def __bool__(s): return True\n"
)


@dataclass(frozen=True)
class Case:
    """One notebook: what it imports, the reference, wrong answers, and its tests with a point each."""

    given: str
    reference: str
    wrong: dict[str, str]
    tests: tuple[str, ...]


CASES = {
    "torch": Case(
        "import torch",
        "w = torch.arange(6, dtype=torch.float32).reshape(2, 3)\n"
        "def double(t):\n    return t * 2\n"
        "def fill_(t):\n    t.fill_(7)\n"
        "torch.manual_seed(0)\nnet = torch.nn.Linear(3, 2)",
        {
            "wrong": "w = torch.zeros(2, 3)\ndef double(t): return t + 3\ndef fill_(t): t.zero_()\n"
            "net = torch.nn.Linear(2, 2)",
            "lying": _LIAR + "w = Liar()\ndouble = fill_ = net = Liar()",
            "a subclass that lies": "class Liar(torch.Tensor):\n    @classmethod\n"
            "    def __torch_function__(cls, f, types, args=(), kwargs=None): return True\n"
            "w = torch.zeros(2, 3).as_subclass(Liar)\n"
            "def double(t): return w\ndef fill_(t): pass\ndef net(t): return w\nnet.parameters = lambda: []",
        },
        (
            "assert torch.equal(w, torch.tensor([[0., 1, 2], [3, 4, 5]])) and w.dtype is torch.float32",
            "t = torch.ones(2, 2)\nassert torch.equal(double(t), torch.full((2, 2), 2.))\n"
            "assert torch.equal(t, torch.ones(2, 2))",
            "t = torch.zeros(3)\nfill_(t)\nassert (t == 7).all()",
            "assert net(torch.zeros(4, 3)).shape == (4, 2)\nassert sum(p.numel() for p in net.parameters()) == 8",
            "torch.tensor(1.0) if double(torch.tensor(4)).item() == 8 else torch.tensor(0.0)",
        ),
    ),
    "networkx": Case(
        "import networkx as nx",
        "g = nx.Graph()\ng.add_edge('a', 'b', weight=2)\ng.add_edge('b', 'c', weight=3)\n"
        "def way(graph, start, end):\n    return nx.shortest_path(graph, start, end)\n"
        "def turned(graph):\n    return graph.reverse()",
        {
            "wrong": "g = nx.Graph([('a', 'b')])\ndef way(graph, start, end): return [start, end]\n"
            "def turned(graph): return graph",
            "lying": _LIAR + "g = Liar()\nway = turned = Liar()",
            "a subclass that lies": "class Liar(nx.Graph):\n"
            "    edges = nodes = property(lambda s: {('a', 'b'), ('b', 'c')})\n"
            "    def __eq__(s, o): return True\n    __hash__ = None\n"
            "g = Liar()\ndef way(graph, *a): return g\nturned = way",
        },
        (
            "assert sorted(g.edges(data='weight')) == [('a', 'b', 2), ('b', 'c', 3)] and nx.is_connected(g)",
            "ring = nx.cycle_graph(6)\nassert way(ring, 0, 2) == [0, 1, 2]",
            "d = nx.DiGraph([(1, 2), (2, 3)])\ngot = turned(d)\n"
            "assert type(got) is nx.DiGraph and set(got.edges) == {(2, 1), (3, 2)}\n"
            "assert set(d.edges) == {(1, 2), (2, 3)}",
        ),
    ),
    "sympy": Case(
        "import sympy",
        "x = sympy.symbols('x')\ncurve = x ** 2 + sympy.sin(x) / 3\n"
        "def derive(e, by):\n    return sympy.diff(e, by)\n"
        "def roots(e):\n    return sympy.solve(e)",
        {
            "wrong": "x = sympy.symbols('x')\ncurve = x\ndef derive(e, by): return e\ndef roots(e): return []",
            "lying": _LIAR + "x = Liar()\ncurve = Liar()\nderive = roots = Liar()",
            "a subclass that lies": "class Liar(sympy.Symbol):\n    def __eq__(s, o): return True\n"
            "    def __hash__(s): return 0\n    def __sub__(s, o): return sympy.Integer(0)\n    __rsub__ = __sub__\n"
            "x = curve = Liar('x')\ndef derive(e, by): return x\ndef roots(e): return [x, x]",
        },
        (
            "t = sympy.Symbol('x')\nassert curve == t ** 2 + sympy.sin(t) / 3",
            "z = sympy.Symbol('z', positive=True)\nassert sympy.simplify(derive(z ** 3 + z, z) - 3 * z ** 2 - 1) == 0",
            "z = sympy.Symbol('z')\nassert set(roots(z ** 2 - 2)) == {sympy.sqrt(2), -sympy.sqrt(2)}",
        ),
    ),
}


@pytest.fixture(scope="module", params=CASES)
def grade(request):
    """(the case, a function that grades an answer to it), on a slot with the library loaded, or loaded by the cell."""
    case = CASES[request.param]
    tests = (graded(source, f"test-{number}") for number, source in enumerate(case.tests))
    cells = (solution(f"### BEGIN SOLUTION\n{case.reference}\n### END SOLUTION", "answer"), *tests)
    source = FileSet({"a.ipynb": notebook(given(case.given), *cells)})
    release = make_release(source, assignment="c/late", options=ReleaseOptions(preload=(request.param,)))
    with WarmProcesses() as warm:
        bundle = record_reference(release.bundle, warm).bundle
    with LocalRunner(1, modules=load_bundle(bundle).preload) as runner:
        yield case, lambda answer: report_on(runner, bundle, fill(release.student, {"answer": answer}))


def report_on(runner: LocalRunner, bundle: FileSet, submission: FileSet) -> GradeReport:
    request = GradeRequest(
        assignment="c/late",
        bundle_digest=bundle.digest,
        submission_digest=submission.digest,
        seed=1,
        hidden_seed=2,
        environment_digest=environment_digest(),
    )
    return runner.grade(request, bundle, submission)


def told(report: GradeReport) -> list[tuple[str, object, object]]:
    """Each test cell with its points and what staff are told."""
    return [(cell.grade_id, cell.points, cell.staff_message) for cell in report.cells]


def test_the_reference_gets_full_points_apart_from_the_tests(grade):
    case, run = grade
    report = run(case.reference)
    assert (report.state, report.score) == ("graded", len(case.tests)), told(report)
    assert {cell.isolation for cell in report.cells} == {Isolation.ISOLATED}


def test_answers_that_are_wrong_or_lie_get_none(grade):
    case, run = grade
    for name, answer in case.wrong.items():
        report = run(answer)
        assert report.state in ("graded", "needs_person"), name
        assert [cell.points or 0 for cell in report.cells] == [0] * len(case.tests), (name, told(report))
