"""Where attacks are tried: one real runner, what an attack got, and what it left behind."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from graders.bundle import load_bundle
from graders.contract import CellReport, GradeReport, Limits
from graders.engine.sandbox_watch import descendants
from graders.engine.zygote_pool import WarmProcesses
from graders.files import FileSet
from graders.grade_folders import FIRST_USER, USERS
from graders.recording import record_reference
from graders.release import make_release
from graders.runners.local import LocalRunner
from tests.graders.attacks.assignment import (
    CANARY,
    HIDDEN_SEED,
    OTHERS_SECRET,
    RIGHT,
    SOURCE,
    answered,
    request_for,
    submission_of,
)
from tests.graders.attacks.attack import MARK, Attack
from tests.graders.notebooks import notebook

#: Short, so that an endless attack ends soon.
SHORT = {
    "cell_seconds": 3,
    "test_cell_seconds": 3,
    "notebook_seconds": 12,
    "submission_seconds": 20,
    "cpu_seconds": 10,
    "memory_bytes": 400 * 2**20,
    "processes": 24,
    "disk_bytes": 40 * 2**20,
}
SECRETS = (CANARY, str(HIDDEN_SEED), hex(HIDDEN_SEED), OTHERS_SECRET, "KANARIE-environment", "KANARIE-file")
#: A keeper that reported the end still has to exit.
_ENDING_SECONDS = 3.0
_PLACES = ("/tmp", "/var/tmp", "/dev/shm", "/root", "/home", "/etc", "/usr/local/bin", "/run")


@dataclass
class Room:
    """One runner and its published assignment."""

    runner: LocalRunner
    bundle: FileSet
    released: bytes
    family: set[int] = field(default_factory=set)

    def attack(self, attack: Attack) -> GradeReport:
        """Grade one attack with short limits."""
        limits = Limits.model_validate(SHORT | dict(attack.limits))
        return self._grade(submission_of(attack, self.released), limits)

    def honest(self) -> GradeReport:
        """Grade the right answer on the same runner."""
        return self._grade(FileSet({"a.ipynb": notebook(*answered(self.released, RIGHT))}), Limits())

    def settle(self) -> None:
        """Remember the processes that belong here: an attack may not add to them."""
        self.family = set(descendants(os.getpid()))

    def leftovers(self) -> list[str]:
        """What an attack left, once the keeper had its moment to end."""
        until = time.monotonic() + _ENDING_SECONDS
        while (left := self._leftovers()) and time.monotonic() < until:
            time.sleep(0.02)
        return left

    def _leftovers(self) -> list[str]:
        """New processes of ours, processes and files with the mark, folders of the grading."""
        (slot,) = self.runner._slots
        folders = [str(path) for path in slot._scratch.glob("axcampus-grade-*")]
        return [*folders, *self._processes(), *marked_files()]

    def _grade(self, submission: FileSet, limits: Limits) -> GradeReport:
        return self.runner.grade(request_for(self.bundle, submission, limits), self.bundle, submission)

    def _processes(self) -> Iterator[str]:
        for process in set(descendants(os.getpid())) - self.family:
            yield f"process {process}"
        (slot,) = self.runner._slots
        student = FIRST_USER + slot._process.pid % USERS
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                words = (folder / "cmdline").read_bytes().decode("utf-8", "replace")
                if MARK in words or folder.stat().st_uid == student:
                    yield f"process {folder.name}: {words}"


def marked_files() -> Iterator[str]:
    """Files with the mark in their names, at the places where attacks try to leave some."""
    for place in (*_PLACES, str(Path.home()), str(Path(os.__file__).parent), str(Path(__file__).parents[3])):
        with suppress(OSError):
            yield from (f"{place}/{name}" for name in os.listdir(place) if MARK in name)


@contextmanager
def open_room() -> Iterator[Room]:
    """Publish the assignment, put secrets around it, and start one slot."""
    release = make_release(FileSet({"a.ipynb": SOURCE}), assignment="c/attacked")
    with WarmProcesses() as warm:
        bundle = record_reference(release.bundle, warm, seed=1, hidden_seed=2).bundle
    os.environ["ATTACKED_TOKEN"] = "KANARIE-environment"
    with tempfile.NamedTemporaryFile("w", prefix="attacked-", suffix=".secret") as bait:
        bait.write("KANARIE-file")
        bait.flush()
        try:
            with LocalRunner(1, modules=load_bundle(bundle).preload) as runner:
                room = Room(runner, bundle, release.student.files["a.ipynb"])
                room.honest()
                room.settle()
                yield room
        finally:
            del os.environ["ATTACKED_TOKEN"]


def shown_to_students(report: GradeReport) -> str:
    """All text of a report that a student may see."""
    return report.model_copy(
        update={"staff_reason": None, "cells": tuple(map(_without_staff, report.cells))}
    ).model_dump_json()


def _without_staff(cell: CellReport) -> CellReport:
    return cell.model_copy(update={"staff_message": None})


def leaked(report: GradeReport) -> list[str]:
    """The secrets that a student could read in this report."""
    text = shown_to_students(report)
    return [secret for secret in SECRETS if secret in text]


def is_proven(attack: Attack, report: GradeReport) -> bool:
    """Whether the attack was really tried; see ``Attack.proof``."""
    kind, _, outcome = attack.proof.partition(":")
    if kind == "outcome":
        return any(cell.outcome == outcome for cell in report.cells)
    if kind == "state":
        return report.state == outcome
    if kind == "flag":
        return outcome in {flag.code for flag in report.flags}
    return attack.proof in _printed(report)


def _printed(report: GradeReport) -> str:
    cells = [cell for book in report.notebooks for cell in json.loads(book.content)["cells"]]
    return json.dumps([cell.get("outputs", []) for cell in cells], ensure_ascii=False)
