"""The worker with the real engine: what is submitted is graded once, whatever happens to the worker."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import IO

import pytest
import sqlalchemy as sa
import structlog

from graders.contract import Fault, GradeReport, Limits, ReportState
from graders.engine.sandbox import PRACTICE_ONLY
from graders.files import FileSet
from graders.runners.local import LocalRunner
from hub.grading_runners import Bulk
from hub.portal.layout_words import isolation_incomplete
from hub.portal.models import Assignment, AttemptResult, Grade, GradeReportRow, GradingTask, TaskKind, TaskState
from hub.portal.requests_log import configure_logging
from hub.portal.services.grading_work import GradingWork
from hub.portal.services.publishing import prepare, publish_first
from hub.worker import Job, Worker

pytestmark = pytest.mark.slow
STUB = "def add(a, b):\n    raise NotImplementedError()"
RIGHT = "def add(a, b):\n    return a + b"


def cell(source: str, grade_id: str, **rules: object) -> dict[str, object]:
    flags = {"schema_version": 3, "grade_id": grade_id, "grade": False, "solution": False, "locked": False} | rules
    return {
        "cell_type": "code",
        "id": grade_id,
        "metadata": {"nbgrader": flags},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def notebook(answer: str) -> bytes:
    cells = [
        cell(answer, "sol", solution=True),
        cell("assert add(1, 2) == 3", "test", grade=True, locked=True, points=3),
    ]
    metadata = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}).encode()


def publish(campus, limits: Limits | None = None) -> None:
    source = notebook(f"### BEGIN SOLUTION\n{RIGHT}\n### END SOLUTION")
    prepared = prepare({"a.ipynb": source}, "ai/a01", limits)
    with campus.database.writing() as session:
        publish_first_again(session, prepared, campus)


def publish_first_again(session, prepared, campus) -> None:
    assignment = session.scalars(sa.select(Assignment)).one()
    for version in assignment.versions:
        version.state = "retired"
    session.flush()
    publish_first(session, assignment, prepared, campus.now)


def hand_in(campus, name: str, answer: str) -> int:
    person = campus.person(name)
    campus.submit(person, files=FileSet({"a.ipynb": notebook(answer)}))
    return person


def ticking_from(start):
    began = time.monotonic()
    return lambda _session: start + timedelta(seconds=time.monotonic() - began)


class Running:
    """A worker in threads of this process, over a runner and a clock of the test's choice."""

    def __init__(self, campus, runner, clock=None) -> None:
        self.campus = campus
        self.work = GradingWork(campus.database, "test-worker", clock or ticking_from(campus.now))
        self.worker = Worker(self.work, runner, 1)
        self.thread = threading.Thread(target=self.worker.run)

    def __enter__(self) -> "Running":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.worker.stop.set()
        self.thread.join()

    def wait_for(self, *states: TaskState, seconds: float = 120) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with self.campus.database.reading() as session:
                if set(session.scalars(sa.select(GradingTask.state))) <= set(states):
                    return
            time.sleep(0.1)
        raise TimeoutError(f"tasks did not become {states}")


@pytest.fixture(scope="module")
def runner() -> Iterator[LocalRunner]:
    with LocalRunner(1) as local:
        yield local


def test_right_wrong_and_broken_work_get_their_scores(sqlite_campus, runner) -> None:
    publish(sqlite_campus)
    people = {
        hand_in(sqlite_campus, "kim", RIGHT): 3.0,
        hand_in(sqlite_campus, "lee", "def add(a, b):\n    return 0"): 0.0,
        hand_in(sqlite_campus, "park", "def add(:"): 0.0,
    }
    with Running(sqlite_campus, runner) as running:
        running.wait_for(TaskState.DONE)
    with sqlite_campus.database.reading() as session:
        for row in session.scalars(sa.select(GradeReportRow)):
            report = GradeReport.model_validate(row.report)
            assert isolation_incomplete(report) == (PRACTICE_ONLY in report.layers), report.layers
    for person, score in people.items():
        assert sqlite_campus.get(Grade, person_id=person).score == score


