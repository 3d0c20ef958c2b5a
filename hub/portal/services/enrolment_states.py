"""The one way in which an enrolment gets a state: the row and the event that says so, together."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from hub.portal.models import Enrolment, EnrolmentEvent, EnrolmentState


def move_enrolment(
    session: Session,
    enrolment: Enrolment,
    state: EnrolmentState,
    at: datetime,
    *,
    by_person_id: int | None = None,
    reason: str | None = None,
) -> None:
    """Put a new or known enrolment into ``state``; a new one has no state before."""
    before, enrolment.state, enrolment.state_since = enrolment.state, state, at
    session.add(
        EnrolmentEvent(
            enrolment=enrolment,
            university_id=enrolment.university_id,
            from_state=before,
            to_state=state,
            reason=reason,
            by_person_id=by_person_id,
            at=at,
        )
    )
