"""The local runner: a pool that gives every submission a report, whatever happens to its slots."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from graders.contract import Fault, GradeReport, GradeRequest, ReportState
from graders.environment import environment_digest
from graders.files import FileSet
from graders.release import make_release
from graders.runners import local
from graders.runners.base import Progress, Runner, RunnerClosedError, Stage
from graders.runners.kubernetes import KubernetesRunner
from graders.runners.local import LocalRunner
from tests.graders.notebooks import course, graded, notebook, solution
from tests.graders.runners.pods import Fixed, fresh_keys, grading_pod

pytestmark = pytest.mark.slow

Job = tuple[GradeRequest, FileSet, FileSet]

SOURCE = course(solution("x = 1", "x"), graded("assert x == 1", "t", 1))


def job(answer: str) -> Job:
    release = make_release(SOURCE, assignment="c/a")
    submission = FileSet({"a.ipynb": notebook(solution(answer, "x"), graded("", "t", 1))})
    request = GradeRequest(
        assignment="c/a",
        bundle_digest=release.bundle.digest,
        submission_digest=submission.digest,
        seed=1,
        hidden_seed=2,
        environment_digest="0" * 64,
    )
    return request, release.bundle, submission


@pytest.fixture(scope="module", params=["local", "pod"])
def runner(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """What a test with this fixture says is the contract of every runner."""
    if request.param == "local":
        with LocalRunner(2) as pool:
            yield pool
        return
    keys = fresh_keys()
    with (
        grading_pod(keys, tmp_path_factory.mktemp("keys")) as pod,
        KubernetesRunner(Fixed([pod.place]), environment_digest()) as remote,
    ):
        yield remote


def test_a_submission_is_graded(runner: Runner) -> None:
    assert runner.grade(*job("x = 1")).score == 1


def test_several_threads_share_the_slots(runner: Runner) -> None:
    with ThreadPoolExecutor(4) as threads:
        reports = list(threads.map(lambda answer: runner.grade(*job(answer)), ["x = 1", "x = 2"] * 3))
    assert [report.score for report in reports] == [1, 0] * 3


def test_progress_ends_with_done(runner: Runner) -> None:
    told: list[Progress] = []
    runner.grade(*job("x = 1"), on_progress=told.append)
    stages = [step.stage for step in told]
    assert (stages[0], stages[1], stages[-1]) == (Stage.WAITING, Stage.STARTED, Stage.DONE)


def in_background(runner: Runner, the_job: Job, cancel: threading.Event | None = None) -> "threading.Thread":
    found: list[GradeReport] = []
    started = threading.Event()

    def listen(step: Progress) -> None:
        if step.stage is Stage.STARTED:
            started.set()

    thread = threading.Thread(target=lambda: found.append(runner.grade(*the_job, on_progress=listen, cancel=cancel)))
    thread.found = found  # type: ignore[attr-defined]
    thread.start()
    assert started.wait(60)
    return thread


def report_of(thread: threading.Thread) -> GradeReport:
    thread.join(60)
    report: GradeReport = thread.found[0]  # type: ignore[attr-defined]
    return report


def test_a_running_submission_can_be_cancelled_soon(runner: Runner) -> None:
    cancel = threading.Event()
    thread = in_background(runner, job("import time; time.sleep(50)"), cancel)
    began = time.monotonic()
    cancel.set()
    assert report_of(thread).state is ReportState.NOT_GRADED
    assert time.monotonic() - began < 10
    assert runner.grade(*job("x = 1")).score == 1


def test_a_lost_slot_is_our_fault_and_replaced() -> None:
    with LocalRunner(1) as runner:
        thread = in_background(runner, job("import time; time.sleep(50)"))
        for slot in list(runner._slots):
            os.kill(slot._process.pid, signal.SIGKILL)
            folder = slot._scratch
        report = report_of(thread)
        assert not folder.exists()
        assert (report.state, report.fault, report.score) == (ReportState.NOT_GRADED, Fault.PLATFORM, None)
        assert runner.grade(*job("x = 1")).score == 1


def test_nothing_stays_when_the_runner_closes() -> None:
    me = psutil.Process()
    before = {child.pid for child in me.children(recursive=True)}
    runner = LocalRunner(1)
    thread = in_background(
        runner, job("import subprocess; subprocess.Popen(['sleep', '77']); subprocess.run(['sleep', '77'])")
    )
    mine = [child for child in me.children(recursive=True) if child.pid not in before]
    runner.close()
    report_of(thread)
    _, alive = psutil.wait_procs(mine, timeout=10)
    assert alive == []


def test_a_slot_is_replaced_after_many_submissions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "RECYCLE_AFTER_JOBS", 1)
    with LocalRunner(1) as runner:
        runner.grade(*job("x = 1"))
        assert runner._slots == set()
        assert runner.grade(*job("x = 1")).score == 1


def test_a_closed_runner_refuses() -> None:
    runner = LocalRunner(1)
    runner.close()
    with pytest.raises(RunnerClosedError):
        runner.grade(*job("x = 1"))


def test_a_slot_inherits_no_secret_and_opens_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "secret")
    with LocalRunner(1) as runner:
        runner.warm_up()
        (slot,) = runner._slots
        slot_environment = psutil.Process(slot._process.pid).environ()
    assert "DATABASE_URL" not in slot_environment
