"""Read models of the coordinator's completion pages: a cohort's proposals, its rules, one trainee's history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import (
    Cohort,
    CompletionDecision,
    CompletionInput,
    CompletionRule,
    DecisionKind,
    Enrolment,
    EnrolmentState,
    Person,
)
from hub.portal.services.paging import Paged
from hub.portal.services.programme.completion import (
    Proposal,
    digest_of,
    preview,
    propose_one,
    rules_in_force,
)
from hub.portal.services.programme.completion_findings import Finding
from hub.portal.services.programme.completion_rules import CompletionRules, Facts
from hub.portal.services.programme_overview import masked

PAGE_ROWS = 50
#: What a list can be narrowed to; the first is shown without being asked for.
SHOWS = ("open", "undecided", "decided", "all")


@dataclass(frozen=True)
class Line:
    """One trainee on a list, name masked; ``outcome`` as the rules propose it, None while facts are missing."""

    enrolment_id: int
    person_id: int
    name: str
    phone_end: str
    state: EnrolmentState
    outcome: EnrolmentState | None
    findings: tuple[Finding, ...]
    is_open: bool

    @property
    def is_decidable(self) -> bool:
        """Whether it can be confirmed as proposed."""
        return self.is_open and self.outcome is not None


@dataclass(frozen=True)
class Proposals(Paged):
    """One page of a cohort's proposals. ``digest`` stands for all that was looked at, whichever page it was."""

    page_rows = PAGE_ROWS
    rule: CompletionRule | None
    rules: CompletionRules | None
    lines: tuple[Line, ...]
    counts: dict[str, int]
    digest: str
    show: str
    page: int
    total: int


def read_proposals(session: Session, cohort: Cohort, show: str, page: int) -> Proposals:
    """Read what the rules in force propose for a cohort."""
    rule = rules_in_force(session, cohort.id)
    if rule is None:
        return Proposals(None, None, (), {}, "", show, 1, 0)
    rules = CompletionRules.model_validate(rule.rules)
    proposals = preview(session, cohort, rules)
    lines = [make_line(proposal) for proposal in proposals]
    chosen = [line for line in lines if _belongs(line, show)]
    page = min(max(page, 1), max(1, ceil(len(chosen) / PAGE_ROWS)))
    shown = tuple(chosen[(page - 1) * PAGE_ROWS : page * PAGE_ROWS])
    return Proposals(rule, rules, shown, _counts(lines), digest_of(proposals), show, page, len(chosen))


def make_line(proposal: Proposal) -> Line:
    """Return a proposal as a list shows it."""
    trainee, finding = proposal.trainee, proposal.finding
    return Line(
        enrolment_id=trainee.enrolment.id,
        person_id=trainee.person.id,
        name=masked(trainee.person.name),
        phone_end=(trainee.person.phone or "")[-4:],
        state=trainee.enrolment.state,
        outcome=proposal.outcome,
        findings=finding.parts or (finding,),
        is_open=proposal.is_open,
    )


def _belongs(line: Line, show: str) -> bool:
    if show == "open":
        return line.is_open
    if show == "undecided":
        return line.is_open and line.outcome is None
    return show == "all" or not line.is_open


def _counts(lines: Sequence[Line]) -> dict[str, int]:
    """People by what is proposed for those who take part, and all who have ended."""
    words = {EnrolmentState.COMPLETED: "completed", EnrolmentState.NOT_COMPLETED: "not_completed", None: "undecided"}
    found = Counter(words[line.outcome] if line.is_open else "decided" for line in lines)
    return {name: found[name] for name in ("completed", "not_completed", "undecided", "decided")}


@dataclass(frozen=True)
class Change:
    """Somebody for whom other rules would propose something else."""

    line: Line
    before: EnrolmentState | None


@dataclass(frozen=True)
class RulesPreview:
    """What a version of rules would mean for a cohort beside those in force; ``digest`` of what was looked at."""

    row: CompletionRule
    rules: CompletionRules
    in_force: CompletionRule | None
    counts: dict[str, int]
    counts_now: dict[str, int]
    changes: tuple[Change, ...]
    digest: str


