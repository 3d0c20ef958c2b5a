import os
import time

import pytest

from graders.contract import Outcome
from graders.engine.trusted import TrustedZygote
from graders.engine.trusted_model import InstructorCell, TestCell, TrustedNotebook
from tests.graders.engine.bridge_room import Student


@pytest.fixture(scope="module")
def zygote():
    with TrustedZygote() as started:
        yield started


@pytest.fixture
def student(tmp_path):
    (tmp_path / "student").mkdir()
    started = Student(tmp_path / "student")
    yield started
    started.close()


def notebook(tmp_path, *tests: str, **options) -> tuple[TrustedNotebook, list[TestCell]]:
    (tmp_path / "trusted").mkdir(exist_ok=True)
    cells = tuple(InstructorCell(role="test", source=source) for source in tests)
    made = TrustedNotebook(name="nb.ipynb", cells=cells, folder=str(tmp_path / "trusted"), **options)
    return made, [
        TestCell(grade_id=f"t{i}", index=i, source=source, max_points=1, seconds=2) for i, source in enumerate(tests)
    ]


def test_a_test_in_its_own_process_calls_the_student(zygote, student, tmp_path):
    student.run("def f(x): return x + 1")
    book, cells = notebook(tmp_path, "assert f(1) == 2", "assert f(1) == 3")
    with zygote.start(book) as tests:
        outcomes = [tests.run_test(cell, student.lend()).outcome for cell in cells]
    assert outcomes == [Outcome.PASSED, Outcome.FAILED]


def test_the_hidden_seed_is_in_the_environment_of_the_trusted_process_only(zygote, student, tmp_path):
    student.run("import os\ndef peek(): return os.environ.get('AXCAMPUS_HIDDEN_SEED')")
    source = "import os\nassert os.environ['AXCAMPUS_HIDDEN_SEED'] == '77'\nassert peek() is None"
    book, cells = notebook(tmp_path, source, hidden_seed=77)
    with zygote.start(book) as tests:
        assert tests.run_test(cells[0], student.lend()).outcome is Outcome.PASSED
    assert "AXCAMPUS_HIDDEN_SEED" not in os.environ


def test_names_live_from_cell_to_cell_of_one_notebook_only(zygote, student, tmp_path):
    book, cells = notebook(tmp_path, "kept = 5", "assert kept == 5")
    with zygote.start(book) as tests:
        assert [tests.run_test(cell, student.lend()).outcome for cell in cells] == [Outcome.PASSED] * 2
    with zygote.start(book) as tests:
        assert tests.run_test(cells[1], student.lend()).outcome is Outcome.ERROR


def test_an_endless_student_function_is_a_timeout_on_our_clock(zygote, student, tmp_path):
    student.run("def f():\n    while True: pass")
    book, cells = notebook(tmp_path, "f()")
    start = time.monotonic()
    with zygote.start(book) as tests:
        assert tests.run_test(cells[0], student.lend()).outcome is Outcome.TIMEOUT
    assert time.monotonic() - start < 4


def test_an_endless_test_that_swallows_everything_is_killed_and_later_cells_still_run(zygote, student, tmp_path):
    endless = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    book, cells = notebook(tmp_path, endless, "assert True")
    with zygote.start(book) as tests:
        outcomes = [tests.run_test(cell, student.lend()).outcome for cell in cells]
    assert outcomes == [Outcome.TIMEOUT, Outcome.PASSED]


def test_memory_of_the_trusted_process_is_limited(zygote, student, tmp_path):
    book, cells = notebook(tmp_path, "x = bytearray(3 * 2**30)", memory_bytes=2**29)
    with zygote.start(book) as tests:
        assert tests.run_test(cells[0], student.lend()).outcome is Outcome.MEMORY


def test_a_trusted_process_starts_in_milliseconds(zygote, student, tmp_path):
    book, cells = notebook(tmp_path, "assert 1")
    zygote.start(book).close()
    times = []
    for _ in range(5):
        start = time.monotonic()
        with zygote.start(book) as tests:
            tests.run_test(cells[0], student.lend())
        times.append(time.monotonic() - start)
    assert min(times) < 1  # milliseconds on a quiet machine; importing everything takes seconds


def test_no_process_stays_behind(student, tmp_path):
    book, _ = notebook(tmp_path, "assert 1")
    with TrustedZygote() as zygote:
        left = zygote.start(book)
    left._sock.close()
    with pytest.raises(ProcessLookupError):
        os.kill(left._pid, 0)
