"""Words of the files that offices get: Korean, as their forms say them."""

from __future__ import annotations

from hub.portal.models import CompanySize, DecisionKind, EnrolmentState, Track
from hub.portal.services.programme.regions import REGIONS

STATES = {
    EnrolmentState.APPLIED: "신청",
    EnrolmentState.SELECTED: "선발",
    EnrolmentState.ADMITTED: "입과",
    EnrolmentState.IN_PROGRESS: "수강중",
    EnrolmentState.COMPLETED: "수료",
    EnrolmentState.NOT_COMPLETED: "미수료",
    EnrolmentState.WITHDRAWN: "수강철회",
    EnrolmentState.EXPELLED: "제적",
    EnrolmentState.EARLY_EMPLOYED: "조기취업",
}
TRACKS = {
    Track.STUDENT: "재학생",
    Track.EMPLOYEE: "재직자",
    Track.JOB_SEEKER: "구직자",
    Track.CEO: "대표",
}
SIZES = {CompanySize.SMALL_OR_MEDIUM: "중소기업", CompanySize.MID_SIZED: "중견기업", CompanySize.LARGE: "대기업"}
DECISIONS = {DecisionKind.CONFIRMED: "확정", DecisionKind.APPEAL: "이의신청", DecisionKind.REVOKED: "수료 취소"}
YES, NO = "예", "아니오"


def region(code: str | None) -> str | None:
    """Return the name of a region."""
    return None if code is None else REGIONS.get(code, (code, code))[0]


def yes_no(is_so: bool | None) -> str | None:
    """Return yes, no, or nothing for what is not known."""
    if is_so is None:
        return None
    return YES if is_so else NO
