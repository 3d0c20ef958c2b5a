"""The columns of a roster: what they are called, which must be there, how headers of other people's files match."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graders.contract import Text


@dataclass(frozen=True)
class Column:
    """One column of the template. ``aliases`` are what other offices call it; ``example`` is shown under it."""

    key: str
    name: Text
    aliases: tuple[str, ...] = ()
    is_required: bool = False
    example: str = ""


COLUMNS = (
    Column("name", Text(ko="이름", en="Name"), ("성명", "교육생명", "수강생", "full name"), True, "김민수"),
    Column("birth_date", Text(ko="생년월일", en="Birth date"), ("생일", "date of birth", "dob"), True, "2001-02-03"),
    Column("phone", Text(ko="휴대전화", en="Mobile phone"), ("전화번호", "연락처", "phone"), True, "010-1234-5678"),
    Column("email", Text(ko="이메일", en="E-mail"), ("메일", "전자우편"), False, "minsu@example.ac.kr"),
    Column("track", Text(ko="구분", en="Track"), ("신분", "대상", "유형", "status"), True, "재학생"),
    Column("state", Text(ko="상태", en="State"), ("과정 상태", "진행 상태"), False, "입과"),
    Column("company", Text(ko="회사명", en="Company"), ("소속", "기업명", "회사", "employer"), False, "가람정밀"),
    Column("business_number", Text(ko="사업자등록번호", en="Business number"), ("사업자번호",), False, "123-45-67891"),
    Column("company_size", Text(ko="기업 규모", en="Company size"), ("규모",), False, "중소"),
    Column("work_region", Text(ko="근무지 시군", en="Work region"), ("근무지", "사업장 소재지"), False, "창원시"),
    Column("home_region", Text(ko="거주지 시군", en="Home region"), ("거주지", "주소지"), False, "김해시"),
)  # fmt: skip
BY_KEY = {column.key: column for column in COLUMNS}


def match_columns(header: Sequence[str]) -> dict[str, int]:
    """Propose which column of a file is which of ours: key -> index; the first of several that fit."""
    plain = [plain_title(title) for title in header]
    found: dict[str, int] = {}
    for column in COLUMNS:
        names = {plain_title(name) for name in (column.name.ko, column.name.en, column.key, *column.aliases)}
        index = next((i for i, title in enumerate(plain) if title in names and i not in found.values()), None)
        if index is not None:
            found[column.key] = index
    return found


def missing_columns(matched: Mapping[str, int]) -> list[Column]:
    """Columns without which no row can be read."""
    return [column for column in COLUMNS if column.is_required and column.key not in matched]


def plain_title(title: str) -> str:
    """Return a header without blanks, signs, notes in brackets and letter case."""
    bare = re.sub(r"[(\[（].*?[)\]）]", "", unicodedata.normalize("NFKC", title))
    return re.sub(r"[\s*_·./:-]", "", bare).lower()
