"""The month's end closes itself through the job table, once, also when the job is done twice."""

from __future__ import annotations

from datetime import date
from typing import Any

from hub.portal.models import Job, KpiSnapshot
from hub.portal.services.duties import CLOSING_DUTY, enqueue_due
from hub.portal.services.job_context import JobContext
from hub.portal.services.job_kinds import KINDS
from tests.hub.portal.services.programme.kpi_rows import Programmes, noon


def close(programmes: Programmes, job_id: int = 1) -> dict[str, Any]:
    runner: Any = None  # this job grades nothing
    context = JobContext(job_id, "w", {}, programmes.database, runner, lambda: programmes.now)
    return KINDS[CLOSING_DUTY.kind](context)


def test_the_duty_asks_for_the_job_until_the_month_is_closed(programmes: Programmes):
    programmes.complete("gnu-1")
    with programmes.database.writing() as session:
        assert [job.kind for job in enqueue_due(session, (CLOSING_DUTY,), programmes.now)] == ["close_months"]
    assert len(close(programmes)["snapshots"]) == 1
    assert close(programmes)["snapshots"] == []
    with programmes.database.writing() as session:
        session.delete(session.get_one(Job, 1))
        assert enqueue_due(session, (CLOSING_DUTY,), programmes.now) == []
        [snapshot] = session.query(KpiSnapshot)
        assert (snapshot.closing_date, snapshot.headcount, snapshot.made_by_id) == (date(2026, 10, 31), 1, None)
        assert len(enqueue_due(session, (CLOSING_DUTY,), noon(12, 1))) == 1
