"""An upload's way: checked, looked at, applied as a whole or thrown away. Nothing in between changes anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.files import sha256_hex
from hub.portal.errors import ConflictError
from hub.portal.models import Cohort, RosterImport, RosterState
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.invitations import invite
from hub.portal.services.programme.roster_apply import apply_plan
from hub.portal.services.programme.roster_columns import match_columns, missing_columns
from hub.portal.services.programme.roster_file import RosterFileError, Table, read_table
from hub.portal.services.programme.roster_plan import RosterPlan, plan_roster
from hub.portal.services.programme.roster_rows import RESIDENT_NUMBER, RefusedRow, RosterRow, read_rows
from hub.portal.services.timetable import KST

#: Uploads that a page lists.
SHOWN = 50


@dataclass(frozen=True)
class CheckedRoster:
    """An upload with its plan of this moment."""

    upload: RosterImport
    plan: RosterPlan


@dataclass(frozen=True)
class Application:
    """How a roster is applied: whom to tell how far it is, and whether people without a log-in are invited."""

    progress: Callable[[int, int], None] = lambda _done, _total: None
    invites: bool = False


_AT_ONCE = Application()


def take_roster(
    session: Session, actor: Actor, cohort: Cohort, name: str, content: bytes, now: datetime
) -> RosterImport:
    """Keep an upload that can be read; its plan is made each time it is looked at.

    RosterFileError for a file that is no roster, or one that holds resident registration numbers: that one is not
    kept at all.
    """
    table = read_table(content)
    columns = _matched(table)
    _refuse_resident_numbers(_rows(table, columns, now))
    upload = RosterImport(
        cohort_id=cohort.id,
        university_id=cohort.university_id,
        state=RosterState.CHECKED,
        file_name=name[:200],
        file_digest=sha256_hex(content),
        content=content,
        columns=columns,
        made_by_id=actor.person_id or 0,
        made_at=now,
    )
    session.add(upload)
    session.flush()
    subject = Subject("roster", str(upload.id), university_id=cohort.university_id)
    record(
        session, actor, Deed("roster.uploaded", subject, {"digest": upload.file_digest, "rows": len(table.rows)}), now
    )
    return upload


def _matched(table: Table) -> dict[str, int]:
    """Which column is which; RosterFileError where one that every line needs is missing."""
    columns = match_columns(table.header)
    absent = missing_columns(columns)
    if absent:
        raise RosterFileError(
            f"없는 열: {', '.join(column.name.ko for column in absent)}. 양식을 내려받아 제목을 맞추어 주십시오.",
            f"Missing columns: {', '.join(column.name.en for column in absent)}. Please use the template.",
        )
    return columns


def _refuse_resident_numbers(rows: Sequence[RosterRow | RefusedRow]) -> None:
    refused = [row.line for row in rows if isinstance(row, RefusedRow) and RESIDENT_NUMBER in row.problems]
    if refused:
        lines = ", ".join(map(str, refused[:10]))
        raise RosterFileError(
            f"{lines}행: {RESIDENT_NUMBER.ko} 파일은 저장하지 않았습니다.",
            f"Line {lines}: {RESIDENT_NUMBER.en} The file was not kept.",
        )


def check_roster(session: Session, upload: RosterImport, now: datetime) -> CheckedRoster:
    """Say what applying the upload would do now; ConflictError if it was applied or thrown away."""
    content = upload.content
    if upload.state is not RosterState.CHECKED or content is None:
        raise ConflictError(
            "roster_ended",
            "이미 반영했거나 지운 명단입니다. 필요하면 파일을 다시 올려 주십시오.",
            "This roster was applied or thrown away. Please upload the file again if you need to.",
        )
    rows = _rows(read_table(content), upload.columns, now)
    return CheckedRoster(upload, plan_roster(session, upload.cohort, rows))


def apply_roster(
    session: Session,
    actor: Actor,
    upload: RosterImport,
    expected: str,
    now: datetime,
    how: Application = _AT_ONCE,
) -> dict[str, int]:
    """Carry out the plan whose digest the coordinator saw, in the caller's transaction; ConflictError if by now the
    upload would do something else. Refused lines are left out; returns the lines by outcome.

    Invitations, if wanted, are queued in the same transaction.
    """
    checked = check_roster(session, upload, now)
    if checked.plan.digest != expected:
        raise ConflictError(
            "roster_changed",
            "그사이 명단의 사람들에게 변동이 있어 반영하지 않았습니다. 결과를 다시 확인해 주십시오.",
            "People of this roster have changed meanwhile, so nothing was applied. Please look at the result again.",
        )
    people = apply_plan(session, actor, upload.cohort, checked.plan, now, how.progress)
    if how.invites:
        invite(session, actor, upload.cohort, people, now)
    counts = checked.plan.counts
    _end(upload, RosterState.APPLIED, now)
    upload.counts = counts
    subject = Subject("roster", str(upload.id), university_id=upload.university_id)
    record(session, actor, Deed("roster.applied", subject, {"counts": counts, "people": sorted(people)}), now)
    return counts


def count_lines(upload: RosterImport) -> int:
    """Return how many lines an upload has; 0 once it has ended."""
    return 0 if upload.content is None else len(read_table(upload.content).rows)


def discard_roster(session: Session, actor: Actor, upload: RosterImport, now: datetime) -> None:
    """Throw an upload away; one that has ended stays as it is."""
    if upload.state is RosterState.CHECKED:
        _end(upload, RosterState.DISCARDED, now)
        subject = Subject("roster", str(upload.id), university_id=upload.university_id)
        record(session, actor, Deed("roster.discarded", subject), now)


def list_rosters(session: Session, cohort: Cohort) -> list[RosterImport]:
    """Return the uploads of a cohort, the newest first."""
    query = sa.select(RosterImport).where(RosterImport.cohort_id == cohort.id).order_by(RosterImport.id.desc())
    return list(session.scalars(query.limit(SHOWN)))


def _rows(table: Table, columns: Mapping[str, int], now: datetime) -> list[RosterRow | RefusedRow]:
    return read_rows(table, columns, now.astimezone(KST).date())


def _end(upload: RosterImport, state: RosterState, now: datetime) -> None:
    upload.state, upload.ended_at, upload.content = state, now, None
