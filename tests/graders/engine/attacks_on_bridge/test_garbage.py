"""A student's side that speaks the protocol wrongly, or not at all: an outcome, in time, and never points."""

import contextlib
import json
import re
import socket
import struct
import threading
import time

import pytest

from graders.contract import Outcome
from graders.engine import values
from graders.engine.trusted_cell import NotebookTests
from graders.engine.trusted_model import InstructorCell, TestCell, TrustedNotebook
from graders.engine.wire import MAGIC

HEAD = struct.Struct(">4sII")
TEST = "try:\n    assert f(2) == 4\nexcept Exception:\n    pass"  # a test that forgives everything


def frame(header: object, blobs: tuple[bytes, ...] = (), sizes: tuple[int, ...] | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    lengths = [len(b) for b in blobs] if sizes is None else sizes
    return (
        HEAD.pack(MAGIC, len(text), len(lengths)) + struct.pack(f">{len(lengths)}Q", *lengths) + text + b"".join(blobs)
    )


def ok(node: object, **more: object) -> bytes:
    return frame({"n": 1, "ok": [node, 0, 0], **more})


def nested(depth: int) -> object:
    node: object = 1
    for _ in range(depth):
        node = ["t", [node]]
    return node


HANDLE = ["h", -1, {"kind": "function", "type": "x", "call": True}]
GARBAGE: dict[str, bytes] = {
    "random bytes": bytes(range(256)) * 20,
    "a header that is not JSON": frame(b"{'n': 1}"),
    "a header that is a list": frame([1]),
    "a header too large to be true": HEAD.pack(MAGIC, 2**31, 0),
    "too many blobs": HEAD.pack(MAGIC, 10, 2**31),
    "a blob larger than memory": frame({"n": 1}, sizes=(2**60,)),
    "JSON nested deeper than the parser": frame(b"[" * 200_000),
    "a value nested too deep": ok(nested(400)),
    "an answer to another question": frame({"n": 2, "ok": [4, 0, 0]}),
    "an answer twice": ok(HANDLE) + frame({"n": 1, "ok": [4, 0, 0]}),
    "no answer in the answer": frame({"n": 1}),
    "an unknown tag": ok(["pickle", "gASV"]),
    "a tag that is no text": ok([1, 2]),
    "an array larger than its bytes": ok(["nd", -1, "<f8", [10**9], "C", 0, True]),
    "an array of objects": frame({"n": 1, "ok": [["nd", -1, "|O8", [1], "C", 0, True], 0, 1]}, (b"\0" * 8,)),
    "an array of negative shape": ok(["nd", -1, "<f8", [-1, -1], "C", 0, True]),
    "an array of too many dimensions": ok(["nd", -1, "<f8", [1] * 100, "C", 0, True]),
    "a handle under our own id": ok(["h", 1, {"kind": "function", "call": True}]),
    "a callback object that was never lent": ok(["cb", 1]),
    "a reference to nothing": ok(["r", -5]),
    "unchanged contents never sent": ok(["=", -5]),
    "a class that both sides do not have": ok(["ty", "os._wrap_close"]),
    "a text column that points outside": ok(
        ["sr", -1, ["st", "pyarrow", "nan", 9, 0, 0, 0], ["ir", 0, 9, 1, None], None]
    ),
    "a namedtuple that is code": ok(["nt", "x", "__main__", ["a=__import__('os')"], [1]]),
    "a time zone that is a path": ok(["zone", "../../etc/passwd"]),
    "blobs that are not there": frame({"n": 1, "ok": [["b", 0], 5, 7]}),
    "a callback to nothing": frame({"n": 1, "back": {"on": 99, "what": "call", "args": []}}),
    "a callback to an unhashable": frame({"n": 1, "back": {"on": [], "what": "call", "args": []}}),
    "a callback that is no object": frame({"n": 1, "back": 7}),
    "changes that are no list": ok(4, changed={"a": 1}),
    "rebindings that are no object": ok(4, rebound=[1]),
    "an exception that is no object": frame({"n": 1, "raise": 5}),
    "nothing, and hangs up": b"",
}


@pytest.fixture
def run(tmp_path):
    tests = NotebookTests(
        TrustedNotebook(name="n.ipynb", cells=(InstructorCell(role="test", source=TEST),), folder=str(tmp_path))
    )
    threads = []

    def start(behave, seconds: float = 5):
        ours, theirs = socket.socketpair()
        threads.append(threading.Thread(target=_behave, args=(behave, theirs)))
        threads[-1].start()
        with ours:
            return tests.run(TestCell(grade_id="t", index=0, source=TEST, max_points=1, seconds=seconds), ours)

    yield start
    for thread in threads:
        thread.join(20)


def _behave(behave, sock):
    with sock, contextlib.suppress(OSError):  # the trusted side hangs up, as it should
        behave(sock)


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_a_student_side_outcome(run, name):
    def send(sock):
        sock.recv(65536)
        sock.sendall(GARBAGE[name])
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(65536):
            pass

    answer = run(send)
    assert (answer.outcome, answer.points) == (Outcome.KILLED, 0), answer


def test_without_the_bound_on_depth_a_test_that_forgives_everything_would_pass(tmp_path, run, monkeypatch):
    """It is the bound that ends the test, not the test's own surprise at what it got."""

    def answer(sock):
        while question := re.search(rb'"n":(\d+)', sock.recv(65536)):
            node = None if b'"end"' in question.string else nested(400)
            sock.sendall(frame({"n": int(question[1]), "ok": [node, 0, 0]}))

    assert run(answer).outcome is Outcome.KILLED
    monkeypatch.setattr(values, "MAX_DEPTH", 1000)
    assert run(answer).outcome is Outcome.PASSED


def test_silence_ends_at_the_deadline(run):
    start = time.monotonic()
    answer = run(lambda sock: [sock.recv(65536), sock.recv(1)], seconds=1)
    assert answer.outcome is Outcome.TIMEOUT
    assert time.monotonic() - start < 3


def test_a_slow_drip_ends_at_the_same_deadline(run):
    def drip(sock):
        for byte in ok(4):
            sock.sendall(bytes([byte]))
            time.sleep(0.2)

    start = time.monotonic()
    assert run(drip, seconds=1).outcome is Outcome.TIMEOUT
    assert time.monotonic() - start < 3


def test_a_flood_of_callbacks_ends_at_the_deadline(run):
    def flood(sock):
        while True:
            sock.sendall(frame({"n": 1, "out": "x" * 1000}))

    answer = run(flood, seconds=2)
    assert answer.outcome in (Outcome.KILLED, Outcome.TIMEOUT)


def test_printed_text_is_bounded(run):
    def shout(sock):
        sock.recv(65536)
        sock.sendall(frame({"n": 1, "ok": [4, 0, 0], "out": "x" * 5_000_000}))

    assert len(run(shout).printed) <= 200_000


def test_a_descriptor_sent_along_is_not_taken(run):
    def send(sock):
        sock.recv(65536)
        socket.send_fds(sock, [ok(["b", 0])], [sock.fileno()])

    assert run(send).outcome is Outcome.KILLED


def test_a_dead_student_cannot_pass_a_test_that_forgives_everything(run):
    assert run(lambda sock: None).outcome is Outcome.KILLED
