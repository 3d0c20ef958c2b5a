"""A cohort with people whose completion a coordinator has confirmed, for tests of what follows from it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import Cohort, DecisionKind, Enrolment, EnrolmentState, Role
from hub.portal.services.audit import Actor
from hub.portal.services.certificates.register import Office
from hub.portal.services.programme import completion
from hub.portal.services.programme.completion import Verdict
from hub.portal.services.programme.completion_rules import CompletionRules, Facts, SurveyAnswered

RULES = CompletionRules(condition=SurveyAnswered())
URL = "http://localhost:8000"


class CompletedCohort:
    """The coordinator of the cohort gnu-1; its trainees answer the survey, which is all that its rules ask for."""

    def __init__(self, campus, *usernames: str):
        self.campus, self.now = campus, campus.now
        self.actor = Actor("coordinator", campus.person("coordinator", Role.COORDINATOR, None))
        self.office = Office(self.actor, URL)
        self.people = {name: campus.person(name) for name in usernames}
        with campus.database.writing() as session:
            rule = completion.save_rules(session, self.actor, self.cohort(session), RULES, "", self.now)
            completion.activate_rules(session, self.actor, rule, self.now)
        if usernames:
            self.complete(*usernames)

    def cohort(self, session: Session) -> Cohort:
        return session.scalars(sa.select(Cohort).where(Cohort.slug == "gnu-1")).one()

    def enrolment(self, session: Session, username: str) -> Enrolment:
        return session.scalars(sa.select(Enrolment).where(Enrolment.person_id == self.people[username])).one()

    def complete(self, *usernames: str) -> None:
        with self.campus.database.writing() as session:
            chosen = [self.enrolment(session, name) for name in usernames]
            for enrolment in chosen:
                completion.enter_facts(session, self.actor, enrolment, Facts(has_survey=True), self.now)
            cohort = self.cohort(session)
            seen = completion.digest_of(completion.preview(session, cohort, RULES))
            completion.confirm(session, self.actor, cohort, [each.id for each in chosen], seen, self.now)

    def decide(self, username: str, kind: DecisionKind, outcome: EnrolmentState) -> None:
        with self.campus.database.writing() as session:
            verdict = Verdict(kind, outcome, "확인 결과")
            completion.decide_anew(session, self.actor, self.enrolment(session, username), verdict, self.now)

    def take_back(self, username: str) -> None:
        self.decide(username, DecisionKind.REVOKED, EnrolmentState.NOT_COMPLETED)
