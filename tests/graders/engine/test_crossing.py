import pytest

from graders.contract import Isolation, Outcome
from tests.graders.engine.bridge_room import Room


@pytest.fixture
def grade(tmp_path):
    rooms = []

    def run(solution, test, **options):
        (tmp_path / str(len(rooms))).mkdir()
        rooms.append(Room(tmp_path / str(len(rooms)), [("solution", solution), ("test", test)]))
        return rooms[-1].grade(**options)[0]

    yield run
    for room in rooms:
        room.student.close()


@pytest.mark.parametrize(
    ("solution", "test", "line", "words"),
    [
        ("class A: pass", "x = 1\nclass B(A):\n    pass", 2, "subclass"),
        ("class A: pass\na = A()", "import copy\ncopy.deepcopy(a)", 2, "copied"),
        ("x = 1", "%run other.ipynb", 1, "magic"),
        ("class A: pass\na = A()", "assert sum([a.x for a in [a]]) == 0", 1, "plain data"),
    ],
)
def test_what_cannot_cross_is_found_by_line_with_the_way_out(grade, solution, test, line, words):
    found = grade(solution, test, record=True).cannot_cross
    assert found[0][0] == line
    assert words in found[0][1]


def test_a_test_that_the_reference_passes_crosses(grade):
    assert grade("x = 1", "assert x == 1", record=True).cannot_cross == ()


def test_nothing_is_said_about_tests_when_a_student_is_graded(grade):
    assert grade("x = 1", "assert x == 2").cannot_cross == ()


@pytest.mark.parametrize(
    ("test", "outcome", "points"),
    [
        ("class B(A): pass\nassert B().x == 3", Outcome.PASSED, 2),
        ("assert A().x == 4", Outcome.FAILED, 0),
        ("A().y", Outcome.ERROR, 0),
        ("A.x = 9\n1.5", Outcome.PARTIAL, 1.5),
        ("'text'", Outcome.AUTHOR_ERROR, None),
        ("1 == 1", Outcome.AUTHOR_ERROR, None),
        ("(A.x, 1)", Outcome.AUTHOR_ERROR, None),
        ("'text';", Outcome.PASSED, 2),
        ("import os\nos._exit(3)", Outcome.ERROR, 0),
    ],
)
def test_the_last_rung_runs_in_a_fork_of_the_students_process_and_says_so(grade, test, outcome, points):
    answer = grade("class A:\n    x = 3", test, in_process=True)
    assert (answer.outcome, answer.points, answer.isolation) == (outcome, points, Isolation.IN_PROCESS)


def test_what_a_test_does_in_the_fork_is_there_for_later_cells_as_in_nbgrader(tmp_path):
    room = Room(tmp_path, [("solution", "x = 1"), ("test", "x = 2"), ("test", "assert x == 2")])
    room.grade(in_process=True)
    assert room.test(2, in_process=True).outcome is Outcome.PASSED
    room.student.close()


def test_a_loop_over_large_arrays_does_not_keep_them_all(tmp_path):
    test = "import numpy as np\nfor i in range(60): assert f(np.full(1_000_000, i)).sum() == i * 1_000_000"
    room = Room(tmp_path, [("solution", "def f(x): return x + 0"), ("test", test)])
    assert room.grade(seconds=120)[0].outcome is Outcome.PASSED
    assert sum(room.tests.session.values.objects.sizes.values()) < 600_000_000
    room.student.close()


def test_the_recording_says_that_a_comparison_takes_the_students_word(grade):
    source = "class V:\n    def __eq__(self, o): return True\n    __hash__ = None"
    assert [flag.code for flag in grade(source, "assert V() == V()", record=True).flags] == ["compares_objects"]
    assert grade(source, "assert V() is not None", record=True).flags == ()