def preview_rules(session: Session, cohort: Cohort, row: CompletionRule) -> RulesPreview:
    """Compare a version with the rules in force, trainee by trainee; changes nothing."""
    rules, in_force = CompletionRules.model_validate(row.rules), rules_in_force(session, cohort.id)
    proposals = preview(session, cohort, rules)
    lines = [make_line(proposal) for proposal in proposals]
    now: list[Line] = []
    if in_force is not None:
        current = CompletionRules.model_validate(in_force.rules)
        now = [make_line(proposal) for proposal in preview(session, cohort, current)]
    before = {line.enrolment_id: line.outcome for line in now}
    changes = [Change(line, before.get(line.enrolment_id)) for line in lines if line.is_open]
    changed = tuple(each for each in changes if each.line.outcome != each.before) if now else ()
    digest = digest_of(proposals)
    return RulesPreview(row, rules, in_force, _counts(lines), _counts(now), changed, digest)


def list_rules(session: Session, cohort: Cohort) -> list[tuple[CompletionRule, str]]:
    """Return the versions of a cohort's rules, the newest first, each with the name of who made it."""
    query = (
        sa.select(CompletionRule, Person.name)
        .join(Person, Person.id == CompletionRule.made_by_id)
        .where(CompletionRule.cohort_id == cohort.id)
        .order_by(CompletionRule.number.desc())
    )
    return [(row, name) for row, name in session.execute(query)]


@dataclass(frozen=True)
class Decided:
    """One decision as it was made: by whom, on which version of the rules, on which findings."""

    kind: DecisionKind
    outcome: EnrolmentState
    proposed: EnrolmentState | None
    rules: int
    findings: tuple[Finding, ...]
    reason: str | None
    by: str
    at: datetime


@dataclass(frozen=True)
class Entry:
    """What was entered at one time, by whom."""

    facts: Facts
    by: str
    at: datetime


@dataclass(frozen=True)
class TraineePage:
    """Everything about one trainee's completion; ``line`` is None where no rules are in force."""

    person_id: int
    enrolment: Enrolment
    name: str
    rule: CompletionRule | None
    line: Line | None
    facts: Facts
    entries: tuple[Entry, ...]
    decisions: tuple[Decided, ...]


def read_trainee(session: Session, enrolment: Enrolment) -> TraineePage:
    """Read one trainee's findings, what was entered, and every decision, the newest first."""
    rule = rules_in_force(session, enrolment.cohort_id)
    rules = None if rule is None else CompletionRules.model_validate(rule.rules)
    proposal = None if rules is None else propose_one(session, enrolment, rules)
    entries = _entries(session, enrolment.id)
    return TraineePage(
        person_id=enrolment.person_id,
        enrolment=enrolment,
        name=masked(enrolment.person.name),
        rule=rule,
        line=None if proposal is None else make_line(proposal),
        facts=entries[0].facts if entries else Facts(),
        entries=entries,
        decisions=read_decisions(session, enrolment.id),
    )


def _entries(session: Session, enrolment_id: int) -> tuple[Entry, ...]:
    query = (
        sa.select(CompletionInput, Person.name)
        .join(Person, Person.id == CompletionInput.made_by_id)
        .where(CompletionInput.enrolment_id == enrolment_id)
        .order_by(CompletionInput.id.desc())
    )
    found = session.execute(query)
    return tuple(Entry(Facts.model_validate(row.facts), name, row.made_at) for row, name in found)


def read_decisions(session: Session, enrolment_id: int) -> tuple[Decided, ...]:
    """Return every decision about an enrolment, the newest first."""
    query = (
        sa.select(CompletionDecision, CompletionRule.number, Person.name)
        .join(CompletionRule, CompletionRule.id == CompletionDecision.rule_id)
        .join(Person, Person.id == CompletionDecision.made_by_id)
        .where(CompletionDecision.enrolment_id == enrolment_id)
        .order_by(CompletionDecision.id.desc())
    )
    return tuple(_decided(row, number, name) for row, number, name in session.execute(query))


def _decided(row: CompletionDecision, number: int, name: str) -> Decided:
    finding = Finding.model_validate(row.finding)
    return Decided(
        kind=row.kind,
        outcome=row.outcome,
        proposed=row.proposed,
        rules=number,
        findings=finding.parts or (finding,),
        reason=row.reason,
        by=name,
        at=row.made_at,
    )
