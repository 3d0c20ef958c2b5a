"""One line of a roster, read: a trainee's facts in one form each, or what is wrong with the line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from graders.contract import Text
from hub.portal.models import CompanySize, EnrolmentState, Track
from hub.portal.services.programme.identifiers import (
    clean_business_number,
    clean_email,
    clean_name,
    clean_phone,
    holds_resident_number,
    is_plausible_birth,
    read_date,
)
from hub.portal.services.programme.regions import find_region
from hub.portal.services.programme.roster_columns import BY_KEY
from hub.portal.services.programme.roster_file import Table


@dataclass(frozen=True)
class CompanyFacts:
    """A company as a line names it."""

    name: str
    business_number: str | None
    size: CompanySize | None


@dataclass(frozen=True)
class RosterRow:
    """A trainee as a line of the file has it; ``line`` counts from 1 as a spreadsheet does."""

    line: int
    name: str
    birth_date: date
    phone: str
    email: str | None
    track: Track
    state: EnrolmentState
    company: CompanyFacts | None
    work_region: str | None
    home_region: str | None


@dataclass(frozen=True)
class RefusedRow:
    """A line that can't be taken, and why; nothing of its content is repeated."""

    line: int
    problems: tuple[Text, ...]


class _Reader:
    """Reads the cells of one line and collects what is wrong."""

    def __init__(self, cells: Mapping[str, str], today: date) -> None:
        self._cells, self.today = cells, today
        self.problems: list[Text] = []

    def read(self, key: str, parse: Callable[[str], Any], default: Any = None) -> Any:
        """The parsed cell; ``default`` where it is empty. A value that can't be read is noted as a problem."""
        text, column = self._cells.get(key, ""), BY_KEY[key]
        if not text:
            if column.is_required:
                self._note(f"{column.name.ko} 칸이 비어 있습니다.", f"{column.name.en} is empty.")
            return default
        value = parse(text)
        if value is None:
            self._note(
                f"{column.name.ko}을(를) 읽을 수 없습니다. 예: {column.example}",
                f"{column.name.en} can't be read. Example: {column.example}",
            )
        return value

    def birth(self) -> date | None:
        """The birth date; one that nobody of this course can have is a typing error."""
        born: date | None = self.read("birth_date", read_date)
        if born is not None and not is_plausible_birth(born, self.today):
            self._note("생년월일의 연도를 확인해 주십시오.", "Please check the year of birth.")
        return born

    def company(self) -> CompanyFacts | None:
        """The company; its number alone names nobody."""
        name = self.read("company", clean_name)
        number = self.read("business_number", clean_business_number)
        size = self.read("company_size", _SIZES.get)
        if name is None and (number is not None or size is not None):
            self._note("회사명 칸이 비어 있습니다.", "The company's name is empty.")
        return None if name is None else CompanyFacts(name, number, size)

    def _note(self, korean: str, english: str) -> None:
        self.problems.append(Text(ko=korean, en=english))


RESIDENT_NUMBER = Text(
    ko="주민등록번호로 보이는 값이 있습니다. 주민등록번호는 받지 않습니다. 그 칸을 지우고 다시 올려 주십시오.",
    en="There is what looks like a resident registration number. We take none: please remove it and upload again.",
)


def read_rows(table: Table, columns: Mapping[str, int], today: date) -> list[RosterRow | RefusedRow]:
    """Read every line; ``columns`` says which column is which (key -> index)."""
    return [_read(line, cells, columns, today) for line, cells in table.rows]


def _read(line: int, cells: tuple[str, ...], columns: Mapping[str, int], today: date) -> RosterRow | RefusedRow:
    if any(map(holds_resident_number, cells)):  # also in columns that nobody asked for
        return RefusedRow(line, (RESIDENT_NUMBER,))
    reader = _Reader({key: cells[index] for key, index in columns.items()}, today)
    row = RosterRow(
        line=line,
        name=reader.read("name", clean_name),
        birth_date=reader.birth(),  # type: ignore[arg-type]  # refused below where it is None
        phone=reader.read("phone", clean_phone),
        email=reader.read("email", clean_email),
        track=reader.read("track", _TRACKS.get),
        state=reader.read("state", _STATES.get, EnrolmentState.ADMITTED),
        company=reader.company(),
        work_region=reader.read("work_region", find_region),
        home_region=reader.read("home_region", find_region),
    )
    return RefusedRow(line, tuple(reader.problems)) if reader.problems else row


_TRACKS = {
    **dict.fromkeys(("재학생", "학생", "재학", "졸업예정", "졸업예정자", "student"), Track.STUDENT),
    **dict.fromkeys(("재직자", "재직", "employee"), Track.EMPLOYEE),
    **dict.fromkeys(("구직자", "구직", "미취업", "미취업자", "job seeker", "job_seeker"), Track.JOB_SEEKER),
    **dict.fromkeys(("대표", "대표자", "CEO", "ceo"), Track.CEO),
}
#: States in which somebody may come into a cohort by a list; endings are decided, not imported.
_STATES = {
    **dict.fromkeys(("신청", "applied"), EnrolmentState.APPLIED),
    **dict.fromkeys(("선발", "selected"), EnrolmentState.SELECTED),
    **dict.fromkeys(("입과", "admitted"), EnrolmentState.ADMITTED),
    **dict.fromkeys(("수강중", "수강 중", "in progress", "in_progress"), EnrolmentState.IN_PROGRESS),
}
_SIZES = {
    **dict.fromkeys(("소상공인", "소기업", "중소", "중소기업", "중기업", "sme"), CompanySize.SMALL_OR_MEDIUM),
    **dict.fromkeys(("중견", "중견기업", "mid-sized"), CompanySize.MID_SIZED),
    **dict.fromkeys(("대", "대기업", "large"), CompanySize.LARGE),
}

#: What the template's second sheet explains: key -> words that the column takes.
WORDS = {"track": ("재학생", "재직자", "구직자", "대표"), "state": tuple(k for k in _STATES if not k.isascii()),
         "company_size": ("중소", "중견", "대")}  # fmt: skip
