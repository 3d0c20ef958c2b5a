"""A table for an office: columns with Korean heads and a kind each, rows of plain values, and whose data it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from hub.portal.services.timetable import KST

Value = str | int | float | Decimal | date | datetime | None


class Kind(StrEnum):
    """What a column holds. Telephone, business and serial numbers are text: nobody adds them up."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    MOMENT = "moment"


@dataclass(frozen=True)
class Column:
    """One column; ``width`` in characters."""

    head: str
    kind: Kind = Kind.TEXT
    width: int = 14


@dataclass(frozen=True)
class Table:
    """A sheet of a workbook, or one CSV file. ``people``: ids of everybody in it, for the log."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[tuple[Value, ...]]
    people: frozenset[int] = field(default_factory=frozenset)


#: What makes a spreadsheet take a text for a formula; tab and return hide one behind them.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def is_formula_like(text: str) -> bool:
    """Whether a spreadsheet might run a text as a formula (also with blanks before it)."""
    return text.startswith(_FORMULA_SIGNS) or text.lstrip(" \t\r\n").startswith(_FORMULA_SIGNS)


def without_controls(text: str) -> str:
    """Return a text without characters that XML and spreadsheets refuse; tab and line ends stay."""
    return "".join(sign for sign in text if sign >= " " or sign in "\t\r\n")


def local_day(at: datetime | None) -> date | None:
    """Return the date in Seoul of a time."""
    return None if at is None else at.astimezone(KST).date()


def telephone(digits: str | None) -> str | None:
    """Return a telephone number as people write it: ``01012345678`` -> ``010-1234-5678``."""
    if digits is None or not digits.isdecimal() or len(digits) not in (10, 11):
        return digits
    return f"{digits[:3]}-{digits[3:-4]}-{digits[-4:]}"


def business_number(digits: str | None) -> str | None:
    """Return a 사업자등록번호 as it is written: ``1234567890`` -> ``123-45-67890``."""
    return digits if digits is None or len(digits) != 10 else f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"
