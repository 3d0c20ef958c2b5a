"""A whole plausible programme in the database, for demonstrations, tests and benchmarks.

Everything follows from the seed and the day of the figures. It can be told from a real one wherever people look: by
the programme's name, by the logins, by the name of the worker that graded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.schema import University as Partner
from hub.portal.errors import ConflictError
from hub.portal.models import Cohort, Company, Course, Login, Person, Programme, University
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.demo import HUB_ISSUER
from hub.portal.services.organisation import ensure_universities
from hub.portal.services.programme.generated_cohort import Class, Enrolling, People
from hub.portal.services.programme.generated_completion import add_rule
from hub.portal.services.programme.generated_course import WORKS, Work, make_course
from hub.portal.services.programme.generated_people import NewPerson, make_companies, make_people
from hub.portal.services.programme.generated_plan import (
    COHORT_MAX,
    NewCohort,
    Stage,
    make_advanced,
    make_cohorts,
    moment,
    seat,
)
from hub.portal.services.programme.generated_rows import BulkRows
from hub.portal.services.programme.generated_staff import Staff, make_staff
from hub.portal.services.programme.generated_submissions import Submissions
from hub.portal.services.programme.generated_work import Coursework
from hub.portal.services.timetable import KST, ensure_cohort_course, make_deadline, rules_of_cohort

#: Applicants of cohorts that have not begun, and seats in the advanced cohorts, as shares of the trainees.
_APPLICANTS, _ADVANCED = 0.08, 0.06
_ADVANCED_WORKS = 4
_TARGET = 300
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Wish:
    """How many trainees (people who have started), the seed, and the day of the figures: nothing is later."""

    trainees: int
    seed: int
    today: date

    @property
    def prefix(self) -> str:
        """What slugs and logins of this programme begin with."""
        return f"g{self.seed}-"

    @property
    def target(self) -> int:
        """The goal: 300, and for a larger programme as many as may be reached."""
        return max(_TARGET, self.trainees * 88 // 10_000 * 100)

    def random(self, subject: str) -> Random:
        """Return a stream of its own for each subject: a change of one leaves the others as they are."""
        return Random(f"{self.seed}/{self.today}/{subject}")  # noqa: S311 - invents people, keeps no secret


@dataclass(frozen=True)
class Generated:
    """What was made: the programme's slug, rows by table, and the logins of its staff."""

    programme: str
    counts: dict[str, int] = field(default_factory=dict)
    staff: tuple[str, ...] = ()


def refuse_others(session: Session, known: Collection[str]) -> None:
    """Raise ConflictError where there are people other than those with the logins ``known``: they may be real."""
    ours = sa.select(Login.person_id).where(Login.issuer == HUB_ISSUER, Login.subject.in_(known))
    others = session.scalar(sa.select(sa.func.count(Person.id)).where(Person.id.not_in(ours))) or 0
    if others:
        raise ConflictError(
            "not_empty",
            f"이 데이터베이스에는 이미 {others}명이 있습니다. 지어낸 사람과 섞이지 않도록 아무것도 만들지 않았습니다.",
            f"This database has {others} people already. Nothing was made, so that invented ones don't mix with them.",
        )


def generate(session: Session, wish: Wish, partners: Iterable[Partner], progress: Progress) -> Generated:
    """Make the programme in the caller's transaction; ConflictError if there is one of this seed already."""
    slug = f"{wish.prefix}programme"
    if session.scalar(sa.select(Programme.id).where(Programme.slug == slug)) is not None:
        raise ConflictError(
            "generated_before",
            "이 시드로 만든 사업이 이미 있습니다. 다른 시드를 쓰십시오.",
            "There is a programme of this seed already. Please use another seed.",
        )
    universities = list(ensure_universities(session, partners).values())
    return _Making(session, wish, universities, progress).make(slug)


