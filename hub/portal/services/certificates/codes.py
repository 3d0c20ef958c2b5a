"""What tells certificates apart: the serial number that is read aloud, and the code that nobody can guess."""

from __future__ import annotations

import re
import secrets

from hub.portal.services.receipts import ALPHABET

#: 20 characters of 32: 100 random bits, so trying codes finds nothing.
CODE_LENGTH = 20
SERIES = re.compile(r"[A-Z]{2,6}")
_GROUP = 4
_MISREAD = str.maketrans("OIL", "011")


def make_serial(year: int, series: str, number: int) -> str:
    """Return the serial number as it is printed: ``제2026-GNAI-0001호``."""
    return f"제{year}-{series}-{number:04d}호"


def series_for(slug: str) -> str:
    """Propose the letters of a programme's serial numbers: its short name, or the initials of a long one.

    ``gnai`` -> ``GNAI``, ``gyeongnam-manufacturing-ai`` -> ``GMA``.
    """
    parts = [re.sub(r"[^a-z]", "", part) for part in slug.lower().split("-")]
    letters = [part for part in parts if part]
    found = letters[0] if len(letters) == 1 else "".join(part[0] for part in letters)
    return found.upper()[:6] if len(found) > 1 else "AX"


def make_code() -> str:
    """Return a new code of a certificate."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def read_code(text: str) -> str | None:
    """Return the code that a person typed (spaces, dashes, small letters, O for 0), None if it can't be one."""
    plain = re.sub(r"[\s-]", "", text[:100]).upper().translate(_MISREAD)
    is_code = len(plain) == CODE_LENGTH and all(character in ALPHABET for character in plain)
    return plain if is_code else None


def group_code(code: str) -> str:
    """Return a code as it is printed, in groups of four."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))
