"""Whatever happens in whatever order: accepted work stays, is graded or visibly not graded, and has one report."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from hub.portal.errors import DomainError
from hub.portal.models import (
    Attempt,
    AttemptMember,
    AttemptResult,
    Grade,
    GradeReportRow,
    GradingTask,
    TaskKind,
    TaskState,
    TeamAttempt,
)
from hub.portal.services import queue
from hub.portal.services.acceptance import accept
from hub.portal.services.attempt_owners import owners_of, team_id_of
from hub.portal.services.grading_requests import make_request, put_request, seed_subject
from tests.hub.portal.conftest import TERMS

ENDED = (TaskState.DONE, TaskState.NOT_GRADED)


class QueueMachine(RuleBasedStateMachine):
    """Submissions, workers that crash, come late or report a broken platform, and a sweeper; time only passes."""

    claims = Bundle("claims")
    campus = None  # set by the test: a campus with two students

    def __init__(self) -> None:
        super().__init__()
        self.clock = self.campus.now
        self.accepted: set[str] = set()
        self.scores: dict[str, float | None] = {}
        self.campus.reset()

    @rule(student=st.sampled_from([0, 1]), text=st.sampled_from(["a", "b", "c"]), key=st.integers(0, 5))
    def submit(self, student: int, text: str, key: int) -> None:
        self.clock += timedelta(seconds=30)
        person = self.campus.students[student]
        made = self.campus.submit(person, text, received_at=self.clock, idempotency_key=f"{text}-{key}")
        self.accepted.add(made.attempt.receipt_id)

    @rule(student=st.sampled_from([0, 1]), text=st.sampled_from(["a", "b"]), key=st.integers(0, 5))
    def submission_dies_before_commit(self, student: int, text: str, key: int) -> None:
        upload = self.campus.upload(
            self.campus.students[student], text, received_at=self.clock, idempotency_key=f"{text}-{key}"
        )
        with self.campus.database.writers() as session, suppress(DomainError):
            accept(session, upload, TERMS)

    @rule(seconds=st.sampled_from([1, 60]))
    def the_clock_steps_back(self, seconds: int) -> None:
        self.clock -= timedelta(seconds=seconds)

    @rule(target=claims)
    def claim(self) -> queue.Claim | None:
        with self.campus.database.writing() as session:
            return queue.claim(session, "w", self.clock)

    @rule(held=claims, score=st.integers(0, 10))
    def report(self, held: queue.Claim | None, score: int) -> None:
        if held is None:
            return
        with self.campus.database.writing() as session:
            report = self.campus.report(held.request_digest, float(score))
            queue.finish(session, held, report, "w", self.clock)

    @rule(held=claims)
    def report_broken(self, held: queue.Claim | None) -> None:
        if held is None:
            return
        with self.campus.database.writing() as session:
            queue.finish(session, held, self.campus.broken_report(held.request_digest), "w", self.clock)

    @rule(held=claims)
    def report_dies_before_commit(self, held: queue.Claim | None) -> None:
        if held is None:
            return
        with self.campus.database.writers() as session:
            queue.finish(session, held, self.campus.report(held.request_digest), "w", self.clock)

    @rule(held=claims)
    def the_worker_is_asked_to_stop(self, held: queue.Claim | None) -> None:
        if held is None:
            return
        with self.campus.database.writing() as session:
            queue.give_back(session, held)

    @rule(held=claims)
    def the_runner_breaks(self, held: queue.Claim | None) -> None:
        if held is None:
            return
        with self.campus.database.writing() as session:
            queue.fail(session, held, queue.Failure(queue.LOST), self.clock)

    @rule()
    def staff_let_what_was_not_graded_be_tried_again(self) -> None:
        with self.campus.database.writing() as session:
            for task in session.scalars(sa.select(GradingTask.id).where(GradingTask.state == TaskState.NOT_GRADED)):
                assert queue.retry(session, task)

    @rule(environment=st.sampled_from(["1", "2"]))
    def everything_is_regraded_in_another_environment(self, environment: str) -> None:
        terms = replace(TERMS, environment_digest=environment * 64)
        with self.campus.database.writing() as session:
            for attempt in session.scalars(sa.select(Attempt)):
                subject = seed_subject(attempt.person_id, attempt.version, team_id_of(session, attempt.id))
                request = make_request(terms, attempt.version, subject, attempt.submission_digest)
                known = sa.select(GradingTask.id).filter_by(attempt_id=attempt.id, request_digest=request.digest)
                if session.scalar(known) is None:
                    queue.enqueue(session, attempt, put_request(session, request), TaskKind.REGRADE)

    @rule(held=claims)
    def beat(self, held: queue.Claim | None) -> None:
        if held is None:
            return
        with self.campus.database.writing() as session:
            queue.heartbeat(session, held, self.clock)

    @rule(seconds=st.sampled_from([1, 61, 3600]))
    def time_passes_and_the_sweeper_runs(self, seconds: int) -> None:
        self.clock += timedelta(seconds=seconds)
        with self.campus.database.writing() as session:
            queue.sweep(session, self.clock)

    @invariant()
    def nothing_is_lost_and_reports_never_change(self) -> None:
        with self.campus.database.reading() as session:
            assert set(session.scalars(sa.select(Attempt.receipt_id))) == self.accepted
            tasks = session.scalars(sa.select(GradingTask)).all()
            rows = session.execute(sa.select(AttemptResult.attempt_id, AttemptResult.request_digest))
            results = {tuple(row) for row in rows}
            for task in tasks:
                is_done = task.state is TaskState.DONE
                assert ((task.attempt_id, task.request_digest) in results) == is_done
                assert (task.claim_token is not None) == (task.state is TaskState.CLAIMED)
            assert len([task for task in tasks if task.kind is TaskKind.LIVE]) == len(self.accepted)
            for digest, score in session.execute(sa.select(GradeReportRow.request_digest, GradeReportRow.score)):
                assert self.scores.setdefault(digest, score) == score

    @invariant()
    def of_a_persons_waiting_work_only_the_newest_goes_first(self) -> None:
        with self.campus.database.reading() as session:
            query = (
                sa.select(Attempt.person_id, Attempt.number, GradingTask.priority)
                .join(GradingTask)
                .where(GradingTask.kind == TaskKind.LIVE, GradingTask.state == TaskState.QUEUED)
            )
            newest_of = sa.select(Attempt.person_id, sa.func.max(Attempt.number)).group_by(Attempt.person_id)
            newest = dict(session.execute(newest_of).all())
            for person, number, priority in session.execute(query):
                assert number == newest[person] or priority == queue.OLDER_LIVE, "it was claimed when a newer one came"

    def teardown(self) -> None:
        """When the workers work again, everything accepted ends: graded, or visibly not graded."""
        for _ in range(200):
            self.clock += timedelta(minutes=5)
            with self.campus.database.writing() as session:
                queue.sweep(session, self.clock)
                held = queue.claim(session, "healthy", self.clock)
                waiting = session.scalar(sa.select(GradingTask.id).where(GradingTask.state.not_in(ENDED)).limit(1))
            if waiting is None:
                break
            if held is None:  # what the sweep has just taken back waits a moment before its next try
                continue
            with self.campus.database.writing() as session:
                queue.finish(session, held, self.campus.report(held.request_digest), "healthy", self.clock)
        with self.campus.database.reading() as session:
            tasks = session.scalars(sa.select(GradingTask)).all()
            attempts = set(session.scalars(sa.select(Attempt.id)))
            assert {task.attempt_id for task in tasks} == attempts, "every accepted attempt has its grading"
            assert all(task.state in ENDED for task in tasks)
            assert all(task.failure is not None for task in tasks if task.state is TaskState.NOT_GRADED)
            graded = {task.attempt_id for task in tasks if task.state is TaskState.DONE}
            attempts = session.scalars(sa.select(Attempt).where(Attempt.id.in_(graded))).all()
            owned = owners_of(session, attempts)
            people = {(owner.person_id, each.assignment_id) for each in attempts for owner in owned[each.id]}
            assert {tuple(row) for row in session.execute(sa.select(Grade.person_id, Grade.assignment_id))} == people


@pytest.mark.slow
def test_random_interleavings_lose_nothing_and_report_once(campus) -> None:
    campus.students = [campus.person("kim"), campus.person("lee")]
    campus.reset = lambda: empty_the_queue(campus)

    run_machine(type("Machine", (QueueMachine,), {"campus": campus}))


def run_machine(machine: type[RuleBasedStateMachine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def empty_the_queue(campus) -> None:
    """Each example starts without attempts; attempts may be deleted (a retention job does), never changed."""
    with campus.database.writing() as session:
        for model in (Grade, AttemptResult, GradingTask, AttemptMember, TeamAttempt, Attempt, GradeReportRow):
            session.execute(sa.delete(model))