def test_a_worker_killed_while_grading_costs_nothing(sqlite_campus, runner, tmp_path) -> None:
    publish(sqlite_campus)
    slow = f"import time\ntime.sleep(3)\n{RIGHT}"
    kim = hand_in(sqlite_campus, "kim", slow)
    process = start_process(sqlite_campus, tmp_path)
    wait_until_claimed(sqlite_campus)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    with sqlite_campus.database.writing() as session:
        session.execute(sa.update(GradingTask).values(lease_until=sqlite_campus.now, available_at=sqlite_campus.now))
    with Running(sqlite_campus, runner, ticking_from(sqlite_campus.now + timedelta(minutes=5))) as running:
        running.wait_for(TaskState.DONE)
    assert sqlite_campus.get(Grade, person_id=kim).score == 3.0
    assert sqlite_campus.count(GradeReportRow) == sqlite_campus.count(AttemptResult) == 1
    assert sqlite_campus.get(GradingTask).tries == 2


def test_a_worker_that_is_asked_to_stop_gives_its_work_back(sqlite_campus, tmp_path) -> None:
    publish(sqlite_campus)
    hand_in(sqlite_campus, "kim", f"import time\ntime.sleep(30)\n{RIGHT}")
    process = start_process(sqlite_campus, tmp_path)
    wait_until_claimed(sqlite_campus)
    process.terminate()
    assert process.wait(timeout=60) == 0
    task = sqlite_campus.get(GradingTask)
    assert (task.state, task.tries, task.failure) == (TaskState.QUEUED, 0, None)


def test_a_worker_warms_its_slots_before_there_is_work(sqlite_campus, tmp_path) -> None:
    with open(tmp_path / "log", "w+") as log:
        process = start_process(sqlite_campus, tmp_path, "INFO", log)
        until = time.monotonic() + 90
        while "runner warm" not in (tmp_path / "log").read_text():
            assert process.poll() is None
            assert time.monotonic() < until, "the slots were not warmed"
            time.sleep(0.1)
        process.terminate()
        assert process.wait(timeout=60) == 0


def start_process(campus, tmp_path, level: str = "ERROR", log: IO[str] | None = None) -> subprocess.Popen:
    settings = {
        "AXCAMPUS_HOME": str(tmp_path / "home"),
        "AXCAMPUS_DATABASE_URL": str(campus.database.engine.url),
        "AXCAMPUS_LOG_LEVEL": level,
    }
    command = [sys.executable, "-m", "hub.worker", "--slots", "1"]
    return subprocess.Popen(command, env=os.environ | settings, start_new_session=True, stdout=log, stderr=log)


