import pytest

from graders.engine.namespace_plan import make_plans
from graders.engine.trusted_model import InstructorCell


def plan_after(*cells):
    made = [InstructorCell(role=role, source=source) for role, source in cells]
    return make_plans([*made, InstructorCell(role="test", source="")])[-1]


@pytest.mark.parametrize(
    ("cells", "name", "source"),
    [
        ([("given", "import numpy as np")], "np", "given"),
        ([("given", "from math import sqrt as root")], "root", "given"),
        ([("given", "def helper(x): return x")], "helper", "given"),
        ([("given", "try:\n    import a\nexcept ImportError:\n    import b as a")], "a", "given"),
        ([("given", "@interact\ndef show(x): pass")], "show", "student"),
        ([("given", "def bump():\n    global n\n    n += 1")], "bump", "student"),
        ([("given", "data = [1, 2]")], "data", "student"),
        ([("given", "class Node: pass")], "Node", "student"),
        ([("solution", "import numpy as np")], "np", "library"),
        ([("solution", "def f(): pass")], "f", "student"),
        ([("solution", "x = 1"), ("test", "x = 2")], "x", "test"),
        ([("test", "x = 2"), ("solution", "x = 1")], "x", "student"),
        ([("given", "def f(): pass"), ("solution", "def f(): pass")], "f", "student"),
        ([("solution", "%matplotlib inline\nimport numpy as np")], "np", "library"),
        ([("solution", "this is no python")], "np", None),
        ([("solution", "for i in range(3):\n    with open('x') as h: y = [k for k in h]")], "h", "student"),
        ([("solution", "y = [k for k in range(3)]")], "k", None),
    ],
)
def test_the_instructors_last_binding_says_where_a_name_comes_from(cells, name, source):
    assert plan_after(*cells).source_of(name) == source


def test_names_are_pushed_only_if_the_instructors_other_cells_use_them():
    plan = plan_after(("solution", "def f(x): return x * rate"), ("test", "mine = 1"))
    assert "rate" in plan.mentioned
    assert "mine" not in plan.mentioned
