"""Every column of the database that names a person, and what a merge does with it: a new one can't be forgotten.

What a person has (log-ins, enrolments, grades, attempts) moves to the person kept. Facts about what somebody did as
staff, the chained audit log, closed months and issued papers stay: whoever reads them asks ``people.identities``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from graders.contract import Text
from hub.portal.models import Base, Person


class Clash(StrEnum):
    """What happens where both persons have a row of the same key."""

    REFUSE = "refuse"  # the merge is refused: a person decides first
    LEAVE = "leave"  # the merged person's row stays where it is: the kept one's says the same


_NOTHING = Text(ko="", en="")


@dataclass(frozen=True)
class Moving:
    """Rows of this column move. ``key``: columns that may occur once for a person, among rows whose ``open_while``
    columns are empty; ``what`` explains a clash."""

    key: tuple[str, ...] = ()
    open_while: tuple[str, ...] = ()
    clash: Clash = Clash.REFUSE
    what: Text = _NOTHING


_COHORT = Text(ko="두 사람이 같은 기수에 등록되어 있습니다.", en="Both are enrolled in the same cohort.")
_WORK = Text(ko="두 사람이 같은 과제를 제출했습니다.", en="Both have handed in the same assignment.")
_GRADE = Text(ko="두 사람에게 같은 과제의 점수가 있습니다.", en="Both have a grade in the same assignment.")
_TEAM = Text(ko="두 사람이 같은 과제의 팀에 있습니다.", en="Both are in a team of the same assignment.")
_POINTS = Text(
    ko="두 사람에게 같은 과제의 점수 조정이 있습니다.", en="Both have points adjusted in the same assignment."
)

#: ``table.column`` -> how its rows move.
MOVING: Mapping[str, Moving] = {
    "person.merged_into_id": Moving(),  # who was merged into the one that is merged now
    "login.person_id": Moving(),
    "enrolment.person_id": Moving(key=("cohort_id",), what=_COHORT),
    "attempt.person_id": Moving(key=("assignment_id",), what=_WORK),
    "attempt_member.person_id": Moving(key=("attempt_id",), what=_WORK),
    "grade.person_id": Moving(key=("assignment_id",), what=_GRADE),
    "team_member.person_id": Moving(key=("assignment_id",), open_while=("left_at",), what=_TEAM),
    "grade_adjustment.person_id": Moving(key=("assignment_id",), open_while=("revoked_at",), what=_POINTS),
    "extension.person_id": Moving(),
    "server_session.person_id": Moving(),
    "assignment_fetch.person_id": Moving(key=("version_id",), clash=Clash.LEAVE),
    "mail_message.person_id": Moving(key=("kind", "cause"), clash=Clash.LEAVE),
    "mail_refusal.person_id": Moving(key=("kind",), clash=Clash.LEAVE),
    "role_grant.person_id": Moving(
        key=("role", "university_id", "course_id"), open_while=("revoked_at",), clash=Clash.LEAVE
    ),
    "invitation.person_id": Moving(key=(), open_while=("used_at", "revoked_at"), clash=Clash.LEAVE),
}

#: Facts of their time: who did it, whose data a look showed, who was counted in a closed month.
STAYING = frozenset(
    {
        "audit_event.actor_person_id",
        "audit_event.subject_person_id",
        "certificate.person_id",
        "kpi_adjustment.person_id",
        "kpi_attribution.person_id",  # never changes (trigger); figures follow merges themselves
        "kpi_snapshot_person.person_id",
        "distinct_people.one_id",
        "distinct_people.other_id",
        "person_merge.kept_id",
        "person_merge.merged_id",
        "job.created_by_id",
        "export.asked_by_id",
    }
)
#: Endings of the names of columns that say which member of staff did something.
STAFF_ENDINGS = ("_by_id", "by_person_id")


def references() -> dict[str, sa.Column[int]]:
    """Return every foreign key to a person, by ``table.column``."""
    person = Person.__table__
    return {
        f"{table.name}.{column.name}": column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table is person for key in column.foreign_keys)
    }


def unknown_references() -> set[str]:
    """Return the references for which nobody has said what a merge does."""
    return {
        name for name in references() if name not in MOVING and name not in STAYING and not name.endswith(STAFF_ENDINGS)
    }
