"""A test runs its author's text; what the student's side sent is data and stays data."""

import pytest

from graders.contract import Outcome
from tests.graders.engine.bridge_room import Room

FORGE = "import gc\\nraise SystemExit"  # what it does is of no account: it must not run


@pytest.fixture
def play(tmp_path):
    rooms = []

    def play(cells, answers=None, files=None):
        (tmp_path / "trusted").mkdir(exist_ok=True)
        for name, text in (files or {}).items():
            (tmp_path / "trusted" / name).write_text(text)
        room = Room(tmp_path, cells)
        rooms.append(room)
        return room.grade(answers)[-1]

    yield play
    for room in rooms:
        room.student.close()


@pytest.mark.parametrize(
    "test",
    [
        "exec(answer)\nassert done",
        "assert eval(answer)",
        "assert eval(answer.strip().lower())",
        "code = compile(answer, 'a', 'eval')\nassert eval(code)",
        "import ast\nassert eval(compile(ast.parse(answer, mode='eval'), 'a', 'eval'))",
        "assert eval('(' + answer + ')')",
        "assert eval(answer.encode())",
        "import builtins\nassert builtins.eval(answer)",
        "assert list(map(eval, [answer]))[0]",
        "import inspect\nexec(inspect.getsource(solve))\nassert solve(1) == 1",
        pytest.param("import sympy\nassert sympy.sympify(answer)", marks=pytest.mark.torch),
        "try:\n    fail()\nexcept Exception as error:\n    assert eval(str(error))",
        "from pathlib import Path\nassert eval(Path('answer.txt').read_text())",
    ],
)
def test_what_the_student_wrote_is_not_run_beside_the_points(play, test):
    solution = (
        "answer = '1 == 1'\ndef solve(x):\n    return x\n"
        "def fail():\n    raise ValueError('1 == 1')\nfrom pathlib import Path\nPath('answer.txt').write_text('1 == 1')"
    )
    found = play([("solution", solution), ("test", test)])
    assert found.points == 0, found
    assert "may come from the student's side" in (found.staff_message or ""), found


@pytest.mark.parametrize(
    "test",
    [
        "assert eval('mean([1, 3])') == 2",
        "exec('value = mean([2, 4])')\nassert value == 3",
        "for name in ['mean', 'total']:\n    assert eval(f'{name}([2, 2])') in (2, 4)",
        "text = note()\nassert eval('mean([1, 3])') == 2",  # text has come, but this one is the test's own
        "text = note()\nassert eval(given_text) == 4",
        "text = note()\nfrom pathlib import Path\nexec(Path('checks.py').read_text())\nassert check(mean)",
        "def inner():\n    local = 5\n    return eval('local')\nassert inner() == 5",
        "import collections\nPoint = collections.namedtuple('Point', note())\nassert Point(1).x == 1",
    ],
)
def test_what_the_instructor_wrote_runs_as_ever(play, test):
    solution = "def mean(v):\n    return sum(v) / len(v)\ndef total(v):\n    return sum(v)\ndef note():\n    return 'x'"
    cells = [("given", "given_text = '2 + 2'"), ("solution", solution), ("test", test)]
    found = play(cells, files={"checks.py": "def check(f):\n    return f([1, 3]) == 2\n"})
    assert (found.outcome, found.points) == (Outcome.PASSED, 2), found


def test_outside_a_test_python_is_as_it_was(play):
    before = (eval, exec, compile)
    play([("solution", "x = 1"), ("test", "assert x == 1")])
    assert (eval, exec, compile) == before


def test_the_notebooks_own_reference_does_not_open_the_door(play):
    """At publish time the reference sends its own text: allowed then, it would fail every honest student later."""
    found = play([("solution", "answer = '1 == 1'"), ("test", "assert eval(answer)")])
    assert found.points == 0
