"""One vocabulary for states: icon, colour and word, never colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l

from graders.contract import GradeReport, Outcome
from graders.engine.trusted_cage import is_isolated
from hub.portal.i18n import in_language
from hub.portal.models import CountingRule, EnrolmentState, MailState, Role, RosterState, VersionState
from hub.portal.services.deadlines import explain_policy
from hub.portal.services.invitation_links import InvitationState
from hub.portal.services.programme import roster_plan


@dataclass(frozen=True)
class Status:
    """How a state looks: the name of an icon and of a colour, and its word in the visitor's language."""

    icon: str
    tone: str
    word: Any


ROLE_WORDS = {
    Role.STUDENT: _l("Student"),
    Role.INSTRUCTOR: _l("Instructor"),
    Role.COORDINATOR: _l("Coordinator"),
    Role.ADMINISTRATOR: _l("Administrator"),
}

ATTEMPT_STATUS = {
    "received": Status("inbox", "information", _l("received")),
    "queued": Status("clock", "information", _l("queued")),
    "grading": Status("gear", "information", _l("grading")),
    "graded": Status("check", "success", _l("graded")),
    "not_graded": Status("cross", "danger", _l("not graded")),
    "needs_person": Status("eye", "warning", _l("needs a person")),
    "refused": Status("cross", "danger", _l("could not be read")),
    "late": Status("clock", "warning", _l("late")),
}

ENROLMENT_STATUS = {
    EnrolmentState.APPLIED: Status("inbox", "gray", _l("applied")),
    EnrolmentState.SELECTED: Status("check", "gray", _l("selected")),
    EnrolmentState.ADMITTED: Status("flag", "information", _l("admitted")),
    EnrolmentState.IN_PROGRESS: Status("gear", "information", _l("in progress")),
    EnrolmentState.COMPLETED: Status("check", "success", _l("completed")),
    EnrolmentState.NOT_COMPLETED: Status("cross", "danger", _l("not completed")),
    EnrolmentState.WITHDRAWN: Status("minus", "gray", _l("withdrawn")),
    EnrolmentState.EXPELLED: Status("minus", "gray", _l("expelled")),
    EnrolmentState.EARLY_EMPLOYED: Status("flag", "success", _l("employed early")),
}

VERSION_STATUS = {
    VersionState.STAGED: Status("inbox", "information", _l("staged")),
    VersionState.CHECKING: Status("gear", "information", _l("being checked")),
    VersionState.READY: Status("eye", "warning", _l("ready to publish")),
    VersionState.REJECTED: Status("cross", "danger", _l("faults found")),
    VersionState.LIVE: Status("check", "success", _l("live")),
    VersionState.RETIRED: Status("minus", "gray", _l("retired")),
}

OUTCOME_STATUS = {
    Outcome.PASSED: Status("check", "success", _l("passed")),
    Outcome.PARTIAL: Status("half", "warning", _l("partly right")),
    Outcome.FAILED: Status("cross", "danger", _l("not right yet")),
    Outcome.ERROR: Status("cross", "danger", _l("stopped with an error")),
    Outcome.TIMEOUT: Status("clock", "danger", _l("took too long")),
    Outcome.MEMORY: Status("cross", "danger", _l("needed too much memory")),
    Outcome.KILLED: Status("cross", "danger", _l("was stopped")),
    Outcome.AUTHOR_ERROR: Status("eye", "warning", _l("needs a person")),
    Outcome.MANUAL: Status("eye", "information", _l("graded by a person")),
    Outcome.NOT_RUN: Status("minus", "gray", _l("not run")),
}

RULE_WORDS = {
    CountingRule.LAST_ON_TIME: _l("the last attempt on time; if there is none, the last one"),
    CountingRule.LAST: _l("the last attempt"),
    CountingRule.BEST: _l("the best attempt"),
}

ROSTER_STATUS = {
    roster_plan.Outcome.CREATED: Status("person", "success", _l("new person")),
    roster_plan.Outcome.ENROLLED: Status("flag", "success", _l("known person, enrolled")),
    roster_plan.Outcome.CHANGED: Status("half", "information", _l("changed")),
    roster_plan.Outcome.UNCHANGED: Status("minus", "gray", _l("nothing to do")),
    roster_plan.Outcome.REFUSED: Status("cross", "danger", _l("refused")),
}

