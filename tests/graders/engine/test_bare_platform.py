"""The engine where none of Linux' facilities exist: it grades, and each report says that nothing was isolated.

Real processes of a real runner, started with every facility taken away before the first line of ours runs.
"""

from pathlib import Path

import psutil
import pytest

from graders.bundle import load_bundle
from graders.contract import GradeReport, GradeRequest, Limits, Outcome, ReportState
from graders.engine.sandbox import PRACTICE_ONLY
from graders.environment import environment_digest
from graders.files import FileSet
from graders.release import make_release
from graders.runners import local_slot
from graders.runners.local import LocalRunner
from tests.graders.notebooks import given, graded, notebook, solution

#: What macOS lacks goes before any of our modules is imported, in each process that the runner starts.
_WITHOUT = """
import os, signal, socket, subprocess
from pathlib import Path
import graders.engine.facilities as facilities
for owner, names in (
    (os, ("pidfd_open", "memfd_create", "sched_getaffinity", "splice", "eventfd")),
    (signal, ("pidfd_send_signal",)),
    (socket, ("SOCK_SEQPACKET",)),
):
    for name in names:
        if hasattr(owner, name):
            delattr(owner, name)
facilities.is_linux = lambda: False
facilities.PROC = Path("/this-system-has-none")
started = subprocess.Popen.__init__
def start(self, *args, env=None, **kwargs):
    started(self, *args, env={**(os.environ if env is None else env), "PYTHONPATH": os.environ["PYTHONPATH"]}, **kwargs)
subprocess.Popen.__init__ = start
"""


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "sitecustomize.py").write_text(_WITHOUT)
    inherited = local_slot._environment()
    monkeypatch.setattr(local_slot, "_environment", lambda: {**inherited, "PYTHONPATH": str(tmp_path)})
    with LocalRunner(1) as started:
        yield started


def grade(runner: LocalRunner, answer: str, **limits: object) -> GradeReport:
    source = FileSet(
        {
            "a.ipynb": notebook(
                given("import os"),
                solution("### BEGIN SOLUTION\ndef f(x): return x + 1\n### END SOLUTION", "answer"),
                graded("assert f(1) == 2", "test", 2),
            )
        }
    )
    bundle = make_release(source, assignment="c/a").bundle
    submission = FileSet({"a.ipynb": notebook(given("import os"), solution(answer, "answer"), graded("", "test", 2))})
    request = GradeRequest(
        assignment=load_bundle(bundle).assignment,
        bundle_digest=bundle.digest,
        submission_digest=submission.digest,
        seed=1,
        hidden_seed=2,
        limits=Limits.model_validate(limits),
        environment_digest=environment_digest(),
    )
    return runner.grade(request, bundle, submission)


@pytest.mark.slow
def test_it_grades_and_says_that_nothing_was_isolated(runner):
    report = grade(runner, "def f(x): return 1 + x")
    assert (report.state, report.score) == (ReportState.GRADED, 2), report.staff_reason
    assert report.layers == ("rlimits", PRACTICE_ONLY, "tests-rlimits")
    wrong = grade(runner, "def f(x): return x")
    assert (wrong.state, wrong.score) == (ReportState.GRADED, 0)


@pytest.mark.slow
def test_an_endless_cell_is_ended_and_nothing_stays(runner):
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    grade(runner, "pass")
    warm = psutil.Process().children(recursive=True)
    endless = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    report = grade(runner, endless, cell_seconds=1)
    assert [cell.outcome for cell in report.cells] == [Outcome.TIMEOUT]
    left = {process.pid for process in psutil.Process().children(recursive=True)} - {each.pid for each in warm} - before
    _, alive = psutil.wait_procs([psutil.Process(pid) for pid in left if psutil.pid_exists(pid)], timeout=5)
    assert alive == []


@pytest.mark.slow
def test_a_process_that_ends_itself_is_noticed(runner):
    report = grade(runner, "import os\nos._exit(0)")
    assert [cell.outcome for cell in report.cells] == [Outcome.KILLED]
