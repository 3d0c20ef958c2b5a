"""Words of the pages on people, companies and personal data."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from hub.portal.models import CompanySize, Track
from hub.portal.services.programme.regions import REGIONS

TRACK_WORDS = {
    Track.STUDENT: _l("student"),
    Track.EMPLOYEE: _l("employee"),
    Track.JOB_SEEKER: _l("job-seeker"),
    Track.CEO: _l("head of a company"),
}
SIZE_WORDS = {
    CompanySize.SMALL_OR_MEDIUM: _l("small or medium"),
    CompanySize.MID_SIZED: _l("mid-sized"),
    CompanySize.LARGE: _l("large"),
}
SHARED_WORDS = {"name": _l("name"), "birth_date": _l("birth date"), "phone": _l("phone")}
MY_DATA_WORDS = {
    "person": _l("About you"),
    "logins": _l("Log-ins"),
    "enrolments": _l("Enrolments and decisions"),
    "submissions": _l("Submissions"),
    "grades": _l("Grades"),
    "notebook_sessions": _l("Notebook sessions"),
    "mail": _l("Mail"),
    "mail_not_wanted": _l("Mail that you do not want"),
    "looks_at_this_data": _l("Who looked at your data"),
}
#: What the log calls a deed -> what people call it; others are shown by the log's own word.
DEEDS: dict[str, Any] = {
    "people.listed": _l("looked at a list"),
    "attempt.viewed": _l("looked at a submission"),
    "attempt.downloaded": _l("downloaded a submission"),
    "feedback.viewed": _l("looked at feedback"),
    "person.unmasked": _l("showed personal data in full"),
    "person.corrected": _l("corrected personal data"),
    "person.merged": _l("merged two people"),
    "person.parted": _l("undid a merge"),
    "people.told_apart": _l("told two people apart"),
    "enrolment.state_changed": _l("changed an enrolment's state"),
    "enrolment.edited": _l("changed particulars"),
    "roster.uploaded": _l("uploaded a roster"),
    "roster.applied": _l("applied a roster"),
    "roster.discarded": _l("threw a roster away"),
    "invitations.sent": _l("sent invitations"),
    "invitation.sent_again": _l("sent an invitation again"),
    "invitation.revoked": _l("took an invitation back"),
    "invitation.accepted": _l("accepted an invitation"),
    "mail.chosen": _l("chose which mail to get"),
    "session.began": _l("signed in"),
    "session.ended": _l("signed out"),
    "session.revoked": _l("ended a session"),
    "sign_in.refused": _l("was refused at sign-in"),
    "company.made": _l("added a company"),
    "company.edited": _l("changed a company"),
    "access_log.reviewed": _l("signed the access log off"),
}


def deed(action: str) -> Any:
    """What a deed of the log is called."""
    return DEEDS.get(action, action)


def region(code: str | None) -> str:
    """Name of a region in the visitor's language; a dash for none."""
    if code not in REGIONS:
        return "–"
    return REGIONS[code][0 if str(get_locale()) == "ko" else 1]


def business_number(digits: str | None) -> str:
    """``1234567891`` -> ``123-45-67891``; a dash for none."""
    return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}" if digits else "–"


def install_privacy_words(app: Flask) -> None:
    """Register the words for templates."""
    app.jinja_env.globals.update(
        track_words=TRACK_WORDS, size_words=SIZE_WORDS, shared_words=SHARED_WORDS, my_data_words=MY_DATA_WORDS
    )
    app.jinja_env.filters.update(deed=deed, region=region, business_number=business_number)
