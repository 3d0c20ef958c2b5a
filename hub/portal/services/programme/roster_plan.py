"""What a roster would change, line by line, before anything is: the dry run, and the plan that is then carried out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from graders.contract import Text
from graders.files import canonical_json, sha256_hex
from hub.portal.models import Cohort, Company, Enrolment, EnrolmentParticulars, EnrolmentState, Person
from hub.portal.services.programme.roster_people import CHUNK, KnownPeople, identity_of
from hub.portal.services.programme.roster_rows import CompanyFacts, RefusedRow, RosterRow

#: States that a list may move somebody along; nobody is moved back, and endings stay.
_WAY = (EnrolmentState.APPLIED, EnrolmentState.SELECTED, EnrolmentState.ADMITTED, EnrolmentState.IN_PROGRESS)


class Outcome(StrEnum):
    """What happens to a line."""

    CREATED = "created"  # a new person, enrolled
    ENROLLED = "enrolled"  # a known person, enrolled
    CHANGED = "changed"  # enrolled already; some facts differ
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class PlannedRow:
    """One line and what it does. ``changes`` names the columns that differ; ``notes`` say why, or what to look at."""

    line: int
    outcome: Outcome
    row: RosterRow | None = None
    person: Person | None = None
    enrolment: Enrolment | None = None
    changes: tuple[str, ...] = ()
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True)
class RosterPlan:
    """All lines in the order of the file."""

    rows: tuple[PlannedRow, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Lines by outcome, all outcomes named."""
        found = Counter(row.outcome.value for row in self.rows)
        return {outcome.value: found[outcome.value] for outcome in Outcome}

    @property
    def digest(self) -> str:
        """Changes when anything that the plan would do changes: what was looked at is what is carried out."""
        facts = [[row.line, row.outcome, row.person and row.person.id, row.changes] for row in self.rows]
        return sha256_hex(canonical_json(facts))


_TWICE = Text(ko="같은 사람이 {line}행에도 있습니다.", en="The same person is in line {line} as well.")
_EMAIL_TAKEN = Text(
    ko="이 이메일은 다른 사람이 쓰고 있습니다. 이메일을 확인하거나 비워 두십시오.",
    en="Somebody else has this e-mail address. Please check it or leave it empty.",
)
_SIMILAR = Text(
    ko="이름·생년월일·휴대전화 가운데 둘이 같은 사람이 이미 있습니다. 같은 사람인지 확인해 주십시오.",
    en="Somebody with two of the same name, birth date and phone is here already. Please check whether they are one.",
)
_COMPANY_DIFFERS = Text(
    ko="사업자등록번호가 다른 회사명으로 등록되어 있습니다. 등록된 회사로 연결합니다.",
    en="The business number is registered under another company name; that company is used.",
)


def plan_roster(session: Session, cohort: Cohort, rows: Sequence[RosterRow | RefusedRow]) -> RosterPlan:
    """Say what every line would do; reads only, a fixed number of queries for each 500 lines."""
    good = [row for row in rows if isinstance(row, RosterRow)]
    planner = _Planner(KnownPeople(session, good), _enrolments(session, cohort.id), _companies(session, good))
    return RosterPlan(tuple(planner.plan(row) for row in rows))


class _Planner:
    def __init__(
        self, known: KnownPeople, enrolments: dict[int, Enrolment], companies: dict[str | None, Company]
    ) -> None:
        self._known, self._enrolments, self._companies = known, enrolments, companies
        self._lines: dict[object, int] = {}

    def plan(self, row: RosterRow | RefusedRow) -> PlannedRow:
        if isinstance(row, RefusedRow):
            return PlannedRow(row.line, Outcome.REFUSED, notes=row.problems)
        refusal = self._refusal(row)
        if refusal is not None:
            return PlannedRow(row.line, Outcome.REFUSED, notes=(refusal,))
        person = self._known.same(row)
        enrolment = None if person is None else self._enrolments.get(person.id)
        changes = () if enrolment is None else differences(row, enrolment)
        return PlannedRow(
            row.line, self._outcome(person, enrolment, changes), row, person, enrolment, changes, self._notes(row)
        )

    def _refusal(self, row: RosterRow) -> Text | None:
        """Why a line that can be read can't be taken: twice in the file, or somebody else's address."""
        for key in (identity_of(row), *([row.email] if row.email else [])):
            first = self._lines.setdefault(key, row.line)
            if first != row.line:
                return Text(ko=_TWICE.ko.format(line=first), en=_TWICE.en.format(line=first))
        return _EMAIL_TAKEN if self._known.has_email_of_another(row) else None

    def _outcome(self, person: Person | None, enrolment: Enrolment | None, changes: tuple[str, ...]) -> Outcome:
        if person is None:
            return Outcome.CREATED
        if enrolment is None:
            return Outcome.ENROLLED
        return Outcome.CHANGED if changes else Outcome.UNCHANGED

    def _notes(self, row: RosterRow) -> tuple[Text, ...]:
        company = self._companies.get(row.company.business_number) if row.company else None
        is_other = company is not None and row.company is not None and company.name != row.company.name
        return (
            *([_SIMILAR] if self._known.is_like_another(row) else []),
            *([_COMPANY_DIFFERS] if is_other else []),
        )


def differences(row: RosterRow, enrolment: Enrolment) -> tuple[str, ...]:
    """Columns that a line would change; an empty cell says nothing, and an address that is there stays."""
    now = enrolment.particulars
    company = None if now is None else now.company
    changed = {
        "email": row.email is not None and enrolment.person.email is None,
        "track": row.track is not enrolment.track,
        "company": row.company is not None and not is_same_company(row.company, company),
        "work_region": row.work_region not in (None, now and now.work_region),
        "home_region": row.home_region not in (None, now and now.home_region),
        "state": moves_on(enrolment.state, row.state),
    }
    return tuple(key for key, differs in changed.items() if differs)


def is_same_company(facts: CompanyFacts, company: Company | None) -> bool:
    """Whether a line means this company: by its number where the line has one, else by its name."""
    if company is None:
        return False
    if facts.business_number is not None:
        return facts.business_number == company.business_number
    return facts.name == company.name


def moves_on(now: EnrolmentState, wanted: EnrolmentState) -> bool:
    """Whether ``wanted`` lies ahead on the way to the course."""
    return now in _WAY and _WAY.index(wanted) > _WAY.index(now)


def _enrolments(session: Session, cohort_id: int) -> dict[int, Enrolment]:
    """Enrolments of the cohort by person; whoever was merged into another counts as that one."""
    query = sa.select(Enrolment).where(Enrolment.cohort_id == cohort_id)
    particulars = joinedload(Enrolment.particulars).joinedload(EnrolmentParticulars.company)
    query = query.options(joinedload(Enrolment.person), particulars)
    return {row.person.merged_into_id or row.person_id: row for row in session.scalars(query)}


def _companies(session: Session, rows: Sequence[RosterRow]) -> dict[str | None, Company]:
    numbers = sorted({row.company.business_number or "" for row in rows if row.company})
    found: dict[str | None, Company] = {}
    for start in range(0, len(numbers), CHUNK):
        query = sa.select(Company).where(Company.business_number.in_(numbers[start : start + CHUNK]))
        found |= {company.business_number: company for company in session.scalars(query)}
    return found
