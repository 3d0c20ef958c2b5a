"""Watchers: people who look at a waiting submission, as often as JupyterLab's panel does."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from benchmarks.grading.workloads import Workload
from benchmarks.submissions.campus import Student, submissions
from benchmarks.submissions.deadline import hand_in
from benchmarks.submissions.figures import Figure
from benchmarks.submissions.parts import cpu_seconds, part_process
from hub.settings import PROJECT_ROOT, Settings

SHARE_OF_A_CORE = 10.0
PANEL = PROJECT_ROOT / "hub" / "lab" / "share" / "jupyter" / "labextensions" / "axcampus" / "static" / "portal.js"


@dataclass(frozen=True)
class Pace:
    """How often the panel asks while a receipt waits, in seconds, as ``portal.js`` says it."""

    usual: float
    longest: float

    def next_look(self, place: int) -> float:
        """Return the seconds until the next look of somebody at a place of the queue (``Campus.#patience``)."""
        return min(self.usual + place * 0.1, self.longest)


def load_pace() -> Pace:
    """Read the pace from the panel's own source; an older panel asks at one pace."""
    lines = re.finditer(r"const (WATCHING\w*_MS) = (\d+)", PANEL.read_text(encoding="utf-8"))
    found = {line.group(1): int(line.group(2)) for line in lines}
    usual = found["WATCHING_MS"] / 1000
    return Pace(usual, found.get("WATCHING_LONGEST_MS", found["WATCHING_MS"]) / 1000)


class Watcher:
    """One person's panel: asks again and again with the last ETag."""

    def __init__(self, settings: Settings, student: Student, pace: Pace) -> None:
        self._settings, self._token, self._pace = settings, student.token, pace
        self._etag, self._place = "", 0
        self.answers: list[int] = []

    def look(self) -> float:
        """Ask once; returns the seconds until the next look."""
        connection = HTTPConnection("localhost", self._settings.port, timeout=30)
        headers = {"Authorization": f"Bearer {self._token}", **({"If-None-Match": self._etag} if self._etag else {})}
        connection.request("GET", "/api/v1/me", headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        self.answers.append(answer.status)
        if answer.status == 200:
            self._etag = answer.headers.get("ETag", "")
            self._place = place_of(json.loads(body))
        return self._pace.next_look(self._place)


def place_of(me: dict[str, Any]) -> int:
    """Return the place in the queue that the panel shows, 0 if nothing waits."""
    receipts = [course["last_receipt"] for course in me["courses"] if course["last_receipt"]]
    return max((receipt["queue_position"] or 0 for receipt in receipts), default=0)


def measure_watchers(
    settings: Settings, workload: Workload, students: Sequence[Student], seconds: float
) -> list[Figure]:
    """Stop the worker so that everything waits, let all watch, and count the portal's processor time."""
    worker, portal = part_process(settings, "worker"), part_process(settings, "portal")
    work = submissions(workload, 20_000)[-len(students) :]
    os.kill(worker.pid, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda pair: hand_in(settings, workload, *pair), zip(students, work, strict=True)))
        pace = load_pace()
        watchers = [Watcher(settings, student, pace) for student in students]
        watch(watchers, pace.longest)  # tokens and first answers are known now, as after a minute of class
        for watcher in watchers:
            watcher.answers.clear()
        before, began = cpu_seconds(portal), time.monotonic()
        watch(watchers, seconds)
        share = 100 * (cpu_seconds(portal) - before) / (time.monotonic() - began)
    finally:
        os.kill(worker.pid, signal.SIGCONT)
    looks = [status for watcher in watchers for status in watcher.answers]
    return [
        Figure("watchers", "people", len(students), ""),
        Figure("watchers", "looks a second", len(looks) / seconds, "1/s"),
        Figure("watchers", "answered 304", 100 * looks.count(304) / max(1, len(looks)), "%"),
        Figure("watchers", "failed", sum(status not in (200, 304) for status in looks), "", 0),
        Figure("watchers", "processor of the portal", share, "% of a core", SHARE_OF_A_CORE),
    ]


def watch(watchers: Sequence[Watcher], seconds: float) -> None:
    """Let everybody look for ``seconds``, spread evenly at the beginning."""
    until = time.monotonic() + seconds

    def keep_looking(number: int, watcher: Watcher) -> None:
        time.sleep(number / len(watchers) * load_pace().longest)
        while time.monotonic() < until:
            time.sleep(watcher.look())

    threads = [
        threading.Thread(target=keep_looking, args=(number, watcher), daemon=True)
        for number, watcher in enumerate(watchers)
    ]
    for thread in threads:
        thread.start()
    time.sleep(max(0.0, until - time.monotonic()))
    for thread in threads:
        thread.join(120)
