"""Applying a large roster in the background: watched without a write, stopped before it commits, refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.jobs import JobRunner
from hub.portal.models import Cohort, Invitation, Job, JobState, MailMessage, Person, Role, RosterImport, RosterState
from hub.portal.services.audit import Actor
from hub.portal.services.job_signals import JobSignals
from hub.portal.services.programme import roster_jobs
from hub.portal.services.programme.roster_imports import check_roster, take_roster
from hub.portal.services.programme.roster_jobs import find_apply, order_apply, signals_of
from hub.settings import Settings

LINES = 450


def roster(lines: int) -> bytes:
    rows = [f"교육생{i},2001-02-03,010{10000000 + i},재학생,p{i}@example.ac.kr" for i in range(lines)]
    return "\n".join(["이름,생년월일,휴대전화,구분,이메일", *rows]).encode()


@pytest.fixture
def ordered(campus) -> int:
    """A roster that was uploaded, looked at and is to be applied."""
    actor = Actor("oh", campus.person("oh", Role.COORDINATOR, None))
    with campus.database.writing() as session:
        cohort = session.scalars(sa.select(Cohort).where(Cohort.slug == "gnu-1")).one()
        upload = take_roster(session, actor, cohort, "명단.csv", roster(LINES), campus.now)
        expected = check_roster(session, upload, campus.now).plan.digest
        job = order_apply(session, actor, upload, expected, True, campus.now)
        assert order_apply(session, actor, upload, expected, True, campus.now) is job, "twice asked is asked once"
        return upload.id


def run(campus, tmp_path: Path) -> Job:
    JobRunner(campus.database, None, (), Settings(home=tmp_path)).run_one()
    with campus.database.reading() as session:
        return session.scalars(sa.select(Job).where(Job.kind == roster_jobs.APPLY_ROSTER)).one()


def test_all_of_it_is_applied_and_people_are_invited(campus, ordered, tmp_path) -> None:
    job = run(campus, tmp_path)
    assert (job.state, job.result["counts"]["created"]) == (JobState.DONE, LINES)
    assert campus.count(Invitation) == campus.count(MailMessage) == LINES
    assert campus.get(RosterImport, id=ordered).state is RosterState.APPLIED
    assert list((tmp_path / "run" / "jobs").iterdir()) == []


def test_progress_is_seen_from_another_process_while_it_runs(campus, ordered, tmp_path, monkeypatch) -> None:
    seen, show = [], JobSignals.show

    def show_and_read(signals: JobSignals, done: int, total: int) -> None:
        show(signals, done, total)
        seen.append(JobSignals(signals.folder, signals.job_id).progress())

    monkeypatch.setattr(JobSignals, "show", show_and_read)
    run(campus, tmp_path)
    assert seen == [(0, LINES), (200, LINES), (400, LINES), (LINES, LINES)]


@pytest.mark.parametrize("after", [0, 200, LINES])
def test_stopped_before_it_commits_nothing_was_applied(campus, ordered, tmp_path, monkeypatch, after: int) -> None:
    show = JobSignals.show

    def show_and_stop(signals: JobSignals, done: int, total: int) -> None:
        show(signals, done, total)
        if done == after:
            signals.ask_to_stop()

    monkeypatch.setattr(JobSignals, "show", show_and_stop)
    job = run(campus, tmp_path)
    assert job.state is JobState.CANCELLED
    assert (campus.count(Invitation), campus.count(MailMessage)) == (0, 0)
    upload = campus.get(RosterImport, id=ordered)
    assert upload.state is RosterState.CHECKED
    with campus.database.reading() as session:
        assert session.get_one(RosterImport, ordered).content is not None
        assert session.scalars(sa.select(Person).where(Person.name == "교육생1")).all() == []


def test_people_who_changed_meanwhile_are_a_refusal_in_words(campus, ordered, tmp_path) -> None:
    with campus.database.writing() as session:
        born = check_roster(session, session.get_one(RosterImport, ordered), campus.now).plan.rows[0].row
        session.add(Person(name=born.name, birth_date=born.birth_date, phone=born.phone))
    job = run(campus, tmp_path)
    assert job.state is JobState.DONE
    assert "변동이 있어" in job.result["refused"]["ko"]
    assert campus.get(RosterImport, id=ordered).state is RosterState.CHECKED


def test_an_upload_without_a_job_has_none(sqlite_campus) -> None:
    with sqlite_campus.database.reading() as session:
        assert find_apply(session, RosterImport(id=1)) is None


@pytest.mark.parametrize("text", ["", "x", "[1]", "[1, null]", "{}"])
def test_a_progress_file_that_is_none_says_nothing(tmp_path, text: str) -> None:
    signals = signals_of(tmp_path, 7)
    assert signals.progress() is None
    signals.show(1, 2)
    assert signals.progress() == (1, 2)
    signals._progress.write_text(text)
    assert signals.progress() is None
