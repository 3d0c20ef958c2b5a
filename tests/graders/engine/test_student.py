"""A student's process runs cells as a notebook would, and nothing it does holds its owner."""

import time
from pathlib import Path

import pytest

from graders.engine.student import CellResult, StudentProcess

from .conftest import StartStudent


def run(student: StudentProcess, source: str, seconds: float = 30) -> CellResult:
    return student.run_cell(source, "cell", seconds)


def text_of(result: CellResult) -> str:
    return "".join(str(output.get("text", "")) for output in result.outputs)


def test_printed_text_of_one_stream_is_one_output(student: StudentProcess) -> None:
    result = run(student, "print(1)\nprint(2)")
    assert result.outputs == [{"output_type": "stream", "name": "stdout", "text": "1\n2\n"}]


def test_the_last_expression_is_an_execute_result(student: StudentProcess) -> None:
    result = run(student, "40 + 2")
    expected = {"output_type": "execute_result", "data": {"text/plain": "42"}, "metadata": {}, "execution_count": 1}
    assert result.outputs == [expected]


def test_names_live_from_cell_to_cell(student: StudentProcess) -> None:
    run(student, "x = 41")
    assert run(student, "x + 1").outputs[0]["data"]["text/plain"] == "42"


def test_an_error_is_an_output_and_the_next_cell_runs(student: StudentProcess) -> None:
    result = run(student, "1 / 0")
    assert (result.ok, result.error, result.outputs[0]["ename"]) == (False, "ZeroDivisionError", "ZeroDivisionError")
    assert run(student, "print('on')").ok


@pytest.mark.parametrize("source", ["def f(:", "exit(", "'\\ud800'.encode()"])
def test_a_cell_that_is_no_python_is_an_error_output(student: StudentProcess, source: str) -> None:
    assert run(student, source).outputs[-1]["output_type"] == "error"


@pytest.mark.parametrize("prefix", ["", "%matplotlib inline\n"])
def test_a_figure_is_a_png(student: StudentProcess, prefix: str) -> None:
    result = run(student, prefix + "import matplotlib.pyplot as plt; plt.plot([1, 2]);")
    assert result.outputs[-1]["data"]["image/png"].startswith("iVBOR")


def test_input_is_refused_as_in_a_notebook_without_a_person(student: StudentProcess) -> None:
    assert run(student, "input('?')").error == "StdinNotImplementedError"


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("!echo shell", "shell\n"),
        ("%%bash\necho script", "script\n"),
        ("import os; os.system('echo system');", "system\n"),
        ("import subprocess, sys; subprocess.run(['echo', 'sub'], stdout=sys.stdout);", "sub\n"),
        ("%%capture kept\nprint(1)", ""),
        ("import asyncio; await asyncio.sleep(0); print('async')", "async\n"),
    ],
)
def test_magics_programs_and_await_work(student: StudentProcess, source: str, printed: str) -> None:
    assert text_of(run(student, source)) == printed


def test_what_a_forked_process_prints_is_kept(student: StudentProcess) -> None:
    source = "import multiprocessing as mp; p = mp.Process(target=print, args=('fork',)); p.start(); p.join()"
    assert "fork" in text_of(run(student, source))


def test_shell_commands_are_refused_where_the_assignment_forbids_them(start_student: StartStudent) -> None:
    assert run(start_student(allow_shell=False), "!echo hi").error == "PermissionError"


def test_exit_does_not_end_the_notebook(student: StudentProcess) -> None:
    run(student, "exit")
    run(student, "import sys; sys.exit(3)")
    assert run(student, "1").ok


def test_clear_output_takes_back_what_was_shown(student: StudentProcess) -> None:
    result = run(student, "from IPython.display import clear_output\nprint(1)\nclear_output(wait=True)\nprint(2)")
    assert text_of(result) == "2\n"


def test_an_updated_display_is_shown_once(student: StudentProcess) -> None:
    result = run(student, "from IPython.display import display\nh = display('a', display_id=True)\nh.update('b')")
    assert [output["data"]["text/plain"] for output in result.outputs] == ["'b'"]


def test_a_cell_that_takes_too_long_ends_and_the_next_one_runs(student: StudentProcess) -> None:
    result = run(student, "while True: pass", 0.3)
    assert (result.timed_out, result.killed) == (True, False)
    assert run(student, "1").ok


def test_a_cell_that_catches_the_interrupt_is_killed(student: StudentProcess) -> None:
    source = "import time\nwhile True:\n  try: time.sleep(60)\n  except BaseException: pass"
    run(student, "1")
    began = time.monotonic()
    result = run(student, source, 1)
    assert (result.timed_out, result.killed, student.alive) == (True, True, False)
    assert time.monotonic() - began < 10


def test_a_process_that_ends_itself_is_reported_as_killed(student: StudentProcess) -> None:
    assert run(student, "import os; os._exit(0)").killed
    assert run(student, "1").killed


def test_output_beyond_the_limit_is_cut_and_says_so(start_student: StartStudent) -> None:
    result = run(start_student(output_bytes_per_cell=1000), "for i in range(10**5): print(i)")
    assert len(text_of(result)) < 1200
    assert "truncated" in text_of(result)


def test_output_of_programs_beyond_the_limit_is_cut(start_student: StartStudent) -> None:
    result = run(start_student(output_bytes_per_cell=1000), "import os; os.system('seq 100000');")
    assert len(text_of(result)) < 1200


def test_unseeded_draws_are_the_same_in_every_grading_of_one_request(start_student: StartStudent) -> None:
    source = "import numpy as np, random; print(np.random.rand(), random.random())"
    assert text_of(run(start_student(), source)) == text_of(run(start_student(), source))


def test_a_hostile_answer_on_the_control_socket_kills_only_that_process(start_student: StartStudent) -> None:
    source = """
import os
for fd in range(3, 64):
    try: os.write(fd, b'garbage' * 1000)
    except OSError: pass
"""
    assert run(start_student(), source).killed
    assert run(start_student(), "1").ok


def test_two_forks_share_nothing(start_student: StartStudent) -> None:
    run(start_student(), "secret = 1; import builtins; builtins.len = None")
    assert run(start_student(), "secret").error == "NameError"


def test_the_working_folder_is_the_notebooks_own(student: StudentProcess, tmp_path: Path) -> None:
    run(student, "open('made.txt', 'w').write('x'); open('mine.py', 'w').write('y = 1')")
    assert (tmp_path / "work" / "made.txt").read_text() == "x"
    assert run(student, "import mine; mine.y").ok
