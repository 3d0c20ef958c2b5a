"""The grading pod's server: who gets in, what it takes, and how it ends."""

from __future__ import annotations

import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from graders.contract import GradeReport, Outcome, ReportState
from graders.engine.wire import Channel
from graders.files import FileSet
from graders.runners.base import Progress, Stage
from graders.runners.kubernetes_places import Place
from graders.runners.kubernetes_pod import Caller, Job, PodBusyError, PodError, PodUnreachableError, StoppedError
from graders.runners.local import LocalRunner
from graders.runners.local_frames import write_file_set
from graders.runners.serve import GradingServer, ServeOptions, ensure_font_cache
from graders.runners.serve_keys import PEER_NAME, client_context, server_context
from graders.runners.serve_messages import from_worker
from graders.runners.serve_rehearsal import RehearsalError, rehearse
from tests.graders.runners.pods import fresh_keys, grading_pod
from tests.graders.runners.test_kubernetes_answer import BUNDLE, HONEST, REQUEST
from tests.graders.runners.test_local import job

KEYS, OTHERS_KEYS = fresh_keys(), fresh_keys()
SUBMISSION = job("x = 1")[2]
JOB = Job(REQUEST.model_copy(update={"submission_digest": SUBMISSION.digest}), BUNDLE, SUBMISSION)


class Scripted:
    """A runner that answers when it is told to."""

    def __init__(self, changes: dict[str, object] | None = None) -> None:
        self._changes = changes or {}
        self.go, self.started, self.was_cancelled = threading.Event(), threading.Event(), threading.Event()

    def grade(self, request, bundle, submission, *, on_progress=None, cancel=None) -> GradeReport:
        if on_progress is not None:
            on_progress(Progress(stage=Stage.STARTED))
        self.started.set()
        while not self.go.wait(0.02):
            if cancel.is_set():
                self.was_cancelled.set()
                break
        return HONEST.model_copy(update={"request_digest": request.digest} | self._changes)

    def close(self) -> None:
        pass


@contextmanager
def serving(runner: Scripted, **options: object) -> Iterator[tuple[GradingServer, threading.Thread, Place]]:
    chosen = ServeOptions(**{"slots": 1, "address": ("127.0.0.1", 0)} | options)  # type: ignore[arg-type]
    server = GradingServer(runner, server_context(KEYS), chosen)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server, thread, Place(server.address, client_context(KEYS))
    finally:
        runner.go.set()
        server.stop.set()
        thread.join(20)


def call(place: Place, the_job: Job = JOB, is_stopped=lambda: False) -> GradeReport:
    return Caller(None).grade(place, the_job, lambda _step: None, is_stopped)


@pytest.fixture
def runner() -> Scripted:
    made = Scripted()
    made.go.set()
    return made


def test_who_holds_the_key_gets_a_report(runner: Scripted) -> None:
    with serving(runner) as (_, _, place):
        assert call(place).score == HONEST.score


def test_who_holds_another_key_gets_nothing(runner: Scripted) -> None:
    with serving(runner) as (_, _, place), pytest.raises(PodUnreachableError):
        call(Place(place.address, client_context(OTHERS_KEYS)))
    assert not runner.started.is_set()


def test_who_speaks_no_tls_is_let_go_and_harms_nobody(runner: Scripted) -> None:
    with serving(runner) as (_, _, place):
        for _ in range(5):
            with socket.create_connection(place.address, 5) as plain:
                plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert call(place).state is ReportState.GRADED


def test_connections_that_say_nothing_do_not_keep_others_out(runner: Scripted) -> None:
    with serving(runner) as (_, _, place):
        silent = [socket.create_connection(place.address, 5) for _ in range(10)]
        assert call(place).state is ReportState.GRADED
        for each in silent:
            each.close()


def test_files_that_the_request_does_not_name_are_refused(runner: Scripted) -> None:
    with serving(runner) as (_, _, place), pytest.raises(PodError):
        call(place, Job(JOB.request, BUNDLE, FileSet({"a.ipynb": b"{}"})))
    assert not runner.started.is_set()


def test_a_pod_without_a_free_slot_says_so() -> None:
    runner = Scripted()
    with serving(runner) as (_, _, place):
        first = threading.Thread(target=call, args=(place,))
        first.start()
        assert runner.started.wait(20)
        with pytest.raises(PodBusyError):
            call(place)
        runner.go.set()
        first.join(20)
        assert call(place).state is ReportState.GRADED


def test_a_worker_that_goes_away_cancels() -> None:
    runner = Scripted()
    with serving(runner) as (_, _, place):
        with pytest.raises(StoppedError):
            call(place, is_stopped=runner.started.is_set)
        assert runner.was_cancelled.wait(20)


