"""Lists of people: completions, enrolments, the register of certificates; as they stood before a moment.

What is dated (states, decisions, certificates) is of that moment; names, telephone numbers and companies are today's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from hub.portal.models import (
    Certificate,
    CertificateDeed,
    CertificateEvent,
    Cohort,
    Company,
    CompletionDecision,
    CompletionRule,
    Enrolment,
    EnrolmentEvent,
    EnrolmentParticulars,
    EnrolmentState,
    Person,
    University,
)
from hub.portal.services.certificates.content import Content
from hub.portal.services.programme.kpi_people import Scope, people, same_person, standing_completions
from hub.portal.services.reports import words
from hub.portal.services.reports.tables import (
    Column,
    Kind,
    Table,
    Value,
    business_number,
    local_day,
    telephone,
)

NUMBER = Column("연번", Kind.NUMBER, 6)
PERSON = (Column("성명", width=12), Column("생년월일", Kind.DATE, 12), Column("휴대전화", width=16))
PLACE = (Column("대학", width=18), Column("기수", width=24))
WORK = (
    *(Column("소속 기업", width=20), Column("사업자등록번호", width=16), Column("기업 규모", width=10)),
    *(Column("근무지", width=10), Column("거주지", width=10)),
)


@dataclass(frozen=True)
class Wanted:
    """Which rows: of a programme as its scope says, or of one of its cohorts only."""

    scope: Scope
    cohort_id: int | None = None

    def where(self) -> list[sa.ColumnElement[bool]]:
        """Return the conditions on ``Enrolment`` and ``Cohort``."""
        found: list[sa.ColumnElement[bool]] = [Cohort.programme_id == self.scope.programme.id]
        if self.scope.universities is not None:
            found.append(Enrolment.university_id.in_(self.scope.universities))
        return found if self.cohort_id is None else [*found, Cohort.id == self.cohort_id]


def completions(session: Session, wanted: Wanted) -> Table:
    """수료자 명단: every completion that stood, with the decision and the certificate; and by which a person counts."""
    standing = standing_completions(wanted.scope.until)
    query = (
        _people_query(CompletionDecision, CompletionRule.number, Certificate.serial)
        .join(standing, standing.c.enrolment_id == Enrolment.id)
        .join(CompletionDecision, CompletionDecision.id == standing.c.decision_id)
        .join(CompletionRule, CompletionRule.id == CompletionDecision.rule_id)
        .outerjoin(Certificate, _in_force(wanted))
        .where(*wanted.where())
    )
    counted = people(wanted.scope)
    counting = set(session.scalars(sa.select(counted.c.decision_id).where(counted.c.decision_id.is_not(None))))
    rows, whose = [], set()
    for line, (enrolment, person, cohort, university, where, company, *rest) in enumerate(session.execute(query), 1):
        decision, rule, serial = rest
        whose.add(person.id)
        rows.append(
            (
                *(line, *_person(person), university.name_ko, cohort.name_ko, words.TRACKS[enrolment.track]),
                *(*_work(where, company), local_day(decision.made_at), rule, _score(decision)),
                *(words.yes_no(decision.id in counting), serial),
            )
        )
    columns = (
        *(NUMBER, *PERSON, *PLACE, Column("구분", width=8), *WORK, Column("수료 확정일", Kind.DATE, 12)),
        *(
            Column("수료 기준 판", Kind.NUMBER, 10),
            Column("평가 점수", Kind.NUMBER, 10),
            Column("실인원 산정", width=10),
        ),
        Column("수료증 번호", width=22),
    )
    return Table("수료자 명단", columns, rows, frozenset(whose))


def enrolments(session: Session, wanted: Wanted) -> Table:
    """수강생 명단: every enrolment with its state at the moment, since when and why."""
    newest = (
        sa.select(sa.func.max(EnrolmentEvent.id).label("id"), EnrolmentEvent.enrolment_id)
        .where(EnrolmentEvent.at < wanted.scope.until)
        .group_by(EnrolmentEvent.enrolment_id)
        .subquery("newest")
    )
    query = (
        _people_query(EnrolmentEvent)
        .outerjoin(newest, newest.c.enrolment_id == Enrolment.id)
        .outerjoin(EnrolmentEvent, EnrolmentEvent.id == newest.c.id)
        .where(Enrolment.created_at < wanted.scope.until, *wanted.where())
    )
    rows, whose = [], set()
    for line, (enrolment, person, cohort, university, where, company, event) in enumerate(session.execute(query), 1):
        whose.add(person.id)
        state: EnrolmentState = enrolment.state if event is None else event.to_state
        since = enrolment.state_since if event is None else event.at
        rows.append(
            (
                *(line, *_person(person), person.email, university.name_ko, cohort.name_ko),
                *(words.TRACKS[enrolment.track], words.STATES[state], local_day(since)),
                *(None if event is None else event.reason, *_work(where, company)),
            )
        )
    columns = (
        *(NUMBER, *PERSON, Column("전자우편", width=26), *PLACE, Column("구분", width=8), Column("상태", width=10)),
        *(Column("상태 변경일", Kind.DATE, 12), Column("사유", width=24), *WORK),
    )
    return Table("수강생 명단", columns, rows, frozenset(whose))


def register(session: Session, wanted: Wanted) -> Table:
    """수료증 발급대장: every line of the register, in the order of its numbers."""
    last, gone = aliased(CertificateEvent), aliased(CertificateEvent)
    until = wanted.scope.until
    newest = (
        sa.select(sa.func.max(CertificateEvent.id).label("id"), CertificateEvent.certificate_id)
        .where(CertificateEvent.issue_number.is_not(None), CertificateEvent.at < until)
        .group_by(CertificateEvent.certificate_id)
        .subquery("newest")
    )
    revoked = sa.and_(gone.certificate_id == Certificate.id, gone.deed == CertificateDeed.REVOKED, gone.at < until)
    query = (
        sa.select(Certificate, last, gone, Cohort, University)
        .join(Enrolment, Enrolment.id == Certificate.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(University, University.id == Enrolment.university_id)
        .join(newest, newest.c.certificate_id == Certificate.id)
        .join(last, last.id == newest.c.id)
        .outerjoin(gone, revoked)
        .where(Certificate.made_at < until, *wanted.where())
        .order_by(Certificate.year, Certificate.number)
    )
    rows: list[tuple[Value, ...]] = []
    whose = set()
    for certificate, issue, revocation, cohort, university in session.execute(query):
        whose.add(certificate.person_id)
        said = Content.model_validate(issue.content)
        rows.append(
            (
                *(certificate.serial, said.name, university.name_ko, cohort.name_ko, said.course.ko),
                *(certificate.issued_on, issue.issue_number, local_day(issue.at), issue.reason),
                *("유효" if revocation is None else "취소", local_day(revocation.at) if revocation else None),
                revocation.reason if revocation else None,
            )
        )
    columns = (
        *(Column("발급번호", width=22), Column("성명", width=12), *PLACE, Column("교육과정", width=30)),
        *(Column("최초 발급일", Kind.DATE, 12), Column("발급 차수", Kind.NUMBER, 10)),
        *(Column("최근 발급일", Kind.DATE, 12), Column("재발급 사유", width=24), Column("상태", width=8)),
        *(Column("취소일", Kind.DATE, 12), Column("취소 사유", width=24)),
    )
    return Table("수료증 발급대장", columns, rows, frozenset(whose))


def _people_query(*further: Any) -> sa.Select[*tuple[Any, ...]]:
    """Enrolments with everything that lists say of a person; somebody merged into another one is that one."""
    same = same_person()
    return (
        sa.select(Enrolment, Person, Cohort, University, EnrolmentParticulars, Company, *further)
        .outerjoin(same, same.c.person_id == Enrolment.person_id)
        .join(Person, Person.id == sa.func.coalesce(same.c.root_id, Enrolment.person_id))
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(University, University.id == Enrolment.university_id)
        .outerjoin(EnrolmentParticulars, EnrolmentParticulars.enrolment_id == Enrolment.id)
        .outerjoin(Company, Company.id == EnrolmentParticulars.company_id)
        .order_by(University.name_ko, Cohort.starts_on, Cohort.id, Person.name, Enrolment.id)
    )


def _in_force(wanted: Wanted) -> sa.ColumnElement[bool]:
    revoked = sa.select(CertificateEvent.certificate_id).where(
        CertificateEvent.deed == CertificateDeed.REVOKED, CertificateEvent.at < wanted.scope.until
    )
    return sa.and_(
        Certificate.enrolment_id == Enrolment.id,
        Certificate.made_at < wanted.scope.until,
        Certificate.id.not_in(revoked),
    )


def _person(person: Person) -> tuple[Value, ...]:
    return person.name, person.birth_date, telephone(person.phone)


def _work(where: EnrolmentParticulars | None, company: Company | None) -> tuple[Value, ...]:
    return (
        company.name if company else None,
        business_number(company.business_number) if company else None,
        words.SIZES[company.size] if company and company.size else None,
        words.region(where.work_region) if where else None,
        words.region(where.home_region) if where else None,
    )


def _score(decision: CompletionDecision) -> float | None:
    score = decision.facts.get("score")
    return None if score is None else float(score)
