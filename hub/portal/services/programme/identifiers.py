"""Names, dates, telephones and register numbers as people in Korea write them, brought to one form or refused.

What looks like a resident registration number (주민등록번호) is found anywhere: none is kept (개인정보보호법 24조의2).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from email.errors import HeaderParseError
from email.headerregistry import Address

#: 6 digits of a birth date and 7 more, of which the first says century and sex; also with a blank or without a dash.
_RESIDENT_NUMBER = re.compile(r"(?<!\d)(\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])[-–—\s.]?[0-9]\d{6}(?!\d)")
_DATE = re.compile(r"(\d{4})\s*[-./년]\s*(\d{1,2})\s*[-./월]\s*(\d{1,2})\s*[.일]?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
#: Nearly every address: the parser for the others takes most of the time that a roster takes.
_USUAL_ADDRESS = re.compile(r"[a-z0-9_%+-]+(\.[a-z0-9_%+-]+)*@([a-z0-9-]+\.)+[a-z]{2,}")
_BUSINESS_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)
_NAME_MAX = 100
_EARLIEST_BIRTH, _YOUNGEST = date(1900, 1, 1), 14


def holds_resident_number(text: str) -> bool:
    """Whether ``text`` has something in it that could be a resident registration number."""
    return bool(_RESIDENT_NUMBER.search(unicodedata.normalize("NFKC", text)))


def clean_name(text: str) -> str | None:
    """A person's or company's name: composed Hangul, single blanks, no control characters; None if it is none."""
    composed = unicodedata.normalize("NFC", text)
    if any(unicodedata.category(letter).startswith("C") for letter in composed):
        return None  # control, invisible and direction marks make two names look alike
    name = " ".join(composed.split())
    return name if 0 < len(name) <= _NAME_MAX and any(letter.isalpha() for letter in name) else None


def read_date(text: str) -> date | None:
    """``2001-02-03``, ``2001. 2. 3.``, ``2001년 2월 3일`` or ``20010203``; None if it is no such date."""
    stripped = text.strip()
    found = _DATE.fullmatch(stripped) or _COMPACT_DATE.fullmatch(stripped)
    if found is None:
        return None
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        return None


def is_plausible_birth(born: date, today: date) -> bool:
    """Whether somebody born then can be a trainee today: no typing error in the century."""
    return born >= _EARLIEST_BIRTH and (today.year - born.year) >= _YOUNGEST


def clean_phone(text: str) -> str | None:
    """Digits of a Korean number: ``010-1234-5678``, ``+82 10 1234 5678`` and ``1012345678`` (a number that a
    spreadsheet robbed of its zero) give ``01012345678``; None if it is none."""
    digits = re.sub(r"[\s().-]", "", unicodedata.normalize("NFKC", text))
    if digits.startswith("+82"):
        digits = "0" + digits.removeprefix("+82").removeprefix("0")
    if re.fullmatch(r"10\d{8}", digits):
        digits = f"0{digits}"
    return digits if re.fullmatch(r"01[016789]\d{7,8}|0[2-6]\d{7,9}", digits) else None


def clean_email(text: str) -> str | None:
    """An address in lower case; None if it is none."""
    address = text.strip().lower()
    if len(address) > 254 or not address.isascii() or address.count("@") != 1:
        return None
    if _USUAL_ADDRESS.fullmatch(address):
        return address
    try:
        parsed = Address(addr_spec=address)
    except (HeaderParseError, ValueError, IndexError):
        return None
    return address if parsed.username and re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}", parsed.domain) else None


def clean_business_number(text: str) -> str | None:
    """Ten digits of a 사업자등록번호 whose check digit is right; None if it is none."""
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"[0-9]{10}", digits):
        return None
    return digits if business_check_digit(digits[:9]) == int(digits[9]) else None


def business_check_digit(first_nine: str) -> int:
    """Check digit of a 사업자등록번호: weights 1 3 7 1 3 7 1 3 5, and the tens of five times the ninth digit."""
    digits = [int(digit) for digit in first_nine]
    total = sum(weight * digit for weight, digit in zip(_BUSINESS_WEIGHTS, digits, strict=True))
    return (10 - (total + digits[8] * 5 // 10) % 10) % 10