def test_a_second_message_of_the_worker_cancels_too() -> None:
    runner = Scripted()
    with (
        serving(runner) as (_, _, place),
        socket.create_connection(place.address, 5) as plain,
        place.tls.wrap_socket(plain, server_hostname=PEER_NAME) as tls,
    ):
        blobs: list[bytes] = []
        names = {"bundle": write_file_set(BUNDLE, blobs), "submission": write_file_set(SUBMISSION, blobs)}
        Channel(tls, from_worker()).send({"request": JOB.request.model_dump(mode="json"), **names}, blobs)
        assert runner.started.wait(20)
        tls.sendall(b"more")
        assert runner.was_cancelled.wait(20)


def test_a_server_that_is_stopped_finishes_what_it_has_begun() -> None:
    runner = Scripted()
    found: list[GradeReport] = []
    with serving(runner) as (server, thread, place):
        caller = threading.Thread(target=lambda: found.append(call(place)))
        caller.start()
        assert runner.started.wait(20)
        server.stop.set()
        thread.join(1)
        assert thread.is_alive()
        runner.go.set()
        caller.join(20)
        thread.join(20)
    assert found[0].state is ReportState.GRADED


def test_a_server_ends_after_its_share_of_gradings(runner: Scripted) -> None:
    with serving(runner, jobs=2) as (_, thread, place):
        call(place)
        call(place)
        thread.join(20)
        assert not thread.is_alive()


def test_a_server_that_nobody_uses_ends(runner: Scripted) -> None:
    with serving(runner, idle_seconds=0.3) as (_, thread, _):
        thread.join(20)
        assert not thread.is_alive()


@dataclass
class Counted:
    """Processes of a pod, as many as a test says."""

    too_many: bool = False

    def are_too_many(self) -> bool:
        return self.too_many

    def count(self) -> int:
        return 777


def later(function: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Call in a thread; the list then holds what it returned or raised."""
    found: list[object] = []

    def run() -> None:
        try:
            found.append(function())
        except PodError as error:
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, found


def overrun(runner: Scripted, callers: int) -> tuple[list[object], bool]:
    """What callers hear when processes multiply while they are graded, and whether the server then ended."""
    processes = Counted()
    with serving(runner, slots=callers, processes=processes) as (server, thread, place):
        calls = [later(lambda: call(place)) for _ in range(callers)]
        while len(server._gradings) < callers:
            time.sleep(0.01)
        processes.too_many = True
        assert server.is_overrun.wait(20)
        runner.go.set()
        for each, _ in calls:
            each.join(20)
        thread.join(20)
        return [found[0] for _, found in calls], not thread.is_alive()


def test_a_submission_that_multiplies_alone_gets_its_report_and_the_server_ends() -> None:
    (report,), has_ended = overrun(Scripted(), 1)
    assert isinstance(report, GradeReport)
    assert has_ended


def test_neighbours_of_one_that_multiplies_are_not_believed() -> None:
    answers, has_ended = overrun(Scripted(), 2)
    assert [isinstance(answer, PodError) for answer in answers] == [True, True]
    assert has_ended


def test_the_report_on_the_one_that_was_killed_stands() -> None:
    change = {"outcome": Outcome.KILLED, "points": 0.0}
    killed = tuple(cell if cell.outcome is Outcome.MANUAL else cell.model_copy(update=change) for cell in HONEST.cells)
    answers, _ = overrun(Scripted({"cells": killed, "score": 0.0}), 2)
    assert [isinstance(answer, GradeReport) for answer in answers] == [True, True]


def test_a_grading_that_comes_too_late_is_sent_away() -> None:
    runner = Scripted()
    with serving(runner) as (server, _, place):
        server.is_overrun.set()
        with pytest.raises(PodError):
            call(place)
    assert not runner.started.is_set()


@pytest.mark.slow
def test_the_process_ends_well_when_kubernetes_asks(tmp_path) -> None:
    with grading_pod(fresh_keys(), tmp_path / "keys", "--slots", "1") as pod:
        pod.process.send_signal(signal.SIGTERM)
        assert pod.process.wait(120) == 0


@pytest.mark.parametrize("broken", [{"state": ReportState.GRADED, "score": 0.0}, {"score": 0.5}])
def test_a_pod_that_can_not_grade_never_becomes_ready(broken: dict[str, object]) -> None:
    runner = Scripted(broken)
    runner.go.set()
    with pytest.raises(RehearsalError):
        rehearse(runner)


def test_the_rehearsal_is_a_real_grading() -> None:
    with LocalRunner(1) as runner:
        assert rehearse(runner).score == 1


def test_the_images_list_of_fonts_is_copied_to_where_it_may_be_written(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "image").mkdir()
    (tmp_path / "image" / "fontlist.json").write_text("{}")
    environment = {"AXCAMPUS_FONT_CACHE": str(tmp_path / "image")}
    ensure_font_cache(environment)
    assert (Path(environment["MPLCONFIGDIR"]) / "fontlist.json").read_text() == "{}"


def test_a_font_cache_of_ones_own_is_left_alone() -> None:
    environment = {"AXCAMPUS_FONT_CACHE": "/nowhere", "MPLCONFIGDIR": "/mine"}
    ensure_font_cache(environment)
    assert environment["MPLCONFIGDIR"] == "/mine"
