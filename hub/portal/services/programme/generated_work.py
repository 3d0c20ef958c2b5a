"""What the trainees of a generated programme handed in: attempts, reports and the grades that follow from them.

Rows are what acceptance, queue and results would have written; which attempt counts and what lateness costs is asked
of the same functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from random import Random

from hub.portal.models import (
    AssignmentFetch,
    Attempt,
    AttemptResult,
    Grade,
    GradingTask,
    TaskKind,
    TaskState,
)
from hub.portal.services.deadlines import Candidate, Deadline, apply_penalty, choose, judge
from hub.portal.services.programme.generated_course import Work
from hub.portal.services.programme.generated_plan import Fate
from hub.portal.services.programme.generated_rows import BulkRows
from hub.portal.services.programme.generated_submissions import LEVELS, Submissions
from hub.portal.services.queue import AT_ONCE, LIVE
from hub.portal.services.receipts import ALPHABET, check_symbol

_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Learner:
    """Whose work it is; nothing is handed in after ``until``."""

    person_id: int
    enrolment_id: int
    university_id: int
    fate: Fate
    until: datetime


@dataclass(frozen=True)
class Handed:
    """One attempt on its way to a grade."""

    attempt_id: int
    result_id: int
    received_at: datetime
    graded_at: datetime
    score: float


class Coursework:
    """Lets learners work through the assignments of a course; keeps receipts apart."""

    def __init__(self, rows: BulkRows, random: Random, submissions: Submissions) -> None:
        self._rows, self._random, self._submissions = rows, random, submissions
        self._receipts: set[str] = set()

    def attend(
        self, learner: Learner, works: Sequence[Work], deadlines: Mapping[int, Deadline]
    ) -> dict[int, Fraction | None]:
        """Hand in what this learner would; return assignment -> share of its points, as completion counts it."""
        shares: dict[int, Fraction | None] = {}
        for work in works:
            deadline = deadlines[work.assignment.id]
            if deadline.opens_at is None or deadline.opens_at >= learner.until:
                continue
            handed = self._hand_in(learner, work, deadline)
            if handed:
                shares[work.assignment.id] = self._grade(learner, work, deadline, handed)
        return shares

    def _hand_in(self, learner: Learner, work: Work, deadline: Deadline) -> list[Handed]:
        times = list(self._times(learner, deadline))
        assert deadline.opens_at is not None
        fetched = (times[0] if times else deadline.opens_at + 30 * _HOUR) - _HOUR
        if times or (fetched < learner.until and self._random.random() < 0.6):
            self._rows.add(
                AssignmentFetch,
                person_id=learner.person_id,
                version_id=work.version.id,
                university_id=work.assignment.university_id,
                first_at=fetched,
                last_at=fetched,
            )
        return [self._attempt(learner, work, number, at) for number, at in enumerate(times, start=1)]

    def _times(self, learner: Learner, deadline: Deadline) -> Iterator[datetime]:
        """When attempts arrive: mostly the last day or two before the deadline, some after it, some again."""
        random, fate = self._random, learner.fate
        assert deadline.due_at is not None
        assert deadline.closes_at is not None
        if random.random() > fate.diligence:
            return
        early = min(random.expovariate(1 / 30), 180.0)
        is_late = random.random() < (1 - fate.diligence) * 0.6
        at = deadline.due_at + (random.uniform(0.2, 40) if is_late else -early) * _HOUR
        again = 0.35
        while at < min(learner.until, deadline.closes_at):
            yield at
            if random.random() > again:
                return
            at += random.uniform(0.3, 20) * _HOUR
            again -= 0.1

    def _attempt(self, learner: Learner, work: Work, number: int, at: datetime) -> Handed:
        shown = learner.fate.skill + self._random.gauss(0, 0.09) + 0.06 * (number - 1)
        level = round(min(1.0, max(0.0, shown)) * LEVELS)
        submission, request = self._submissions.next(work, level)
        receipt, graded_at = self._receipt(), at + timedelta(seconds=self._random.randrange(4, 90))
        whose = {"university_id": learner.university_id}
        attempt_id = self._rows.add(
            Attempt,
            receipt_id=receipt,
            assignment_id=work.assignment.id,
            version_id=work.version.id,
            person_id=learner.person_id,
            enrolment_id=learner.enrolment_id,
            number=number,
            submission_digest=submission,
            idempotency_key=receipt,
            received_at=at,
            warnings=[],
            **whose,
        )
        self._task(attempt_id, work, request, (at, graded_at), learner.university_id)
        result_id = self._rows.add(
            AttemptResult, attempt_id=attempt_id, request_digest=request, created_at=graded_at, **whose
        )
        return Handed(attempt_id, result_id, at, graded_at, level / 2)

    def _task(
        self, attempt_id: int, work: Work, request: str, times: tuple[datetime, datetime], university_id: int
    ) -> None:
        received_at, graded_at = times
        self._rows.add(
            GradingTask,
            attempt_id=attempt_id,
            assignment_id=work.assignment.id,
            course_id=work.assignment.course_id,
            university_id=university_id,
            request_digest=request,
            kind=TaskKind.LIVE,
            state=TaskState.DONE,
            priority=LIVE,
            tries=1,
            max_tries=3,
            losses=0,
            available_at=AT_ONCE,
            started_at=graded_at - timedelta(seconds=2),
            finished_at=graded_at,
            created_at=received_at,
        )

    def _grade(self, learner: Learner, work: Work, deadline: Deadline, handed: Sequence[Handed]) -> Fraction:
        found = dict(enumerate(handed, start=1))
        lateness = {number: judge(deadline, each.received_at) for number, each in found.items()}
        candidates = [Candidate(number, each.score, lateness[number]) for number, each in found.items()]
        chosen = choose(work.assignment.counting_rule, candidates)
        assert chosen is not None
        each, score = found[chosen.number], apply_penalty(chosen.score, chosen.lateness)
        self._rows.add(
            Grade,
            person_id=learner.person_id,
            assignment_id=work.assignment.id,
            university_id=learner.university_id,
            attempt_id=each.attempt_id,
            result_id=each.result_id,
            automatic_points=each.score,
            penalty_percent=chosen.lateness.penalty_percent,
            adjustment_points=0.0,
            score=score,
            max_score=work.version.max_score,
            needs_manual=False,
            updated_at=handed[-1].graded_at,
        )
        return Fraction(repr(score)) / Fraction(repr(work.version.max_score))

    def _receipt(self) -> str:
        while True:
            body = "".join(self._random.choices(ALPHABET, k=7))
            plain = body + check_symbol(body)
            if plain not in self._receipts:
                self._receipts.add(plain)
                return f"{plain[:4]}-{plain[4:]}"