def wait_until_claimed(campus, seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while campus.count(GradingTask, state=TaskState.CLAIMED) == 0:
        assert time.monotonic() < until, "the worker claimed nothing"
        time.sleep(0.1)


class BrokenRunner:
    """Grades nothing: raises, or says that the platform broke."""

    def __init__(self, campus, *, raises: bool) -> None:
        self.campus, self.raises, self.calls = campus, raises, 0

    def grade(self, request, bundle, submission, *, on_progress=None, cancel=None) -> GradeReport:
        self.calls += 1
        if self.raises:
            raise OSError("the runner's disk is gone")
        return self.campus.broken_report(request.digest)

    def close(self) -> None:
        pass


@pytest.mark.parametrize("raises", [True, False])
def test_a_runner_that_breaks_is_tried_three_times_and_then_it_shows(sqlite_campus, raises) -> None:
    campus = sqlite_campus
    campus.submit(campus.person("kim"))
    moments = iter(range(10_000))
    broken = BrokenRunner(campus, raises=raises)
    with Running(campus, broken, lambda _session: campus.now + next(moments) * timedelta(seconds=5)) as running:
        running.wait_for(TaskState.NOT_GRADED)
    assert broken.calls == 3
    assert campus.get(GradingTask).failure["staff" if raises else "en"]
    assert campus.count(GradeReportRow) == campus.count(Grade) == 0


def test_a_database_that_goes_away_for_a_moment_costs_no_result(sqlite_campus, monkeypatch) -> None:
    campus = sqlite_campus
    campus.submit(campus.person("kim"))
    failures = iter([True, True])

    class Runner(BrokenRunner):
        def grade(self, request, *_args, **_options) -> GradeReport:
            self.calls += 1
            return campus.report(request.digest)

    monkeypatch.setattr("hub.worker.AWAY_SECONDS", 0.05)
    runner = Runner(campus, raises=False)
    running = Running(campus, runner)
    finish = running.work.finish

    def finish_later(claim, report):
        if next(failures, False):
            raise sa.exc.OperationalError("update", {}, Exception("away"))
        return finish(claim, report)

    monkeypatch.setattr(running.work, "finish", finish_later)
    with running:
        running.wait_for(TaskState.DONE)
    assert runner.calls == 1
    assert campus.get(GradeReportRow).state is ReportState.GRADED
    assert campus.get(GradeReportRow).fault is Fault.NOBODY


def test_the_worker_s_log_names_the_request_that_handed_the_work_in(sqlite_campus, caplog) -> None:
    campus = sqlite_campus
    configure_logging("INFO")
    with structlog.contextvars.bound_contextvars(request_id="0123456789abcdef"):
        campus.submit(campus.person("kim"))

    class Runner(BrokenRunner):
        def grade(self, request, *_args, **_options) -> GradeReport:
            return campus.report(request.digest)

    with caplog.at_level("INFO", "hub.worker"), Running(campus, Runner(campus, raises=False)) as running:
        running.wait_for(TaskState.DONE)
    (line,) = [record.msg for record in caplog.records if "graded" in str(record.msg)]
    assert (line["event"], line["request_id"]) == ("graded", "0123456789abcdef")


class Counted:
    """The real runner, and how many it graded."""

    def __init__(self, runner) -> None:
        self._runner, self.count = runner, 0

    def grade(self, *work, **how):
        self.count += 1
        return self._runner.grade(*work, **how)

    def close(self) -> None:
        pass


def test_regrades_go_to_the_bulk_runner_and_live_work_never_does(sqlite_campus, runner) -> None:
    publish(sqlite_campus)
    hand_in(sqlite_campus, "kim", RIGHT)
    hand_in(sqlite_campus, "lee", "def add(a, b):\n    return 1")
    make_regrade(sqlite_campus, "lee")
    live, bulk = Counted(runner), Counted(runner)
    running = Running(sqlite_campus, live)
    running.worker = Worker(running.work, live, 1, Bulk(bulk, 1))
    running.thread = threading.Thread(target=running.worker.run)
    with running:
        running.wait_for(TaskState.DONE)
    assert (live.count, bulk.count) == (1, 1)


def make_regrade(campus, name: str) -> None:
    with campus.database.writing() as session:
        last = session.scalars(sa.select(GradingTask).order_by(GradingTask.id.desc())).first()
        last.kind = TaskKind.REGRADE


def test_a_worker_full_of_regrades_takes_live_work_only(sqlite_campus, runner) -> None:
    publish(sqlite_campus)
    hand_in(sqlite_campus, "kim", RIGHT)
    make_regrade(sqlite_campus, "kim")
    work = GradingWork(sqlite_campus.database, "test-worker", ticking_from(sqlite_campus.now))
    worker = Worker(work, runner, 2, Bulk(runner, 1))
    first = worker._next()
    assert first is not None
    assert first.kind is TaskKind.REGRADE
    worker._jobs[first.task_id] = Job(first)
    hand_in(sqlite_campus, "lee", RIGHT)
    make_regrade(sqlite_campus, "lee")
    assert worker._next() is None
    hand_in(sqlite_campus, "park", RIGHT)
    found = worker._next()
    assert found is not None
    assert found.kind is TaskKind.LIVE
