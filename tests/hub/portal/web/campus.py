"""A small programme in the real database: two universities, a course with three assignments, people of every role.

Student 0 has submitted twice: a graded attempt (7 of 10) and one that waits. Student 1 is at the other university.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from graders.contract import (
    CellReport,
    Fault,
    GradeReport,
    GradeRequest,
    Isolation,
    Outcome,
    RebuiltNotebook,
    ReportState,
    Text,
)
from graders.files import FileSet, sha256_hex
from hub.portal.database import Database
from hub.portal.models import (
    Assignment,
    AssignmentVersion,
    Attempt,
    Cohort,
    CohortCourse,
    CompletionDecision,
    CompletionRule,
    CountingRule,
    Course,
    DeadlineRule,
    DecisionKind,
    Enrolment,
    EnrolmentState,
    Extension,
    FeedbackPolicy,
    GradeRequestRow,
    GradingTask,
    Invitation,
    Login,
    Person,
    Programme,
    Role,
    RoleGrant,
    TaskState,
    Team,
    TeamMember,
    University,
    VersionState,
)
from hub.portal.services.audit import Actor
from hub.portal.services.file_sets import put_file_set
from hub.portal.services.programme.completion_findings import judge
from hub.portal.services.programme.completion_rules import AllOf, CompletionRules, Facts, SurveyAnswered
from hub.portal.services.programme.roster_imports import check_roster, take_roster
from hub.portal.services.programme.snapshots import last_month_end, take_snapshot
from hub.portal.services.receipts import make_receipt_id
from hub.portal.services.results import attach_result, put_report
from hub.portal.services.team_work import share_attempt
from hub.settings import Settings

LAYERS = tuple(
    f"{process}{layer}"
    for process in ("", "tests-")
    for layer in ("rlimits", "no_new_privs", "landlock-files-abi4", "seccomp")
)
NAMES = ("김서연", "이도윤", "박지우", "최민준", "정하은", "강시우", "조수아", "윤예준", "장지호", "임채원")


@dataclass
class Campus:
    """Ids and slugs that tests use."""

    course: str
    assignments: list[str]
    students: list[str]
    foreign_cohort: str
    cohort: str
    graded_receipt: str
    waiting_receipt: str
    failed_receipt: str
    team: int
    team_receipt: str
    member: int
    free: tuple[int, int]
    extension: int
    roster: int
    roster_plan: str
    invitation: int
    closed: str
    counted: int
    person: int
    foreign_person: int
    enrolment: int


ROSTER = "이름,생년월일,휴대전화,구분\n고은별,2001-02-03,010-7777-8888,재학생\n".encode()


def make_settings(home: Path, database_url: str, port: int = 8000) -> Settings:
    return Settings(home=home, database_url=database_url, port=port)


def add_person(session: Session, username: str, name: str) -> Person:
    person = Person(name=name, email=f"{username}@example.ac.kr")
    session.add(Login(issuer="hub", subject=username, person=person))
    session.flush()
    return person


def grant(session: Session, person: Person, role: Role, *, course: Course | None = None, university: int | None = None):
    session.add(
        RoleGrant(person_id=person.id, role=role, course_id=course.id if course else None, university_id=university)
    )
    session.flush()


def enrol(session: Session, person: Person, cohort: Cohort, state: EnrolmentState = EnrolmentState.IN_PROGRESS):
    row = Enrolment(person_id=person.id, cohort_id=cohort.id, university_id=cohort.university_id, state=state)
    session.add(row)
    session.flush()
    return row


def add_version(session: Session, assignment: Assignment, number: int, state: VersionState, now: datetime):
    files = FileSet({f"{assignment.slug}.ipynb": f"version {number} of {assignment.slug}".encode()})
    digest = put_file_set(session, files)
    version = AssignmentVersion(
        assignment_id=assignment.id,
        university_id=assignment.university_id,
        number=number,
        state=state,
        source_digest=digest,
        release_digest=digest,
        bundle_digest=digest,
        max_score=10,
        check_report={
            "findings": [
                {
                    "code": "release_warning",
                    "severity": "warns",
                    "text": {"ko": "3번 셀의 검사는 숨은 데이터를 씁니다.", "en": "Cell 3 uses hidden data."},
                }
            ],
            "reference_score": 10,
            "empty_score": 0,
        },
        created_at=now - timedelta(days=2),
    )
    session.add(version)
    session.flush()
    return version


def add_attempt(session: Session, version: AssignmentVersion, enrolment: Enrolment, number: int, at: datetime):
    text = f"{enrolment.id} {version.id} {number}".encode()
    digest = put_file_set(session, FileSet({f"{version.assignment.slug}.ipynb": text}))
    attempt = Attempt(
        receipt_id=make_receipt_id(),
        assignment_id=version.assignment_id,
        version_id=version.id,
        person_id=enrolment.person_id,
        enrolment_id=enrolment.id,
        university_id=enrolment.university_id,
        number=number,
        submission_digest=digest,
        idempotency_key=text.hex(),
        received_at=at,
        warnings=[],
    )
    session.add(attempt)
    session.flush()
    return attempt


def add_task(session: Session, attempt: Attempt, state: TaskState, failure: dict[str, str] | None = None):
    digest = sha256_hex(attempt.receipt_id.encode())
    request = GradeRequest(
        assignment=f"{attempt.assignment.course.slug}/{attempt.assignment.slug}",
        bundle_digest=attempt.version.bundle_digest,
        submission_digest=attempt.submission_digest,
        seed=1,
        hidden_seed=2,
        environment_digest="e" * 64,
    )
    session.add(GradeRequestRow(digest=digest, request=request.model_dump(mode="json")))
    session.flush()
    task = GradingTask(
        attempt_id=attempt.id,
        assignment_id=attempt.assignment_id,
        course_id=attempt.assignment.course_id,
        university_id=attempt.university_id,
        request_digest=digest,
        state=state,
        failure=failure,
    )
    session.add(task)
    session.flush()
    return task


def cell(
    name: str, points: float, outcome: Outcome, *, hidden: bool = False, message: Text | None = None
) -> CellReport:
    return CellReport(
        notebook="milling.ipynb",
        grade_id=name,
        points=points,
        max_points=4 if hidden else 3,
        outcome=outcome,
        isolation=Isolation.ISOLATED,
        hidden=hidden,
        message=message,
        staff_message="AssertionError: hidden threshold 0.70" if outcome is Outcome.FAILED else None,
    )


def make_report(digest: str, points: tuple[float, float, float] = (3, 1.5, 2.5)) -> GradeReport:
    words = Text(ko="정답과 조금 다릅니다. 단위를 확인해 보십시오.", en="Close: check the units.")
    outcomes = [
        Outcome.PASSED if p >= m else (Outcome.PARTIAL if p else Outcome.FAILED)
        for p, m in zip(points, (3, 3, 4), strict=True)
    ]
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {"cell_type": "code", "id": "a", "metadata": {}, "source": "1 + 1", "outputs": [], "execution_count": 1}
        ],
    }
    return GradeReport(
        request_digest=digest,
        state=ReportState.GRADED,
        fault=Fault.NOBODY,
        gradable=True,
        succeeded=True,
        score=sum(points),
        max_score=10,
        cells=(
            cell("power-feature", points[0], outcomes[0]),
            cell("wear-times-torque", points[1], outcomes[1], message=words),
            cell("hidden-f1-score", points[2], outcomes[2], hidden=True),
        ),
        notebooks=(RebuiltNotebook(path="milling.ipynb", content=json.dumps(notebook)),),
        layers=LAYERS,
    )


def grade(session: Session, attempt: Attempt, at: datetime, points: tuple[float, float, float] = (3, 1.5, 2.5)) -> None:
    task = add_task(session, attempt, TaskState.DONE)
    put_report(session, make_report(task.request_digest, points), "test", at)
    attach_result(session, attempt, task.request_digest, at)


def add_assignment(session: Session, course: Course, position: int, slug: str, titles: tuple[str, str]) -> Assignment:
    row = Assignment(
        course_id=course.id,
        university_id=course.university_id,
        slug=slug,
        title_ko=titles[0],
        title_en=titles[1],
        position=position,
        counting_rule=CountingRule.BEST,
        feedback_policy=FeedbackPolicy.AFTER_DUE,
        score_policy=FeedbackPolicy.IMMEDIATE,
    )
    session.add(row)
    session.flush()
    return row


def add_cohort(session: Session, programme: Programme, university: University, course: Course, slug: str) -> Cohort:
    row = Cohort(
        slug=slug,
        name_ko=f"{university.name_ko} 1기",
        name_en=f"{university.name_en}, cohort 1",
        programme_id=programme.id,
        university_id=university.id,
        starts_on=date(2026, 11, 2),
        ends_on=date(2027, 2, 26),
    )
    session.add(row)
    session.flush()
    session.add(CohortCourse(cohort_id=row.id, course_id=course.id))
    session.flush()
    return row


def add_team(session: Session, work: Assignment, version: AssignmentVersion, enrolments: list[Enrolment], at: datetime):
    """A team whose second member has handed in for both."""
    staff = {"added_by_id": enrolments[0].person_id, "joined_at": at}
    team = Team(
        assignment_id=work.id,
        university_id=work.university_id,
        name="1조",
        created_by_id=enrolments[0].person_id,
        created_at=at,
    )
    session.add(team)
    session.flush()
    for each in enrolments:
        who = {"person_id": each.person_id, "enrolment_id": each.id, "university_id": each.university_id}
        session.add(TeamMember(team_id=team.id, assignment_id=work.id, **who, **staff))
    attempt = add_attempt(session, version, enrolments[1], 1, at - timedelta(minutes=30))
    share_attempt(session, attempt, team)
    return team, attempt.id


def close_month(session: Session, programme: Programme, now: datetime) -> str:
    """Close the last month while nobody counts yet; returns its last day."""
    return take_snapshot(session, Actor("platform"), programme, last_month_end(now), now).closing_date.isoformat()


def complete(session: Session, enrolment: Enrolment, of_rules: Cohort, staff: Person, at: datetime) -> None:
    """Confirm a completion; its rules are another cohort's, so that tests about rules find none."""
    facts = {"university_id": enrolment.university_id, "made_by_id": staff.id, "made_at": at}
    rules, known = CompletionRules(condition=AllOf(of=(SurveyAnswered(),))), Facts(has_survey=True)
    rule = CompletionRule(cohort_id=of_rules.id, number=1, rules=rules.model_dump(mode="json"), **facts)
    session.add(rule)
    session.flush()
    outcome = {"outcome": EnrolmentState.COMPLETED, "proposed": EnrolmentState.COMPLETED}
    found = {"facts": known.model_dump(mode="json"), "finding": judge(rules, known).model_dump(mode="json")}
    session.add(
        CompletionDecision(
            enrolment_id=enrolment.id, rule_id=rule.id, kind=DecisionKind.CONFIRMED, **outcome, **found, **facts
        )
    )
    enrolment.state = EnrolmentState.COMPLETED
    session.flush()


