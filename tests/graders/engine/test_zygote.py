"""The warm process: it imports, forks, refuses threads, and takes nothing down with it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from graders.contract import Limits
from graders.engine.student import StudentProcess, StudentSettings
from graders.engine.zygote import Zygote, ZygoteError
from graders.engine.zygote_environment import student_environment
from graders.engine.zygote_pool import MAX_WARM, WarmProcesses


@pytest.fixture
def module_with_a_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    source = "import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start()"
    (tmp_path / "threaded_module.py").write_text(source)
    environment = {**student_environment(), "PYTHONPATH": str(tmp_path)}
    monkeypatch.setattr("graders.engine.zygote.student_environment", lambda: environment)
    return "threaded_module"


def test_a_fork_has_the_modules_that_were_asked_for(zygote: Zygote, start_student) -> None:
    result = start_student().run_cell("import sys; print('pandas' in sys.modules)", "cell")
    assert result.outputs[0]["text"] == "True\n"


def test_a_module_that_starts_a_thread_is_refused(module_with_a_thread: str) -> None:
    with pytest.raises(ZygoteError):
        Zygote([module_with_a_thread])


def test_the_pool_then_leaves_that_module_to_the_cells(module_with_a_thread: str) -> None:
    with WarmProcesses() as warm:
        assert warm.for_students([module_with_a_thread]).alive


def test_a_module_that_is_not_installed_is_left_out() -> None:
    with Zygote(["no_such_module_at_all"]) as zygote:
        assert zygote.alive


def test_a_warm_process_has_one_thread(zygote: Zygote) -> None:
    assert psutil.Process(zygote._process.pid).num_threads() == 1


def test_the_environment_of_students_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AXCAMPUS_SECRET", "x")
    assert "AXCAMPUS_SECRET" not in student_environment()


def test_a_dead_warm_process_is_replaced() -> None:
    with WarmProcesses() as warm:
        first = warm.for_students(())
        first._process.kill()
        first._process.wait()
        assert warm.for_students(()).alive


def test_only_the_latest_lists_of_modules_stay_warm() -> None:
    with WarmProcesses() as warm:
        zygotes = [warm.for_students([name]) for name in ("json", "csv", "html")]
        assert [zygote.alive for zygote in zygotes] == [False] * (3 - MAX_WARM) + [True] * MAX_WARM


def test_a_warm_process_stays_small(zygote: Zygote) -> None:
    assert zygote.resident_bytes() < 300 * 2**20


def test_forks_end_with_their_warm_processes_owner(tmp_path: Path) -> None:
    zygote = Zygote()
    student = StudentProcess(zygote, StudentSettings(tmp_path, Limits(), 1))
    inside = psutil.Process(student._fork.pid)
    student._fork.close()
    zygote.close()
    _, alive = psutil.wait_procs([inside], timeout=5)
    assert alive == []
    student.close()


def test_the_interpreter_is_ours(zygote: Zygote) -> None:
    assert psutil.Process(zygote._process.pid).exe() == str(Path(sys.executable).resolve())


def test_a_process_that_is_ended_on_its_way_in_is_gone(zygote: Zygote, start_student) -> None:
    forks = {child.pid for child in psutil.Process(zygote._process.pid).children(recursive=True)}
    student = start_student()
    assert student.close().exit_code <= 0  # killed, or it saw first that its owner had gone
    left = [child for child in psutil.Process(zygote._process.pid).children(recursive=True) if child.pid not in forks]
    assert psutil.wait_procs(left, timeout=10)[1] == []  # its keeper ends by itself once it has told the end


def test_stopping_from_another_thread_also_ends_a_process_on_its_way_in(start_student) -> None:
    student = start_student()
    student.stop()
    assert student.run_cell("1", "cell").killed
