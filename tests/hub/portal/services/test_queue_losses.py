"""A worker that dies with several tasks: only the guilty one pays, however long it takes to find it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count

import pytest

from hub.portal.models import GradingTask, TaskState
from hub.portal.services import queue
from hub.portal.services.queue import SUSPECT_AFTER, Claim

MINUTE = timedelta(minutes=1)


class Crashes:
    """Workers of which each takes what it can hold and dies; leases run out before the next one starts."""

    def __init__(self, campus) -> None:
        self.campus, self.numbers = campus, count(1)
        self.at: datetime = campus.now

    def claim(self, worker: str, *, is_idle: bool = True, after: timedelta = timedelta(0)) -> Claim | None:
        with self.campus.database.writing() as session:
            return queue.claim(session, worker, self.at + after, is_idle=is_idle)

    def sweep(self, after: timedelta = 2 * MINUTE) -> None:
        self.at += after
        with self.campus.database.writing() as session:
            queue.sweep(session, self.at)

    def take(self, size: int = 2) -> list[Claim]:
        worker = f"worker {next(self.numbers)}"
        held: list[Claim] = []
        while len(held) < size and not any(claim.is_suspect for claim in held):
            claim = self.claim(worker, is_idle=not held)
            if claim is None:
                break
            held.append(claim)
        return held

    def tasks(self) -> list[tuple[TaskState, int, int]]:
        names = ("kim", "lee")
        people = [self.campus.person(name) for name in names]
        found = []
        for person in people:
            with self.campus.database.reading() as session:
                task = session.query(GradingTask).join(GradingTask.attempt).filter_by(person_id=person).one()
                found.append((task.state, task.tries, task.losses))
        return found


@pytest.fixture
def crashes(campus) -> Iterator[Crashes]:
    campus.submit(campus.person("kim"), "poison")
    campus.submit(campus.person("lee"), "fine")
    return Crashes(campus)


def test_what_was_lost_together_loses_no_try_and_goes_on_at_once(crashes) -> None:
    assert len(crashes.take()) == 2
    crashes.sweep()
    assert crashes.tasks() == [(TaskState.QUEUED, 0, 1), (TaskState.QUEUED, 0, 1)]
    assert [claim.tries for claim in crashes.take()] == [1, 1]


def test_what_was_lost_alone_loses_its_try(crashes) -> None:
    crashes.take(size=1)
    crashes.sweep()
    assert crashes.tasks()[0] == (TaskState.QUEUED, 1, 0)


def test_leases_that_run_out_one_after_the_other_are_still_one_loss(crashes) -> None:
    crashes.claim("w")
    crashes.claim("w", is_idle=False, after=timedelta(seconds=30))
    crashes.sweep(timedelta(seconds=61))
    assert [state for state, _, _ in crashes.tasks()] == [TaskState.QUEUED, TaskState.CLAIMED]
    crashes.sweep(timedelta(seconds=60))
    assert crashes.tasks() == [(TaskState.QUEUED, 0, 1), (TaskState.QUEUED, 0, 1)]


def test_a_suspect_is_run_alone_and_a_busy_worker_waits_for_it(crashes) -> None:
    for _ in range(SUSPECT_AFTER):
        crashes.take()
        crashes.sweep()
    assert crashes.claim("w", is_idle=False) is None
    held = crashes.take()
    assert [claim.is_suspect for claim in held] == [True]


def test_the_guilty_ends_as_not_graded_and_its_neighbour_keeps_all_its_tries(crashes) -> None:
    poison = crashes.campus.person("kim")
    for _ in range(20):
        held = crashes.take()
        people = {claim.task_id: claim for claim in held}
        with crashes.campus.database.reading() as session:
            dies = any(session.get_one(GradingTask, task_id).attempt.person_id == poison for task_id in people)
        if not dies:
            for claim in held:
                with crashes.campus.database.writing() as session:
                    queue.finish(session, claim, crashes.campus.report(claim.request_digest), "w", crashes.at)
        crashes.sweep()
    (poison_state, poison_tries, _), (fine_state, fine_tries, _) = crashes.tasks()
    assert (poison_state, poison_tries) == (TaskState.NOT_GRADED, 3)
    assert (fine_state, fine_tries) == (TaskState.DONE, 1)


def test_a_machine_that_dies_again_and_again_ends_in_not_graded_and_not_in_an_endless_loop(crashes) -> None:
    for _ in range(20):
        crashes.take()
        crashes.sweep()
    assert [state for state, _, _ in crashes.tasks()] == [TaskState.NOT_GRADED] * 2
