"""The Kubernetes runner against pods that are lost, lie, dawdle, or are not ours: no score from them, and no hang."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from graders.contract import Fault, GradeReport, ReportState, Text
from graders.engine.wire import BridgeError, Channel
from graders.grade import not_graded
from graders.runners import kubernetes_pod
from graders.runners.base import RunnerClosedError
from graders.runners.kubernetes import KubernetesRunner, RunnerOptions
from graders.runners.kubernetes_places import Place, ServiceName
from graders.runners.serve_keys import PEER_NAME, client_context, server_context
from graders.runners.serve_messages import MAX_REPORT_BYTES, Hello, from_worker, hello_message
from tests.graders.runners.pods import Fixed, fresh_keys
from tests.graders.runners.test_kubernetes_answer import BUNDLE, HONEST, REQUEST
from tests.graders.runners.test_local import job

KEYS, OTHERS_KEYS = fresh_keys(), fresh_keys()
ENVIRONMENT = "e" * 64
SUBMISSION = job("x = 1")[2]
QUICK = RunnerOptions(unreachable_seconds=0.3, look_seconds=0.05)

Behaviour = Callable[[Channel], None]


class FakePod:
    """A real TLS server of this process with a behaviour instead of a grader."""

    def __init__(self, behaviour: Behaviour, keys: object = KEYS) -> None:
        self._behaviour, self.jobs = behaviour, 0
        self._tls = server_context(keys)  # type: ignore[arg-type]
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self.place = Place(self._listener.getsockname()[:2], client_context(KEYS))
        self._main = threading.Thread(target=self._accept)
        self._main.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            thread.start()
            self._threads.append(thread)

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, BridgeError), connection:
            connection.settimeout(20)
            with self._tls.wrap_socket(connection, server_side=True) as tls:
                self.jobs += 1
                self._behaviour(Channel(tls, from_worker(), time.monotonic() + 20))

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in (self._main, *self._threads):
            thread.join(20)


@pytest.fixture
def pod() -> Iterator[Callable[..., FakePod]]:
    made: list[FakePod] = []

    def make(behaviour: Behaviour, keys: object = KEYS) -> FakePod:
        made.append(FakePod(behaviour, keys))
        return made[-1]

    yield make
    for each in made:
        each.close()


def greet(channel: Channel, **facts: object) -> None:
    channel.send(hello_message(Hello.model_validate({"environment": ENVIRONMENT} | facts)))


def take_job(channel: Channel) -> None:
    greet(channel)
    channel.receive()


def answer(data: bytes) -> Behaviour:
    def behave(channel: Channel) -> None:
        take_job(channel)
        channel.send({"report": True}, [data])

    return behave


honest = answer(HONEST.model_dump_json().encode())


def raw(data: bytes) -> Behaviour:
    def behave(channel: Channel) -> None:
        take_job(channel)
        channel.sock.sendall(data)
        channel.receive()  # until the worker has had enough

    return behave


def grade(*pods: FakePod, options: RunnerOptions = QUICK, environment: str | None = ENVIRONMENT) -> GradeReport:
    with KubernetesRunner(Fixed([each.place for each in pods]), environment, options) as runner:
        return runner.grade(REQUEST, BUNDLE, SUBMISSION)


def test_an_honest_pods_report_is_returned(pod: Callable[..., FakePod]) -> None:
    assert grade(pod(honest)) == HONEST


def progress_flood(channel: Channel) -> None:
    take_job(channel)
    while True:
        channel.send({"progress": {"stage": "cell"}})


HEAD = struct.Struct(">4sII")
OTHERS = HONEST.model_copy(update={"request_digest": "0" * 64})
BAD = {
    "gives another request's report": answer(
        HONEST.model_copy(update={"request_digest": "0" * 64}).model_dump_json().encode()
    ),
    "gives no JSON": answer(b"\x00" * 100),
    "gives nothing": answer(b""),
    "ends after the job": take_job,
    "sends garbage": raw(b"HTTP/1.1 200 OK\r\n\r\n" * 10),
    "declares an enormous header": raw(HEAD.pack(b"AXB1", 2**32 - 1, 0)),
    "declares many blobs": raw(HEAD.pack(b"AXB1", 2, 4000)),
    "declares an enormous report": raw(HEAD.pack(b"AXB1", 2, 1) + struct.pack(">Q", MAX_REPORT_BYTES + 1)),
    "sends a step that is none": raw(HEAD.pack(b"AXB1", 18, 0) + b'{"progress": "up"}'),
    "sends a word of its own": raw(HEAD.pack(b"AXB1", 10, 0) + b'{"pay": 10}'),
}


@pytest.mark.parametrize("how", BAD)
def test_a_pod_that_is_bad_gives_no_score(pod: Callable[..., FakePod], how: str) -> None:
    report = grade(pod(BAD[how]))
    assert (report.state, report.fault, report.score) == (ReportState.NOT_GRADED, Fault.PLATFORM, None)


def test_endless_steps_end_by_their_number(pod: Callable[..., FakePod], monkeypatch: pytest.MonkeyPatch) -> None:
    few = kubernetes_pod.from_pod().__class__(header_bytes=1000, messages=50)
    monkeypatch.setattr(kubernetes_pod, "from_pod", lambda: few)
    assert grade(pod(progress_flood)).state is ReportState.NOT_GRADED


def test_silence_ends_at_the_submissions_limit(pod: Callable[..., FakePod], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubernetes_pod, "SLACK_SECONDS", -599.5)
    assert grade(pod(raw(b""))).fault is Fault.PLATFORM


def test_a_message_that_drips_ends_too(pod: Callable[..., FakePod], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubernetes_pod, "TRANSFER_SECONDS", 0.5)
    assert grade(pod(raw(b"AXB1"))).fault is Fault.PLATFORM


def test_a_lost_pod_costs_no_score_if_another_is_well(pod: Callable[..., FakePod]) -> None:
    losing, well = pod(take_job), pod(honest)
    reports = [grade(losing, well, options=RunnerOptions(tries=50)) for _ in range(4)]
    assert reports == [HONEST] * 4


def test_a_pod_that_fails_by_itself_is_asked_no_more_than_one_that_is_lost(pod: Callable[..., FakePod]) -> None:
    failed = not_graded(REQUEST, Text(ko="실패", en="failed"), "a slot ended", Fault.PLATFORM)
    failing, well = pod(answer(failed.model_dump_json().encode())), pod(honest)
    reports = [grade(failing, well, options=RunnerOptions(tries=50)) for _ in range(4)]
    assert reports == [HONEST] * 4
    assert "a slot ended" in (grade(failing).staff_reason or "")


def test_as_many_pods_are_lost_as_tries_allow(pod: Callable[..., FakePod]) -> None:
    losing = pod(take_job)
    grade(losing, options=RunnerOptions(tries=3, look_seconds=0.01))
    assert losing.jobs == 3


def test_a_busy_pod_is_waited_for(pod: Callable[..., FakePod]) -> None:
    asked: list[int] = []

    def busy_at_first(channel: Channel) -> None:
        asked.append(1)
        if len(asked) < 10:
            greet(channel, busy=True)
        else:
            honest(channel)

    assert grade(pod(busy_at_first)) == HONEST


@pytest.mark.parametrize("pods_own", [OTHERS_KEYS, "nobody"])
def test_no_job_is_handed_to_whoever_lacks_our_key(pod: Callable[..., FakePod], pods_own: object) -> None:
    received: list[bytes] = []

    def listen(channel: Channel) -> None:
        received.append(channel.sock.recv(10))

    if pods_own == "nobody":
        places = Fixed([Place(("127.0.0.1", 9), client_context(KEYS))])
        with KubernetesRunner(places, ENVIRONMENT, QUICK) as runner:
            report = runner.grade(REQUEST, BUNDLE, SUBMISSION)
    else:
        report = grade(pod(listen, pods_own))
    assert (report.state, report.fault, received) == (ReportState.NOT_GRADED, Fault.PLATFORM, [])
    assert report.staff_reason == "no pod in this test"


def test_a_pod_with_other_software_gets_no_job(pod: Callable[..., FakePod]) -> None:
    assert grade(pod(honest), environment="f" * 64).fault is Fault.PLATFORM
    assert grade(pod(honest), environment=None) == HONEST


def test_a_client_without_the_key_gets_no_greeting(pod: Callable[..., FakePod]) -> None:
    server = pod(honest)
    with (
        socket.create_connection(server.place.address, 5) as plain,
        pytest.raises((ssl.SSLError, ConnectionError)),
        client_context(OTHERS_KEYS).wrap_socket(plain, server_hostname=PEER_NAME) as tls,
    ):
        tls.recv(1)


def test_cancelling_ends_the_waiting_for_a_pod() -> None:
    cancel = threading.Event()
    cancel.set()
    with KubernetesRunner(Fixed([]), ENVIRONMENT) as runner:
        report = runner.grade(REQUEST, BUNDLE, SUBMISSION, cancel=cancel)
    assert (report.state, report.fault) == (ReportState.NOT_GRADED, Fault.NOBODY)


def test_closing_ends_gradings_as_ours_and_refuses_new_ones(pod: Callable[..., FakePod]) -> None:
    runner = KubernetesRunner(Fixed([pod(raw(b"")).place]), ENVIRONMENT)
    found: list[GradeReport] = []
    thread = threading.Thread(target=lambda: found.append(runner.grade(REQUEST, BUNDLE, SUBMISSION)))
    thread.start()
    runner.close()
    thread.join(20)
    assert (found[0].state, found[0].fault) == (ReportState.NOT_GRADED, Fault.PLATFORM)
    with pytest.raises(RunnerClosedError):
        runner.grade(REQUEST, BUNDLE, SUBMISSION)


def test_a_name_that_does_not_resolve_has_no_places() -> None:
    assert ServiceName("grader.invalid", 1, client_context(KEYS)).places() == ()


def test_a_name_resolves_to_every_address() -> None:
    found = ServiceName("localhost", 7, client_context(KEYS)).places()
    assert ("127.0.0.1", 7) in [place.address for place in found]
