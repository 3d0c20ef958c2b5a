"""Background jobs: done once, tried again when they break, stopped when asked, taken up when their process died."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from graders.check import Checked, CheckReport
from graders.contract import Fault
from graders.files import FileSet
from hub import jobs
from hub.portal.database import Database
from hub.portal.models import Assignment, AssignmentVersion, Blob, Job, JobState, VersionState
from hub.portal.services import job_kinds
from hub.portal.services.duties import make_duties
from hub.portal.services.file_sets import put_file_set
from hub.portal.services.job_context import JobContext
from hub.portal.services.job_kinds import FaultlessRunner, PlatformFaultError
from hub.portal.services.jobs import JobOrder, cancel_job, claim_job, enqueue_job


@pytest.fixture
def kinds(monkeypatch):
    table: dict[str, object] = {}
    monkeypatch.setattr(jobs, "KINDS", table)
    return table


def order(campus, kind: str = "test", **params: object) -> int:
    with campus.database.writing() as session:
        return enqueue_job(session, JobOrder(kind, params), campus.now).id


def test_a_job_is_done_once_and_keeps_its_result(campus, kinds) -> None:
    kinds["test"] = lambda context: {"twice": context.params["number"] * 2}
    order(campus, number=21)
    runner = jobs.JobRunner(campus.database, runner=None)
    assert [runner.run_one(), runner.run_one()] == [True, False]
    job = campus.get(Job)
    assert (job.state, job.result, job.tries) == (JobState.DONE, {"twice": 42}, 1)


def test_a_job_that_breaks_is_tried_three_times(campus, kinds) -> None:
    def break_it(_context: JobContext) -> dict[str, object]:
        raise RuntimeError("boom")

    kinds["test"] = break_it
    order(campus)
    runner = jobs.JobRunner(campus.database, runner=None)
    assert [runner.run_one() for _ in range(4)] == [True, True, True, False]
    job = campus.get(Job)
    assert job.state is JobState.FAILED
    assert job.message_ko


def test_a_running_job_stops_when_it_is_cancelled(campus, kinds) -> None:
    def cancelled_on_the_way(context: JobContext) -> dict[str, object]:
        context.progress(1, 2)
        with campus.database.writing() as session:
            assert cancel_job(session, context.job_id, campus.now)
        context.progress(2, 2)
        return {}

    kinds["test"] = cancelled_on_the_way
    order(campus)
    jobs.JobRunner(campus.database, runner=None).run_one()
    job = campus.get(Job)
    assert (job.state, job.done, job.total) == (JobState.CANCELLED, 1, 2)


def test_a_waiting_job_is_cancelled_at_once(sqlite_campus) -> None:
    job_id = order(sqlite_campus)
    with sqlite_campus.database.writing() as session:
        assert cancel_job(session, job_id, sqlite_campus.now)
        assert not cancel_job(session, job_id, sqlite_campus.now)
    assert sqlite_campus.get(Job).state is JobState.CANCELLED


def test_a_job_whose_process_died_is_taken_up_three_times_at_most(campus) -> None:
    order(campus)
    taken = []
    for step in range(5):
        with campus.database.writing() as session:
            job = claim_job(session, f"w{step}", ["test"], campus.now + step * timedelta(minutes=5))
            taken.append(job is not None)
    assert taken == [True, True, True, False, False]
    assert campus.get(Job).state is JobState.FAILED


def test_mail_does_not_wait_behind_a_line_of_checks(campus, kinds) -> None:
    done: list[str] = []
    for kind in ("check_version", "send_mail"):
        kinds[kind] = lambda _context, kind=kind: done.append(kind) or {}
    for kind in ("check_version", "check_version", "send_mail"):
        order(campus, kind)
    runner = jobs.JobRunner(campus.database, runner=None)
    assert [runner.run_one() for _ in range(3)] == [True, True, True]
    assert done == ["send_mail", "check_version", "check_version"]


def test_kinds_that_a_worker_does_not_know_are_left_alone(sqlite_campus) -> None:
    order(sqlite_campus, kind="future")
    with sqlite_campus.database.writing() as session:
        assert claim_job(session, "w", ["test"], sqlite_campus.now) is None


def test_the_check_of_a_version_makes_it_ready(sqlite_campus, monkeypatch) -> None:
    campus = sqlite_campus
    report = CheckReport(assignment="ai/a01", publishable=True)
    monkeypatch.setattr(job_kinds, "check_assignment", lambda *_args, **_options: Checked(report, None))
    with campus.database.writing() as session:
        assignment = session.scalars(sa.select(Assignment)).one()
        version_id = campus.add_version(session, assignment, VersionState.STAGED).id
    order(campus, "check_version", version_id=version_id)
    jobs.JobRunner(campus.database, runner=None).run_one()
    assert campus.get(Job).result == {"state": "ready", "findings": 0}
    assert campus.get(AssignmentVersion, id=version_id).state is VersionState.READY


def test_a_platforms_fault_is_no_verdict_about_an_author(sqlite_campus) -> None:
    class Broken:
        def grade(self, *_args: object, **_options: object):
            return sqlite_campus.broken_report("a" * 64)

    assert sqlite_campus.broken_report("a" * 64).fault is Fault.PLATFORM
    with pytest.raises(PlatformFaultError):
        FaultlessRunner(Broken()).grade(None, None, None)


def test_the_sweep_is_asked_for_and_done_by_the_process_itself_and_spares_what_is_in_use(campus, monkeypatch) -> None:
    campus.submit(campus.person("kim"), "kept")
    with campus.database.writing() as session:
        put_file_set(session, FileSet({"old.txt": b"nobody's"}))
    monkeypatch.setattr(jobs, "_now", lambda: datetime.now(UTC) + timedelta(days=365))
    before = campus.count(Blob)
    runner = jobs.JobRunner(campus.database, runner=None, duties=make_duties(24))
    runner.look_after_duties()
    assert runner.run_one()
    job = campus.get(Job)
    assert (job.kind, job.state, job.result["blobs"], job.result["file_sets"]) == ("sweep_blobs", JobState.DONE, 1, 1)
    assert campus.count(Blob) == before - 1
    monkeypatch.setattr(runner, "_next_duties", 0.0)
    runner.look_after_duties()
    assert campus.count(Job) == 1, "the next one is due tomorrow"


def test_an_idle_process_never_takes_the_write_lock(sqlite_campus, monkeypatch) -> None:
    runner = jobs.JobRunner(sqlite_campus.database, runner=None)
    monkeypatch.setattr(Database, "writing", lambda _self: pytest.fail("it took the write lock"))
    assert not runner.run_one()
