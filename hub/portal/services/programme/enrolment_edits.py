"""Changes of one enrolment by hand: its state with a reason, its track, and where the trainee works and lives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hub.portal.errors import ConflictError, InvalidError
from hub.portal.models import Company, Enrolment, EnrolmentParticulars, EnrolmentState, Track
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.enrolment_states import move_enrolment
from hub.portal.services.programme.regions import REGIONS

#: Decided from rules and confirmed (``completion.py``), never set by hand.
DECIDED = frozenset({EnrolmentState.COMPLETED, EnrolmentState.NOT_COMPLETED})
#: What a person may set, in the order in which a form lists it.
SETTABLE = tuple(state for state in EnrolmentState if state not in DECIDED)
_REASON_MAX = 500


@dataclass(frozen=True)
class Particulars:
    """What a form sends; regions are keys of ``regions.REGIONS``."""

    track: Track
    company_id: int | None
    work_region: str | None
    home_region: str | None


def change_state(
    session: Session, actor: Actor, enrolment: Enrolment, state: EnrolmentState, reason: str, now: datetime
) -> None:
    """Put an enrolment into another state. InvalidError without a reason or for one that is only decided,
    ConflictError if a decision stands or it is in that state already."""
    if state in DECIDED:
        raise InvalidError(
            "state_decided",
            "수료와 미수료는 수료 판정에서 확정합니다.",
            "Completed and not completed are decided on the page of completions.",
        )
    if not 0 < len(reason.strip()) <= _REASON_MAX:
        raise InvalidError("reason", "사유를 적어 주십시오(500자 이내).", "Please give a reason (at most 500 letters).")
    if enrolment.state in DECIDED:
        raise ConflictError(
            "state_decided",
            "이미 판정된 교육생입니다. 이의신청이나 수료 취소로 바꿀 수 있습니다.",
            "A decision stands. It is changed by an appeal or a revocation.",
        )
    if enrolment.state is state:
        raise ConflictError("state_same", "이미 그 상태입니다.", "It is in that state already.")
    before = enrolment.state
    move_enrolment(session, enrolment, state, now, by_person_id=actor.person_id, reason=reason.strip())
    enrolment.state_reason = reason.strip()
    facts = {"from": before.value, "to": state.value}
    record(session, actor, Deed("enrolment.state_changed", _subject(enrolment), facts, reason.strip()), now)


def edit_particulars(session: Session, actor: Actor, enrolment: Enrolment, wanted: Particulars, now: datetime) -> None:
    """Set track, company and regions; InvalidError for a company or region that does not exist."""
    if wanted.company_id is not None and session.get(Company, wanted.company_id) is None:
        raise InvalidError("company", "등록된 회사를 골라 주십시오.", "Please choose a registered company.")
    if not {wanted.work_region, wanted.home_region} <= {None, *REGIONS}:
        raise InvalidError("region", "시군을 목록에서 골라 주십시오.", "Please choose a region from the list.")
    found = enrolment.particulars
    if found is None:
        found = enrolment.particulars = EnrolmentParticulars(university_id=enrolment.university_id)
    enrolment.track = wanted.track
    found.company_id, found.work_region, found.home_region = wanted.company_id, wanted.work_region, wanted.home_region
    session.flush()
    facts = {"track": wanted.track.value, "company": wanted.company_id}
    facts |= {"work_region": wanted.work_region, "home_region": wanted.home_region}
    record(session, actor, Deed("enrolment.edited", _subject(enrolment), facts), now)


def _subject(enrolment: Enrolment) -> Subject:
    return Subject("enrolment", str(enrolment.id), enrolment.person_id, enrolment.university_id)
