"""A certificate of student1 at the other university, and an export that the coordinator asked for.

Kept apart from the campus: what a completion does to figures is no matter of other pages' tests.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub import jobs
from hub.portal.database import Database
from hub.portal.models import (
    Cohort,
    CompletionDecision,
    CompletionRule,
    DecisionKind,
    Enrolment,
    EnrolmentState,
    ExportKind,
    Login,
)
from hub.portal.services.audit import Actor
from hub.portal.services.certificates.register import Office, issue
from hub.portal.services.programme.completion_rules import CompletionRules, Facts, SurveyAnswered
from hub.portal.services.reports.exports import Wish, ask_export

TERMS = {
    "series": "GNAI",
    "course_ko": "공장 에너지",
    "course_en": "Plant energy",
    "hours": "39.5",
    "issuers": "인제대학교 총장 / President, Inje University",
}


def coordinator(session: Session) -> Actor:
    login = session.scalars(sa.select(Login).where(Login.subject == "coordinator")).one()
    return Actor("coordinator", login.person_id)


def complete(session: Session, username: str, slug: str = "inje-1") -> Enrolment:
    """Have a trainee's completion confirmed."""
    query = sa.select(Enrolment).join(Cohort, Cohort.id == Enrolment.cohort_id)
    query = query.join(Login, Login.person_id == Enrolment.person_id)
    enrolment = session.scalars(query.where(Login.subject == username, Cohort.slug == slug)).one()
    rules, by = CompletionRules(condition=SurveyAnswered()), coordinator(session).person_id or 0
    newest = sa.select(sa.func.coalesce(sa.func.max(CompletionRule.number), 0))
    number = session.scalar(newest.where(CompletionRule.cohort_id == enrolment.cohort_id)) or 0
    rule = CompletionRule(
        cohort_id=enrolment.cohort_id,
        university_id=enrolment.university_id,
        number=number + 1,
        rules=rules.model_dump(mode="json"),
        made_by_id=by,
    )
    session.add(rule)
    session.flush()
    session.add(
        CompletionDecision(
            enrolment_id=enrolment.id,
            university_id=enrolment.university_id,
            rule_id=rule.id,
            kind=DecisionKind.CONFIRMED,
            outcome=EnrolmentState.COMPLETED,
            facts=Facts(has_survey=True).model_dump(mode="json"),
            finding={"kind": "survey", "is_met": True, "text": {"ko": "응답함", "en": "answered"}, "parts": []},
            made_by_id=by,
        )
    )
    session.flush()
    return enrolment


def add_papers(database: Database) -> dict[str, int]:
    """Fill in the ids for addresses: ``certificate`` and ``export``, a file that is ready."""
    now = datetime.now(UTC)
    with database.writing() as session:
        enrolment = complete(session, "student1")
        who = coordinator(session)
        certificate = issue(session, Office(who, "http://localhost:8000"), enrolment, now)
        wish = Wish(ExportKind.REGISTER, enrolment.cohort.programme, None, "월간 보고")
        export = ask_export(session, who, wish, now)
        ids = {"certificate": certificate.id, "export": export.id}
    do_all_jobs(database)
    return ids


def do_all_jobs(database: Database) -> None:
    """Do what waits; a certificate's mail goes before other jobs."""
    runner = jobs.JobRunner(database, runner=None)
    while runner.run_one():
        pass
