"""Names over several cells of one notebook: whose they are, and what tests change for later cells."""

import pytest

from graders.contract import Isolation, Outcome
from tests.graders.engine.bridge_room import Room


@pytest.fixture
def grade(tmp_path):
    rooms = []

    def run(*cells, answers=None, helpers=None, **options):
        folder = tmp_path / str(len(rooms))
        folder.mkdir()
        rooms.append(Room(folder, list(cells), **options))
        for name, text in (helpers or {}).items():
            (folder / "student" / name).write_text(text)
        return [answer.outcome for answer in rooms[-1].grade(answers)]

    yield run
    for room in rooms:
        room.student.close()


PASSED, FAILED = Outcome.PASSED, Outcome.FAILED


def test_a_name_that_a_test_binds_is_there_for_the_next_test(grade):
    assert grade(("test", "shared = [1]"), ("solution", "pass"), ("test", "assert shared == [1]")) == [PASSED, PASSED]


def test_a_student_cannot_take_over_a_name_that_a_test_bound_last(grade):
    cells = (("test", "expected = 3"), ("solution", "def f(): return 3"), ("test", "assert f() == expected"))
    assert grade(*cells, answers={1: "expected = 4\ndef f(): return 4"}) == [PASSED, FAILED]


def test_a_name_that_the_reference_binds_again_is_the_students_again(grade):
    cells = (("test", "x = 1"), ("solution", "x = 2"), ("test", "assert x == 2"))
    assert grade(*cells) == [PASSED, PASSED]
    assert grade(*cells, answers={1: "x = 5"}) == [PASSED, FAILED]


def test_a_students_later_cell_sees_what_a_test_assigned(grade):
    cells = (
        ("solution", "rate = 1"),
        ("test", "rate = 7"),
        ("solution", "doubled = rate * 2"),
        ("test", "assert doubled == 14"),
    )
    assert grade(*cells) == [PASSED, PASSED]


def test_a_students_data_that_a_test_changes_is_changed_for_later_cells(grade):
    cells = (("solution", "d = [1]"), ("test", "d.append(2)"), ("solution", "n = len(d)"), ("test", "assert n == 2"))
    assert grade(*cells) == [PASSED, PASSED]


def test_given_helpers_and_imports_cannot_be_replaced_by_a_student(grade):
    cells = (
        ("given", "import numpy as np\ndef check(x): return np.allclose(x, 2)"),
        ("solution", "x = 2"),
        ("test", "assert check(x) and np.isclose(x, 2)"),
    )
    lies = "x = 3\ndef check(x): return True\nclass np: isclose = staticmethod(lambda *a: True)"
    assert grade(*cells) == [PASSED]
    assert grade(*cells, answers={1: lies}) == [FAILED]


def test_a_given_helper_may_use_the_students_function(grade):
    cells = (
        ("given", "def twice(x): return f(f(x))"),
        ("solution", "def f(x): return x + 1"),
        ("test", "assert twice(1) == 3"),
    )
    assert grade(*cells) == [PASSED]
    assert grade(*cells, answers={1: "def f(x): return x"}) == [FAILED]


def test_a_module_of_the_student_stays_on_the_students_side(grade):
    helpers = {"mymodule.py": "state = []\ndef put(x): state.append(x)\n"}
    cells = (
        ("solution", "import sys; sys.path.insert(0, '')\nimport mymodule"),
        ("test", "import mymodule\nmymodule.put(3)\nassert mymodule.state == [3]"),
    )
    assert grade(*cells, helpers=helpers) == [PASSED]


def test_a_module_of_the_course_with_state_runs_in_the_student_on_the_second_rung(tmp_path):
    source = "import helper\nassert helper.state == [1]"
    (tmp_path / "trusted").mkdir()
    (tmp_path / "student").mkdir()
    for side in ("trusted", "student"):
        (tmp_path / side / "helper.py").write_text("state = []\n")
    answer = "import sys; sys.path.insert(0, '')\nimport helper\nhelper.state.append(1)"
    room = Room(tmp_path, [("solution", answer), ("test", source)], local_modules_in_student=True)
    result = room.grade()[0]
    room.student.close()
    assert (result.outcome, result.isolation) == (PASSED, Isolation.LOCAL_MODULES)


def test_a_deleted_name_is_gone_for_the_student_until_it_is_bound_again(grade):
    cells = (
        ("solution", "def g(): return 1\ndef f(): return g()"),
        ("test", "keep = g\ndel g"),
        ("test", "try:\n    f()\nexcept NameError:\n    g = keep\nelse:\n    assert 0\nassert f() == 1 and g is keep"),
    )
    assert grade(*cells) == [PASSED, PASSED]


def test_global_statements_bind_names_too(grade):
    cells = (
        ("solution", "level = 1\ndef f(): return level"),
        ("test", "def set_it():\n    global level\n    level = 9\nset_it()\nassert f() == 9"),
    )
    assert grade(*cells) == [PASSED]


def test_a_callback_may_call_the_student_again(grade):
    cells = (
        ("solution", "def apply(f, n): return n if n <= 0 else f(n)"),
        (
            "test",
            "depth = []\ndef again(n):\n    depth.append(n)\n    return apply(again, n - 1)\n"
            "assert apply(again, 10) == 0 and len(depth) == 10",
        ),
    )
    assert grade(*cells) == [PASSED]


def test_callbacks_without_end_are_stopped(grade):
    cells = (
        ("solution", "def apply(f): return 1"),
        ("test", "def again(): return apply(again)\nassert apply(again) == 1"),
    )
    assert grade(*cells) == [PASSED]
    assert grade(*cells, answers={0: "def apply(f): return f()"})[0] in (Outcome.ERROR, Outcome.KILLED)


def test_cell_magics_and_star_imports_work(grade):
    cells = (
        ("solution", "x = 4"),
        ("test", "from math import *\nassert sqrt(x) == 2"),
        ("test", "%%time\nassert x == 4"),
    )
    assert grade(*cells) == [PASSED, PASSED]


def test_the_shell_shows_the_notebooks_names(grade):
    assert grade(("solution", "x = 4"), ("test", "assert get_ipython().user_ns['x'] == 4")) == [PASSED]


def test_a_cell_magic_does_not_swallow_a_failing_test(grade):
    assert grade(("solution", "x = 4"), ("test", "%%capture out\nassert x == 5")) == [FAILED]
