"""What coordinators enter about trainees: one by one in a form, or for a cohort from a file (read as rosters are).

A file changes nothing by being read: it is shown line by line first, and what was looked at is what gets entered.
The file itself is not kept.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import xlsxwriter
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.orm import Session

from graders.contract import Text
from graders.files import canonical_json, sha256_hex
from hub.portal.errors import ConflictError, InvalidError, not_found
from hub.portal.models import Cohort, Enrolment
from hub.portal.services.audit import Actor
from hub.portal.services.programme.completion import enter_facts
from hub.portal.services.programme.completion_facts import KNOWN_HERE, Trainee, facts_of_cohort
from hub.portal.services.programme.completion_rules import Facts
from hub.portal.services.programme.identifiers import clean_phone, holds_resident_number, read_date
from hub.portal.services.programme.roster_columns import Column, plain_title
from hub.portal.services.programme.roster_file import RosterFileError, Table
from hub.portal.services.programme_overview import masked

#: Columns of a file; those from the third on are also the fields of the form.
COLUMNS = (
    Column("name", Text(ko="이름", en="Name"), ("성명", "교육생명", "수강생"), True, "김민수"),
    Column("phone", Text(ko="휴대전화", en="Mobile phone"), ("전화번호", "연락처", "phone"), False, "010-1234-5678"),
    Column("birth_date", Text(ko="생년월일", en="Birth date"), ("생일",), False, "2001-02-03"),
    Column("scheduled_days", Text(ko="소정일수", en="Scheduled days"), ("총일수", "훈련일수"), False, "32"),
    Column("scheduled_hours", Text(ko="소정시간", en="Scheduled hours"), ("총시간", "훈련시간"), False, "128"),
    Column("present_days", Text(ko="출석일수", en="Days present"), ("출석",), False, "30"),
    Column("recognised_days", Text(ko="출석인정일수", en="Recognised days"), ("출석인정", "공결"), False, "1"),
    Column("interruptions", Text(ko="지각·조퇴·외출", en="Late, early, out"), ("지각조퇴외출횟수",), False, "2"),
    Column("attended_hours", Text(ko="출석시간", en="Hours attended"), ("인정시간",), False, "124"),
    Column("online_progress", Text(ko="온라인 진도율", en="Online progress"), ("진도율",), False, "92.5"),
    Column("has_survey", Text(ko="만족도 조사", en="Survey answered"), ("만족도", "설문"), False, "예"),
    Column("has_capstone", Text(ko="기업 과제", en="Company project"), ("캡스톤", "프로젝트"), False, "예"),
)  # fmt: skip
WHO = frozenset({"name", "phone", "birth_date"})
ATTENDANCE = tuple(column.key for column in COLUMNS[3:9])
YES = frozenset({"예", "yes", "y", "o", "완료", "응답"})
NO = frozenset({"아니오", "아니요", "no", "n", "x", "미완료", "미응답"})
_NOBODY = Text(ko="이 기수에서 찾을 수 없습니다.", en="Not found in this cohort.")
_SEVERAL = Text(
    ko="맞는 사람이 여럿입니다. 휴대전화와 생년월일을 함께 써 주십시오.",
    en="Several people fit: please give both phone and birth date.",
)
_PACKED = TypeAdapter(dict[int, Facts])
_NUMBERS = "출석 값이 맞지 않습니다. 수인지, 소정 일수·시간을 넘지 않는지 확인해 주십시오."


@dataclass(frozen=True)
class FactsLine:
    """One line of a file: whose it is, what would be entered, or why not."""

    line: int
    name: str
    person_id: int | None = None
    enrolment_id: int | None = None
    facts: Facts | None = None
    is_change: bool = False
    problems: tuple[Text, ...] = ()


def read_facts(values: Mapping[str, str], before: Facts) -> Facts:
    """Return facts from texts by column key; what is not among ``values`` or empty stays as it was before.

    ``-`` takes something back that was entered. InvalidError says what does not fit.
    """
    given = {key: text.strip() for key, text in values.items() if key not in WHO and text.strip()}
    facts: dict[str, Any] = before.model_dump(exclude=set(KNOWN_HERE))
    if any(key in given for key in ATTENDANCE):
        facts["attendance"] = _attendance(given, facts["attendance"] or {})
    for key in ("has_survey", "has_capstone"):
        if key in given:
            facts[key] = None if given[key] == "-" else _yes_or_no(given[key])
    if "online_progress" in given:
        facts["online_progress"] = None if given["online_progress"] == "-" else given["online_progress"].rstrip(" %")
    try:
        return Facts.model_validate(facts)
    except ValidationError as error:
        raise _refused(_NUMBERS, "These figures don't fit: numbers, and not more than was scheduled.") from error


def _attendance(given: Mapping[str, str], before: Mapping[str, Any]) -> dict[str, Any] | None:
    merged = {**before, **{key: given[key] for key in ATTENDANCE if key in given}}
    return {key: value for key, value in merged.items() if value != "-"} or None


def _yes_or_no(text: str) -> bool:
    plain = text.lower()
    if plain in YES | NO:
        return plain in YES
    raise _refused(f"'예' 또는 '아니오'로 써 주십시오: {text[:20]}", f"Please write yes or no: {text[:20]}")


def _refused(korean: str, english: str) -> InvalidError:
    return InvalidError("facts", korean, english)


def match_fact_columns(header: Sequence[str]) -> dict[str, int]:
    """Return which column of a file is which of ours; RosterFileError where nobody could be found by it."""
    plain = [plain_title(title) for title in header]
    found: dict[str, int] = {}
    for column in COLUMNS:
        names = {plain_title(name) for name in (column.name.ko, column.name.en, column.key, *column.aliases)}
        index = next((i for i, title in enumerate(plain) if title in names), None)
        if index is not None:
            found[column.key] = index
    if "name" not in found or not {"phone", "birth_date"} & set(found):
        raise RosterFileError(
            "이름 열과, 휴대전화 또는 생년월일 열이 있어야 합니다. 양식을 내려받아 제목을 맞추어 주십시오.",
            "There must be a column for names, and one for phones or birth dates. Please use the template.",
        )
    if not set(found) - WHO:
        raise RosterFileError("입력할 값이 있는 열이 없습니다.", "There is no column with anything to enter.")
    return found


def plan_facts(session: Session, cohort: Cohort, table: Table) -> list[FactsLine]:
    """Say for each line what would be entered; changes nothing. RosterFileError for a file that is not taken."""
    columns = match_fact_columns(table.header)
    if any(holds_resident_number(cell) for _, cells in table.rows for cell in cells):
        raise RosterFileError(
            "주민등록번호로 보이는 값이 있어 파일을 받지 않았습니다. 지우고 다시 올려 주십시오.",
            "The file has something that looks like a resident registration number, so it was not taken.",
        )
    trainees = facts_of_cohort(session, cohort)
    by_name: dict[str, list[Trainee]] = defaultdict(list)
    for trainee in trainees:
        by_name[trainee.person.name].append(trainee)
    lines = [
        _plan_line(number, {key: cells[index] for key, index in columns.items()}, by_name)
        for number, cells in table.rows
    ]
    return _without_repeats(lines)


def _plan_line(number: int, cells: dict[str, str], by_name: Mapping[str, list[Trainee]]) -> FactsLine:
    name = " ".join(cells["name"].split())
    found = [each for each in by_name.get(name, []) if _is_same(each, cells)]
    if len(found) != 1:
        return FactsLine(number, masked(name), problems=(_SEVERAL if found else _NOBODY,))
    trainee = found[0]
    line = FactsLine(number, masked(name), trainee.person.id, trainee.enrolment.id)
    try:
        facts = read_facts(cells, trainee.facts)
    except InvalidError as error:
        return replace(line, problems=(error.text,))
    return replace(line, facts=facts, is_change=_entered(facts) != _entered(trainee.facts))


def _is_same(trainee: Trainee, cells: Mapping[str, str]) -> bool:
    phone, born = clean_phone(cells.get("phone", "")), read_date(cells.get("birth_date", ""))
    if phone is None and born is None:
        return False
    fits_phone = phone is None or trainee.person.phone == phone
    return fits_phone and (born is None or trainee.person.birth_date == born)


def _without_repeats(lines: Sequence[FactsLine]) -> list[FactsLine]:
    """Refuse the second line about somebody: which of two is right, a person has to say."""
    seen: set[int] = set()
    found = []
    for line in lines:
        if line.enrolment_id is not None and line.enrolment_id in seen:
            problem = Text(ko="앞 줄에 같은 사람이 있습니다.", en="An earlier line is about the same person.")
            found.append(FactsLine(line.line, line.name, line.person_id, problems=(problem,)))
            continue
        seen |= {line.enrolment_id} if line.enrolment_id is not None else set()
        found.append(line)
    return found


def _entered(facts: Facts) -> dict[str, Any]:
    return facts.model_dump(mode="json", exclude=set(KNOWN_HERE))


def pack(lines: Sequence[FactsLine]) -> str:
    """Return what would be entered, without names, for the form that brings it back: {"enrolment id": facts}."""
    return canonical_json({str(e.enrolment_id): _entered(e.facts) for e in lines if e.is_change and e.facts}).decode()


def basis_of(session: Session, cohort: Cohort, enrolment_ids: Collection[int]) -> str:
    """Changes when what is entered about any of these trainees changes."""
    found = {trainee.enrolment.id: _entered(trainee.facts) for trainee in facts_of_cohort(session, cohort)}
    return sha256_hex(canonical_json([[number, found.get(number)] for number in sorted(enrolment_ids)]))


def enter_packed(session: Session, actor: Actor, cohort: Cohort, packed: str, basis: str, now: datetime) -> int:
    """Enter what was looked at (``pack``, ``basis_of``) and return for how many trainees.

    ConflictError if something was entered about them meanwhile; NotFoundError for a trainee of another cohort.
    """
    try:
        facts = _PACKED.validate_json(packed)
    except ValidationError as error:
        raise _refused("파일을 다시 올려 주십시오.", "Please upload the file again.") from error
    known = {row.id: row for row in session.scalars(sa.select(Enrolment).where(Enrolment.cohort_id == cohort.id))}
    if not set(facts) <= set(known):
        raise not_found()
    if basis_of(session, cohort, facts) != basis:
        raise ConflictError(
            "facts_changed",
            "그사이 자료가 바뀌어 입력하지 않았습니다. 파일을 다시 올려 결과를 확인해 주십시오.",
            "Something has changed meanwhile, so nothing was entered. Please upload the file again and look.",
        )
    for enrolment_id, each in sorted(facts.items()):
        enter_facts(session, actor, known[enrolment_id], each, now)
    return len(facts)


def make_facts_template() -> bytes:
    """Return an xlsx with the columns and one example; all cells are texts."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    text, head = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "bg_color": "#d8e5fd"})
    sheet = book.add_worksheet("수료 자료")
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(COLUMNS) - 1, 18, text)
    for index, column in enumerate(COLUMNS):
        sheet.write_string(0, index, column.name.ko, head)
        sheet.write_string(1, index, column.example, text)
    book.close()
    return stream.getvalue()