def build_campus(database: Database, now: datetime | None = None) -> Campus:
    """Fill an empty database."""
    now = now or datetime.now(UTC)
    with database.writing() as session:
        return _build(session, now)


def _build(session: Session, now: datetime) -> Campus:
    programme = Programme(
        slug="gnai",
        name_ko="경남 제조 AI 인재양성 사업",
        name_en="Gyeongnam manufacturing-AI talent programme",
        target=300,
        funding_source="지역 주도형 AI 대전환",
        starts_on=date(2026, 1, 1),
        ends_on=date(2027, 12, 31),
    )
    gnu = University(slug="gnu", name_ko="경상국립대학교", name_en="Gyeongsang National University")
    inje = University(slug="inje", name_ko="인제대학교", name_en="Inje University")
    session.add_all([programme, gnu, inje])
    session.flush()
    course = Course(
        slug="manufacturing-ai", title_ko="제조 AI 실무", title_en="AI for manufacturing", university_id=gnu.id
    )
    other = Course(slug="energy", title_ko="공장 에너지", title_en="Plant energy", university_id=inje.id)
    session.add_all([course, other])
    session.flush()
    works = [
        add_assignment(session, course, 1, "milling", ("밀링 설비 고장 예측", "Milling failure prediction")),
        add_assignment(
            session, course, 2, "bearing", ("누설 없는 베어링 진동 진단", "Bearing diagnosis without leakage")
        ),
        add_assignment(session, course, 3, "tool-wear", ("CNC 공구 마모 예측", "Tool-wear regression")),
    ]
    live = [add_version(session, work, 1, VersionState.LIVE, now) for work in works]
    add_version(session, works[0], 2, VersionState.READY, now)
    cohort = add_cohort(session, programme, gnu, course, "gnu-1")
    foreign = add_cohort(session, programme, inje, other, "inje-1")
    for work, hours in zip(works, (3, 50, 400), strict=True):
        session.add(
            DeadlineRule(
                assignment_id=work.id,
                cohort_id=cohort.id,
                university_id=gnu.id,
                due_at=now + timedelta(hours=hours),
                closes_at=now + timedelta(hours=hours + 48),
                late_policy={"kind": "per_day", "percent_per_day": 10, "cap_percent": 50},
            )
        )
    people = [add_person(session, f"student{i}", NAMES[i % len(NAMES)]) for i in range(8)]
    enrolments = [enrol(session, person, cohort) for person in people if person is not people[1]]
    enrol(session, people[1], foreign)
    instructor = add_person(session, "instructor", "한지민")
    grant(session, instructor, Role.INSTRUCTOR, course=course)
    stranger = add_person(session, "other-instructor", "오세훈")
    grant(session, stranger, Role.INSTRUCTOR, course=other)
    grant(session, add_person(session, "coordinator", "서유나"), Role.COORDINATOR)
    grant(session, add_person(session, "gnu-coordinator", "문가영"), Role.COORDINATOR, university=gnu.id)
    grant(session, add_person(session, "administrator", "배현우"), Role.ADMINISTRATOR)
    both = add_person(session, "both", "신동혁")
    grant(session, both, Role.INSTRUCTOR, course=course)
    grant(session, both, Role.COORDINATOR)
    add_person(session, "nobody", "나무명")

    first = add_attempt(session, live[0], enrolments[0], 1, now - timedelta(hours=5))
    grade(session, first, now - timedelta(hours=5))
    waiting = add_attempt(session, live[0], enrolments[0], 2, now - timedelta(minutes=1))
    add_task(session, waiting, TaskState.QUEUED)
    for index, enrolment in enumerate(enrolments[2:5]):
        attempt = add_attempt(session, live[0], enrolment, 1, now - timedelta(hours=index + 1))
        grade(session, attempt, now, ((3, 3, 4), (3, 0, 0), (0, 1, 2))[index])
    failed = add_attempt(session, live[1], enrolments[3], 1, now - timedelta(hours=2))
    words = {"ko": "채점 서버가 응답하지 않았습니다.", "en": "The grading server did not answer.", "staff": "lost"}
    add_task(session, failed, TaskState.NOT_GRADED, words)
    closed = close_month(session, programme, now)
    complete(session, enrolments[5], foreign, instructor, now - timedelta(days=60))
    works[2].is_team_work = True
    shared, shared_attempt = add_team(session, works[2], live[2], enrolments[2:4], now)
    extension = Extension(
        assignment_id=works[0].id,
        person_id=people[3].id,
        university_id=gnu.id,
        due_at=now + timedelta(days=4),
        reason="현장 실습",
        granted_by_id=instructor.id,
        granted_at=now,
    )
    invitation = Invitation(person_id=people[7].id, cohort_id=cohort.id, university_id=gnu.id, made_at=now)
    session.add_all([extension, invitation])
    session.flush()
    roster = take_roster(session, Actor("coordinator", both.id), cohort, "명단.csv", ROSTER, now)
    return Campus(
        course=course.slug,
        assignments=[work.slug for work in works],
        students=[f"student{i}" for i in range(8)],
        foreign_cohort=foreign.slug,
        cohort=cohort.slug,
        graded_receipt=first.receipt_id,
        waiting_receipt=waiting.receipt_id,
        failed_receipt=failed.receipt_id,
        team=shared.id,
        team_receipt=session.get_one(Attempt, shared_attempt).receipt_id,
        member=people[3].id,
        free=(people[2].id, people[5].id),
        extension=extension.id,
        roster=roster.id,
        roster_plan=check_roster(session, roster, now).plan.digest,
        invitation=invitation.id,
        closed=closed,
        counted=enrolments[5].person_id,
        person=people[7].id,
        foreign_person=people[1].id,
        enrolment=enrolments[6].id,
    )
