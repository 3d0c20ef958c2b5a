"""A cohort's completion: rules in versions, facts entered by hand, a preview, and decisions that persons confirm.

Nothing is decided by the platform alone (개인정보보호법 37조의2): it proposes, a person confirms, and a decision keeps
the rules, facts and findings of its moment.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.files import canonical_json, sha256_hex
from hub.portal.errors import ConflictError, InvalidError, not_found
from hub.portal.models import (
    Cohort,
    CompletionDecision,
    CompletionInput,
    CompletionRule,
    DecisionKind,
    Enrolment,
    EnrolmentState,
)
from hub.portal.services.access import TAKING_PART
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.enrolment_states import move_enrolment
from hub.portal.services.programme.completion_facts import (
    KNOWN_HERE,
    Trainee,
    facts_of_cohort,
    facts_of_enrolment,
)
from hub.portal.services.programme.completion_findings import Finding, judge
from hub.portal.services.programme.completion_rules import CompletionRules, Facts

MAX_TEXT = 2000
COMPLETION = (EnrolmentState.COMPLETED, EnrolmentState.NOT_COMPLETED)


@dataclass(frozen=True)
class Verdict:
    """What somebody decides: as the rules propose, or (with a reason) after an appeal or to take a completion back."""

    kind: DecisionKind
    outcome: EnrolmentState
    reason: str | None = None


@dataclass(frozen=True)
class Proposal:
    """What rules say of one trainee; ``outcome`` is None while facts are missing."""

    trainee: Trainee
    finding: Finding

    @property
    def outcome(self) -> EnrolmentState | None:
        """Completed or not, as the rules see it."""
        if self.finding.is_met is None:
            return None
        return EnrolmentState.COMPLETED if self.finding.is_met else EnrolmentState.NOT_COMPLETED

    @property
    def is_open(self) -> bool:
        """Whether a decision is still to be made."""
        return self.trainee.enrolment.state in TAKING_PART


def preview(session: Session, cohort: Cohort, rules: CompletionRules) -> list[Proposal]:
    """Say what ``rules`` would mean for every trainee of the cohort now; changes nothing."""
    return [Proposal(trainee, judge(rules, trainee.facts)) for trainee in facts_of_cohort(session, cohort)]


def propose_one(session: Session, enrolment: Enrolment, rules: CompletionRules) -> Proposal | None:
    """Say what ``rules`` mean for one trainee now; None for somebody who was not admitted."""
    trainee = facts_of_enrolment(session, enrolment)
    return None if trainee is None else Proposal(trainee, judge(rules, trainee.facts))


def digest_of(proposals: Sequence[Proposal]) -> str:
    """Changes when anything that a coordinator looked at changes."""
    facts = [[p.trainee.enrolment.id, p.trainee.enrolment.state, p.finding.model_dump(mode="json")] for p in proposals]
    return sha256_hex(canonical_json(facts))


def save_rules(
    session: Session, actor: Actor, cohort: Cohort, rules: CompletionRules, note: str, now: datetime
) -> CompletionRule:
    """Keep rules as a new version; they decide nothing until they are activated."""
    newest = sa.select(sa.func.max(CompletionRule.number)).where(CompletionRule.cohort_id == cohort.id)
    row = CompletionRule(
        cohort_id=cohort.id,
        university_id=cohort.university_id,
        number=(session.scalar(newest) or 0) + 1,
        rules=rules.model_dump(mode="json"),
        note=note.strip()[:MAX_TEXT] or None,
        made_by_id=actor.person_id or 0,
        made_at=now,
    )
    session.add(row)
    session.flush()
    _record(session, actor, "rules.saved", row, now)
    return row


def activate_rules(session: Session, actor: Actor, row: CompletionRule, now: datetime) -> None:
    """Let a version decide from now on; decisions made under earlier ones stay as they are."""
    row.activated_at, row.activated_by_id = now, actor.person_id
    _record(session, actor, "rules.activated", row, now)


def activate_as_seen(session: Session, actor: Actor, row: CompletionRule, seen: str, now: datetime) -> None:
    """Activate a version as its preview was looked at; ConflictError if it would mean something else by now."""
    if digest_of(preview(session, row.cohort, CompletionRules.model_validate(row.rules))) != seen:
        raise _changed()
    activate_rules(session, actor, row, now)


def _changed() -> ConflictError:
    return ConflictError(
        "completion_changed",
        "그사이 점수나 자료가 바뀌어 확정하지 않았습니다. 결과를 다시 확인해 주십시오.",
        "Scores or facts have changed meanwhile, so nothing was confirmed. Please look at the result again.",
    )


def rules_in_force(session: Session, cohort_id: int) -> CompletionRule | None:
    """Return the version that was activated last, None while none was."""
    query = (
        sa.select(CompletionRule)
        .where(CompletionRule.cohort_id == cohort_id, CompletionRule.activated_at.is_not(None))
        .order_by(CompletionRule.activated_at.desc(), CompletionRule.id.desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def enter_facts(session: Session, actor: Actor, enrolment: Enrolment, facts: Facts, now: datetime) -> CompletionInput:
    """Write down what is known of a trainee from elsewhere; it replaces what was entered before, which is kept."""
    row = CompletionInput(
        enrolment_id=enrolment.id,
        university_id=enrolment.university_id,
        facts=facts.model_dump(mode="json", exclude=set(KNOWN_HERE)),
        made_by_id=actor.person_id or 0,
        made_at=now,
    )
    session.add(row)
    session.flush()
    record(session, actor, Deed("completion.facts_entered", _subject(enrolment)), now)
    return row


def confirm(
    session: Session, actor: Actor, cohort: Cohort, enrolment_ids: Collection[int], seen: str, now: datetime
) -> list[CompletionDecision]:
    """Confirm what the rules in force propose for these trainees, as it was looked at (``digest_of``).

    ConflictError if anything has changed since; InvalidError where there are no rules, or a fact is missing.
    """
    rule = rules_in_force(session, cohort.id)
    if rule is None:
        raise InvalidError(
            "no_rules",
            "이 기수에 적용 중인 수료 기준이 없습니다. 기준을 먼저 정해 주십시오.",
            "No completion rules are in force for this cohort. Please set them first.",
        )
    proposals = preview(session, cohort, CompletionRules.model_validate(rule.rules))
    if digest_of(proposals) != seen:
        raise _changed()
    by_enrolment = {proposal.trainee.enrolment.id: proposal for proposal in proposals}
    return [_confirm_one(session, actor, rule, by_enrolment.get(number), now) for number in sorted(enrolment_ids)]


def _confirm_one(
    session: Session, actor: Actor, rule: CompletionRule, proposal: Proposal | None, now: datetime
) -> CompletionDecision:
    if proposal is None:
        raise not_found()
    if proposal.outcome is None or not proposal.is_open:
        raise InvalidError(
            "not_decidable",
            "아직 확인되지 않은 항목이 있거나 이미 끝난 수강생이 있습니다. 선택을 다시 확인해 주십시오.",
            "A fact is still missing for somebody, or it was decided already. Please look at the selection again.",
        )
    return _decide(session, actor, rule, proposal, Verdict(DecisionKind.CONFIRMED, proposal.outcome), now)


def decide_anew(
    session: Session, actor: Actor, enrolment: Enrolment, verdict: Verdict, now: datetime
) -> CompletionDecision:
    """Decide an appeal or a revocation, against the rules if need be: a reason is required, earlier rows stay."""
    if not 1 <= len((verdict.reason or "").strip()) <= MAX_TEXT:
        raise InvalidError("reason", "이유를 써 주십시오. 기록에 남습니다.", "Please give a reason. It is kept.")
    cohort = enrolment.cohort
    rule = rules_in_force(session, cohort.id)
    if rule is None or not may_decide_anew(enrolment, verdict):
        raise InvalidError("decision", "지금은 이 결정을 할 수 없습니다.", "This can't be decided now.")
    found = propose_one(session, enrolment, CompletionRules.model_validate(rule.rules))
    if found is None:
        raise not_found()
    return _decide(session, actor, rule, found, verdict, now)


def may_decide_anew(enrolment: Enrolment, verdict: Verdict) -> bool:
    """Whether this can be decided of somebody in this state: an appeal against, a revocation of what is in force;
    who takes part can be decided by hand, against what the rules propose or while a fact is missing."""
    if verdict.outcome not in COMPLETION:
        return False
    if verdict.kind is DecisionKind.CONFIRMED:
        return enrolment.state in TAKING_PART
    if verdict.kind is DecisionKind.REVOKED:
        return enrolment.state is EnrolmentState.COMPLETED and verdict.outcome is EnrolmentState.NOT_COMPLETED
    return enrolment.state is EnrolmentState.NOT_COMPLETED and verdict.outcome is EnrolmentState.COMPLETED


def _decide(
    session: Session, actor: Actor, rule: CompletionRule, proposal: Proposal, verdict: Verdict, now: datetime
) -> CompletionDecision:
    enrolment, outcome, reason = proposal.trainee.enrolment, verdict.outcome, verdict.reason
    decision = CompletionDecision(
        enrolment_id=enrolment.id,
        university_id=enrolment.university_id,
        rule_id=rule.id,
        kind=verdict.kind,
        outcome=outcome,
        proposed=proposal.outcome,
        facts=proposal.trainee.facts.model_dump(mode="json"),
        finding=proposal.finding.model_dump(mode="json"),
        reason=reason,
        made_by_id=actor.person_id or 0,
        made_at=now,
    )
    session.add(decision)
    move_enrolment(session, enrolment, outcome, now, by_person_id=actor.person_id, reason=reason)
    enrolment.state_reason = reason
    session.flush()
    detail = {"kind": verdict.kind.value, "outcome": outcome.value, "rules": rule.number}
    record(session, actor, Deed("completion.decided", _subject(enrolment), detail, reason), now)
    return decision


def _subject(enrolment: Enrolment) -> Subject:
    return Subject("enrolment", str(enrolment.id), enrolment.person_id, enrolment.university_id)


def _record(session: Session, actor: Actor, action: str, row: CompletionRule, now: datetime) -> None:
    subject = Subject("completion_rule", str(row.id), university_id=row.university_id)
    record(session, actor, Deed(action, subject, {"cohort": row.cohort_id, "number": row.number}), now)
