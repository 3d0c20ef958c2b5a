"""A student's own way to completion: what is met, what is missing or not known yet, by when, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from graders.contract import Text
from hub.portal.models import Cohort, CompletionRule, Enrolment, EnrolmentState
from hub.portal.services.access import OUTSIDE, TAKING_PART
from hub.portal.services.deadlines import Admission
from hub.portal.services.programme.completion import Proposal, propose_one, rules_in_force
from hub.portal.services.programme.completion_findings import Finding
from hub.portal.services.programme.completion_pages import Decided, read_decisions
from hub.portal.services.programme.completion_rules import CompletionRules
from hub.portal.services.student_overview import StudentOverview, Work
from hub.portal.services.timetable import KST

_DONE = Text(ko="채웠습니다.", en="You have this.")
_TO_DO = {
    "attendance": Text(
        ko="남은 수업에 빠지지 마십시오. 기록이 다르면 담당자에게 알려 주십시오.",
        en="Don't miss the classes that are left. If the record is wrong, tell your coordinator.",
    ),
    "online_progress": Text(ko="온라인 학습을 이어서 마치십시오.", en="Go on with the online part."),
    "score": Text(
        ko="아직 열려 있는 과제를 제출하거나 다시 제출해 점수를 올리십시오.",
        en="Hand in the assignments that are still open, or hand them in again for a better score.",
    ),
    "submitted": Text(ko="아직 내지 않은 과제를 마감 전에 제출하십시오.", en="Hand in what is missing in time."),
    "capstone": Text(ko="팀과 기업 과제를 마치고 결과를 제출하십시오.", en="Finish the company project."),
    "survey": Text(ko="과정이 끝날 때 만족도 조사에 응답하십시오.", en="Answer the survey at the end."),
}
_ENTERED = Text(
    ko="담당자가 자료를 입력하면 여기에 나타납니다. 지금 하실 일은 없습니다.",
    en="This appears when your coordinator has entered it. There is nothing for you to do now.",
)
_WORK = frozenset({"score", "submitted"})


@dataclass(frozen=True)
class Step:
    """One condition: how it stands, what to do about it and by when. ``parts``: one of them is enough."""

    finding: Finding
    to_do: Text
    by: date | None
    parts: tuple[Step, ...] = ()

    @property
    def state(self) -> str:
        """``met``, ``missing`` or ``unknown``."""
        return {True: "met", False: "missing", None: "unknown"}[self.finding.is_met]


@dataclass(frozen=True)
class Path:
    """The way of one enrolment; ``steps`` are empty while no rules are in force."""

    person_id: int
    enrolment: Enrolment
    rule: CompletionRule | None
    steps: tuple[Step, ...]
    open_works: tuple[Work, ...]
    decisions: tuple[Decided, ...]
    is_running: bool

    @property
    def met(self) -> int:
        """How many conditions are met."""
        return sum(step.state == "met" for step in self.steps)

    @property
    def decision(self) -> Decided | None:
        """The decision in force."""
        return self.decisions[0] if self.decisions else None

    @property
    def is_completed(self) -> bool:
        """Whether a person has confirmed the completion."""
        return self.enrolment.state is EnrolmentState.COMPLETED


def read_paths(session: Session, overview: StudentOverview, person_id: int, now: datetime) -> list[Path]:
    """Return the ways of all enrolments of a person, those that take part first."""
    query = sa.select(Enrolment).where(Enrolment.person_id == person_id, Enrolment.state.not_in(OUTSIDE))
    query = query.options(joinedload(Enrolment.cohort).joinedload(Cohort.university))
    found = session.scalars(query.order_by(Enrolment.id.desc())).all()
    ordered = sorted(found, key=lambda enrolment: enrolment.state not in TAKING_PART)
    return [_path(session, enrolment, overview.works, now) for enrolment in ordered]


def _path(session: Session, enrolment: Enrolment, works: Sequence[Work], now: datetime) -> Path:
    rule = rules_in_force(session, enrolment.cohort_id)
    rules = None if rule is None else CompletionRules.model_validate(rule.rules)
    proposal = None if rules is None else propose_one(session, enrolment, rules)
    last_day = enrolment.cohort.ends_on
    is_running = enrolment.state in TAKING_PART
    to_hand_in = tuple(work for work in works if _can_improve(work)) if is_running else ()
    return Path(
        person_id=enrolment.person_id,
        enrolment=enrolment,
        rule=rule,
        steps=_steps(proposal, last_day, to_hand_in) if is_running else (),
        open_works=tuple(sorted(to_hand_in, key=_due)),
        decisions=read_decisions(session, enrolment.id),
        is_running=is_running and now.astimezone(KST).date() <= last_day,
    )


def _can_improve(work: Work) -> bool:
    return work.admission is Admission.OPEN and not work.is_passed


def _due(work: Work) -> tuple[bool, float]:
    due = work.deadline.due_at
    return due is None, due.timestamp() if due else 0.0


def _steps(proposal: Proposal | None, last_day: date, works: Sequence[Work]) -> tuple[Step, ...]:
    if proposal is None:
        return ()
    finding = proposal.finding
    parts = finding.parts if finding.kind == "all" else (finding,)
    return tuple(_step(part, last_day, works) for part in parts)


def _step(finding: Finding, last_day: date, works: Sequence[Work]) -> Step:
    parts = tuple(_step(part, last_day, works) for part in finding.parts)
    if finding.is_met:
        return Step(finding, _DONE, None, parts)
    if parts:
        return Step(finding, finding.text, last_day, parts)
    if finding.kind in _WORK:
        return Step(finding, _TO_DO[finding.kind], _last_close(works) or last_day)
    is_waiting = finding.is_met is None and finding.kind in ("attendance", "online_progress")
    return Step(finding, _ENTERED if is_waiting else _TO_DO[finding.kind], last_day)


def _last_close(works: Sequence[Work]) -> date | None:
    """The day on which the last open assignment closes."""
    closes = [work.deadline.closes_at or work.deadline.due_at for work in works]
    days = [at.astimezone(KST).date() for at in closes if at is not None]
    return max(days, default=None)
