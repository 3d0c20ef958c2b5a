"""How large the pool is, and what a submission that takes too long or takes its process down costs the others."""

import os

import pytest

from graders.contract import GradeReport, Limits, Outcome, ReportState
from graders.runners.local import LocalRunner
from tests.graders.runners.test_local import job


def test_the_pool_has_a_slot_for_each_core_unless_told_otherwise() -> None:
    with LocalRunner() as runner, LocalRunner(3) as three:
        assert (runner.size, three.size) == (os.cpu_count(), 3)


def grade(runner: LocalRunner, answer: str, **limits: float) -> GradeReport:
    request, bundle, submission = job(answer)
    request = request.model_copy(update={"limits": Limits.model_validate(limits)})
    return runner.grade(request, bundle, submission)


@pytest.mark.slow
def test_poison_costs_its_own_points_and_nobody_elses() -> None:
    with LocalRunner(1) as runner:
        late = grade(runner, "import time; time.sleep(60)", submission_seconds=1)
        dead = grade(runner, "import os; os._exit(7)")
        honest = grade(runner, "x = 1")
        (slot,) = runner._slots
        assert slot.jobs_done == 3  # none of them took the slot itself down
    assert [report.state for report in (late, dead, honest)] == [ReportState.GRADED] * 3
    assert [report.score for report in (late, dead, honest)] == [0, 0, 1]
    assert (late.cells[0].outcome, dead.cells[0].outcome) == (Outcome.TIMEOUT, Outcome.KILLED)
