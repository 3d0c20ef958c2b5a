"""The evidence of a cohort's completions (정산·성과보고 증빙) as it stood before a moment, as files of one archive.

Made only of rows that never change (decisions, entered facts, reports, the register) and of who the people are, so the
same cohort and moment give the same bytes, and the manifest's digests prove each file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.files import sha256_hex
from hub.portal.models import (
    Assignment,
    Attempt,
    AttemptMember,
    AttemptResult,
    CohortCourse,
    CompletionDecision,
    CompletionInput,
    CompletionRule,
    Enrolment,
    GradeReportRow,
    Person,
)
from hub.portal.services.programme.completion_rules import Facts
from hub.portal.services.reports import words
from hub.portal.services.reports.files import write_workbook, write_zip
from hub.portal.services.reports.lists import NUMBER, PERSON, Wanted, completions, enrolments, register
from hub.portal.services.reports.tables import Column, Kind, Table, Value, local_day, telephone
from hub.portal.services.timetable import KST

MANIFEST = "manifest.json"
Step = Callable[[int, int], None]


def write_bundle(session: Session, wanted: Wanted, step: Step) -> tuple[bytes, frozenset[int]]:
    """Return the archive and whose data it holds; ``step(done, total)`` is told after each file."""
    tables = (completions, enrolments, decisions, attempts, entered, register)
    files: dict[str, bytes] = {}
    people: frozenset[int] = frozenset()
    for number, make in enumerate(tables, start=1):
        table = make(session, wanted)
        files[f"{number:02}_{table.name.replace(' ', '_')}.xlsx"] = write_workbook([table])
        people |= table.people
        step(number, len(tables) + 1)
    files[f"{len(tables) + 1:02}_수료기준.json"] = _json(rules(session, wanted))
    step(len(tables) + 1, len(tables) + 1)
    return write_zip({**files, MANIFEST: _json(_manifest(wanted, files))}), people


def _manifest(wanted: Wanted, files: dict[str, bytes]) -> dict[str, Any]:
    """Name, size and SHA-256 of every file, and what was asked for; no time of making, which would differ."""
    listed = [{"name": name, "size": len(files[name]), "sha256": sha256_hex(files[name])} for name in sorted(files)]
    return {
        "format": 1,
        "programme": wanted.scope.programme.slug,
        "cohort_id": wanted.cohort_id,
        "as_of": wanted.scope.until.astimezone(KST).isoformat(),
        "files": listed,
    }


def decisions(session: Session, wanted: Wanted) -> Table:
    """수료 판정: every decision with its rule version and the figures that it was made by, appeals and all."""
    query = (
        sa.select(CompletionDecision, CompletionRule.number, Enrolment, Person)
        .join(CompletionRule, CompletionRule.id == CompletionDecision.rule_id)
        .join(Enrolment, Enrolment.id == CompletionDecision.enrolment_id)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.cohort_id == wanted.cohort_id, CompletionDecision.made_at < wanted.scope.until)
        .order_by(CompletionDecision.id)
    )
    rows, whose = [], set()
    for line, (decision, rule, _enrolment, person) in enumerate(session.execute(query), start=1):
        whose.add(person.id)
        rows.append(
            (
                *(line, person.name, person.birth_date, telephone(person.phone), words.DECISIONS[decision.kind]),
                *(words.STATES[decision.outcome], decision.proposed and words.STATES[decision.proposed], rule),
                *("\n".join(_findings(decision.finding)), decision.reason, decision.made_at, decision.made_by_id),
            )
        )
    columns = (
        *(NUMBER, *PERSON, Column("결정", width=10), Column("결과", width=8), Column("기준에 따른 결과", width=10)),
        *(Column("수료 기준 판", Kind.NUMBER, 10), Column("판정 근거", width=48), Column("사유", width=24)),
        *(Column("결정 일시", Kind.MOMENT, 18), Column("결정자 번호", Kind.NUMBER, 10)),
    )
    return Table("수료 판정", columns, rows, frozenset(whose))


def _findings(finding: dict[str, Any]) -> Iterator[str]:
    """The conditions themselves, without what joins them."""
    if finding["parts"]:
        for part in finding["parts"]:
            yield from _findings(part)
    else:
        yield finding["text"]["ko"]


def attempts(session: Session, wanted: Wanted) -> Table:
    """평가 결과: every graded attempt of every assignment, with the digest of the report that gave the score.

    What a team handed in stands once for each of its members.
    """
    alone = sa.select(Attempt.id.label("attempt_id"), Attempt.person_id)
    shared = sa.select(AttemptMember.attempt_id, AttemptMember.person_id)
    whose_work = sa.union(alone, shared).subquery("whose_work")
    courses = sa.select(CohortCourse.course_id).where(CohortCourse.cohort_id == wanted.cohort_id)
    query = (
        sa.select(Person, Assignment, Attempt, AttemptResult, GradeReportRow)
        .join(whose_work, whose_work.c.attempt_id == Attempt.id)
        .join(Enrolment, Enrolment.person_id == whose_work.c.person_id)
        .join(Person, Person.id == whose_work.c.person_id)
        .join(Assignment, Assignment.id == Attempt.assignment_id)
        .join(AttemptResult, AttemptResult.attempt_id == Attempt.id)
        .join(GradeReportRow, GradeReportRow.request_digest == AttemptResult.request_digest)
        .where(
            Enrolment.cohort_id == wanted.cohort_id,
            Assignment.course_id.in_(courses),
            AttemptResult.created_at < wanted.scope.until,
        )
        .order_by(Person.name, Person.id, Assignment.position, Assignment.id, Attempt.number, AttemptResult.id)
    )
    rows: list[tuple[Value, ...]] = []
    whose = set()
    for line, (person, assignment, attempt, _result, report) in enumerate(session.execute(query), start=1):
        whose.add(person.id)
        rows.append(
            (
                *(line, person.name, person.birth_date, assignment.title_ko, attempt.number, attempt.receipt_id),
                *(attempt.received_at, report.score, report.max_score, report.request_digest),
            )
        )
    columns = (
        *(NUMBER, *PERSON[:2], Column("과제", width=30), Column("차수", Kind.NUMBER, 6), Column("접수번호", width=12)),
        *(Column("접수 일시", Kind.MOMENT, 18), Column("점수", Kind.NUMBER, 8), Column("만점", Kind.NUMBER, 8)),
        Column("채점 결과 SHA-256", width=68),
    )
    return Table("평가 결과", columns, rows, frozenset(whose))


def entered(session: Session, wanted: Wanted) -> Table:
    """출석·설문 입력: the entered facts in force for each trainee: attendance, online progress, project, survey."""
    newest = (
        sa.select(sa.func.max(CompletionInput.id))
        .join(Enrolment, Enrolment.id == CompletionInput.enrolment_id)
        .where(Enrolment.cohort_id == wanted.cohort_id, CompletionInput.made_at < wanted.scope.until)
        .group_by(CompletionInput.enrolment_id)
    )
    query = (
        sa.select(CompletionInput, Person)
        .join(Enrolment, Enrolment.id == CompletionInput.enrolment_id)
        .join(Person, Person.id == Enrolment.person_id)
        .where(CompletionInput.id.in_(newest))
        .order_by(Person.name, CompletionInput.id)
    )
    found = session.execute(query).all()
    rows = [
        (line, person.name, person.birth_date, *_entered(Facts.model_validate(row.facts)), local_day(row.made_at))
        for line, (row, person) in enumerate(found, start=1)
    ]
    columns = (
        *(NUMBER, *PERSON[:2], Column("소정 훈련일수", Kind.NUMBER, 12), Column("소정 훈련시간", Kind.NUMBER, 12)),
        *(Column("출석 일수", Kind.NUMBER, 10), Column("출석인정 일수", Kind.NUMBER, 12)),
        *(Column("지각·조퇴·외출", Kind.NUMBER, 14), Column("출석 시간", Kind.NUMBER, 10)),
        *(Column("온라인 진도율(%)", Kind.NUMBER, 14), Column("기업 과제", width=10), Column("만족도 조사", width=10)),
        Column("입력일", Kind.DATE, 12),
    )
    return Table("출석·설문 입력", columns, rows, frozenset(person.id for _, person in found))


def _entered(facts: Facts) -> tuple[Value, ...]:
    here = facts.attendance
    attendance: tuple[Value, ...] = (None,) * 6
    if here is not None:
        attendance = (
            *(here.scheduled_days, here.scheduled_hours, here.present_days),
            *(here.recognised_days, here.interruptions, here.attended_hours),
        )
    return *attendance, facts.online_progress, words.yes_no(facts.has_capstone), words.yes_no(facts.has_survey)


def rules(session: Session, wanted: Wanted) -> list[dict[str, Any]]:
    """Every version of the cohort's rules, and when it was put in force if it was by then."""
    query = sa.select(CompletionRule).where(
        CompletionRule.cohort_id == wanted.cohort_id, CompletionRule.made_at < wanted.scope.until
    )
    return [
        {
            "number": row.number,
            "rules": row.rules,
            "note": row.note,
            "made_at": _moment(row.made_at),
            "activated_at": _moment(_before(row.activated_at, wanted.scope.until)),
        }
        for row in session.scalars(query.order_by(CompletionRule.number))
    ]


def _before(at: datetime | None, until: datetime) -> datetime | None:
    return at if at is not None and at < until else None


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(KST).isoformat()


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()