ROSTER_WORDS = {
    RosterState.CHECKED: _l("not applied yet"),
    RosterState.APPLIED: _l("Applied"),
    RosterState.DISCARDED: _l("Thrown away"),
}

STAGE_WORDS = {
    "started": _l("Started"),
    "fetched": _l("Opened an assignment"),
    "submitted": _l("Submitted"),
    "passed": _l("Reached 60 %"),
    "completed": _l("Completed"),
}

INVITATION_STATUS = {
    "none": Status("minus", "gray", _l("not invited")),
    InvitationState.WAITING: Status("clock", "information", _l("being sent")),
    InvitationState.OPEN: Status("inbox", "information", _l("sent")),
    InvitationState.EXPIRED: Status("alert", "warning", _l("expired")),
    InvitationState.USED: Status("check", "success", _l("can sign in")),
    InvitationState.REVOKED: Status("minus", "gray", _l("taken back")),
}

MAIL_STATUS = {
    MailState.WAITING: Status("clock", "information", _l("being sent")),
    MailState.SENDING: Status("clock", "information", _l("being sent")),
    MailState.SENT: Status("check", "success", _l("sent")),
    MailState.FAILED: Status("cross", "danger", _l("could not be delivered")),
    MailState.LOST: Status("eye", "warning", _l("perhaps not delivered")),
    MailState.DROPPED: Status("minus", "gray", _l("not sent: switched off")),
}

_BY_KIND: dict[str, dict[Any, Status]] = {
    "attempt": ATTEMPT_STATUS,
    "enrolment": ENROLMENT_STATUS,
    "version": VERSION_STATUS,
    "outcome": OUTCOME_STATUS,
    "roster": ROSTER_STATUS,
    "invitation": INVITATION_STATUS,
    "mail": MAIL_STATUS,
}


def status_of(kind: str, value: str | StrEnum) -> Status:
    """Return how ``value`` of a vocabulary looks; an unknown word raises ``KeyError`` rather than being made up."""
    return _BY_KIND[kind][value]


def points(value: float | None) -> str:
    """Return points without useless zeros: ``7``, ``7.5``; a dash for none."""
    if value is None:
        return "–"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def percent(part: float, whole: float) -> str:
    """Return a share with one decimal; of nothing it is zero."""
    return f"{100 * part / whole:.1f}" if whole else "0.0"


def isolation_incomplete(report: GradeReport) -> bool:
    """Tell whether student code or tests ran for this report without a layer that they should have run behind."""
    return report.succeeded and not is_isolated(report.layers)


@dataclass(frozen=True)
class Finding:
    """One line of the check before publishing."""

    tone: str
    word: Any
    text: str


_FAULT, _WARNING = ("danger", _l("fault")), ("warning", _l("warning"))


def check_findings(check_report: dict[str, Any] | None) -> list[Finding]:
    """Return the lines of a version's stored report, what blocks publishing first.

    ``findings`` come from the check (``graders.check.CheckReport``), ``warnings`` from staging, before the check ran.
    """
    stored = check_report or {}
    found = sorted(stored.get("findings", []), key=lambda finding: str(finding["severity"]))
    texts = [(finding["severity"], finding["text"]) for finding in found]
    texts += [("warns", text) for text in stored.get("warnings", [])]
    return [
        Finding(*(_FAULT if severity == "blocks" else _WARNING), text=in_language(text)) for severity, text in texts
    ]


def install_words(app: Flask) -> None:
    """Register the vocabulary for templates."""
    app.jinja_env.globals.update(
        status_of=status_of,
        percent=percent,
        rule_words=RULE_WORDS,
        stage_words=STAGE_WORDS,
        roster_words=ROSTER_WORDS,
        explain_policy=explain_policy,
        check_findings=check_findings,
        isolation_incomplete=isolation_incomplete,
    )
    app.jinja_env.filters["points"] = points
