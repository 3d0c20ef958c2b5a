import socket
import time

import pytest

from graders.contract import Outcome
from graders.engine import trusted_cell
from graders.engine.trusted_model import InstructorCell, TestCell, TrustedNotebook
from tests.graders.engine.bridge_room import Room, Student
from tests.graders.engine.crossing_cases import CASES


@pytest.fixture
def make_room(tmp_path):
    rooms = []

    def make(*cells: tuple[str, str], **options) -> Room:
        folder = tmp_path / f"room{len(rooms)}"
        folder.mkdir()
        rooms.append(Room(folder, list(cells), **options))
        return rooms[-1]

    yield make
    for room in rooms:
        room.student.close()


@pytest.fixture
def student(tmp_path):
    started = Student(tmp_path)
    yield started
    started.close()


@pytest.mark.parametrize("name", CASES)
def test_a_reference_passes_with_its_own_profile_and_a_wrong_solution_does_not(make_room, name):
    reference, source, wrong = CASES[name]
    recorded = make_room(("solution", reference), ("test", source)).grade(record=True)[0]
    assert recorded.outcome is Outcome.PASSED, recorded.staff_message
    right = make_room(("solution", reference), ("test", source)).grade(profile=recorded.profile)[0]
    assert (right.outcome, right.flags) == (Outcome.PASSED, ()), right.staff_message
    graded = make_room(("solution", reference), ("test", source)).grade({0: wrong}, profile=recorded.profile)[0]
    assert graded.outcome in (Outcome.FAILED, Outcome.ERROR)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("which", ["reference", "wrong"])
def test_stock_nbgrader_would_give_the_same_in_one_process(student, name, which):
    reference, source, wrong = CASES[name]
    assert student.run(wrong if which == "wrong" else reference)
    assert student.run(source) == (which == "reference")


def test_an_alarm_during_the_account_of_the_end_is_a_timeout(tmp_path, monkeypatch):
    notebook = TrustedNotebook(
        name="n.ipynb", cells=(InstructorCell(role="test", source="while True: pass"),), folder=str(tmp_path)
    )
    monkeypatch.setattr(trusted_cell, "_shown", lambda *_: time.sleep(5))  # longer than until the alarm rings again
    ours, theirs = socket.socketpair()
    with ours, theirs:
        cell = TestCell(grade_id="t", index=0, source="while True: pass", max_points=1, seconds=0.3)
        assert trusted_cell.NotebookTests(notebook).run(cell, ours).outcome is Outcome.TIMEOUT
