"""Floods, huge replies, replays, slow drips: each is stopped by its bound, and gets through once just that is off."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graders.contract import Outcome
from graders.engine import trusted_session
from graders.engine.trusted_cell import NotebookTests
from graders.engine.trusted_model import InstructorCell, TestCell, TrustedNotebook
from graders.engine.trusted_session import Session
from graders.engine.wire import MAGIC, Channel, WireLimits

HANDLE = ["h", -1, {"kind": "function", "type": "x", "call": True}]
TEST = "assert f(2) == 4"
TEXT = "x" * 1000

Send = Callable[[int, Any], bytes]
Grade = Callable[[Send], Outcome]


def frame(header: dict[str, Any], blobs: tuple[bytes, ...] = ()) -> bytes:
    text = json.dumps(header).encode()
    sizes = struct.pack(f">{len(blobs)}Q", *map(len, blobs))
    return struct.pack(">4sII", MAGIC, len(text), len(blobs)) + sizes + text + b"".join(blobs)


def honest(number: int, node: Any) -> bytes:
    return frame({"n": number, "ok": [node, 0, 0]})


def large_header(number: int, node: Any) -> bytes:
    return frame({"n": number, "ok": [node, 0, 0], "more": TEXT})


def many_blobs(number: int, node: Any) -> bytes:
    return frame({"n": number, "ok": [node, 0, 0]}, (b"x",) * 50)


def large_blob(number: int, node: Any) -> bytes:
    return frame({"n": number, "ok": [node, 0, 0]}, (b"x" * 5000,))


SMALL = WireLimits(header_bytes=500, message_bytes=3000, blobs=20, total_bytes=20_000, messages=20)
#: attack -> (what it sends, the one bound that refuses it)
FLOODS = {
    "a large header": (large_header, "header_bytes"),
    "many blobs": (many_blobs, "blobs"),
    "a large blob": (large_blob, "message_bytes"),
}


class Student:
    """The student's side of one test cell: answers what it is asked with ``send``."""

    def __init__(self, send: Send) -> None:
        self.ours, self._theirs = socket.socketpair()
        self._send = send
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with self._theirs, contextlib.suppress(OSError):
            while received := self._theirs.recv(65536):
                for question in re.finditer(rb'"do":"(\w+)".*?"n":(\d+)', received):
                    node = {b"get": HANDLE, b"call": 4}.get(question[1])
                    self._theirs.sendall(self._send(int(question[2]), node))

    def close(self) -> None:
        self.ours.close()
        self._thread.join(20)


@pytest.fixture
def grade(tmp_path: Path) -> Iterator[Callable[..., Outcome]]:
    students: list[Student] = []

    def run(send: Send, source: str = TEST, seconds: float = 5) -> Outcome:
        cell = InstructorCell(role="test", source=source)
        tests = NotebookTests(TrustedNotebook(name="n.ipynb", cells=(cell,), folder=str(tmp_path)))
        students.append(Student(send))
        test = TestCell(grade_id="t", index=0, source=source, max_points=1, seconds=seconds)
        return tests.run(test, students[-1].ours).outcome

    yield run
    for student in students:
        student.close()


@pytest.fixture
def set_limits(monkeypatch: pytest.MonkeyPatch) -> Callable[[WireLimits], None]:
    def bounded(limits: WireLimits) -> None:
        monkeypatch.setattr(
            trusted_session, "Channel", lambda sock, **more: Channel(sock, **{**more, "limits": limits})
        )

    return bounded


def test_an_honest_student_is_within_small_bounds(grade, set_limits) -> None:
    set_limits(SMALL)
    assert grade(honest) is Outcome.PASSED


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_ends_at_its_own_bound_and_at_no_other(grade, set_limits, name: str) -> None:
    send, bound = FLOODS[name]
    set_limits(SMALL)
    assert grade(send) is Outcome.KILLED
    set_limits(replace(WireLimits(), **{bound: getattr(SMALL, bound)}))
    assert grade(send) is Outcome.KILLED
    set_limits(replace(SMALL, **{bound: getattr(WireLimits(), bound)}, total_bytes=WireLimits().total_bytes))
    assert grade(send) is Outcome.PASSED


def test_the_number_of_messages_is_bounded(grade, set_limits) -> None:
    source = "for _ in range(40):\n    assert f(2) == 4"
    set_limits(replace(WireLimits(), messages=SMALL.messages))
    assert grade(honest, source) is Outcome.KILLED
    set_limits(replace(SMALL, messages=WireLimits().messages))
    assert grade(honest, source) is Outcome.PASSED


def test_the_sum_of_all_messages_is_bounded_too(grade, set_limits) -> None:
    set_limits(replace(WireLimits(), total_bytes=8000))
    assert grade(large_blob) is Outcome.KILLED  # two answers of 5000 bytes
    set_limits(WireLimits())
    assert grade(large_blob) is Outcome.PASSED


def test_an_answer_is_not_taken_twice(grade, monkeypatch: pytest.MonkeyPatch) -> None:
    """``g`` never answers rightly: what ``f`` answered is sent again for it."""
    source = "assert f(2) == 4\nassert g(2) == 4"
    replayed: list[bytes] = []

    def replay(number: int, node: Any) -> bytes:
        if node == 4:
            replayed.append(honest(number, node))
            return replayed[0]
        return honest(number, node)

    assert grade(replay, source) is Outcome.KILLED
    assert len(replayed) == 2
    monkeypatch.setattr(Session, "_is_answer", staticmethod(lambda *_: True))
    replayed.clear()
    assert grade(replay, source) is Outcome.PASSED


def test_a_slow_drip_ends_at_the_deadline_and_would_be_read_to_its_end_without_it(
    grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    dripped = threading.Event()

    def pause(number: int, node: Any) -> bytes:
        if node == 4:
            time.sleep(1.5)
            dripped.set()
        return honest(number, node)

    assert grade(pause, seconds=0.5) is Outcome.TIMEOUT
    assert dripped.wait(5)
    monkeypatch.setattr(trusted_session, "Channel", lambda sock, **more: Channel(sock, **{**more, "deadline": None}))
    assert grade(pause, seconds=30) is Outcome.PASSED
