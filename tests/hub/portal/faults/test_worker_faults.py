"""Workers and runners killed at every step: every submission is graded, its report stored once."""

from __future__ import annotations

import threading
from collections import Counter

import psutil
import pytest

from graders.files import FileSet
from graders.runners.base import Stage
from hub.portal.database import database_now
from hub.portal.models import Grade, GradingTask, TaskState
from hub.portal.services import queue
from tests.hub.portal.faults.fault_points import HEARTBEAT, WORKER
from tests.hub.portal.faults.rig import PATIENCE, Rig, notebook, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
SLOW = "import time\ntime.sleep({})\ndef add(a, b):\n    return a + b"


def hand_in(rig: Rig, seconds: float = 0) -> None:
    """Submit work whose grading takes ``seconds``; the portal itself is not needed for it."""
    rig.campus.submit(rig.campus.person("kim"), files=FileSet({"a.ipynb": notebook(SLOW.format(seconds))}))


def grade_after_the_fault(rig: Rig) -> None:
    """What happens next on the real platform: the lease runs out, and the supervisor has started a worker again."""
    rig.expire_leases()
    rig.start_worker()
    wait_for("graded", rig.is_graded)
    rig.check_graded_once()


def is_being_run(rig: Rig) -> bool:
    progress = rig.campus.get(GradingTask).progress
    return progress is not None and progress["stage"] in (Stage.STARTED, Stage.CELL)


@pytest.mark.parametrize("point", WORKER)
def test_a_worker_killed_at_any_step_leaves_exactly_one_report(rig: Rig, point: str) -> None:
    hand_in(rig)
    assert rig.start_worker(point).wait(PATIENCE) == -9
    grade_after_the_fault(rig)
    assert rig.campus.get(GradingTask).tries <= 2


@pytest.mark.parametrize("point", HEARTBEAT)
def test_a_worker_killed_at_its_heartbeat_leaves_exactly_one_report(sqlite_rig: Rig, point: str) -> None:
    hand_in(sqlite_rig, seconds=18)
    assert sqlite_rig.start_worker(point).wait(PATIENCE) == -9
    grade_after_the_fault(sqlite_rig)


def test_a_runner_killed_while_it_grades_costs_one_try_and_no_score(rig: Rig) -> None:
    hand_in(rig, seconds=18)
    worker = rig.start_worker()
    wait_for("being run, as its heartbeat says", lambda: is_being_run(rig))
    runners = psutil.Process(worker.pid).children(recursive=True)
    assert runners
    for process in runners:
        process.kill()
    wait_for("graded", rig.is_graded)
    rig.check_graded_once()
    assert rig.campus.get(GradingTask).tries == 2


def test_a_submission_that_kills_whole_workers_costs_its_neighbours_no_try(rig: Rig) -> None:
    lee = rig.campus.person("lee")
    poison = FileSet({"a.ipynb": notebook("# ends whoever grades it")})
    rig.campus.submit(lee, files=FileSet({"a.ipynb": notebook()}))
    rig.campus.submit(rig.campus.person("kim"), files=poison)
    deaths = 0
    while rig.campus.count(GradingTask, state=TaskState.NOT_GRADED) == 0:
        worker = rig.start_poisoned_worker(poison.digest)
        wait_for("dead or done", lambda worker=worker: worker.poll() is not None or ended(rig))
        deaths += worker.poll() == -9
        rig.stop_all()
        rig.expire_leases()
        sweep(rig)
    assert deaths == queue.SUSPECT_AFTER + 3, "with others beside it, then alone"
    graded, ungraded = (rig.campus.get(GradingTask, state=state) for state in (TaskState.DONE, TaskState.NOT_GRADED))
    assert (graded.tries, ungraded.tries) == (1, 3)
    assert rig.campus.get(Grade, person_id=lee).score == 3.0


def ended(rig: Rig) -> bool:
    return rig.campus.count(GradingTask, state=TaskState.DONE) + rig.campus.count(
        GradingTask, state=TaskState.NOT_GRADED
    ) == rig.campus.count(GradingTask)


def sweep(rig: Rig) -> None:
    """What the next worker does first; the test looks at its outcome before it starts one."""
    with rig.campus.database.writing() as session:
        queue.sweep(session, database_now(session))


def test_many_workers_at_once_never_get_the_same_task(campus) -> None:
    for name in ("kim", "lee", "park"):
        for number in range(4):
            campus.submit(campus.person(name), f"{name} {number}")
    claimed: list[int] = []

    def work(worker: str) -> None:
        while True:
            with campus.database.writing() as session:
                held = queue.claim(session, worker, campus.now)
            if held is None:
                return
            claimed.append(held.task_id)

    workers = [threading.Thread(target=work, args=(f"worker-{number}",)) for number in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert Counter(claimed) == Counter(range(min(claimed), min(claimed) + 12))