class _Making:
    """One run: the rows on their way and what each step needs of the ones before."""

    def __init__(self, session: Session, wish: Wish, universities: Sequence[University], progress: Progress) -> None:
        self._session, self._wish, self._universities, self._progress = session, wish, universities, progress
        self._begins = moment((wish.today - timedelta(days=330)).replace(day=1), "09:00")
        self._rows = BulkRows(session)
        self._done = 0

    def make(self, slug: str) -> Generated:
        programme = self._make_programme(slug)
        basic, works = self._make_course("basic", ("제조 AI 실무", "Manufacturing AI in practice"), len(WORKS))
        further, extra = self._make_course("advanced", ("제조 AI 심화", "Advanced manufacturing AI"), _ADVANCED_WORKS)
        random, universities = self._wish.random("staff"), self._universities
        staff = make_staff(self._session, random, self._wish.prefix, universities, (basic, further), self._begins)
        trainees, applicants, people = self._make_people()
        cohorts = make_cohorts(len(trainees), len(universities), self._wish.today)
        coming = [cohort for cohort in cohorts if cohort.stage is Stage.COMING]
        begun = [cohort for cohort in cohorts if cohort.stage is not Stage.COMING]
        school = _School(self._session, self._rows, self._wish, programme, universities, staff)
        enrolling = school.open(people)
        completed: list[NewPerson] = []
        for cohort, members in seat(trainees, begun) + seat(applicants, coming):
            completed += self._run(school, enrolling, (cohort, works), members)
        seats = min(round(len(trainees) * _ADVANCED), len(universities) * COHORT_MAX)
        chosen = completed[: max(len(universities), seats)]
        for cohort, members in seat(chosen, make_advanced(len(universities), self._wish.today)):
            self._run(school, enrolling, (cohort, extra), members)
        self._rows.finish()
        return self._tell(programme, staff)

    def _run(
        self,
        school: _School,
        enrolling: Enrolling,
        what: tuple[NewCohort, Sequence[Work]],
        members: Sequence[NewPerson],
    ) -> list[NewPerson]:
        """Let one cohort go its way; return who completed."""
        completed = enrolling.enrol(school.admit(*what), members)
        self._rows.flush()
        self._done += len(members)
        self._progress(min(self._done, self._wish.trainees), self._wish.trainees)
        return completed

    def _make_programme(self, slug: str) -> Programme:
        first = self._begins.date()
        programme = Programme(
            slug=slug,
            name_ko=f"경남 제조 AI 인재양성 사업 (예시 자료 {self._wish.seed})",
            name_en=f"Gyeongnam manufacturing-AI talent programme (sample data {self._wish.seed})",
            target=self._wish.target,
            funding_source="지역 주도형 AI 대전환",
            starts_on=first,
            ends_on=first.replace(year=first.year + 2) - timedelta(days=1),
        )
        self._session.add(programme)
        self._session.flush()
        return programme

    def _make_course(self, name: str, titles: tuple[str, str], count: int) -> tuple[Course, list[Work]]:
        slug = f"{self._wish.prefix}{name}"
        return make_course(self._session, slug, titles, self._universities, self._begins, count)

    def _make_people(self) -> tuple[list[NewPerson], list[NewPerson], People]:
        """Invent companies and people: the trainees, the applicants, and the means to write them down."""
        wish = self._wish
        companies = make_companies(wish.random("companies"), wish.trainees)
        rows = [(self._rows.add(Company, **vars(company), created_at=self._begins), company) for company in companies]
        count = wish.trainees + max(len(self._universities), round(wish.trainees * _APPLICANTS))
        found = make_people(wish.random("people"), count, len(companies), wish.today)
        return found[: wish.trainees], found[wish.trainees :], People(self._rows, wish.prefix, rows)

    def _tell(self, programme: Programme, staff: Staff) -> Generated:
        counts = dict(sorted(self._rows.counts.items()))
        detail = {"trainees": self._wish.trainees, "seed": self._wish.seed, "rows": counts}
        subject = Subject("programme", str(programme.id))
        record(self._session, Actor("generator"), Deed("programme.generated", subject, detail), datetime.now(UTC))
        return Generated(programme.slug, counts, staff.logins)


@dataclass(frozen=True)
class _School:
    """Makes cohorts in the database and what their trainees need."""

    session: Session
    rows: BulkRows
    wish: Wish
    programme: Programme
    universities: Sequence[University]
    staff: Staff

    def open(self, people: People) -> Enrolling:
        """Return the way in which everybody is enrolled."""
        made_at = datetime.combine(self.wish.today, clock_time(), KST)
        submissions = Submissions(self.rows, self.wish.seed, made_at)
        coursework = Coursework(self.rows, self.wish.random("work"), submissions)
        return Enrolling(self.rows, self.wish.random("fates"), people, coursework)

    def admit(self, cohort: NewCohort, works: Sequence[Work]) -> Class:
        """Make a cohort with its course, deadlines and rules."""
        university = self.universities[cohort.university]
        row = self._cohort(cohort, university)
        ensure_cohort_course(self.session, row, works[0].assignment.course_id)
        rules = rules_of_cohort(self.session, row.id)
        coordinator = self.staff.coordinators[cohort.university]
        return Class(
            cohort=cohort,
            cohort_id=row.id,
            university_id=university.id,
            judging=add_rule(self.rows, cohort, row.id, university.id, coordinator),
            works=works,
            deadlines={work.assignment.id: make_deadline(rules[work.assignment.id]) for work in works},
            today=self.wish.today,
        )

    def _cohort(self, cohort: NewCohort, university: University) -> Cohort:
        letter = chr(ord("a") + cohort.group)
        kind, korean, english = ("advanced-", "심화 ", "advanced ") if cohort.is_advanced else ("", "", "")
        row = Cohort(
            slug=f"{self.wish.prefix}{university.slug}-{kind}{cohort.round}{letter}",
            name_ko=f"{university.name_ko} {korean}{cohort.round}기 {letter.upper()}반",
            name_en=f"{university.name_en}, {english}cohort {cohort.round}{letter.upper()}",
            programme_id=self.programme.id,
            university_id=university.id,
            starts_on=cohort.starts_on,
            ends_on=cohort.ends_on,
        )
        self.session.add(row)
        self.session.flush()
        return row
